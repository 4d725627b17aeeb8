"""A reply that lets its hearer guess what the feeling is about: rational speech acts over candidate replies.

    speaker = log_probabilities(similarity, 10.0)              # (contexts, candidates) of any response model
    chosen = pragmatic(speaker, listener, alpha=1.0).argmax(1)

A literal listener hears one candidate and guesses which of several sets of cause words the speaker had in mind, the
true one or those of other conversations; the pragmatic speaker weighs what the response model would say by how well
that listener would guess: S1(reply) ~ S0(reply) L(causes | reply) ^ alpha (Frank & Goodman 2012; for empathetic replies
Kim, Kim & Kim 2021, arXiv:2109.08828, word by word, where here whole replies are weighed).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..explain.words import words
from .measure import Array


def log_probabilities(scores: Array, sharpness: float) -> Array:
    """Scores (..., choices) -> log-probabilities over the choices."""
    raised = scores * sharpness
    top = raised.max(-1, keepdims=True)
    return raised - top - np.log(np.exp(raised - top).sum(-1, keepdims=True))


def pragmatic(speaker: Array, listener: Array, alpha: float) -> Array:
    """S1: log-probabilities (contexts, candidates); `alpha` 0 leaves the response model as it is."""
    return log_probabilities(speaker + alpha * listener, 1.0)


def listener(replies: Array, causes: Array, others: Array, sharpness: float) -> Array:
    """log L(true causes | reply): (contexts, candidates).

    `replies` (contexts, candidates, width) and `causes` (contexts, width) are vectors of length one; `others`
    (contexts, distractors) are the rows of the causes the listener may mistake them for.
    """
    worlds = np.concatenate([causes[:, None], causes[others]], 1)
    return log_probabilities(np.einsum("cnw,cdw->cnd", replies, worlds), sharpness)[..., 0]


def stems(text: str) -> set[str]:
    """Words of four letters and more by their first five: "stolen", "stole" differ, "worried", "worries" do not."""
    return {word[:5] for word, _ in words(text) if len(word) > 3}


def taken_up(wanted: set[str], reply: str) -> float:
    """Share of the wanted stems that a reply has."""
    return len(wanted & stems(reply)) / len(wanted)


def bleu2(gold: str, said: str) -> float:
    """Sentence BLEU to pairs of words, one added to the counts of pairs (Lin & Och 2004), brevity penalty; 0..1.

    Words are those of `insula.explain.words.words`: lower-cased letters, no marks.
    """
    truth, own = ([word for word, _ in words(text)] for text in (gold, said))
    if not own or not truth:
        return 0.0
    hits = (Counter(own) & Counter(truth)).total()
    pairs = (_pairs(own) & _pairs(truth)).total()
    precision = hits / len(own) * (pairs + 1) / (max(len(own) - 1, 0) + 1)
    return math.sqrt(precision) * min(1.0, math.exp(1 - len(truth) / len(own)))


def _pairs(some: Sequence[str]) -> Counter[tuple[str, str]]:
    return Counter(pairwise(some))


def chosen_once(chosen: Array) -> Array:
    """1.0 for each context whose reply is chosen for no other."""
    numbers, counts = np.unique(chosen, return_counts=True)
    return counts[np.searchsorted(numbers, chosen)] == 1.0
