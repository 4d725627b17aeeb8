"""Emotional stimuli: short tasks with a published emotional sentence at the end, and with its control.

    exam("stimuli").questions()[1].slices -> {"suite": "instruction induction", "task": ..., "condition": "positive"}

Every item is asked plain, under each of 21 published stimuli, and under the control of each, which is as long and asks
for the same without a feeling. The scores are differences on the same items: what a stimulus adds to its control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..asking.choices import at
from ..asking.exam import Array, Columns, Exam, Metric, mean
from ..asking.question import Asked, Mark, Question
from ..stimuli import asked, marked, stimuli, tasks
from ..stimuli.tasks import Task, drawn

STIMULI = "stimuli.tsv"
EACH = 3
"""Items of a task: 43 tasks, 43 ways of asking."""


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Items drawn from every task, each with all its conditions one after another."""
    sentences = list(conditions(paths[STIMULI]))
    return [under(one, *sentence) for one in drawn(tasks(paths), EACH) for sentence in sentences]


def conditions(path: Path) -> Iterator[tuple[str, str, str]]:
    """Condition, stimulus and sentence: none, and each stimulus beside its control."""
    yield "none", "none", ""
    for one in stimuli(path):
        yield one.family, one.id, one.text
        yield f"{one.family} control", one.id, one.control


