"""The channels of a person at a turn: who read them, how well each could be received, and why one is missing.

heard(conversation, turn) -> [Heard("words", emotion, affect, quality=.9), Heard("voice", reason="the voice: ...")]
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Annotation, Conversation, Turn
from insula.scheme import mapping

from .fusion import CHANNELS, EMOTIONS, READERS

Array = NDArray[np.float64]
CLEAR = 20.0  # dB of signal over noise from which a voice counts in full
_BODY = "body.stress"
RECENT = 60.0  # seconds a window of the body may have ended before the turn does
NOBODY = {
    "words": "nobody read the words",
    "voice": "nobody listened to the voice",
    "face": "nobody saw the face",
    "body": "nobody measured the body",
}
# how likely a body is under stress in each feeling: what autonomic measures show of it (Kreibig 2010, tables 1 to 4)
AROUSED = {"anger": 0.75, "disgust": 0.5, "fear": 0.8, "joy": 0.35, "sadness": 0.5, "surprise": 0.5, "neutral": 0.15}


@dataclass(frozen=True)
class Heard:
    """One channel at one turn: the annotations it rests on, and how well it could be received, 0..1."""

    channel: str
    emotion: Annotation | None = None
    affect: Annotation | None = None
    quality: float = 1.0
    because: tuple[str, ...] = ()
    reason: str = ""

    @property
    def reader(self) -> str:
        """The catalogue row that read it; of a body, however it was read, the one that stands for all."""
        return _BODY if self.channel == "body" else _row(self.emotion) if self.emotion else ""

    @property
    def seven(self) -> Array:
        """(7,) what was read, under `ekman7`."""
        scores = self.emotion.scores if self.emotion else {}
        name = self.emotion.scheme if self.emotion else "ekman7"
        if self.channel == "body":
            stress = scores["stress"]
            scores = {label: stress * share + (1 - stress) * (1 - share) for label, share in AROUSED.items()}
        elif name != "ekman7":
            scores = mapping(name, "ekman7").scores(scores)
        return np.array([scores.get(label, 0.0) for label in EMOTIONS])

    @property
    def tells(self) -> bool:
        """Whether its reader decided for anything; a body is always one of two."""
        return bool(self.emotion and (self.emotion.labels or self.channel == "body"))


def heard(conversation: Conversation, turn: Turn, channels: Collection[str] = CHANNELS) -> list[Heard]:
    """Each of these channels at a turn; one that is missing or abstained carries the reason."""
    return [_CHANNELS[name](conversation, turn) for name in CHANNELS if name in channels]


def _words(conversation: Conversation, turn: Turn) -> Heard:
    """The first reader of words that has something to say; how sure the transcriber was is the channel's quality."""
    reason, readers = NOBODY["words"], _readers("words")
    affect = _latest(conversation.read("affect", turn=turn.id, scheme="vad"), readers)
    for reader in readers:
        if found := _latest(conversation.read("emotion", turn=turn.id, scheme="ekman7"), (reader,)):
            if found.scores:
                quality = float(np.clip(turn.meta.get("confidence", 1.0), 0.0, 1.0))
                return Heard("words", found, _placed(affect), quality, (found.id,))
            reason = f"the words: {found.reason}"
    return Heard("words", reason=reason)


def _voice(conversation: Conversation, turn: Turn) -> Heard:
    """The voice at the whole turn; noise takes weight from it until it counts in full from 20 dB."""
    found = _latest(conversation.read("emotion", turn=turn.id, scheme="voice9"), _readers("voice"))
    if not found or not found.scores:
        return Heard("voice", reason=f"the voice: {found.reason}" if found else NOBODY["voice"])
    affect = _latest(conversation.read("affect", turn=turn.id, scheme="vad"), _readers("voice"))
    marks = [one for one in conversation.read("quality", turn=turn.id, scheme="audio-quality") if "snr" in one.scores]
    clear = min(max(marks[-1].scores["snr"] / CLEAR, 0.0), 1.0) if marks else 1.0
    return Heard("voice", found, _placed(affect), clear, (found.id, *(one.id for one in marks[-1:])))


def _face(conversation: Conversation, turn: Turn) -> Heard:
    """The face of whoever speaks; how likely it is theirs takes weight from it."""
    found = _latest(conversation.read("emotion", turn=turn.id), _readers("face"))
    if not found or not found.scores:
        return Heard("face", reason=f"the face: {found.reason}" if found else NOBODY["face"])
    affect = _latest(conversation.read("affect", turn=turn.id, scheme="vad"), _readers("face"))
    whose = [one for one in conversation.read("speaker_face", turn=turn.id) if one.scores]
    theirs = max(whose[-1].scores.values()) if whose else 1.0
    return Heard("face", found, _placed(affect), theirs, (found.id, *(one.id for one in whose[-1:])))


def _body(conversation: Conversation, turn: Turn) -> Heard:
    """The last window of the speaker's body that ended by the end of the turn and not long before it."""
    stress, affect = (_lately(conversation.read(layer), turn) for layer in ("stress", "affect"))
    if not stress or not stress[-1].scores:
        return Heard("body", reason=f"the body: {stress[-1].reason}" if stress else NOBODY["body"])
    return Heard("body", stress[-1], _placed(affect[-1] if affect else None), 1.0, (stress[-1].id,))


_CHANNELS = {"words": _words, "voice": _voice, "face": _face, "body": _body}


def _readers(channel: str) -> tuple[str, ...]:
    return tuple(reader for reader, of in READERS.items() if of == channel)


def _lately(marks: Iterable[Annotation], turn: Turn) -> list[Annotation]:
    """The windows of this speaker's body, or of nobody's named, that are known and not old when the turn ends."""
    end = turn.seconds[1] if turn.seconds else None
    return [
        one
        for one in marks
        if end is not None
        and one.at.seconds
        and end - RECENT <= one.at.seconds[1] <= end
        and one.at.speaker in (None, turn.speaker)
        and one.rater.startswith("body.")
    ]


def _latest(marks: Iterable[Annotation], raters: Collection[str]) -> Annotation | None:
    """The last annotation of the whole turn by one of these raters, whatever their revision."""
    found = [one for one in marks if _row(one) in raters and not one.at.chars and not one.at.seconds]
    return found[-1] if found else None


def _row(mark: Annotation) -> str:
    return mark.rater.partition("@")[0]


def _placed(mark: Annotation | None) -> Annotation | None:
    return mark if mark and mark.scores else None
