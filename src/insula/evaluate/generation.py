"""How near a reply is to a person's, how varied replies are, and how much a model expected the person's own words.

    bleu2("I am so sorry.", "I am sorry for you.") -> .46

Scorers differ by tokens and smoothing more than systems do, so both are pinned here: tokens are lower-cased words and
single punctuation marks; nothing is stemmed; BLEU-2 is of one reply, smoothed by one; ROUGE-L weighs recall and
precision alike. Sources: Papineni et al. 2002 (BLEU); Lin & Och 2004 (smoothing by one; ROUGE-L); Li et al. 2016
(Distinct).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

_TOKENS = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def tokens(text: str) -> list[str]:
    """ "Don't go!" -> ["don't", "go", "!"]."""
    return _TOKENS.findall(text.lower().replace("’", "'"))


def bleu2(reply: str, gold: str) -> float:
    """Geometric mean of the precision of single tokens and of pairs, times the brevity penalty; 0..1.

    Pairs are smoothed by one: (hits + 1) / (pairs + 1). A reply without a hit gets 0.
    """
    said, wanted = tokens(reply), tokens(gold)
    hits = _shared(said, wanted)
    if not hits:
        return 0.0
    one, two = hits / len(said), (_shared(_pairs(said), _pairs(wanted)) + 1) / len(said)  # pairs + 1 = tokens
    return math.sqrt(one * two) * min(1.0, math.exp(1 - len(wanted) / len(said)))


def rouge_l(reply: str, gold: str) -> float:
    """F1 of the longest common subsequence of tokens; 0..1."""
    said, wanted = tokens(reply), tokens(gold)
    longest = _common(said, wanted)
    return 2 * longest / (len(said) + len(wanted)) if longest else 0.0


def distinct2(replies: Iterable[str]) -> float:
    """Different pairs of tokens over all pairs, over all replies together; 0..1. More replies give a lower number."""
    pairs = [pair for reply in replies for pair in _pairs(tokens(reply))]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def perplexity(losses: Sequence[float], counts: Sequence[int]) -> float:
    """From each reply's summed negative log-likelihood in nats and its tokens: e to the mean over all tokens.

    Numbers are comparable only where the tokens are those of the same model.
    """
    return math.exp(sum(losses) / sum(counts))


def _pairs(said: Sequence[str]) -> list[tuple[str, str]]:
    return list(pairwise(said))


def _shared(said: Sequence[object], wanted: Sequence[object]) -> int:
    """How many of `said` are in `wanted`, each as often as there at most."""
    return (Counter(said) & Counter(wanted)).total()


def _common(said: Sequence[str], wanted: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(wanted) + 1)
    for one in said:
        diagonal = 0
        for place, other in enumerate(wanted, 1):
            diagonal, row[place] = row[place], diagonal + 1 if one == other else max(row[place], row[place - 1])
    return row[-1]
