"""One sentence that says what the words are, what the voice is, and which to go by.

"The words are glad (0.70), the voice sounds sad (0.62): its valence is 0.9 below the words'; going by the voice,
because its reading is surer (0.66 against 0.48)."
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insula.scheme import scheme

Array = NDArray[np.float64]
EMOTIONS = scheme("ekman7").labels
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
OTHER = {"words": "voice", "voice": "words"}
WHY_NOT = {"words": "they may have been misheard", "voice": "the recording is noisy"}


def sentence(
    tops: Mapping[str, str],
    read: Mapping[str, Array],
    places: Mapping[str, Array | None],
    sure: Mapping[str, float],
    quality: Mapping[str, float],
    by: str,
) -> str:
    """`tops` and `read` (7,) by channel, their `places` (3,), how `sure` each is, and the channel gone `by`."""
    shown = {name: f"{IS[tops[name]]} ({read[name][EMOTIONS.index(tops[name])]:.2f})" for name in tops}
    other = OTHER[by]
    why = f"its reading is surer ({sure[by]:.2f} against {sure[other]:.2f})"
    if by == "words":
        why = f"their reading is surer ({sure[by]:.2f} against {sure[other]:.2f})"
    if quality[other] < 0.5 <= quality[by]:
        why += f" and of the {other} {WHY_NOT[other]}"
    return (
        f"The words are {shown['words']}, the voice sounds {shown['voice']}{_apart(places)}; "
        f"going by the {by}, because {why}."
    )


def _apart(places: Mapping[str, Array | None]) -> str:
    """The dimensions in which the voice lies clearly above or below the words."""
    words, voice = places["words"], places["voice"]
    if words is None or voice is None:
        return ""
    far = [
        f"{name} {abs(gap):.1f} {'above' if gap > 0 else 'below'}"
        for name, gap in zip(DIMENSIONS[:2], (voice - words)[:2].tolist(), strict=True)
        if abs(gap) >= WORTH_SAYING
    ]
    return f": its {' and '.join(far)} the words'" if far else ""
