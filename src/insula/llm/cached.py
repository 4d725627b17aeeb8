"""A model that is asked each question once: answers are kept in a file.

    model = Cached(connect("qwen2.5:3b@http://localhost:11434/v1"), "answers.sqlite")

Every call has a seed, so every call is kept, whatever its temperature: ask with another seed for another answer.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from .protocol import LLM, Message, Reply


class Cached:
    """`llm`, with its answers in an SQLite file that many processes may share and that a kill leaves whole.

    `context` is how many tokens it holds, where it says so.

    The file holds the answers and digests of the questions. Errors are not kept. A file that cannot be used any
    more warns and costs no answer. Raises ValueError for a file that is something else.
    """

    def __init__(self, llm: LLM, path: str | Path) -> None:
        self.name = llm.name
        self.context: int | None = getattr(llm, "context", None)
        self.llm = llm
        self._path = Path(path).expanduser()
        try:
            with self._open() as file:
                file.execute("CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        except sqlite3.Error as error:
            raise ValueError(f"{self._path} cannot keep answers: {error}; give another path") from error

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        max_tokens: int = 512,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        logprobs: bool = False,
        heard: Callable[[str], None] | None = None,
    ) -> Reply:
        """The answer kept, heard at once, or else the model's own; raises LLMError."""
        options: dict[str, Any] = {"seed": seed, "temperature": temperature, "max_tokens": max_tokens}
        options |= {"stop": list(stop), "schema": schema, "logprobs": logprobs}
        key = self._key(messages, options)
        kept = self._kept(key)
        if kept is None:
            kept = await self.llm.reply(messages, heard=heard, **options)
            self._keep(key, kept)
        elif heard:
            heard(kept.text)
        return kept

    def _key(self, messages: Sequence[Message], options: Mapping[str, Any]) -> str:
        """Digest of all that determines the answer; a schema with its fields in another order asks for another one."""
        place = getattr(self.llm, "url", "")  # two servers may call different weights by one name
        question = [self.name, place, [_told(x) for x in messages], sorted(options.items())]
        return sha256(json.dumps(question).encode()).hexdigest()

    def _kept(self, key: str) -> Reply | None:
        try:
            with self._open() as file:
                row = file.execute("SELECT answer FROM answers WHERE question = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            warnings.warn(f"{self._path}: kept answers cannot be read: {error}", stacklevel=2)
            return None
        if row is None:
            return None
        found = json.loads(row[0])
        lists = {name: tuple(found[name]) for name in ("logprobs", "alternatives") if found.get(name) is not None}
        return Reply(**found | lists)

    def _keep(self, key: str, reply: Reply) -> None:
        try:
            with self._open() as file:
                file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, json.dumps(asdict(reply))))
        except sqlite3.Error as error:
            warnings.warn(f"{self._path}: an answer could not be kept: {error}", stacklevel=2)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one thing at a time: callers may be on any thread."""
        file = sqlite3.connect(self._path, timeout=30)
        try:
            with file:
                yield file
        finally:
            file.close()


def _told(message: Message) -> tuple[str, ...]:
    """What of a message determines the answer: of pictures and sounds what they show, not where they lie."""
    media = (sha256(path.read_bytes()).hexdigest() if path.is_file() else str(path) for path in message.media)
    return message.role, message.text, *media