def under(question: Question, condition: str, stimulus: str, sentence: str) -> Question:
    """The question with a sentence to be put at its end."""
    return replace(
        question,
        id=f"{question.id}/{stimulus}{' control' if condition.endswith('control') else ''}",
        slices={**question.slices, "condition": condition, "stimulus": stimulus},
        about={**question.about, "sentence": sentence},
    )


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The task plain or, in the mode "examples", after three examples with their answers."""
    return asked(question, question.about["sentence"], seed=seed, examples=3 if mode == "examples" else 0)


def mark(asked: Asked, reply: str) -> Mark:
    """The mark with its value told apart by condition."""
    found = marked(asked, reply)
    if found.values is None:
        return found
    value = found.values["accuracy"]
    return replace(found, values={"accuracy": value, asked.question.slices["condition"]: value})


def minus(one: str, other: str) -> Metric:
    """The mean of one condition less that of another; NaN where one was not asked."""

    def metric(columns: Columns, weights: Array) -> Array:
        if any(name not in columns or not np.isfinite(columns[name]).any() for name in (one, other)):
            return np.full(len(weights), np.nan)
        return mean(one)(columns, weights) - mean(other)(columns, weights)

    return metric


def _first_label(asked: Asked) -> str:
    task: Task = asked.question.about["task"]
    return at(0)(asked) if asked.question.choices else (task.labels or ("",))[0]


def _repeat(asked: Asked) -> str:
    return asked.question.text


FILES: Mapping[str, str] = {
    "stimuli.tsv": "0ed78f11717e86c2e49bb2608046b2ed8ae95f40e0797aab18e657aab5bb6f21",
    "instruction_induction_prompts.tsv": "7c4a929486774081c3d544b3dc71a0ca8b77ba8c86d479397f2717d9d3939ee6",
    "instruction_induction_execute.jsonl.gz": "d10e3d98219a60fb79486f49781a47c20262647bc3230e6cdd3ff11948e5dd7e",
    "instruction_induction_induce_first200.jsonl.gz": "074088cf9ef8810257fd46c3c527521f6618c692e2bbc514e0590cbe3e850675",  # noqa: E501
    "bigbench/causal_judgment.json.gz": "12170f4f5f097f5ea6a89ce02ac343fdb5356deaaea5e16b0d0e3e10debb9f0e",
    "bigbench/disambiguation_qa.json.gz": "1c40001dad2ce4495a0248d197986023ba5681317f07f561b3fb4fe397507f1d",
    "bigbench/epistemic_reasoning.json.gz": "0e5033d05455d77196e69a39e372fc6ac3ddceae42f9a1d096e40fef06849ae5",
    "bigbench/gender_inclusive_sentences_german.json.gz": "54ee01492fb141e831f985869005bfd7e33ffdaa9ec0cea834c9397e0fd00120",  # noqa: E501
    "bigbench/implicatures.json.gz": "d2846fc7d55ec6e4d34e4ed3c155bb77ae2630541a88fff8d2a91b3e6a0e7284",
    "bigbench/linguistics_puzzles.json.gz": "fae1c1c36089e0413d9c1b6a0429c646c6fad04adefcfe46d22621769a524755",
    "bigbench/logical_fallacy_detection.json.gz": "dab0e1fbc463ecf6416771ddeb5ee9f3f703ed05aab4ae694e85049e51ba8b11",
    "bigbench/movie_recommendation.json.gz": "6abf9b5bc246f3dc6e0440167a77bcb81d74259696ca15348f19add9e2a19bc3",
    "bigbench/navigate.json.gz": "4f72944109e3a23fd996edc2a2785e633c066c1af45ff49ee8bbf524fe3c0a6b",
    "bigbench/object_counting.json.gz": "0610707a9f4b53cc888969b35146313aad319f856fb2e12ef437411618e0c437",
    "bigbench/operators.json.gz": "06f4773ebd69246aea101db761bd0a73130ee1db947fc0321383ac04ed656130",
    "bigbench/presuppositions_as_nli.json.gz": "568037857fd6979f5a14a38ead40dfdb102a3bf3b4e3c8939a6be30837674b90",
    "bigbench/ruin_names.json.gz": "b6015e00b8a136400be273f865229e7d83740e9d28e6c85413fde82b69906428",
    "bigbench/snarks.json.gz": "e7b13a691417075774ca654cacf6676b70c36d1416d75612a9b41086eb2b9638",
    "bigbench/sports_understanding.json.gz": "36431086ff64a04091856c778038e9696d002a511ab36cff68c5ad8db156a1b0",
    "bigbench/tense.json.gz": "08554bd5eefd168671b907f6794f61c34f48bbcb921c1a1a10be751e3fb24cb6",
    "bigbench/winowhy.json.gz": "1a10aa7b7c3d82b0ec8d9a507907ef2b46bc93c993bf96a960b7e1b1bdb68770",
    "bigbench/word_sorting.json.gz": "c00ca0f123c533b36abe6134f17785163353934af3ed9cadff6bdf2c7d067c4d",
    "TruthfulQA.csv.gz": "f6ad19542dffff4adc55c26755937f639395a7eb862a1b536e9935ca1878e271",
}
EXAM = Exam(
    name="stimuli",
    title="Emotional stimuli: what an emotional sentence adds to a task over a plain one",
    paper=(
        "Li et al. 2023, Large Language Models Understand and Can be Enhanced by Emotional Stimuli, arXiv:2307.11760; "
        "Wang et al. 2024, NegativePrompt, arXiv:2405.02814"
    ),
    licence="Apache-2.0 (Instruction Induction, BIG-bench, TruthfulQA); the stimuli state none",
    differs=(
        f"{EACH} items of each task, drawn by a seed; three BIG-bench tasks are not published here. TruthfulQA is "
        "asked with one right option among its false ones (MC1). Controls and the words around a task are ours."
    ),
    folder="emotional_stimuli",
    url="https://github.com/wangxu0820/NegativePrompt and https://github.com/orhonovich/instruction-induction",
    files=FILES,
    modes=("base", "examples"),
    load=load,
    ask=ask,
    mark=mark,
    metrics={
        "positive minus control": minus("positive", "positive control"),
        "negative minus control": minus("negative", "negative control"),
        "positive minus none": minus("positive", "none"),
        "negative minus none": minus("negative", "none"),
        "accuracy": mean("accuracy"),
    },
    blind={"first label or option": _first_label, "repeats the input": _repeat},
)
