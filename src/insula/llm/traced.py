"""A model whose every call is written down: what was asked, what came, how long it took.

model = Traced(connect("local"), "calls.jsonl")
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .protocol import LLM, Message, Reply

Sink = Callable[[dict[str, Any]], None]


class Traced:
    """`llm`, with one record for each call: a JSON line at the end of a file, or an argument of a function.

    A record has `at`, `model`, `messages`, the call's options, `reply`, `finish`, `tokens`, `seconds`; for a call that
    fails, `error` and what came before as `reply`. The words people said are in it: keep the file as you keep those.
    """

    def __init__(self, llm: LLM, sink: str | Path | Sink) -> None:
        self.name = llm.name
        self._llm = llm
        self._sink = sink if callable(sink) else _lines(Path(sink).expanduser())

    async def reply(
        self, messages: Sequence[Message], *, heard: Callable[[str], None] | None = None, **options: Any
    ) -> Reply:
        """The model's answer, or its error, after it is written down."""
        record: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "model": self.name}
        record |= {"messages": [_told(x) for x in messages], **options}
        start = time.perf_counter()
        try:
            reply = await self._llm.reply(messages, heard=heard, **options)
            record |= {"reply": reply.text, "finish": reply.finish, "tokens": reply.tokens}
        except BaseException as error:  # a cancelled call is a call too
            record |= {"reply": getattr(error, "partial", ""), "error": str(error) or type(error).__name__}
            raise
        finally:
            self._sink(record | {"seconds": round(time.perf_counter() - start, 4)})
        return reply


def _told(message: Message) -> dict[str, Any]:
    media = {"media": [str(path) for path in message.media]} if message.media else {}
    return {"role": message.role, "text": message.text, **media}


def _lines(path: Path) -> Sink:
    path.open("a", encoding="utf-8").close()  # a place that cannot be written is told before anything is asked

    def write(record: dict[str, Any]) -> None:
        try:
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as error:
            warnings.warn(f"{path}: a call could not be written down: {error}", stacklevel=2)

    return write
