"""Ambivalence and hesitancy: opposite feelings in one breath, and words that come slowly or are taken back.

    glad words, sad voice, in conflict .8           -> ambivalence .7
    "Um, I ... I don't know, maybe I could."        -> hesitancy .8

That people who are of two minds show it as channels that discord, within one and across them, is what annotators of
ambivalence and hesitancy name as their cues (González-González et al. 2025, BAH). Ambivalence is a probability made of
the conflict of the channels; hesitancy adds up cues with weights set by hand, and was not measured against people.
A transcriber that leaves out fillers hides some of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Annotation, Turn

from .disagreement import likelihoods
from .fusion import EMOTIONS, NEUTRAL

Array = NDArray[np.float64]
GLAD = [EMOTIONS.index("joy")]
BAD = [EMOTIONS.index(one) for one in ("anger", "disgust", "fear", "sadness")]
FILLERS = re.compile(r"\b(?:u+h+m*|u+m+|e+r+m*|h+m+|a+h+m+)\b", re.IGNORECASE)
HEDGES = re.compile(
    r"\b(?:i (?:don't|do not) know|i guess|i suppose|i'm not sure|not sure|maybe|perhaps|kind of|sort of|probably|"
    r"i think|might|could be|on the other hand|part of me|torn|then again|i want to,? but|i should,? but)\b",
    re.IGNORECASE,
)
AGAIN = re.compile(r"\b(\w+)(?:[,.…\s-]+\1\b)+", re.IGNORECASE)
PAUSE = 0.7  # seconds between two words of a turn from which a pause is long
WEIGHTS = {"fillers": 0.35, "hedges": 0.3, "said again": 0.3, "long pauses": 0.3}


def ambivalence(read: Sequence[Array], conflict: Array | float, words: Annotation | None = None) -> float:
    """Probability (0..1) that a pleasant and an unpleasant feeling are expressed, by channels or within the words.

    `read` (7,) by channel; of a `conflict` that share counts in which the two feelings are opposite.
    """
    between = 0.0
    if len(read) > 1:
        opposite = 1 - _without(read, GLAD) - _without(read, BAD) + _without(read, GLAD + BAD)
        ways = len(EMOTIONS) ** len(read) - len(EMOTIONS) - (2 ** len(read) - 2) * (len(EMOTIONS) - 1)
        several = float(likelihoods(read, NEUTRAL)[0] * ways)
        between = float(conflict) * min(max(float(opposite) / max(several, 1e-9), 0.0), 1.0)
    scores = words.scores if words else {}
    within = min(scores.get("joy", 0.0), max((scores.get(EMOTIONS[one], 0.0) for one in BAD), default=0.0))
    return 1 - (1 - between) * (1 - within)


def _without(read: Sequence[Array], labels: Sequence[int]) -> float:
    """The probability that no channel expresses any of these."""
    return math.prod(1 - float(one[list(labels)].sum()) for one in read)


def hesitancy(turn: Turn) -> tuple[float, Mapping[str, int]]:
    """How hesitant the words come, 0..1, and how often each cue was found."""
    times = [(word[0], word[1]) for word in turn.meta.get("words", ())]
    cues = {
        "fillers": len(FILLERS.findall(turn.text)),
        "hedges": len(HEDGES.findall(turn.text)),
        "said again": len(AGAIN.findall(turn.text)),
        "long pauses": sum(after[0] - before[1] >= PAUSE for before, after in pairwise(times)),
    }
    # what is said in many words has room for a cue by chance
    room = max(1.0, len(turn.text.split()) / 20)
    strength = sum(WEIGHTS[cue] * count for cue, count in cues.items()) / room
    return 1 - math.exp(-strength), {cue: count for cue, count in cues.items() if count}
