"""How each turn was said: pitch, voice quality, loudness and tilt every 10 ms, and one number for each of them.

    Turn(seconds=(1.0, 3.2)) -> Signal "prosody" [219, 27] at 100 Hz and prosody: {"loudness_sma3_amean": .62, ...}

The signal's columns are `insula.audio.contours.CONTOURS`, and its first row stands at the turn's start. A turn that is
too short, has no voice in it or cannot be heard well enough is an abstention that says so, and has no signal.
"""

from __future__ import annotations

from collections.abc import Iterator

from insula.audio.contours import HERTZ, Contours, contours
from insula.audio.decode import Inaudible
from insula.audio.functionals import SILENT, functionals
from insula.audio.quality import reason
from insula.audio.span import samples
from insula.conversation import Addition, Anchor, Annotation, Conversation, Signal, Turn

VOICE = 0.1
"""Seconds of voice that pitch and what rests on it need."""


class Prosody:
    """Measures every pending turn by itself, so that what comes later changes nothing.

    Where the turn has an `audio-quality` that is below the floor, the answer is an abstention with its reason. `silent`
    is the share of the median amplitude of a turn below which a frame of it is silent.
    """

    reads = ("turn", "signal.audio")
    writes = ("prosody", "signal.prosody")

    def __init__(self, silent: float = SILENT, name: str = "speech.prosody") -> None:
        self.name = self.rater = name
        self.silent = silent

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("prosody", self.rater):
            try:
                found = contours(samples(conversation, turn))
                why = _unheard(conversation, turn) or _unvoiced(found)
            except (LookupError, Inaudible, ValueError) as error:
                yield self._annotation(turn, {}, str(error.args[0]))
                continue
            if not why:
                start = turn.seconds[0] if turn.seconds else 0.0
                yield Signal("prosody", found.values, HERTZ, turn.speaker, start, f"prosody.{turn.id}")
            yield self._annotation(turn, {} if why else functionals(found, self.silent), why)

    def _annotation(self, turn: Turn, scores: dict[str, float], why: str) -> Annotation:
        return Annotation("prosody", scores, Anchor(turn.id), "prosody", self.rater, reason=why)


def _unheard(conversation: Conversation, turn: Turn) -> str:
    """Why this turn's quality does not let it be read, where somebody has measured it."""
    start, end = turn.seconds or (0.0, 0.0)
    judged = (one for one in conversation.read("quality", turn=turn.id) if one.scores)
    return next((why for one in judged if (why := reason(one.scores, end - start))), "")


def _unvoiced(found: Contours) -> str:
    if (seconds := float(found.voiced.sum()) / HERTZ) >= VOICE:
        return ""
    return f"too little voice: {seconds:.2f} s of {len(found) / HERTZ:.2f} s, {VOICE:g} are needed for a pitch"
