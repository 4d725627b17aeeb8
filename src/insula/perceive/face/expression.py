"""What each face expresses, second by second, and in each turn of the person whose face it is.

    signal "face" -> emotion (fer8), affect and action_unit (facs) at 0-1 s, 1-2 s, ... of "face 1"; and at turns

The mean of the good frames of a second; where a face cannot be seen well enough the answer is an abstention with the
reason. A turn is read once `speaker_face` says whose face speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Signal, Turn
from insula.network.expressions import plain_head
from insula.network.face import Face
from insula.vision.columns import ACTION_UNITS, AFFECT, AT, EXPRESSIONS, columns
from insula.vision.quality import NAMES, reason

Array = NDArray[np.float32]
THERE = 1.0
"""Intensity from which on an action unit is said to be there, as OpenFace counts it."""
SURE = 0.5
"""Probability from which on a face is taken for the speaker's."""

_UNREAD = "no expressions were read of this face: it is unlike those they were learnt from, or nobody looked"


@dataclass(frozen=True)
class Found:
    """What a stretch of a face's rows says: means of the good ones, or why there are none."""

    emotion: dict[str, float]
    affect: dict[str, float]
    units: dict[str, float]
    reason: str = ""
    unread: str = ""


class FaceExpression:
    """Reads the `face` signals of a conversation, however they were made, and judges every second once.

    `weights` whose calibration decides what is there and what is possible; "" for another network's expressions: the
    likeliest is decided, and nothing is said to be possible beside it.
    """

    reads = ("signal.face",)
    writes = ("emotion", "affect", "action_unit")

    def __init__(self, weights: str = "face", name: str = "face.expression") -> None:
        self.name = self.rater = name
        self._head = Face.open(weights).head if weights else plain_head()

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        signals = conversation.signals("face")
        if not conversation.read("action_unit", rater=self.rater):
            stated = {one.at: one.scores for one in conversation.read("quality", scheme="face-quality") if one.scores}
            for signal in signals:
                yield from self._seconds(stated, signal)
        for turn in conversation.pending("emotion", self.rater):
            yield from self._turn(conversation, signals, turn)

    def _seconds(self, stated: Mapping[Anchor, Mapping[str, float]], signal: Signal) -> Iterator[Annotation]:
        rows, rate = np.asarray(signal.samples), signal.sampling_rate
        end = signal.start + len(rows) / rate
        for second in range(int(signal.start + 1e-6), int(np.ceil(end - 1e-6))):
            part = _between(signal, second, second + 1)
            if np.isfinite(part[:, AT["w"]]).any():
                at = Anchor(seconds=(float(second), float(second + 1)), speaker=signal.speaker)
                yield from self._annotations(_read(part, stated.get(at, {})), at)

    def _turn(self, conversation: Conversation, signals: list[Signal], turn: Turn) -> Iterator[Annotation]:
        """A turn without a face that speaks is left alone: nobody looked."""
        said = next((one for one in reversed(conversation.read("speaker_face", turn=turn.id)) if one.scores), None)
        if said is None or turn.seconds is None or said.scores[name := said.top or ""] < SURE:
            return
        parts = [_between(one, *turn.seconds) for one in signals if one.speaker == name]
        part = np.concatenate([one for one in parts if len(one)] or [np.zeros((0, len(AT)), np.float32)])
        if len(part):
            yield from self._annotations(_read(part, {}), Anchor(turn.id), (said.id,))

    def _annotations(self, found: Found, at: Anchor, because: tuple[str, ...] = ()) -> Iterator[Annotation]:
        common: Any = {"at": at, "rater": self.rater, "because": because}
        unread = found.reason or found.unread
        if found.emotion:
            mean = np.array([found.emotion[label] for label in EXPRESSIONS], np.float32)
            yield self._head.annotation(mean, at, self.rater, because)
        else:
            yield Annotation("emotion", {}, **common, scheme="fer8", reason=unread)
        yield Annotation("affect", found.affect, **common, scheme="vad", reason="" if found.affect else unread)
        there = tuple(unit for unit, level in found.units.items() if level >= THERE)
        why = "" if found.units else found.reason or "no action units were measured"
        yield Annotation("action_unit", found.units, **common, scheme="facs", labels=there, reason=why)


def _read(rows: Array, stated: Mapping[str, float]) -> Found:
    """`stated` is the quality somebody measured of the same rows; else it is taken from them."""
    seen = rows[np.isfinite(rows[:, AT["w"]])]
    quality = {**_quality(rows, seen), **stated}
    if why := reason(quality):
        return Found({}, {}, {}, why)
    good = seen[[not reason({name: float(row[AT[name]]) for name in ("yaw", "pitch", "visible")}) for row in seen]]
    emotion, affect, units = (_means(good, names) for names in (EXPRESSIONS, AFFECT, ACTION_UNITS))
    total = sum(emotion.values())
    # a tool that knows fewer expressions has given the others nothing
    emotion = {label: emotion.get(label, 0.0) / total for label in EXPRESSIONS} if total else {}
    return Found(emotion, affect, units, "", _UNREAD)


def _quality(rows: Array, seen: Array) -> dict[str, float]:
    found = {"seen": len(seen) / max(len(rows), 1)}
    for name in (one for one in NAMES if one in AT):
        values = seen[:, AT[name]]
        if np.isfinite(values).any():
            found[name] = float(np.nanmedian(np.abs(values) if name in ("yaw", "pitch") else values))
    return found


def _means(rows: Array, names: tuple[str, ...]) -> dict[str, float]:
    """Of the columns that have numbers."""
    table = columns(rows, names)
    there = np.isfinite(table).sum(0) > 0
    return {name: float(np.nanmean(table[:, place])) for place, name in enumerate(names) if there[place]}


def _between(signal: Signal, start: float, end: float) -> Array:
    first, last = (round((second - signal.start) * signal.sampling_rate) for second in (start, end))
    return np.asarray(signal.samples)[max(first, 0) : max(last, 0)]
