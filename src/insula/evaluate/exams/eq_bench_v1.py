"""EQ-Bench, first version: the same question on 60 dialogues, and only the proportions of the four intensities count.

exam("eq-bench-v1").questions()[0].gold -> {"Remorseful": 0.0, "Indifferent": 6.0, "Affectionate": 0.0, "Annoyed": 4.0}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from ..asking.exam import Exam, mean
from .eq_bench_v2 import DIFFERS, PAPER, alike, ask, better_pass, foremost, load, marker, usual


def normalised(reference: Mapping[str, float], said: Mapping[str, float]) -> float:
    """The distance of the intensities once they sum to 10, as 100 for none; not a number where all are 0."""
    total = sum(said.values())
    if not total:
        return math.nan
    return 100 - 10 * sum(abs(said[word] * 10 / total - intensity) for word, intensity in reference.items())


EXAM = Exam(
    name="eq-bench-v1",
    title="EQ-Bench 1: proportions of four feelings at the end of a dialogue",
    paper=PAPER,
    licence="MIT",
    differs=f"{DIFFERS} The mode as published is revise; base asks for one answer.",
    folder="eqbench",
    url="https://github.com/EQ-bench/EQ-Bench",
    files={"eq_bench_v1_questions_60.json": "9c52ae21deab827bfc77ac7dacb3b1b7e506b83752441c85aec9903671eac9de"},
    size=60,
    modes=("base", "revise"),
    load=partial(load, reference="reference_answer"),
    ask=ask,
    mark=marker(normalised),
    metrics={"score": better_pass, "first": mean("first"), "revised": mean("revised")},
    blind={"all 5": alike(5), "the first is strong": foremost, "each word as elsewhere": usual},
)
