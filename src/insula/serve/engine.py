"""Reading for many who ask at once: short texts go through the networks together, recordings wait in their own line.

engine = Engine(); read = await engine.read(Conversation(Turn("ana", "I miss him.")))
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ..conversation import Conversation
from ..pipeline import Pipeline
from ..presets import ALLOWED, fitting, pipeline, sensed

Result = TypeVar("Result")
AT_ONCE = 8
"""Conversations read together: enough for the networks to be at full speed, few enough that nobody waits long."""
MOST_WAITING = 2000
SHORT_TURNS, SHORT_LETTERS = 8, 2000
"""Up to so much is read in some milliseconds, and is short."""


class Busy(RuntimeError):
    """More is waiting than can be read in time."""


@dataclass(frozen=True)
class _Asked:
    conversation: Conversation
    pipeline: str
    answer: asyncio.Future[Conversation]


class Engine:
    """Three lines of one thread each: short texts in batches, long talks, and what is heard or seen.

    Nobody with a sentence waits for a talk of hours. Pipelines are built once, when first needed.
    """

    def __init__(self, commercial_ok: bool = False) -> None:
        self._commercial_ok = commercial_ok
        self._pipelines: dict[str, Pipeline] = {}
        self._short, self._talks, self._long = (ThreadPoolExecutor(1, name) for name in ("short", "talks", "long"))
        self._waiting: list[_Asked] = []
        self._running: asyncio.Task[None] | None = None

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of this name; raises KeyError with near names, and NotForCommercialUse."""
        if self._commercial_ok and name in ALLOWED:
            name = ALLOWED[name][0]
        if name not in self._pipelines:
            self._pipelines[name] = pipeline(name, commercial_ok=self._commercial_ok)
        return self._pipelines[name]

    async def read(self, conversation: Conversation, name: str = "") -> Conversation:
        """The conversation with everything the pipeline adds (by default the one that fits).

        Raises what the pipeline raises, and Busy where the line is too long.
        """
        chosen = name or fitting(conversation)
        if self._line(conversation) is not self._short:
            return await self.work(conversation, lambda: self.pipeline(chosen).run(conversation))
        if len(self._waiting) >= MOST_WAITING:
            raise Busy("too much is waiting to be read: ask again in a moment")
        asked = _Asked(conversation, chosen, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asked.answer

    async def work(self, conversation: Conversation, work: Callable[[], Result]) -> Result:
        """Work on a conversation, in the line it belongs to."""
        return await asyncio.get_running_loop().run_in_executor(self._line(conversation), work)

    async def short(self, work: Callable[[], Result]) -> Result:
        """Work that takes milliseconds, between two batches."""
        return await asyncio.get_running_loop().run_in_executor(self._short, work)

    async def long(self, work: Callable[[], Result]) -> Result:
        """Work that takes seconds, in the line of long ones; it goes on to its end though nobody waits any more."""
        return await asyncio.get_running_loop().run_in_executor(self._long, work)

    def close(self) -> None:
        """Finish what was begun."""
        self._short.shutdown()
        self._talks.shutdown()
        self._long.shutdown(cancel_futures=True)

    def _line(self, conversation: Conversation) -> ThreadPoolExecutor:
        if sensed(conversation):
            return self._long
        turns = conversation.turns
        short = len(turns) <= SHORT_TURNS and sum(len(turn.text) for turn in turns) <= SHORT_LETTERS
        return self._short if short else self._talks

    async def _run(self) -> None:
        """Read whatever came meanwhile, those of one pipeline together, until nothing is left."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            first = self._waiting[0].pipeline
            batch = [one for one in self._waiting if one.pipeline == first][:AT_ONCE]
            taken = set(map(id, batch))
            self._waiting = [one for one in self._waiting if id(one) not in taken]
            done = await loop.run_in_executor(self._short, partial(self._batch, first, batch))
            for one, found in zip(batch, done, strict=True):
                if one.answer.done():  # who asked is gone
                    continue
                if isinstance(found, Exception):
                    one.answer.set_exception(found)
                else:
                    one.answer.set_result(found)

    def _batch(self, name: str, batch: list[_Asked]) -> list[Conversation | Exception]:
        try:
            return [*self.pipeline(name).run_many([one.conversation for one in batch])]
        except Exception as error:
            if len(batch) == 1:
                return [error]
        return [found for one in batch for found in self._alone(name, one)]

    def _alone(self, name: str, one: _Asked) -> list[Conversation | Exception]:
        """One by one, so that one that cannot be read costs the others nothing."""
        fresh = Conversation(*one.conversation.log, id=one.conversation.id, meta=dict(one.conversation.meta))
        return self._batch(name, [_Asked(fresh, name, one.answer)])
