"""Talks with the companion that outlive the server: each line is kept before the answer that holds it is given.

talks = Talks(settings, store); talk = talks.begin("ana", ...); answer = await talks.say(talk.id, "I failed my exam.")
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import TypeVar

from ..companion import Companion
from ..llm import LLM, connect
from ..respond.answer import Answer
from .settings import Settings
from .store import Store, Talk
from .threads import streamed

Result = TypeVar("Result")
OPEN = 200
"""Talks held in memory; another one is read from the store when somebody goes on with it."""
AT_ONCE = 4


@dataclass
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
        live = await self._opened(id)
        async with live.lock:
            return await self._in_thread(lambda: self._say(live, text))

    async def stream(self, id: str, text: str) -> AsyncIterator[str | Answer]:
        """The answer sentence by sentence as it is made and checked, and then the whole of it.

        Closed early, the answer is what was given so far.
        """
        live = await self._opened(id)
        async with live.lock, aclosing(streamed(self._threads, lambda: self._sentences(live, text))) as found:
            async for one in found:
                yield one

    def forget(self, person: str) -> int:
        """Everything of a person; how many talks there were."""
        self._leave(person)
        return self.store.forget(person)

    def unremember(self, person: str) -> None:
        """Forget what is remembered of a person, and remember nothing of their talks from now on."""
        self._leave(person)
        self.store.unremember(person)

    def delete(self, id: str) -> None:
        """One talk."""
        self._close(id)
        self.store.delete(id)

    def expire(self) -> int:
        """Delete what is older than it is kept; how many talks."""
        old = self.store.expired(self.settings.retention)
        for id in old:
            self.delete(id)
        return len(old)

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

    async def _opened(self, id: str) -> _Live:
        return await self._in_thread(lambda: self._open(id))

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

    def _leave(self, person: str) -> None:
        for id in [id for id, live in self._live.items() if live.talk.person == person]:
            self._close(id)

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
