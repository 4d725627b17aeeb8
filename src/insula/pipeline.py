"""Components in order: checked before they run, run at once, streamed, or run over many conversations in batches.

Pipeline(emotion, causes).run(Conversation(Turn("ana", "I miss him.")))
Pipeline(causes)      # ValueError: causes reads 'emotion', which nothing before it writes
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar, cast

from .component import Component, is_async, name
from .conversation import Addition, Conversation

Result = TypeVar("Result")


class Pipeline:
    """A list of components that is itself a component.

    `given` names the layers a conversation already has when it arrives. Pipelines inside pipelines are laid out flat,
    so only the outermost one adds to the conversation.
    """

    def __init__(self, *components: Component, given: Sequence[str] = ("turn",)) -> None:
        self.components: tuple[Component, ...] = tuple(
            part for one in components for part in (one.components if isinstance(one, Pipeline) else (one,))
        )
        self.given = tuple(given)
        if found := self.problems():
            raise ValueError("; ".join(found))

    @property
    def reads(self) -> tuple[str, ...]:
        """What it needs from outside."""
        return self.given

    @property
    def writes(self) -> tuple[str, ...]:
        """Every layer one of its components writes."""
        return tuple(dict.fromkeys(layer for part in self.components for layer in part.writes))

    @property
    def asynchronous(self) -> bool:
        """Whether one of its components must be awaited."""
        return any(is_async(part) for part in self.components)

    def problems(self) -> list[str]:
        """One sentence for each layer that is read before anything writes it."""
        known, found = set(self.given), list[str]()
        for part in self.components:
            missing = [layer for layer in part.reads if layer not in known]
            found += [f"{name(part)} reads {layer!r}, which nothing before it writes" for layer in missing]
            known |= set(part.writes)
        return found

    def __call__(self, conversation: Conversation, /) -> Iterable[Addition] | AsyncIterable[Addition]:
        """Yield every addition as it is made; whoever asked adds it before asking for the next."""
        return self._call_async(conversation) if self.asynchronous else self._call_sync(conversation)

    def _call_sync(self, conversation: Conversation) -> Iterator[Addition]:
        for part in self.components:
            yield from cast("Iterable[Addition]", part(conversation) or ())

    async def _call_async(self, conversation: Conversation) -> AsyncIterator[Addition]:
        for part in self.components:
            if is_async(part):
                async for addition in cast("AsyncIterable[Addition]", part(conversation)):
                    yield addition
            else:
                for addition in await asyncio.to_thread(_collect, part, conversation):
                    yield addition

    def stream(self, conversation: Conversation) -> Iterator[Addition]:
        """Add every addition to the conversation, then pass it on. For pipelines without async components."""
        if self.asynchronous:
            raise TypeError("this pipeline has async components: use `async for addition in pipeline.listen(...)`")
        for addition in self._call_sync(conversation):
            yield from conversation.add(addition)

    async def listen(self, conversation: Conversation) -> AsyncIterator[Addition]:
        """`stream` for inside an event loop; sync components run in a thread."""
        async for addition in self._call_async(conversation):
            for added in conversation.add(addition):
                yield added

    def run(self, conversation: Conversation) -> Conversation:
        """Add everything, and return the same conversation, grown."""
        if self.asynchronous:
            wait(self._drain(conversation))
        else:
            for _ in self.stream(conversation):
                pass
        return conversation

    async def _drain(self, conversation: Conversation) -> None:
        async for _ in self.listen(conversation):
            pass

    def run_many(self, conversations: Iterable[Conversation], size: int = 64) -> Iterator[Conversation]:
        """Run over a corpus, `size` conversations at a time, in constant memory and in order."""
        arriving = iter(conversations)
        while chunk := list(islice(arriving, size)):
            for part in self.components:
                _add_to_all(part, chunk)
            yield from chunk


def wait(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, in a thread of its own where an event loop is running already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _add_to_all(part: Component, chunk: list[Conversation]) -> None:
    if batch := getattr(part, "batch", None):
        for conversation, additions in zip(chunk, batch(chunk), strict=True):
            conversation.add(*additions)
    else:
        for conversation in chunk:
            Pipeline(part, given=part.reads).run(conversation)


def _collect(part: Component, conversation: Conversation) -> list[Addition]:
    return list(cast("Iterable[Addition]", part(conversation) or ()))
