"""Recordings among what is read: one at a time, with progress by seconds, and only for a purpose that allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insula.conversation import Addition, Conversation
    from insula.guard.purpose import Purpose
    from insula.pipeline import Pipeline

    from .problems import Problems
    from .progress import Progress

    Engine = Callable[[Iterable[Conversation]], Iterator[Conversation]]


class Recordings:
    """An engine for everything: recordings are heard here, other conversations go to `others`.

    `pipeline` is the one asked for, or "" for the preset that fits. Before anybody is heard the purpose is asked: what
    people are owed to be told goes to `note`, once; PermissionError where the purpose is refused.
    """

    def __init__(
        self, others: Engine, pipeline: str, commercial_ok: bool, purpose: Purpose, note: Callable[[str], None]
    ) -> None:
        self._others, self._pipeline, self._commercial_ok = others, pipeline, commercial_ok
        self._purpose, self._note = purpose, note
        self._engine: Pipeline | None = None
        self._progress: Progress | None = None
        self._problems: Problems | None = None

    def watched(self, progress: Progress, problems: Problems) -> Recordings:
        """The same, telling how far it is, and what could not be heard."""
        self._progress, self._problems = progress, problems
        return self

    def __call__(self, found: Iterable[Conversation]) -> Iterator[Conversation]:
        for recorded, group in groupby(found, _is_recording):
            yield from self._each(group) if recorded else self._others(group)  # noqa: B031

    def _each(self, found: Iterable[Conversation]) -> Iterator[Conversation]:
        """What was heard of a recording until something went wrong is passed on, so that it is written."""
        for conversation in found:
            try:
                self._hear(conversation)
            except (Exception, KeyboardInterrupt):
                if conversation.turns:
                    yield conversation
                raise
            yield conversation

    def _hear(self, conversation: Conversation) -> None:
        engine = self._engine = self._engine or self._opened()
        total = float(conversation.meta.get("duration", 0.0))
        if engine.asynchronous:
            engine.run(conversation)
        else:
            for addition in engine.stream(conversation):
                self._tell(conversation, addition, total)

    def _opened(self) -> Pipeline:
        from insula.presets import ALLOWED, RESEARCH_ONLY, pipeline

        name = self._pipeline or "voice"
        if self._commercial_ok and not self._pipeline:
            self._note(RESEARCH_ONLY.format(name))
            name = ALLOWED[name]
        engine = pipeline(name, commercial_ok=self._commercial_ok)
        if not any("turn" in part.writes for part in engine.components):
            raise ValueError(f"a recording has no words until it is heard: --pipeline speech.turns+{name}")
        if owed := self._purpose.check(*engine.components):
            self._note(owed)
        return engine

    def _tell(self, conversation: Conversation, addition: Addition, total: float) -> None:
        from insula.conversation import Annotation, Signal, Turn
        from insula.reading import Problem

        if isinstance(addition, Signal):
            return
        if isinstance(addition, Annotation) and addition.at.turn is None and addition.layer == "quality":
            if self._problems and addition.at.seconds:
                self._problems(Problem(conversation.id, f"{addition.at.seconds[0]:.1f} s", addition.reason))
            return
        turn = addition if isinstance(addition, Turn) else addition.at.turn and conversation.turn(addition.at.turn)
        if self._progress and turn and turn.seconds:
            stage = "turns" if isinstance(addition, Turn) else addition.layer
            self._progress.hear(stage, turn.seconds[1], total)


def _is_recording(conversation: Conversation) -> bool:
    """Whether there is sound, and nobody has said yet what was said in it."""
    return "signal.audio" in conversation.layers and not conversation.turns
