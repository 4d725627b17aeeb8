"""Short tasks asked under sentences: what the studies of emotional prompts share.

    items, pilots = reachable(model, seed)
    hits = asyncio.run(answered(model, items, {"EP02": "This is very important ...", ...}))     # (sentences, items)

A model that can do nothing of a task cannot do better or worse under a stimulus. So tasks are chosen first, by items
that are not measured: those where it is right more than one time in five and no less than one answer given always.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..evaluate.asking.question import Asked, Question
from ..evaluate.exams.stimuli import EXAM, STIMULI
from ..evaluate.stimuli import Stimulus, Task, asked, marked, stimuli, tasks
from ..evaluate.stimuli.tasks import by_task, drawn
from ..llm import LLM, LLMError, Message, Scripted
from .embedded_model import embedded
from .measure import Array, measured

CACHE = "emotional-stimuli"
EXAMPLES = 3
PILOT = 20
ITEMS = 5
LONGEST = 400  # characters of an input
LEAST = 0.2


def published(seed: int) -> tuple[list[Question], list[Question]]:
    """Questions to choose tasks by, and others of the same tasks to measure on."""
    short = [one for one in tasks(EXAM.paths()) if len(one.text) <= LONGEST]
    pilots: list[Question] = []
    rest: list[Question] = []
    for those in by_task(drawn(short, PILOT + ITEMS, seed)).values():
        cut = len(those) * PILOT // (PILOT + ITEMS)
        pilots += those[:cut]
        rest += those[cut:]
    return pilots, rest


def made_up() -> list[Question]:
    """Eight sums that need no file."""
    task = Task("sum", "made up", "Sum the two given numbers.", "exact", examples=(("1 1", "2"), ("2 3", "5")))
    return [
        Question(
            f"sum/{n}",
            f"{n} {n + 2}",
            gold=(str(2 * n + 2),),
            group=f"sum/{n}",
            slices={"suite": "made up", "task": "sum"},
            about={"task": task},
        )
        for n in range(8)
    ]


async def reachable(model: LLM, seed: int) -> tuple[list[Question], list[dict[str, Any]]]:
    """The questions of the tasks within the model's reach, and what it did on the others' items, a row per task."""
    pilots, rest = published(seed)
    hits = (await answered(model, pilots, {"": ""}))[0]
    names = np.array([one.slices["task"] for one in pilots])
    rows: list[dict[str, Any]] = []
    for name, those in by_task(pilots).items():
        right, always = float(np.nan_to_num(hits[names == name]).mean()), always_one(those)
        chosen = right > LEAST and right >= always
        rows.append({"task": name, "right": round(right, 3), "one answer always": round(always, 3), "chosen": chosen})
    within = {row["task"] for row in rows if row["chosen"]}
    return [one for one in rest if one.slices["task"] in within], rows


def always_one(those: Sequence[Question]) -> float:
    """What the best answer given always gets on questions of one task: a label, or a letter of shuffled options."""
    if those[0].choices:
        return float(np.mean([1 / len(one.choices[0].options) for one in those]))
    labels = those[0].about["task"].labels
    return max(Counter(one.gold[0] for one in those).values()) / len(those) if labels else 0.0


async def answered(model: LLM, questions: Sequence[Question], sentences: Mapping[str, str], system: str = "") -> Array:
    """What each answer is worth, (sentences, questions); NaN where none could be read.

    One question after another, under one sentence after another: what they share is read once.
    """
    found = np.full((len(sentences), len(questions)), np.nan)
    for place, one in enumerate(questions):
        for row, sentence in enumerate(sentences.values()):
            found[row, place] = await worth(model, asked(one, sentence, examples=EXAMPLES, system=system))
    return found


async def worth(model: LLM, put: Asked) -> float:
    """What the model's answer is worth; NaN where it cannot be read or none came."""
    try:
        reply = await model.reply(put.messages, max_tokens=put.max_tokens, stop=["\n"])
    except LLMError:
        return np.nan
    values = marked(put, reply.text).values
    return values["accuracy"] if values else np.nan


def row(name: str, part: str, values: Array, baseline: float | None = None) -> dict[str, Any]:
    """A row of metrics for the mean of (items,) values; items are drawn, those without a value count nowhere."""
    known = np.isfinite(values)
    if not known.any():
        return {"name": name, "slice": part, "score": None, "low": None, "high": None, "n": 0, "baseline": baseline}
    return measured(name, part, _mean, values[known], values[known][None], baseline=baseline, draws=1000)


