"""Do two channels express the same feeling, does one say nothing of feelings, or do they express two?

    disagreement.probability(words, voice) -> .81        # glad words, sad voice
    trust(words sure .44, voice sure .71)  -> (.24, .76)

Three readings of two opinions are compared, each with every feeling as likely as another: the same label lies behind
both; one channel is neutral and the other is not; two different feelings. Plain words in a moved voice are no
contradiction; glad words in a sad voice are. How much the comparison counts is learnt on pairs with known answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pool import LEAST

Array = NDArray[np.float64]
SUREST = 0.95  # no reading of words or of a voice is surer of what was meant


@dataclass(frozen=True)
class Disagreement:
    """Log-odds of a conflict = intercept + slope * log(two / (`same` * same + (1 - `same`) * plain))."""

    intercept: float
    slope: float
    same: float
    threshold: float

    def probability(self, words: Array, voice: Array, neutral: int) -> Array:
        """Calibrated opinions (..., labels) -> the probability (...) that they are two different feelings."""
        two, same, plain = likelihoods(words, voice, neutral)
        ratio = np.log(two / (self.same * same + (1 - self.same) * plain))
        return 1 / (1 + np.exp(-(self.intercept + self.slope * ratio)))


def likelihoods(words: Array, voice: Array, neutral: int) -> tuple[Array, Array, Array]:
    """How well two feelings, one and the same, or one beside neutral explain what was read: (...) each."""
    labels = words.shape[-1]
    said, heard = np.delete(words, neutral, -1), np.delete(voice, neutral, -1)
    same = (words * voice).sum(-1) / labels
    two = (said.sum(-1) * heard.sum(-1) - (said * heard).sum(-1)) / ((labels - 1) * (labels - 2))
    plain = (words[..., neutral] * heard.sum(-1) + voice[..., neutral] * said.sum(-1)) / (2 * (labels - 1))
    return np.maximum(two, LEAST**2), np.maximum(same, LEAST**2), np.maximum(plain, LEAST**2)


def trust(reliability: Mapping[str, float]) -> dict[str, float]:
    """How likely each of two channels is the right one, given that just one of them is."""
    (one, first), (other, second) = ((name, min(sure, SUREST)) for name, sure in reliability.items())
    alone = {one: first * (1 - second), other: second * (1 - first)}
    total = sum(alone.values())
    return {name: share / total if total else 0.5 for name, share in alone.items()}
