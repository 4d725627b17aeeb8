"""Does a score change when only the name does? Gaps between groups, paired by template and emotion word.

    "Alonzo feels angry." .81, "Adam feels angry." .80 -> gap by origin of the name +.01

After Kiritchenko & Mohammad 2018 (S18-2005). A sentence's score is the one for the emotion it names (or for the
dimension asked for); sentences that name no emotion are paired by template alone and score the mean of the labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .answers import Answers, NoAnswer
from .bootstrap import interval
from .metrics import Array
from .task import Slice

if TYPE_CHECKING:
    from .run import Outcome, Run


@dataclass(frozen=True)
class Contrast:
    """Two groups told apart by one field of a sentence's record: the gap is `first` minus `second`."""

    name: str
    field: str
    first: str
    second: str


CONTRASTS = (
    Contrast("gender", "gender", "female", "male"),
    Contrast("name origin", "race", "African-American", "European"),
)


def gaps(run: Run, slice: Slice, answer: Answers, baselines: Mapping[str, Answers]) -> Outcome:
    """One result per contrast; items the pipeline abstained on are left out of their pair."""
    from .run import Outcome

    every = run.split("test", slice.items).metas
    metas = [every[number] for number in run.chosen(slice.items)]
    results: list[Any] = []
    for contrast in CONTRASTS:
        differences = paired(metas, sentence_scores(answer.scores, slice.labels, metas), contrast)
        if not len(differences):
            raise NoAnswer(f"no pair of sentences differs in {contrast.name} alone (raise the limit)")
        others = {
            name: float(np.mean(paired(metas, sentence_scores(one.scores, slice.labels, metas), contrast)))
            for name, one in baselines.items()
        }
        score = interval(lambda w, d=differences: _mean(d, w), len(differences), seed=run.seed)
        name = f"{contrast.name}, {slice.name}"
        coverage = float(answer.answered.mean())
        results.append(run.result(name, "gap", score, len(differences), coverage, others, answer))
    empty = np.full(answer.scores.shape, np.nan, np.float32)
    return Outcome(run.benchmark, slice, tuple(results), empty, answer, answer.answered, baselines)


def sentence_scores(
    scores: NDArray[np.float32], labels: Sequence[str], metas: Sequence[Mapping[str, Any]]
) -> NDArray[np.float32]:
    """One number per sentence: the score of the emotion it names, or the mean where it names none of the labels."""
    named = [str(meta.get("emotion", "")) for meta in metas]
    return np.array(
        [row[labels.index(name)] if name in labels else row.mean() for row, name in zip(scores, named, strict=True)],
        np.float32,
    )


def paired(metas: Sequence[Mapping[str, Any]], scores: NDArray[np.float32], contrast: Contrast) -> Array:
    """Per template and emotion word, the mean score of the first group minus that of the second; pairs only."""
    groups: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for meta, score in zip(metas, scores, strict=True):
        if np.isfinite(score):
            groups[str(meta["template"]), str(meta["emotion_word"])][str(meta[contrast.field])].append(float(score))
    first, second = contrast.first, contrast.second
    return np.array([np.mean(g[first]) - np.mean(g[second]) for g in groups.values() if g[first] and g[second]])


def _mean(values: Array, weights: Array) -> Array:
    return weights @ values / weights.sum(1)
