"""Do channels express the same feeling, do some say nothing of feelings, or do they express several?

    disagreement.probability([words, voice], neutral) -> .81         # glad words, sad voice
    trust([words, voice], sure=[.44, .71])            -> [.24, .76]

Three readings of the opinions are compared, each with every way it could be as likely as another: the same label lies
behind all; some channels are neutral and the others express one feeling; there are two different feelings or more.
Plain words in a moved voice are no contradiction; glad words in a sad voice are. How much the comparison counts is
learnt where the answers are known, for each set of channels apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .pool import LEAST

Array = NDArray[np.float64]
SUREST = 0.95  # no reading of a channel is surer of what was meant


@dataclass(frozen=True)
class Disagreement:
    """Log-odds of a conflict = intercept + slope * log(two / (`same` * same + (1 - `same`) * plain))."""

    intercept: float
    slope: float
    same: float
    threshold: float

    def probability(self, read: Sequence[Array], neutral: int) -> Array:
        """Calibrated opinions (..., labels) of the channels -> the probability (...) of two feelings among them."""
        two, same, plain = likelihoods(read, neutral)
        ratio = np.log(two / (self.same * same + (1 - self.same) * plain))
        return 1 / (1 + np.exp(-(self.intercept + self.slope * ratio)))


def likelihoods(read: Sequence[Array], neutral: int) -> tuple[Array, Array, Array]:
    """How well several feelings, one and the same, or one beside neutral explain what was read: (...) each."""
    stack = np.stack(read)
    count, labels = len(read), stack.shape[-1]
    plain_ways = (2**count - 2) * (labels - 1)
    moved = np.delete(stack, neutral, -1)
    all_one = stack.prod(0).sum(-1)
    # each channel says the feeling or nothing; the ways in which all say it, or none does, are no plain ones
    beside = (moved + stack[..., neutral, None]).prod(0).sum(-1) - moved.prod(0).sum(-1)
    beside = beside - (labels - 1) * stack[..., neutral].prod(0)
    several = stack.sum(-1).prod(0) - all_one - beside
    floor = LEAST**count
    return (
        np.maximum(several / (labels**count - labels - plain_ways), floor),
        np.maximum(all_one / labels, floor),
        np.maximum(beside / plain_ways, floor),
    )


def trust(read: Sequence[Array], sure: Sequence[Array]) -> list[Array]:
    """How likely each channel is right (...), given that some are and some are not.

    `sure` (...) is how likely each would be right by itself. Channels that are right together must say the same: what
    two of three agree on is trusted before what the third is somewhat surer of.
    """
    capped = np.minimum(np.stack(sure), SUREST)
    labels, count = read[0].shape[-1], len(read)
    weights: dict[tuple[int, ...], Array] = {}
    for size in range(1, count):
        for right in combinations(range(count), size):
            inside = np.isin(np.arange(count), right)
            alike = np.prod([read[one] for one in right], axis=0).sum(-1) * labels ** (size - 1)
            weights[right] = alike * capped[inside].prod(0) * (1 - capped[~inside]).prod(0)
    total = np.sum(list(weights.values()), axis=0)
    even = np.full_like(total, 1 / count)
    return [
        np.divide(sum(some for right, some in weights.items() if one in right), total, out=even.copy(), where=total > 0)
        for one in range(count)
    ]
