"""Insula inside a pipecat agent: what the person feels, a guard on both sides, a plan for the model, and the delivery.

    talk = Companion(None)
    Pipeline([stt, Perceive(talk), Guard(talk), Plan(talk), aggregator, llm, Check(talk), Delivery(talk), tts])

Transcriptions are read and carry what was found in `metadata["insula"]`. In a crisis the guard answers and the model is
not asked; else the model is told what its reply should do. Its reply goes on sentence by sentence as far as it may be
said, each with how to say it. Frames of any other kind pass untouched. Needs `insula[pipecat]`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from ..companion import NAME, Companion
from ..conversation import Annotation, Turn
from ..guard.guarded import asked
from ..respond.evidence import evidence
from ..respond.strategies import strategies
from ..speak.aloud import CALM, intended
from ..speak.delivery import Delivery as Spoken
from ..speak.plan import plan

INTENSITY = 0.5


class _Part(FrameProcessor):
    """One processor of a talk; `process_frame` gives pipecat its due, `take` does what the part is for."""

    def __init__(self, talk: Companion) -> None:
        super().__init__()
        self.talk = talk

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Called by pipecat for every frame."""
        await super().process_frame(frame, direction)
        if direction is not FrameDirection.DOWNSTREAM or not await self.take(frame):
            await self.push_frame(frame, direction)

    async def take(self, frame: Frame) -> bool:
        """Whether the frame was dealt with here; otherwise it goes on."""
        raise NotImplementedError

    @property
    def said(self) -> Turn | None:
        """What the person said last."""
        return next((one for one in reversed(self.talk.conversation.turns) if one.speaker == self.talk.person), None)


class Perceive(_Part):
    """Reads what the person said: emotion, affect, causes, risk, and what a reply should do."""

    async def take(self, frame: Frame) -> bool:
        """A transcription is read in a thread, so that sound goes on meanwhile."""
        if isinstance(frame, TranscriptionFrame) and frame.text.strip():
            await asyncio.to_thread(asyncio.run, self.talk.hear(frame.text))
            frame.metadata["insula"] = self._found()
        return False

    def _found(self) -> dict[str, Any]:
        turn, conversation = self.said, self.talk.conversation
        if turn is None:
            return {}
        read = evidence(conversation, turn)
        risk = [one for one in conversation.read("risk", turn=turn.id) if one.scheme == "risk-level"]
        return {
            "turn": turn.id,
            "emotion": read.primary,
            "fine": list(read.fine),
            "valence": read.valence,
            "causes": list(read.causes),
            "cannot_tell": read.unread,
            "strategies": list(_planned(conversation.read("plan", turn=turn.id))),
            "risk": risk[-1].labels[0] if risk and risk[-1].labels else "",
        }


class Guard(_Part):
    """Where the risk calls for it the guard answers itself, and neither the plan nor the model hears of the turn."""

    async def take(self, frame: Frame) -> bool:
        """A transcription ends here when the guard takes over."""
        if not isinstance(frame, TranscriptionFrame):
            return False
        text = await self.talk.guarded.takeover(self.talk.conversation)
        if not text:
            return False
        self.talk.conversation.add(Turn(NAME, text, meta={"tier": "guard"}))
        await self.push_frame(TTSSpeakFrame(text))
        return True


class Plan(_Part):
    """Tells the model, in a message of the system's before the person's turn, what its reply should do."""

    async def take(self, frame: Frame) -> bool:
        """A transcription is preceded by its plan."""
        turn = self.said
        if isinstance(frame, TranscriptionFrame) and turn:
            conversation = self.talk.conversation
            steps = [strategies()[one].instruction for one in _planned(conversation.read("plan", turn=turn.id))]
            felt = evidence(conversation, turn).primary
            words = [f"The person's next words seem to express {felt}." if felt else ""]
            words += [f"In one or two short sentences, {' and '.join(steps)}."] if steps else []
            if told := " ".join(filter(None, words)):
                message: Any = {"role": "system", "content": told}
                await self.push_frame(LLMMessagesAppendFrame([message], run_llm=False))
        return False


class Check(_Part):
    """Holds the model's words until a sentence is whole, and passes on those that may be said.

    A reply that comes when the guard has already answered is not said.
    """

    def __init__(self, talk: Companion) -> None:
        super().__init__(talk)
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._checking: asyncio.Task[None] | None = None
        self._passed: list[str] = []

    async def take(self, frame: Frame) -> bool:
        """Words of the model's are checked on their way."""
        if isinstance(frame, LLMFullResponseStartFrame):
            await self.push_frame(frame)
            self._pieces, self._passed = asyncio.Queue(), []
            self._checking = self.create_task(self._check())
            return True
        if isinstance(frame, LLMTextFrame) and self._checking:
            await self._pieces.put(frame.text)
            return True
        if isinstance(frame, LLMFullResponseEndFrame | EndFrame) and self._checking:
            await self._pieces.put(None)
            await self._checking
            self._keep()
        elif isinstance(frame, InterruptionFrame) and self._checking:
            await self.cancel_task(self._checking)
            self._keep()
        return False

    async def _check(self) -> None:
        if asked(self.talk.conversation, NAME) is None:
            return
        async for sentence in self.talk.guarded.sentences(self._coming(), self.talk.conversation):
            self._passed.append(sentence)
            await self.push_frame(LLMTextFrame(sentence))

    async def _coming(self) -> AsyncIterator[str]:
        while (piece := await self._pieces.get()) is not None:
            yield piece

    def _keep(self) -> None:
        """What was said is part of the talk, as far as it was said."""
        self._checking = None
        if text := "".join(self._passed).strip():
            self.talk.conversation.add(Turn(NAME, text))


class Delivery(_Part):
    """How each sentence is to be said: a plan in `metadata["insula"]`, and settings for a voice that takes some.

    `settings` turns a delivery into a voice's own settings, such as `lambda one: {"speed": one.pace}`.
    """

    def __init__(self, talk: Companion, settings: Callable[[Spoken], Mapping[str, Any]] | None = None) -> None:
        super().__init__(talk)
        self._settings = settings

    async def take(self, frame: Frame) -> bool:
        """A sentence is planned; its settings go before it."""
        if isinstance(frame, LLMTextFrame | TTSSpeakFrame):
            found = self._delivery(frame.text)
            frame.metadata["insula"] = {"delivery": found}
            if self._settings:
                await self.push_frame(TTSUpdateSettingsFrame(settings=dict(self._settings(found))))
        return False

    def _delivery(self, text: str) -> Spoken:
        turn = self.said
        planned = intended(self.talk.conversation, turn) if turn else None
        return plan(text, planned.scores if planned else CALM, INTENSITY)


def _planned(annotations: list[Annotation]) -> tuple[str, ...]:
    return next((one.labels for one in reversed(annotations) if one.scheme == "support-plan"), ())
