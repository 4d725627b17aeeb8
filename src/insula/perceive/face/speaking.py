"""Which of the faces seen speaks a turn: the one whose mouth moves as the voice rises and falls.

    speaker_face {"face 1": .91, "face 2": .04} at t3           # what is left of 1: nobody who is seen speaks

Two numbers are taken of every face: how its mouth's opening goes along with the loudness of the voice (correlation of
both, smoothed alike, at the best lag within a fifth of a second), and how much the mouth moves, beside how much it
moves in the rest of what was seen before. That a sound's place shows in what moves with it: Hershey & Movellan 2000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.audio.decode import RATE
from insula.audio.span import samples
from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.vision.columns import column

Array = NDArray[np.float64]
STEP = 15.0  # a second, at which mouth and voice are compared
LAG = 3  # steps a mouth may be early or late
BEFORE = 0.5  # seconds before a turn that are looked at with it: a mouth that begins with the voice speaks
SHORTEST = 0.6  # seconds of a turn in which a face has to be seen
MOVES = 0.008  # the mean change of a mouth's opening from one step to the next that is as likely speech as not
# log-odds that a face speaks, beside nobody seen: by hand, tried on one real clip and on made-up ones
NOBODY, PER_CORRELATION, PER_DOUBLING = -2.2, 4.5, 0.7
DECIDED = 0.5


@dataclass(frozen=True)
class _Mouth:
    """The opening of one face's mouth at `STEP` from `start`, NaN where it was not seen."""

    start: float
    opening: Array


class Speaking:
    """Judges every pending turn of which sound and faces are known."""

    reads = ("turn", "signal.audio", "signal.face")
    writes = ("speaker_face",)

    def __init__(self, name: str = "face.speaking") -> None:
        self.name = self.rater = name

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        for turn in conversation.pending("speaker_face", self.rater):
            yield self._judge(conversation, turn)

    def _judge(self, conversation: Conversation, turn: Turn) -> Annotation:
        at, name = Anchor(turn.id), self.rater
        try:
            loud = loudness(samples(conversation, _with_before(turn)))
        except (LookupError, ValueError) as error:
            return Annotation("speaker_face", {}, at, "speaker-face", name, reason=f"no voice to compare with: {error}")
        odds = dict(_odds(conversation, turn, loud))
        if not odds:
            return Annotation("speaker_face", {}, at, "speaker-face", name, reason="no face is seen for long enough")
        raised = {face: float(np.exp(one)) for face, one in odds.items()}
        scores = {face: round(one / (1 + sum(raised.values())), 4) for face, one in raised.items()}
        first = max(scores, key=scores.__getitem__)
        labels = (first,) if scores[first] >= DECIDED else ()
        return Annotation("speaker_face", scores, at, "speaker-face", name, labels)


def loudness(voice: NDArray[np.float32]) -> Array:
    """16 kHz samples -> decibels above the quietest tenth, at `STEP`."""
    size = round(RATE / STEP)
    rows = voice[: len(voice) // size * size].reshape(-1, size).astype(np.float64)
    level = 10 * np.log10((rows**2).mean(1) + 1e-8)
    return np.maximum(level - np.quantile(level, 0.1), 0.0) if len(level) else level


def synchrony(opening: Array, loud: Array) -> float:
    """Highest correlation of a mouth's opening with loudness within `LAG`; 0 where either stands still."""
    best = 0.0
    for lag in range(-LAG, LAG + 1):
        mouth, voice = (opening[lag:], loud) if lag >= 0 else (opening, loud[-lag:])
        count = min(len(mouth), len(voice))
        mouth, voice = _smooth(mouth[:count]), _smooth(voice[:count])
        if count > LAG and mouth.std() > 1e-6 and voice.std() > 1e-6:
            best = max(best, float(np.corrcoef(mouth, voice)[0, 1]))
    return best


def _with_before(turn: Turn) -> Anchor:
    """The seconds of a turn and a little before it; raises LookupError where it has none."""
    if turn.seconds is None:
        raise LookupError("the turn has no times")
    return Anchor(turn.id, seconds=(max(0.0, turn.seconds[0] - BEFORE), turn.seconds[1]))


def _odds(conversation: Conversation, turn: Turn, loud: Array) -> Iterator[tuple[str, float]]:
    """Log-odds that each face seen in a turn speaks it."""
    start, end = _with_before(turn).seconds or (0.0, 0.0)
    for face in dict.fromkeys(one.speaker for one in conversation.signals("face") if one.speaker):
        signals = [one for one in conversation.signals("face") if one.speaker == face]
        mouth = _mouth(signals, start, end)
        if np.isfinite(mouth.opening).sum() < SHORTEST * STEP:
            continue
        opening = _filled(mouth.opening)
        moves = float(np.abs(np.diff(opening)).mean())
        before = _mouth(signals, max(0.0, start - 30.0), start).opening
        rest = float(np.nanmean(np.abs(np.diff(before)))) if np.isfinite(np.diff(before)).sum() > STEP else MOVES
        usual = np.sqrt(max(rest, MOVES / 4) * MOVES)  # a mouth that was still before has moved when it moves a little
        odds = NOBODY + PER_CORRELATION * synchrony(opening, loud)
        # a mouth that moves twice as much as is usual moves; one that moves more does not speak the more
        yield face, odds + PER_DOUBLING * min(float(np.log2(max(moves, MOVES / 16) / usual)), 1.0)


def _mouth(signals: list[Signal], start: float, end: float) -> _Mouth:
    """The opening between two seconds, nearest frame to each step; what came later is never looked at."""
    times = np.arange(start, end, 1 / STEP)
    opening = np.full(len(times), np.nan)
    for one in signals:
        values = np.asarray(column(one.samples, "mouth"), np.float64)
        rows = np.rint((times - one.start) * one.sampling_rate).astype(np.int64)
        inside = (rows >= 0) & (rows < len(values))
        opening[inside] = np.where(np.isfinite(values[rows[inside]]), values[rows[inside]], opening[inside])
    return _Mouth(start, opening)


def _filled(opening: Array) -> Array:
    seen = np.isfinite(opening)
    return np.interp(np.arange(len(opening)), np.flatnonzero(seen), opening[seen])


def _smooth(values: Array) -> Array:
    return np.convolve(values, np.full(3, 1 / 3), mode="valid") if len(values) >= 3 else values
