"""A log-linear pool: several calibrated opinions on the same labels become one, each weighed by how sure it is.

    pool.fuse({"words": [.1, .8, .1], "voice": [.2, .5, .3]}) -> [.04, .9, .06]

log p(label) = sum over channels of weight * log q(label) + constant (Genest & Zidek 1986, Combining probability
distributions). q is the channel's opinion calibrated against even odds (vector scaling, Guo et al. 2017), and its
weight falls with its doubt, the entropy of q. A channel that is absent weighs nothing: what stays is the other's
calibrated opinion. Weights are learnt on development data (`insula.train.speech.fuse_pool`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
LEAST = 1e-4  # the least probability that is taken at its word


@dataclass(frozen=True)
class Channel:
    """How one channel's probabilities are read: `slope` and `intercept` (labels,) calibrate their logarithms.

    Its weight is `weight` - `doubt` * entropy (0..1), never below 0. `sure` = (intercept, slope) gives the probability
    that its leading label is right, from the log-odds of that label.
    """

    slope: float
    intercept: tuple[float, ...]
    weight: float = 1.0
    doubt: float = 0.0
    sure: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Channel:
        """From its JSON."""
        fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in record.items()}
        return cls(**fields)

    def read(self, scores: ArrayLike) -> Array:
        """Scores (..., labels), in any scale -> calibrated probabilities against even odds."""
        return softmax(self.slope * logs(scores) + np.array(self.intercept))

    def weigh(self, read: Array) -> Array:
        """Calibrated probabilities (..., labels) -> the weight of each opinion (...)."""
        return np.maximum(self.weight - self.doubt * entropy(read), 0.0)

    def reliability(self, read: Array) -> Array:
        """Calibrated probabilities (..., labels) -> the probability (...) that the leading label is right."""
        top = read.max(-1).clip(LEAST, 1 - LEAST)
        return 1 / (1 + np.exp(-(self.sure[0] + self.sure[1] * np.log(top / (1 - top)))))


@dataclass(frozen=True)
class Pool:
    """Channels by name, all of the same labels."""

    channels: Mapping[str, Channel]

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Pool:
        """From its JSON."""
        return cls({name: Channel.from_record(one) for name, one in record.items()})

    def fuse(self, scores: Mapping[str, ArrayLike], quality: Mapping[str, float] | None = None) -> Array:
        """Scores (..., labels) of one or more channels -> one opinion (..., labels).

        `quality` (0..1, 1 where not given) is how well a channel could be received; it scales the weight. A channel
        alone, and every channel where none weighs anything, is taken as it is calibrated. Raises ValueError for none.
        """
        if not scores:
            raise ValueError("nothing to fuse: at least one channel is needed")
        read = {name: self.channels[name].read(some) for name, some in scores.items()}
        if len(read) == 1:
            return next(iter(read.values()))
        weights = {name: self.channels[name].weigh(q) * (quality or {}).get(name, 1.0) for name, q in read.items()}
        total = np.sum([weights[name][..., None] * logs(q) for name, q in read.items()], axis=0)
        unheard = np.sum(list(weights.values()), axis=0) <= 0
        return np.where(unheard[..., None], np.mean(list(read.values()), axis=0), softmax(total))


def logs(probabilities: ArrayLike) -> Array:
    """Logarithms of scores made to sum to 1, none below `LEAST`."""
    given = np.asarray(probabilities, np.float64)
    total = given.sum(-1, keepdims=True)
    even = np.full_like(given, 1 / given.shape[-1])
    return np.log(np.divide(given, total, out=even, where=total > 0).clip(LEAST))


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def entropy(probabilities: Array) -> Array:
    """Entropy along the last axis over its largest value: 0 where one label has it all, 1 where all have the same."""
    some = probabilities.clip(LEAST, 1)
    return -(some * np.log(some)).sum(-1) / np.log(some.shape[-1])
