"""A voice as it comes in: blocks of any size, and everything the pipeline adds as soon as a turn is over.

    live = Live(pipeline("voice"), rate=48000)
    for block in microphone: live.feed(block) -> [Turn(...), Annotation(...), ...]
    live.close() -> what was still open

The turns and judgements are those that the whole recording gives: nothing looks ahead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insula.audio.decode import RATE, Resampler
from insula.audio.span import Tape
from insula.conversation import Addition, Conversation, Signal, Turn
from insula.pipeline import Pipeline

from .turns import Turns

Array = NDArray[np.float32]


class Live:
    """A pipeline that begins with `speech.turns`, fed by hand; `conversation` is what it grows.

    Only the last two minutes of sound are kept. Raises ValueError for a pipeline that begins otherwise, TypeError for
    one with async components.
    """

    def __init__(
        self, pipeline: Pipeline, rate: int = RATE, channels: int = 1, conversation: Conversation | None = None
    ) -> None:
        first, *rest = pipeline.components
        if not isinstance(first, Turns):
            raise ValueError("a live voice needs a pipeline that begins with speech.turns")
        self.conversation = conversation if conversation is not None else Conversation()
        self._rest = Pipeline(*rest, given=(*first.reads, *first.writes))
        self._tape = Tape(channels)
        self._resampler = Resampler(rate, RATE, channels)
        self._channels = channels
        self._hearing = first.hearing(channels)
        self.conversation.add(Signal("audio", self._tape, RATE))

    def feed(self, samples: Array) -> list[Addition]:
        """What is new after these samples, float32 [n] or [n, channels] at the rate given."""
        wide = np.asarray(samples, np.float32).reshape(-1, self._channels)
        return self._heard(self._resampler.feed(np.nan_to_num(wide, posinf=0.0, neginf=0.0)))

    def close(self) -> list[Addition]:
        """What was still open; nothing can be fed after this."""
        found = self._heard(self._resampler.close())
        return [*found, *self._added(self._hearing.close())]

    def _heard(self, piece: Array) -> list[Addition]:
        self._tape.add(piece)
        return self._added(self._hearing.feed(piece))

    def _added(self, additions: object) -> list[Addition]:
        found = list[Addition]()
        for addition in additions:  # type: ignore[attr-defined]
            found += self.conversation.add(addition)
            if isinstance(addition, Turn):
                found += self._rest.stream(self.conversation)
        return found
