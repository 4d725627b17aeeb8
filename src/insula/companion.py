"""A partner in conversation: it reads each turn, keeps people safe, remembers, plans, answers, and says why.

    companion = Companion()                     # the embedded model where it is installed, else the composer
    print(companion.say("I failed my exam.").text)
    Companion("qwen2.5:3b@http://localhost:11434/v1", memory="talks.sqlite", locale="en-GB")

It is a machine and says so; no output is a diagnosis. Nothing leaves this machine unless the model's URL does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import build
from .conversation import Addition, Conversation, Signal, Turn
from .pipeline import Pipeline, wait
from .presets import pipeline
from .respond.answer import Answer

if TYPE_CHECKING:
    from .llm import LLM
    from .respond.memory import Memory
    from .respond.persona import Persona

Watch = Callable[[Addition], None]
NAME = "companion"


class Companion:
    """One conversation with one person; `conversation` holds all that was said and judged.

    `llm` is a model, "local", "MODEL@URL", None for the composer, or "auto": the embedded model where it is installed.
    `persona` is a name or the path of a file. `memory` is a file or a database's URL; without one nothing is kept.
    `locale` chooses help lines ("en-GB"). With `voice` it also hears how a turn that has its sound was said.
    `hand_over` is called with the conversation when a person should take over.
    `watch` gets every addition as it is made. Raises what the parts raise: KeyError for an unknown persona, ImportError
    naming the extra, ValueError for a model that cannot be.
    """

    def __init__(
        self,
        llm: LLM | str | None = "auto",
        *,
        persona: str | Path = "warm",
        memory: str | Path | None = None,
        locale: str = "",
        person: str = "person",
        drafts: int = 4,
        seed: int = 0,
        voice: bool = False,
        hand_over: Callable[[Conversation], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.llm = _model(llm)
        self.memory = _memory(memory)
        self.person, self.name = person, NAME
        self.watch = watch
        self.conversation = _new()
        self._guarding: dict[str, Any] = {"locale": locale, "hand_over": hand_over}
        self._drafting: dict[str, Any] = {"drafts": drafts, "seed": seed}
        self._listen = pipeline("listen-voice" if voice else "listen")
        self.choose(persona)

    def choose(self, persona: str | Path | Persona) -> None:
        """Answer as this persona from now on; raises KeyError or ValueError, and then nothing changes."""
        from .respond.persona import persona as find

        self.persona: Persona = find(persona) if isinstance(persona, str | Path) else persona
        recall = [build("respond.memory", memory=self.memory)] if self.memory else []
        affect = build("respond.affect", persona=self.persona)
        risk, effect, planner = build("guard.risk"), build("respond.effect"), build("respond.planner")
        given = self._listen.given
        self._before = Pipeline(self._listen, effect, risk, *recall, planner, affect, given=given)
        responder = build("respond.reply", llm=self.llm, persona=self.persona, episodes=self._cited, **self._drafting)
        self.guarded = build("guard.guarded", responder=responder, **self._guarding)
        self._after = Pipeline(self._listen, build("respond.strategy"), effect, planner, given=given)

    @property
    def tier(self) -> str:
        """Who words the replies: "composer", "local" or "url"."""
        if self.llm is None:
            return "composer"
        return "url" if hasattr(self.llm, "url") else "local"

    @property
    def component(self) -> Pipeline:
        """All it does at a turn as one component, for conversations kept elsewhere."""
        return Pipeline(self._before, self.guarded, self._after)

    def recalled(self, id: str) -> str:
        """The words of an episode; "" where it is forgotten."""
        try:
            return self.memory.episode(id).text if self.memory else ""
        except KeyError:
            return ""

    def _cited(self, id: str) -> str:
        """An episode as a prompt may quote it."""
        return self.memory.cite(id) if self.memory else ""

    async def hear(self, said: str | Turn, sound: Signal | None = None) -> None:
        """Take in what the person says and all that is known before an answer is worded; somebody else may answer.

        Raises ValueError for an empty text, and then nothing is added.
        """
        turn = Turn(self.person, said) if isinstance(said, str) else replace(said, speaker=self.person)
        if not turn.text.strip():
            raise ValueError("there is nothing to answer: the text is empty")
        if sound is not None:
            self._add(replace(sound, speaker=self.person))
        self._add(turn)
        await self._run(self._before)
        if self.memory is not None:
            self.memory.keep(self.conversation)

    def say(self, text: str) -> Answer:
        """The answer to what the person says; raises ValueError for an empty text, and then nothing is added."""
        return wait(self.asay(text))

    async def asay(self, text: str) -> Answer:
        """`say`, for inside an event loop."""
        await self.hear(text)
        await self._run(Pipeline(self.guarded, given=self.guarded.reads))
        await self._settle()
        return self.last

    def stream(self, said: str | Turn, sound: Signal | None = None) -> Generator[str]:
        """The first draft, sentence by sentence as it is made and checked; `last` then has the whole answer.

        Closed early, the answer is what was given so far. `said` may be a turn with its seconds, `sound` what it was
        heard from.
        """
        found = self.astream(said, sound)
        with asyncio.Runner() as runner:
            try:
                while (sentence := runner.run(anext(found, None))) is not None:
                    yield sentence
            finally:
                runner.run(found.aclose())

    async def astream(self, said: str | Turn, sound: Signal | None = None) -> AsyncGenerator[str]:
        """`stream`, for inside an event loop."""
        await self.hear(said, sound)
        try:
            async with aclosing(self.guarded.stream(self.conversation)) as sentences:
                async for sentence in sentences:
                    yield sentence
        finally:
            await self._settle()

    @property
    def answers(self) -> list[Answer]:
        """All it said, in order."""
        return [Answer.of(self.conversation, turn.id) for turn in self.conversation.turns if turn.speaker == NAME]

    @property
    def last(self) -> Answer:
        """What it said last; raises LookupError before it said anything."""
        said = [turn.id for turn in self.conversation.turns if turn.speaker == NAME]
        if not said:
            raise LookupError("nothing was said yet")
        return Answer.of(self.conversation, said[-1])

    def forget(self, id: str) -> None:
        """Forget one episode, on disk too; raises KeyError."""
        if self.memory is None:
            raise KeyError(f"no episode {id!r}: this companion keeps no memory")
        self.memory.forget(id)

    def forget_all(self) -> None:
        """Forget everything, on disk and in this conversation, which begins anew."""
        if self.memory is not None:
            self.memory.forget_all()
        self.conversation = _new()

    def close(self) -> None:
        """Close the memory."""
        if self.memory is not None:
            self.memory.close()

    def __enter__(self) -> Companion:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _settle(self) -> None:
        """Read the answer as any other turn, expect what it does, and learn where the person was not as expected."""
        await self._run(self._after)
        if self.memory is not None:
            from .respond.memory.expect import learn

            learn(self.memory, self.conversation)

    async def _run(self, part: Pipeline) -> None:
        """Add what a pipeline adds, as it makes it."""
        async for addition in part.listen(self.conversation):
            if self.watch:
                self.watch(addition)

    def _add(self, addition: Addition) -> None:
        for added in self.conversation.add(addition):
            if self.watch:
                self.watch(added)


def _new() -> Conversation:
    """An empty talk, called after the moment it began: memories name it, and no two talks of a person are one."""
    return Conversation(id=f"talk-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")


def _model(llm: LLM | str | None) -> LLM | None:
    from .llm import connect
    from .llm.local import Local

    if llm == "auto":
        return None if Local.available() else connect("local")
    return connect(llm) if isinstance(llm, str) else llm


def _memory(place: str | Path | None) -> Memory | None:
    if place is None:
        return None
    from .respond.memory import Memory

    return Memory.open(place)
