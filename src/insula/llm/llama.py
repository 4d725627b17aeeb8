"""llama.cpp in this process, by `xllamacpp`: weights are opened once for all their users.

Its server opens a port of this machine by itself; a random key nobody is told closes it to everyone else.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from .protocol import LLMError

Chunk = dict[str, Any]
_OPEN: WeakValueDictionary[tuple[Any, ...], Llama]


class Llama:
    """One model of `context` tokens on `threads` threads. Raises LLMError when the file is no model that runs here."""

    def __init__(self, path: Path, adapter: Path | None, threads: int, context: int) -> None:
        xllamacpp: Any = import_module("xllamacpp")
        self.path = path
        self.context = context
        self._lock = threading.Lock()
        parameters = _parameters(xllamacpp, threads, context)
        parameters.model.path = str(path)
        if adapter:
            parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        try:
            self._server: Any = xllamacpp.Server(parameters)
        except RuntimeError:
            with_it = f" with the adapter {adapter}" if adapter else ""
            raise LLMError(
                f"llama.cpp cannot open {path}{with_it}: is it a whole GGUF file, of a model it knows?"
            ) from None
        self.count = lru_cache(4096)(self._count)

    def stream(self, request: Chunk, heard: Callable[[Chunk], bool], ended: threading.Event) -> None:
        """Answers a chat request, chunk by chunk, in the calling thread, until `heard` says True. Raises LLMError."""
        with self._lock:
            if ended.is_set():
                return
            try:
                self._server.handle_chat_completions({**request, "stream": True}, heard)
            except (RuntimeError, ValueError) as error:
                raise LLMError(f"{self.path.name}: {error}") from error

    def _count(self, text: str) -> int:
        """Tokens of a text. Asked with a prompt that never fits, the server says how long it is and does nothing."""
        prompt = [*[1] * self.context, text]
        answer = self._server.handle_completions({"prompt": prompt, "n_predict": 0})
        return answer["error"]["n_prompt_tokens"] - self.context


_OPEN = WeakValueDictionary()
_OPENING = threading.Lock()


def llama(path: Path, adapter: Path | None, threads: int, context: int) -> Llama:
    """The one that is open already, or a new one (half a second, 200 MB for the embedded model)."""
    key = (path, adapter, threads, context)
    with _OPENING:
        found = _OPEN.get(key)
        if found is None:
            found = _OPEN[key] = Llama(*key)
        return found


def _parameters(xllamacpp: Any, threads: int, context: int) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = threads
    parameters.n_threads_http = 1
    parameters.verbosity = -1
    parameters.warmup = False
    parameters.cache_ram_mib = 0  # else up to 8 GB of old prompts; the last one is kept all the same
    parameters.api_keys = [secrets.token_hex()]
    parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = False
    return parameters
