"""One sentence that says what each channel expresses, and which to go by.

"The words are glad (0.70), the voice sounds sad (0.62): the voice's valence is 0.9 below that of the words; going by
the voice, because its reading is surer (0.66 against 0.48)."
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from insula.scheme import scheme

from .fusion import EMOTIONS, Joined

Array = NDArray[np.float64]
DIMENSIONS = scheme("vad").labels
IS = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "joy": "glad",
    "sadness": "sad",
    "surprise": "surprised",
    "neutral": "neutral",
}
WORTH_SAYING = 0.2  # of the way from -1 to 1
SHOWS = {"words": "the words are", "voice": "the voice sounds", "face": "the face looks", "body": "the body is"}
WHY_NOT = {
    "words": "they may have been misheard",
    "voice": "the recording is noisy",
    "face": "it may be another's",
    "body": "its signal is weak",
}


def sentence(
    joined: Joined,
    places: Mapping[str, Array | None],
    quality: Mapping[str, float],
    by: Sequence[str],
    stress: float = 0.0,
) -> str:
    """What was `joined` at one turn, the `places` (3,) of its channels, and those gone `by`, the most trusted first."""
    shown = [f"{SHOWS[name]} {_shown(name, joined.read[name], stress)}" for name in joined.trust]
    others = [name for name in joined.trust if name not in by]
    said = f"{', '.join(shown)}{_apart(by[0], others, places)}; going by the {' and the '.join(by)}, because "
    return f"{said[0].upper()}{said[1:]}{_why(joined, quality, by, others)}."


def _shown(name: str, read: Array, stress: float) -> str:
    if name == "body":
        return f"{'tense' if stress >= 0.5 else 'at rest'} ({max(stress, 1 - stress):.2f})"
    top = int(read.argmax())
    return f"{IS[EMOTIONS[top]]} ({read[top]:.2f})"


def _why(joined: Joined, quality: Mapping[str, float], by: Sequence[str], others: Sequence[str]) -> str:
    if len(by) > 1:
        return "they agree"
    other = max(others, key=lambda name: float(joined.sure[name]))
    why = f"{'their' if by[0] == 'words' else 'its'} reading is surer "
    why += f"({float(joined.sure[by[0]]):.2f} against {float(joined.sure[other]):.2f})"
    if quality[other] < 0.5 <= quality[by[0]]:
        why += f" and of the {other} {WHY_NOT[other]}"
    return why


def _apart(by: str, others: Sequence[str], places: Mapping[str, Array | None]) -> str:
    """The dimensions in which the channel gone by lies clearly above or below the one farthest from it."""
    here = places.get(by)
    there = {name: place for name in others if (place := places.get(name)) is not None}
    if here is None or not there:
        return ""
    name, place = max(there.items(), key=lambda one: float(np.abs(here - one[1])[:2].max()))
    far = [
        f"{dimension} is {abs(gap):.1f} {'above' if gap > 0 else 'below'}"
        for dimension, gap in zip(DIMENSIONS[:2], (here - place)[:2].tolist(), strict=True)
        if abs(gap) >= WORTH_SAYING
    ]
    return f": the {by}'{'' if by == 'words' else 's'} {' and its '.join(far)} that of the {name}" if far else ""