@dataclass(frozen=True)
class Asking:
    """What the same items are worth asked plain (items,), under stimuli and under their controls (stimuli, items)."""

    items: Sequence[Question]
    stimuli: Sequence[Stimulus]
    plain: Array
    texts: Array
    controls: Array

    def of(self, family: str) -> tuple[Array, Array]:
        """The answers under stimuli of one family and under their controls."""
        rows = [one.family == family for one in self.stimuli]
        return self.texts[rows], self.controls[rows]


async def asking(model: LLM, items: Sequence[Question], sentences: Sequence[Stimulus]) -> Asking:
    """All items plain, under every stimulus and under every control."""
    ways = {"": ""} | {one.id: one.text for one in sentences} | {f"{one.id} control": one.control for one in sentences}
    hits = await answered(model, items, ways)
    return Asking(items, sentences, hits[0], hits[1 : len(sentences) + 1], hits[len(sentences) + 1 :])


def measured_on(scale: str, seed: int) -> tuple[Asking, list[dict[str, Any]]]:
    """The embedded model on the tasks within its reach, and what it did on all; a scripted one on sums for "smoke"."""
    if scale != "full":
        return asyncio.run(asking(worried(), made_up(), made_up_stimuli())), []
    model = embedded(CACHE)
    items, pilots = asyncio.run(reachable(model, seed))
    return asyncio.run(asking(model, items, stimuli(EXAM.paths()[STIMULI]))), pilots


def worried() -> LLM:
    """Made up: adds well, but not under a sentence that threatens; praise leaves it speechless at large numbers."""

    def answer(messages: Sequence[Message]) -> str:
        told = " ".join(one.text for one in messages)
        numbers = [int(one) for one in messages[-1].text.split() if one.isdigit()]
        if "wonderful" in told and sum(numbers) > 8:
            return ""
        return "0" if "fail" in told else str(sum(numbers))

    return Scripted(answer)


def made_up_stimuli() -> list[Stimulus]:
    """One of each family."""
    return [
        Stimulus("EP02", "positive", "", "You are wonderful.", "You are numbered."),
        Stimulus("NP01", "negative", "", "You will fail.", "You will add."),
    ]


def effects(found: Asking, family: str, title: str) -> list[dict[str, Any]]:
    """Rows for one family: over all its stimuli, by suite, and for each stimulus less its control."""
    texts, controls = found.of(family)
    suites = np.array([one.slices["suite"] for one in found.items])
    rows = []
    for part in ("all", *dict.fromkeys(suites.tolist())):
        where = (suites == part) | (part == "all")
        one, other, plain = over(texts)[where], over(controls)[where], found.plain[where]
        base = float(np.nanmean(plain))
        rows += [
            row(f"{title}: accuracy", part, one, base),
            row(f"{title} minus control", part, one - other, 0.0),
            row(f"{title} minus plain", part, one - plain, 0.0),
            row(f"control of {title} minus plain", part, other - plain, 0.0),
        ]
    ids = [one.id for one in found.stimuli if one.family == family]
    rows += [
        row(f"{name} minus its control", "all", text - control, 0.0)
        for name, text, control in zip(ids, texts, controls, strict=True)
    ]
    read = [np.isfinite(one).mean(0) for one in (texts, controls)]
    return [
        *rows,
        row(f"{title}: answers that could be read", "all", read[0], float(read[1].mean())),
        row(f"{title} minus control: answers that could be read", "all", read[0] - read[1], 0.0),
    ]


def by_task_table(found: Asking, family: str) -> list[dict[str, Any]]:
    """Accuracy per task: plain, under the stimuli, under the controls."""
    names = np.array([one.slices["task"] for one in found.items])
    ways = {"plain": found.plain, "stimuli": over(found.of(family)[0]), "controls": over(found.of(family)[1])}
    return [
        {"task": name, **{way: round(float(np.nanmean(values[names == name])), 3) for way, values in ways.items()}}
        for name in dict.fromkeys(names.tolist())
    ]


def _mean(gold: Array, values: Array) -> float:
    del gold
    return float(values.mean())


def over(hits: Array) -> Array:
    """The mean over sentences of (sentences, items); NaN for an item no answer to which could be read."""
    known = np.isfinite(hits)
    return np.where(known.any(0), np.nansum(hits, 0) / np.maximum(known.sum(0), 1), np.nan)
