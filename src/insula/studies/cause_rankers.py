"""Orders of a text's words, the likeliest causes of an emotion first, that no cause label taught.

rankers(estimator, said, seed=0)["counts"]("My dog died.", "sadness") -> {(0, 2): .1, (3, 6): .3, (7, 11): 2.5}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np

from ..conversation import Span
from ..explain.words import encoder_shares, words
from ..network.text import Network
from ..train.cause_words import GROUPS, LABELS, Estimator

SHIPPED, COUNTS, PAIRS, ENCODER = "counts and encoder", "counts", "counts of pairs", "encoder"
RANDOM, RARE, LATE = "random", "rare first", "late first"
RANKERS = (SHIPPED, COUNTS, PAIRS, ENCODER, RANDOM, RARE, LATE)
Ranker = Callable[[str, str], dict[Span, float]]


def rankers(estimator: Estimator, said: Sequence[tuple[str, str]], seed: int) -> dict[str, Ranker]:
    """Name -> (text, Ekman emotion) -> a score for each word by its characters."""
    network, by_pair, memory = Network.open("text-open"), _PairCounts.of(said, estimator), dict[Any, float]()

    def lift(word: str, emotion: str) -> float:
        if (word, emotion) not in memory:
            memory[word, emotion] = estimator.lift(word, GROUPS[emotion])
        return memory[word, emotion]

    def counts(text: str, emotion: str) -> dict[Span, float]:
        return {span: lift(word, emotion) for word, span in words(text)}

    def shares(text: str, emotion: str) -> dict[Span, float]:
        return encoder_shares(text, emotion, network)

    def both(text: str, emotion: str) -> dict[Span, float]:
        own, other = counts(text, emotion), shares(text, emotion)
        return {span: own[span] + other[span] for span in own}

    def rare(text: str, _: str) -> dict[Span, float]:
        return {span: float(-np.log(estimator.texts[word] + 0.5)) for word, span in words(text)}

    def shuffled(text: str, emotion: str) -> dict[Span, float]:
        draw = np.random.default_rng(crc32(f"{seed} {emotion} {text}".encode()))
        return {span: float(draw.random()) for _, span in words(text)}

    def late(text: str, _: str) -> dict[Span, float]:
        return {span: float(span[0]) for _, span in words(text)}

    return dict(zip(RANKERS, (both, counts, by_pair.scores, shares, shuffled, rare, late), strict=True))


@dataclass(frozen=True)
class _PairCounts:
    """P(word | word before, emotion), backing off to P(word | emotion)."""

    pairs: Mapping[str, Counter[tuple[str, str]]]
    starts: Mapping[str, Counter[str]]
    estimator: Estimator
    backing: float = 30.0

    @staticmethod
    def of(said: Iterable[tuple[str, str]], estimator: Estimator) -> _PairCounts:
        pairs = {label: Counter[tuple[str, str]]() for label in LABELS}
        starts = {label: Counter[str]() for label in LABELS}
        for text, emotion in said:
            found = ["", *(word for word, _ in words(text))]
            pairs[emotion].update(pairwise(found))
            starts[emotion].update(found[:-1])
        grouped = {**GROUPS, **{f"not {name}": tuple(set(LABELS) - set(some)) for name, some in GROUPS.items()}}
        return _PairCounts(
            {name: sum((pairs[label] for label in some), Counter()) for name, some in grouped.items()},
            {name: sum((starts[label] for label in some), Counter()) for name, some in grouped.items()},
            estimator,
        )

    def scores(self, text: str, emotion: str) -> dict[Span, float]:
        found: dict[Span, float] = {}
        before = ""
        for word, span in words(text):
            alone = float(np.exp(self.estimator.lift(word, GROUPS[emotion])))
            # both sides share P(word | others) as the scale of what backs off
            scale = self.backing * max(self.estimator.total[word], 0.5) / self.estimator.total.total()
            inside = (self.pairs[emotion][before, word] + scale * alone) / (self.starts[emotion][before] + self.backing)
            other = f"not {emotion}"
            outside = (self.pairs[other][before, word] + scale) / (self.starts[other][before] + self.backing)
            found[span] = float(np.log(inside / outside))
            before = word
        return found


def ordered(scores: Mapping[Span, float], text: str, frequent: frozenset[str]) -> list[Span]:
    """The words that could be causes, likeliest first."""
    able = {span for word, span in words(text) if len(word) > 2 and word not in frequent}
    return sorted((span for span in scores if span in able), key=lambda span: -scores[span])
