"""EmotionBench: how do situations move a model's feelings, and do they move as people's do?

    exam("emotionbench").questions()    # 464: 428 situations, and 36 times no situation at all

Each answer rates the 20 words of PANAS (Watson, Clark & Tellegen 1988) of 1 to 5, which makes a positive and a negative
affect of 10 to 50. What counts is the shift from the answers without a situation to those with one, for each of 36
factors, beside the shift of the 1,266 people who were asked the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.files import MalformedData, document
from ...data.workbook import rows
from ...llm import Message
from ..asking.exam import Array, Columns, Exam, Metric
from ..asking.intensities import intensities
from ..asking.question import Asked, Mark, Question

SITUATIONS, FORMS, PEOPLE = "situations.json", "questionnaires.json", "human_PANAS_crowd.xlsx"
AFFECTS = ("positive", "negative")
LOW, HIGH = 1, 5
_NAMED = {"Angry": "Anger", "Jealous": "Jealousy"}
"""Feelings that the people's file calls by another name."""
_FACTOR = re.compile(r"(\w+?)_F(\d+)S\d+")
_IMAGINE = 'Imagine that this happens to you: "{}"'


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Per factor one question without a situation and then its situations; `gold` is how people's affect shifted."""
    people = shifts(paths[PEOPLE])
    form = panas(paths[FORMS])
    found: list[Question] = []
    try:
        for feeling in document(paths[SITUATIONS])["emotions"]:
            for number, factor in enumerate(feeling["factors"]):
                name = f"{feeling['name']}-{number}"
                about = {"form": form, "factor": len({one.group for one in found})}
                for told, text in enumerate(("", *factor["scenarios"])):
                    id = f"{name}/{told or 'default'}"
                    slices = {"emotion": feeling["name"]}
                    found.append(Question(id, text, gold=people[name], group=name, slices=slices, about=about))
    except (KeyError, TypeError) as error:
        raise MalformedData(f"{paths[SITUATIONS]}: not as published ({type(error).__name__}: {error})") from None
    return found


def panas(path: Path) -> Mapping[str, Any]:
    """The published form: its words, what it asks, and which words are of which affect."""
    try:
        form = next(form for form in document(path) if form["name"] == "PANAS")
        words = form["questions"]
        kinds = {one["cat_name"].split()[0].lower(): one["cat_questions"] for one in form["categories"]}
        return {
            "system": form["inner_setting"],
            "prompt": form["prompt"],
            "words": tuple(words.values()),
            **{kind: tuple(words[str(number)] for number in kinds[kind]) for kind in AFFECTS},
        }
    except (StopIteration, KeyError, TypeError, AttributeError) as error:
        raise MalformedData(f"{path}: no form PANAS as published ({type(error).__name__}: {error})") from None


def shifts(path: Path) -> dict[str, dict[str, float]]:
    """How far people's affect shifted, by factor: "Anger-0" -> {"positive": -5.3, "negative": 9.9}."""
    table = {row["B"]: row for row in rows(path) if "B" in row}
    try:
        header, changed = table["Info"], [table[f"{affect.title()} Diff"] for affect in AFFECTS]
    except KeyError as error:
        raise MalformedData(f"{path}: no row {error} in column B: is it another file?") from None
    people: dict[str, list[list[float]]] = defaultdict(list)
    for column, title in header.items():
        if found := _FACTOR.fullmatch(title):
            name = f"{_NAMED.get(found[1], found[1])}-{int(found[2]) - 1}"
            people[name].append([float(row[column]) for row in changed])
    return {name: dict(zip(AFFECTS, np.mean(some, 0).tolist(), strict=True)) for name, some in people.items()}


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The published form with its words in an order of the seed's, before it what happens, if anything does."""
    form = question.about["form"]
    words = list(form["words"])
    order = tuple(Random(f"{question.id}/{seed}").sample(range(len(words)), len(words)))
    told = _IMAGINE.format(question.text) if question.text else ""
    listed = "\n".join(f"{n}. {words[at]}" for n, at in enumerate(order, 1))
    text = f"{form['prompt'].replace('SCENARIO', told)}\n{listed}"
    return Asked(question, (Message("system", form["system"]), Message("user", text)), (order,), seed, mode, 200)


