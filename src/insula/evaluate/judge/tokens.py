"""A judge's answer as probabilities over the scores it could have given, and the score to expect of it.

read(reply, {"0": 0, "1": 1, "2": 2}) -> Reading(expected=1.3, likeliest=1.0, share=.94)

Source: FEEL (Zhang et al. 2024, arXiv:2403.15699) asks a judge for the probability of each score in words; here it is
that of the score's token, as in G-Eval (Liu et al. 2023, arXiv:2303.16634), at the first place of the answer where a
score is likely.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...llm import Reply

PLACES = 6  # tokens of an answer among which a score is looked for
LEAST = 0.05  # probability that all scores must have together: with less the model was not about to give one


@dataclass(frozen=True)
class Reading:
    """`expected` is the mean score by its probabilities, `likeliest` the score with the highest of them.

    `share` is the probability all scores had together; where the model tells none, the score written stands for both,
    and `share` is None. All None, and `why`, where there is no score in the answer.
    """

    expected: float | None = None
    likeliest: float | None = None
    share: float | None = None
    why: str = ""
    chances: Mapping[str, float] = field(default_factory=dict[str, float], hash=False)


def read(reply: Reply, scores: Mapping[str, float]) -> Reading:
    """The score in a reply; `scores` are the possible answers, one token each, and what they are worth."""
    if reply.finish == "refusal":
        return Reading(why="it refuses")
    places = [_chances(one, scores) for one in (reply.alternatives or ())[:PLACES]]
    if places:
        best = next((one for one in places if sum(one.values()) > 0.5), max(places, key=lambda one: sum(one.values())))
        total = sum(best.values())
        if total >= LEAST:
            expected = sum(scores[name] * chance for name, chance in best.items()) / total
            even = {name: chance / total for name, chance in best.items()}
            return Reading(expected, scores[max(best, key=best.__getitem__)], total, chances=even)
        return Reading(why="no score was likely")
    named = [one for one in re.findall(r"\w+(?:\.\d+)?", reply.text) if one in scores]
    if not named:
        return Reading(why="it names no score" if reply.text.strip() else "the answer is empty")
    return Reading(scores[named[0]], scores[named[0]], chances={named[0]: 1.0})


def _chances(alternatives: Mapping[str, float], scores: Mapping[str, float]) -> dict[str, float]:
    """Probability of each score at one place; tokens that differ by blanks are the same score."""
    found: dict[str, float] = {}
    for token, likely in alternatives.items():
        if (name := token.strip()) in scores:
            found[name] = found.get(name, 0.0) + math.exp(likely)
    return found
