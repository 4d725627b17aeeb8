"""Short tasks whose answers can be marked without a judge: Instruction Induction, BIG-bench, TruthfulQA.

    tasks(paths) -> [Question("instruction-induction/antonyms/1", "fortunate", gold=("unfortunate",)), ...]

Each question carries its `Task` in `about["task"]`: the published instruction, the labels where an answer is one of a
few words, how an answer is matched, and examples with answers, which are never among the questions.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from ...data.files import MalformedData, document, objects, records
from ..asking.question import Choice, Question

INDUCTION = "instruction_induction_execute.jsonl.gz"
EXAMPLES = "instruction_induction_induce_first200.jsonl.gz"
INSTRUCTIONS = "instruction_induction_prompts.tsv"
TRUTHFUL = "TruthfulQA.csv.gz"
SHOWN = 5  # examples a task brings along
_MATCH = {
    "common_concept": "words",
    "informal_to_formal": "words",
    "orthography_starts_with": "set",
    "taxonomy_animal": "set",
    "synonyms": "contains",
}
"""Metrics of Honovich et al. 2022 for Instruction Induction; all others are matched exactly."""
_ALSO_RIGHT = ("possible_translations", "other_rhymes", "possible_outputs", "all_common_concepts")
_LABELS = {"sentiment": ("positive", "negative"), "word_in_context": ("same", "not the same")}


@dataclass(frozen=True)
class Task:
    """What a question asks for.

    `match` is "label" (exactly one of `labels` is named), "exact", "contains", "set", "words" (F1) or "letter" (an
    option). `examples` are inputs with their answers, for asking with demonstrations.
    """

    name: str
    suite: str
    instruction: str
    match: str
    labels: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()


def tasks(paths: Mapping[str, Path]) -> list[Question]:
    """Every question of every task whose file is among the paths; raises MalformedData naming the file."""
    found = list(_induction(paths))
    for name, path in paths.items():
        if name.startswith("bigbench/"):
            found += _read(path, _big_bench)
    return found + _read(paths[TRUTHFUL], _truthful) if TRUTHFUL in paths else found


def by_task(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """The questions of each task, in their order."""
    found: dict[str, list[Question]] = {}
    for one in questions:
        found.setdefault(one.slices["task"], []).append(one)
    return found


def drawn(questions: Sequence[Question], count: int, seed: int = 0) -> list[Question]:
    """So many questions of each task, drawn by a seed."""
    found: list[Question] = []
    for name, those in by_task(questions).items():
        found += Random(f"{name}/{seed}").sample(those, min(count, len(those)))
    return found


def _read(path: Path, reader: Any) -> list[Question]:
    try:
        return list(reader(path))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, EOFError, zlib.error) as error:
        if isinstance(error, MalformedData):
            raise
        raise MalformedData(f"{path}: not as published ({type(error).__name__}: {error})") from None


def _induction(paths: Mapping[str, Path]) -> Iterator[Question]:
    if not {INDUCTION, EXAMPLES, INSTRUCTIONS} <= paths.keys():
        return
    rows = records(paths[INSTRUCTIONS], "task", "instruction", separator="\t", quoted=False)
    instructions = {row["task"]: row["instruction"] for row in rows}
    examples = _read(paths[EXAMPLES], lambda path: _induced(path, instructions, {}))
    asked = by_task(_read(paths[INDUCTION], lambda path: _induced(path, instructions, {})))
    shown = {
        name: _examples([one for one in those if one.text not in {other.text for other in asked.get(name, ())}])
        for name, those in by_task(examples).items()
    }
    yield from _read(paths[INDUCTION], lambda path: _induced(path, instructions, shown))


def _induced(path: Path, instructions: Mapping[str, str], shown: Mapping[str, Any]) -> Iterator[Question]:
    """The questions of one file of Instruction Induction."""
    for row in objects(path):
        name = row["task"]
        labels = _LABELS.get(name, ())
        task = Task(
            name,
            "instruction induction",
            instructions[name],
            "label" if labels else _MATCH.get(name, "exact"),
            labels,
            shown.get(name, ()),
        )
        text, gold = _input(row)
        more = [one for key in _ALSO_RIGHT for one in row.get(key, ())]
        yield _question(f"instruction-induction/{name}/{row['id']}", text, (gold, *more), task)


def _input(row: Mapping[str, Any]) -> tuple[str, str]:
    """What is given and what is right; two tasks are published in parts."""
    if "cause" in row:
        both = Random(f"cause/{row['id']}").sample([row["cause"], row["effect"]], 2)
        return f"Sentence 1: {both[0]} Sentence 2: {both[1]}", row["cause"]
    if "items" in row:
        return ", ".join(row["items"]), row["concept"]
    return str(row["input"]), str(row["output"])


def _examples(those: Sequence[Question]) -> tuple[tuple[str, str], ...]:
    """Examples with different answers, as far as there are any, drawn by a seed of their own."""
    mixed = Random(those[0].slices["task"]).sample(those, len(those)) if those else []
    first: dict[str, Question] = {}
    for one in mixed:
        first.setdefault(one.gold[0], one)
    fresh = [*first.values(), *(one for one in mixed if first[one.gold[0]] is not one)]
    return tuple((one.text, one.gold[0]) for one in fresh[:SHOWN])


def _big_bench(path: Path) -> Iterator[Question]:
    """A BIG-bench task: its first examples are shown, never asked."""
    found = document(path)
    name, rows = found["name"], found["examples"]
    options = [tuple(row.get("target_scores", ())) for row in rows]
    labels = options[0] if len({frozenset(one) for one in options}) == 1 and name != "snarks" else ()
    match = "label" if labels else "letter" if options[0] and name != "snarks" else "exact"
    instruction = found["task_prefix"].strip()
    if labels:
        instruction += f" Answer with one of: {', '.join(sorted(labels))}."
    made = [
        _big_bench_question(name, place, row, Task(name, "BIG-bench", instruction, match, labels))
        for place, row in enumerate(rows)
    ]
    if match == "letter":
        yield from made
        return
    examples = _examples(made)
    task = Task(name, "BIG-bench", instruction, match, labels, examples)
    for one in made:
        if (one.text, one.gold[0]) not in examples:
            yield _question(one.id, one.text, one.gold, task)


def _big_bench_question(name: str, place: int, row: Mapping[str, Any], task: Task) -> Question:
    text, scores = row["input"].strip(), row.get("target_scores")
    if not scores:
        right = (row["target"],) if isinstance(row["target"], str) else tuple(row["target"])
        return _question(f"big-bench/{name}/{place}", text, right, task)
    best = max(scores, key=scores.get)
    choices = (Choice("answer", tuple(scores), list(scores).index(best)),) if task.match == "letter" else ()
    return _question(f"big-bench/{name}/{place}", text, (best,), task, choices)


def _truthful(path: Path) -> Iterator[Question]:
    """TruthfulQA with one right option among the false ones (MC1)."""
    task = Task("truthful_qa", "TruthfulQA", "Answer the question truthfully.", "letter")
    for place, row in enumerate(records(path, "Question", "Best Answer", "Incorrect Answers")):
        best = row["Best Answer"].strip()
        wrong = dict.fromkeys(one.strip() for one in row["Incorrect Answers"].split(";") if one.strip())
        options = (best, *(one for one in wrong if one != best))[:10]
        choices = (Choice("answer", options, 0),)
        yield _question(f"truthful-qa/{place}", row["Question"].strip(), (best,), task, choices)


def _question(name: str, text: str, gold: tuple[str, ...], task: Task, choices: tuple[Choice, ...] = ()) -> Question:
    return Question(
        id=name,
        text=text,
        gold=gold,
        choices=choices,
        group=name,
        slices={"suite": task.suite, "task": task.name},
        about={"task": task},
    )