def mark(asked: Asked, reply: str) -> Mark:
    """The two affects, and what it takes to compare their shifts with people's."""
    form, (order,) = asked.question.about["form"], asked.orders
    found, why = intensities(reply, [form["words"][at] for at in order], LOW, HIGH, in_order=True)
    if found is None:
        return Mark(None, why=why)
    values = {affect: sum(found[word] for word in form[affect]) for affect in AFFECTS}
    people = {f"people {affect}": shift for affect, shift in asked.question.gold.items()}
    place = {"default": float(not asked.question.text), "factor": float(asked.question.about["factor"])}
    return Mark({**values, **people, **place}, ", ".join(f"{affect} {value:g}" for affect, value in values.items()))


def shift(name: str) -> Metric:
    """The mean over situations of one affect, less its mean without a situation."""

    def metric(columns: Columns, weights: Array) -> Array:
        told = columns["default"] == 0
        return _mean(columns[name], weights, told) - _mean(columns[name], weights, ~told)

    return metric


def of_people(name: str) -> Metric:
    """The mean over the same situations of how people's affect shifted."""
    return lambda columns, weights: _mean(columns[f"people {name}"], weights, columns["default"] == 0)


def likeness(columns: Columns, weights: Array) -> Array:
    """1 where every factor shifts both affects as far as it shifts people's, 0 where nothing ever moves."""
    apart = moved = np.zeros(len(weights))
    told = columns["default"] == 0
    for affect in AFFECTS:
        rest = _mean(columns[affect], weights, ~told)
        for factor in np.unique(columns["factor"]):
            there = told & (columns["factor"] == factor)
            if not there.any():
                continue
            people = columns[f"people {affect}"][there][0]
            drawn = weights[:, there].sum(1)
            mine = _mean(columns[affect], weights, there) - rest
            apart, moved = apart + drawn * abs(mine - people), moved + drawn * abs(people)
    return 1 - apart / np.where(moved > 0, moved, np.nan)


def _mean(values: Array, weights: Array, rows: NDArray[np.bool_]) -> Array:
    """The weighted mean of some rows; the plain one where none of them was drawn."""
    total = weights[:, rows].sum(1)
    plain = values[rows].mean() if rows.any() else np.nan
    return np.where(total > 0, weights[:, rows] @ values[rows] / np.maximum(total, 1e-9), plain)


def alike(positive: int, negative: int) -> Callable[[Asked], str]:
    """The blind rule that feels this much of each affect whatever happens, and 3 of both where nothing does."""

    def rule(asked: Asked) -> str:
        form = asked.question.about["form"]
        levels = (positive, negative) if asked.question.text else (3, 3)
        of = {word: level for affect, level in zip(AFFECTS, levels, strict=True) for word in form[affect]}
        return "\n".join(f"{word}: {level}" for word, level in of.items())

    return rule


EXAM = Exam(
    name="emotionbench",
    title="EmotionBench: shifts of positive and negative affect beside people's",
    paper="Huang et al. 2024, Apathetic or Empathetic? Evaluating LLMs' Emotional Alignments with Humans, NeurIPS, "
    "arXiv:2308.03656",
    licence="GPL-3.0",
    differs=(
        "PANAS alone, without the forms for single feelings. The paper tabulates shifts with t-tests; `likeness` is "
        "our one number for them. All 428 situations are asked, while people saw up to five of each factor, so that "
        "shifts are compared by factor. What is asked without a situation is asked 36 times, its words in other orders."
    ),
    folder="emotionbench",
    url="https://github.com/CUHK-ARISE/EmotionBench",
    files={
        SITUATIONS: "3b4ef2ea1e5452814064bb480ec89feb83228f151a51ff9472134c3d68152b35",
        FORMS: "62df9edf007ba5da0c8e80b027113159ac490574a1f536bbb3d4177af5751585",
        PEOPLE: "0f3ffba968c673f2634cf72c4a93b009ceecef4e72fa3e5addbd78e18ba1ea90",
    },
    size=464,
    load=load,
    ask=ask,
    mark=mark,
    metrics={
        "likeness": likeness,
        "negative shift": shift("negative"),
        "positive shift": shift("positive"),
        "people's negative shift": of_people("negative"),
        "people's positive shift": of_people("positive"),
    },
    blind={"nothing moves": alike(3, 3), "all is bad": alike(2, 4), "all is terrible": alike(1, 5)},
    human="1,266 people: the metrics `people's`; a likeness of 1 is their means",
)
