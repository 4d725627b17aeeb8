"""How one turn was heard and seen: by its words, its voice, its face, by all, and window by window.

heard(turn, annotations) -> Heard(words=joy .71, voice=sadness .55, conflict=.86, windows=(Window(7.4, 9.4, ...), ...))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from insula.conversation import Annotation, Turn
from insula.exchange.report.channels import ALONE, BODY, FACE, TOGETHER, VOICE, WHOLE

_WORDS = ("dialogue.", "text.")
_TRUST = {f"trust-{name}": f"going by the {name}" for name in ("words", "voice", "face", "body")}


@dataclass(frozen=True)
class Window:
    """A stretch of a turn from `start` to `end` seconds, as its voice was heard by itself."""

    start: float
    end: float
    emotion: Annotation | None
    affect: Annotation | None


@dataclass(frozen=True)
class Heard:
    """The readings of one turn by channel; None where nobody looked. `why` says in words how channels differ."""

    words: Annotation | None
    voice: Annotation | None
    face: Annotation | None
    body: Annotation | None
    affect: Annotation | None
    together: Annotation | None
    conflict: Annotation | None
    why: str
    windows: tuple[Window, ...]

    @property
    def at_odds(self) -> bool:
        """Whether a rater decided that channels contradict each other."""
        return bool(self.conflict and "conflict" in self.conflict.labels)

    @property
    def channels(self) -> dict[str, Annotation]:
        """What was read through each channel where somebody looked."""
        found = {"words": self.words, "voice": self.voice, "face": self.face, "body": self.body}
        return {name: read for name, read in found.items() if read}

    def cells(self, turn: Turn) -> Iterator[Window]:
        """The turn in stretches that follow each other; of windows that overlap each has the time about its middle.

        Without windows it is one stretch, read as a whole.
        """
        if not turn.seconds:
            return
        start, end = turn.seconds
        if not self.windows:
            yield Window(start, end, self.voice, self.affect)
            return
        middles = [(one.start + one.end) / 2 for one in self.windows]
        edges = [start, *((a + b) / 2 for a, b in pairwise(middles)), end]
        for one, (first, last) in zip(self.windows, pairwise(edges), strict=True):
            yield Window(first, last, one.emotion, one.affect)


def heard(turn: Turn, found: Sequence[Annotation]) -> Heard | None:
    """How a turn was heard and seen; None where nobody heard its sound or saw its speaker."""
    if not turn.seconds or not any(x.rater.startswith((*ALONE, TOGETHER)) for x in found):
        return None
    whole = [x for x in found if not x.at.chars and not x.at.seconds]
    emotions = [x for x in whole if x.layer == "emotion"]
    together = _by(WHOLE, emotions) or _by(TOGETHER, emotions)
    rests = together.because if together else ()
    # the reading of the words that was put together with the voice, else the one that leads
    words = sorted((x for x in emotions if x.rater.startswith(_WORDS)), key=lambda x: (x.id not in rests, *_rank(x)))
    conflicts = [x for x in whole if x.layer == "conflict"]
    conflict = _by(WHOLE, conflicts) or next(iter(conflicts), None)
    return Heard(
        next(iter(words), None),
        _by(VOICE, emotions),
        _by(FACE, emotions),
        _by(BODY, emotions),
        _by(VOICE, [x for x in whole if x.layer == "affect"]),
        together,
        conflict,
        _why(conflict, whole),
        tuple(_windows(found)),
    )


def _why(conflict: Annotation | None, whole: Sequence[Annotation]) -> str:
    """The sentence that explains a conflict, else its reason, else which channel to go by."""
    if conflict is None:
        return ""
    told = (label for x in whole if x.layer == "explanation" and conflict.id in x.because for label in x.scores)
    chosen = (words for label, words in _TRUST.items() if label in conflict.labels)
    return next(told, conflict.reason or next(chosen, "they say different things"))


def _windows(found: Sequence[Annotation]) -> Iterator[Window]:
    by_seconds: dict[tuple[float, float], dict[str, Annotation]] = {}
    for x in found:
        if x.at.seconds and x.layer in ("emotion", "affect") and x.rater.startswith(VOICE):
            by_seconds.setdefault(x.at.seconds, {}).setdefault(x.layer, x)
    for (start, end), layers in sorted(by_seconds.items()):
        yield Window(start, end, layers.get("emotion"), layers.get("affect"))


def _by(rater: str, found: Sequence[Annotation]) -> Annotation | None:
    return next((x for x in found if x.rater.startswith(rater)), None)


def _rank(x: Annotation) -> tuple[bool, bool, bool]:
    """What read the context first, then the broadest scheme; what could not tell last."""
    return x.abstained, not x.rater.startswith(_WORDS[0]), x.scheme != "ekman7"
