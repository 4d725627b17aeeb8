"""Talks with the companion that outlive the server: each line is kept before the answer that holds it is given.

talks = Talks(settings, store); talk = talks.begin("ana", ...); answer = await talks.say(talk.id, "I failed my exam.")
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from ..companion import Companion
from ..llm import LLM, connect
from ..respond.answer import Answer
from .gate import log
from .settings import Settings
from .store import Store, Talk
from .threads import streamed

Result = TypeVar("Result")
OPEN = 200
"""Talks held in memory; another one is read from the store when somebody goes on with it."""
AT_ONCE = 4


@dataclass(eq=False)
class _Live:
    """A talk somebody is in; one thing at a time happens in it. `kept` counts the additions that are in the store."""

    talk: Talk
    companion: Companion
    kept: int
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Talks:
    """The companions of one server. Methods raise KeyError for an unknown talk, and what the store raises."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, "talk")
        self._model = named(settings.model, settings.timeout)

    def begin(self, person: str, persona: str, locale: str, remembers: bool) -> Talk:
        """A new talk; raises KeyError for a persona that is not shipped."""
        chosen = persona or self.settings.persona
        shipped(chosen)
        return self.store.begin(person, chosen, locale or self.settings.locale, remembers)

    async def say(self, id: str, text: str) -> Answer:
        """The answer to what the person says."""
        async with self._in(id) as live:
            return await self._in_thread(lambda: self._say(live, text))

    async def stream(self, id: str, text: str) -> AsyncIterator[str | Answer]:
        """The answer sentence by sentence as it is made and checked, and then the whole of it.

        Closed early, the answer is what was given so far.
        """
        async with (
            self._in(id) as live,
            aclosing(streamed(self._threads, lambda: self._sentences(live, text))) as found,
        ):
            async for one in found:
                yield one

    async def forget(self, person: str) -> int:
        """Everything of a person; how many talks there were."""
        return await self._without(lambda talk: talk.person == person, lambda: self.store.forget(person))

    async def unremember(self, person: str) -> None:
        """Forget what is remembered of a person, and remember nothing of their talks from now on."""
        await self._without(lambda talk: talk.person == person, lambda: self.store.unremember(person))

    async def delete(self, id: str, forgetting: bool = True) -> None:
        """One talk, and what was remembered of it unless not `forgetting`."""
        await self._without(lambda talk: talk.id == id, lambda: self.store.delete(id, forgetting))

    async def expire(self) -> int:
        """Delete the talks that are older than they are kept; how many. What people agreed to be remembered stays.

        One that cannot be deleted is told of and left for the next time.
        """
        done = 0
        for id in await self._in_thread(lambda: self.store.expired(self.settings.retention)):
            try:
                await self.delete(id, forgetting=False)
                done += 1
            except (OSError, LookupError) as error:
                log.warning("an old talk could not be deleted: %s", error)
        return done

    def companion(self, id: str) -> Companion:
        """The companion of a talk, read from the store where it is not open."""
        return self._open(id).companion

    def close(self) -> None:
        """Finish what was begun, and let go of every memory."""
        self._threads.shutdown()
        for id in list(self._live):
            self._close(id)
        self.store.close()

    def _say(self, live: _Live, text: str) -> Answer:
        try:
            answer = live.companion.say(text)
        finally:
            self._keep(live)
        return answer

    def _sentences(self, live: _Live, text: str) -> Generator[str | Answer]:
        """The sentences, each given when what led to it is kept, and then the answer."""
        try:
            with closing(live.companion.stream(text)) as sentences:
                for sentence in sentences:
                    self._keep(live)
                    yield sentence
        finally:
            self._keep(live)
        yield live.companion.last

    def _keep(self, live: _Live) -> None:
        """Write what is new; where that fails the talk is read again from the store, as it was."""
        new = live.companion.conversation.log[live.kept :]
        if not new:
            return
        try:
            self.store.add(live.talk.id, new)
        except BaseException:
            self._close(live.talk.id)
            raise
        live.kept += len(new)

    @asynccontextmanager
    async def _in(self, id: str) -> AsyncIterator[_Live]:
        """A talk, alone in it; one that was closed meanwhile is opened anew."""
        while True:
            live = await self._in_thread(lambda: self._open(id))
            async with live.lock:
                if self._live.get(id) is live:
                    yield live
                    return

    async def _without(self, which: Callable[[Talk], bool], work: Callable[[], Result]) -> Result:
        """Do what takes something away while none of these talks goes on or is opened; they are closed before."""

        def alone(held: Sequence[_Live]) -> list[Result]:
            with self._opening:
                there = [live for live in list(self._live.values()) if which(live.talk)]
                if any(live not in held for live in there):
                    return []
                for live in there:
                    self._close(live.talk.id)
                return [work()]

        while True:
            held = [live for live in list(self._live.values()) if which(live.talk)]
            async with AsyncExitStack() as stack:
                for live in sorted(held, key=lambda live: live.talk.id):  # in one order: nobody waits in a ring
                    await stack.enter_async_context(live.lock)
                for done in await self._in_thread(partial(alone, held)):
                    return done

    def _open(self, id: str) -> _Live:
        """The talk in memory; two who ask at once get the same one, and nobody's is closed while they are in it."""
        with self._opening:
            if id in self._live:
                self._live.move_to_end(id)
                return self._live[id]
            talk = self.store.talk(id)
            memory = self.store.memory_place(talk.person) if talk.remembers else None
            companion = Companion(self._model, persona=talk.persona, memory=memory, locale=talk.locale)
            companion.conversation = self.store.conversation(id)
            live = self._live[id] = _Live(talk, companion, len(companion.conversation.log))
            idle = [one for one, there in self._live.items() if one != id and not there.lock.locked()]
            for old in idle[: max(0, len(self._live) - OPEN)]:
                self._close(old)
            return live

    def _close(self, id: str) -> None:
        if live := self._live.pop(id, None):
            live.companion.close()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def named(model: str, timeout: float) -> LLM | str | None:
    """What `Companion` takes for a model's name in the settings."""
    if model == "composer":
        return None
    return model if model == "auto" else connect(model, timeout)


def shipped(name: str) -> None:
    """Raise KeyError, with near names, for a persona that is no shipped one: a request names no files."""
    from ..catalogue import nearest
    from ..respond.persona import personas

    if name not in personas():
        raise KeyError(f"no persona {name!r}; did you mean {nearest(name, personas())}?")
