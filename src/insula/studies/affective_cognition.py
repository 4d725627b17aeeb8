"""Affective cognition: does a model infer outcomes, appraisals and feelings from one another as people do?

Gandhi et al. (2024) tell each scenario in many conditions and ask for what is left out. Their 640 stories in words are
read as published, with 11,360 answers of people: agreement with the answer most people gave, per direction of the
inference, beside how often a person agrees with most of the others. Asked are the embedded model (base on all, chain of
thought on a half that is drawn once, balanced over the conditions), the blind rules, and again the twelve settings of
six large models whose answers are published. A smoke run generates scenarios of our own in the same design.

People agree with most of the others in .755 of their answers (.729 to .779): .84 on outcomes, .76 on appraisals, .66 on
feelings. The embedded model gives the letter A in 73 % of the shuffled questions, and so agrees with them as a guess
does: .464 (.433 to .496). Thoughts change nothing (-.011, -.039 to .017), and one in eight ends in no letter. Of the
published settings none is above people without thoughts; with them GPT-4 (.042, .013 to .071) and Gemini 1.5 Pro (.052,
.014 to .089) are. Beware of the key: the intended answer, which always stands first, is what most people say in .703
only (.51 on feelings), and taking the longest option gets .58, on expectations .89, more than people's own .75.

    insula study affective-cognition --scale full
"""

from __future__ import annotations

import asyncio
import itertools
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ..data.files import document, find
from ..data.record import root
from ..evaluate.asking import Asked, Question
from ..evaluate.asking.choices import LETTERS
from ..evaluate.asking.exam import Metric, mean
from ..evaluate.asking.sheet import Sheet, others, put_all
from ..evaluate.asking.statistics import Number, paired, scores
from ..evaluate.asking.wording import converse
from ..evaluate.bootstrap import Interval, interval
from ..evaluate.exams import affective_cognition as published
from ..evaluate.exams import affective_cognition_faces as faces
from .embedded_model import embedded

SYSTEM = "affective-cognition"
STATUS = "works-scaled"

FEELINGS = {"joyful": (True, 0), "grateful": (True, 1), "frustrated": (False, 0), "disappointed": (False, 1)}
"""Feeling -> whether the goal was met, and which of the beliefs about control goes with it."""
DRAWN = {"cot": 5}
"""Of ten scenarios of every condition, how many are asked so."""
PEOPLE = 17  # who answer a generated question


def minus(name: str, other: str) -> Metric:
    """How much larger one value of the marks is than another, on the same answers."""
    return lambda columns, weights: mean(name)(columns, weights) - mean(other)(columns, weights)


AGREEMENT, INTENDED, PUBLISHED = "agreement with most people", "intended answers", "published"
EXAM = replace(
    published.EXAM,
    metrics={
        AGREEMENT: mean("agreement"),
        "agreement minus people's with one another": minus("agreement", "people"),
        INTENDED: mean("accuracy"),
    },
)
FACES = replace(faces.EXAM, metrics=EXAM.metrics)


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Every answerer's agreement with people by direction, what ways of asking change, and how far people agree."""
    if scale != "full":
        asked = put_all(EXAM, generated(seed))
        intended = Sheet.of(EXAM, "intended answers", asked, [letter(one, _right(one)) for one in asked])
        return {"metrics": [*_rows([intended, *others(EXAM, asked)])], "data": [], "notes": _NOTES}
    questions = EXAM.questions()
    every = put_all(EXAM, questions)
    arms = [every, *(put_all(EXAM, drawn(questions, n), mode=mode) for mode, n in DRAWN.items())]
    sheets = [Sheet.of(EXAM, _name(asked), asked, asyncio.run(replies(asked))) for asked in arms]
    metrics = [*_rows([*sheets, *others(EXAM, every), *_published_models(every)])]
    metrics += [row for sheet in sheets[1:] for row in _changes(sheet, sheets[0])]
    metrics += [_first_letter(asked, sheet) for asked, sheet in zip(arms, sheets, strict=True)]
    seen = put_all(FACES, faces.stories(FACES.paths()))
    metrics += _rows([*others(FACES, seen), *_published_models(seen, "image")], "with a face, ")
    return {"metrics": metrics, "data": [EXAM.name, FACES.name], "notes": _NOTES}


_NOTES = [
    "Intervals draw whole scenarios (20), the same for every answerer; baseline: always the letter A, which is a guess "
    "because options are shuffled.",
    "People agree with most of the others: their own answer is left out. Answers that are as frequent share the point.",
    "Chain of thought is asked on 320 of the 640: five of ten scenarios of every condition, drawn once.",
    "The published models answered their authors' words and are marked here; what is no option is not read.",
    "The 640 stories with a face are not asked, their pictures are not published; people's answers to them are read.",
]


def drawn(questions: Sequence[Question], each: int) -> list[Question]:
    """So many of the ten scenarios of every condition, in published order; fewer are some of more."""
    draws = np.random.default_rng(0)
    conditions = dict.fromkeys(question.id.rpartition("/")[0] for question in questions)
    kept = {f"{condition}/{number}" for condition in conditions for number in draws.permutation(10)[:each]}
    return [question for question in questions if question.id in kept]


async def replies(asked: Sequence[Asked]) -> list[str]:
    """The embedded model's replies; those kept from an earlier run are not asked for again."""
    model = embedded("affective-cognition")
    return [await converse(one, model) for one in asked]


def letter(asked: Asked, said: str) -> str:
    """The reply that names an option by its letter; anything else is left as it was said."""
    options = asked.question.choices[0].options
    return f"Answer: {LETTERS[asked.orders[0].index(options.index(said))]}" if said in options else "none of these"


def _right(asked: Asked) -> str:
    (choice,) = asked.question.choices
    return choice.options[choice.right]


def _published_models(asked: Sequence[Asked], told: str = "text") -> Iterator[Sheet]:
    """The answers that the authors publish of large models, with and without thoughts."""
    file = find(root() / EXAM.folder, f"models_{told}.json.gz")
    for name, answers in document(file).items() if file else ():
        given = [_said(answers, one.question.id) for one in asked]
        letters = [letter(one, said) for one, said in zip(asked, given, strict=True)]
        yield Sheet.of(EXAM if told == "text" else FACES, name, asked, letters, PUBLISHED)


def _said(answers: dict[str, list[str]], id: str) -> str:
    condition, _, number = id.rpartition("/")
    return answers[condition][int(number)].strip()


def _name(asked: Sequence[Asked]) -> str:
    return f"embedded model, {asked[0].mode}"


def _rows(sheets: Sequence[Sheet], part: str = "") -> Iterator[dict[str, Any]]:
    """People among themselves, then every answerer, over all and by what was asked for; and what could be read."""
    (blind,) = (sheet for sheet in sheets if sheet.answerer == "always A as shown")
    guess = {number.slice: number.score for number in scores([blind]) if number.metric == AGREEMENT}
    people = replace(
        blind, answerer="people", exam=replace(EXAM, metrics={"agreement with most others": mean("people")})
    )
    for sheet in (people, *sheets):
        for number in scores([sheet]):
            if _told(number):
                baseline = guess[number.slice] if number.metric == AGREEMENT else None
                at = Interval(number.score, number.low, number.high)
                name = f"{number.metric}, {sheet.answerer}"
                yield _measured(name, part + number.slice, at, number.questions, baseline)
    for sheet in sheets:
        yield _share("answers that could be read", sheet, [row.parsed for row in sheet.rows], part)


def _told(number: Number) -> bool:
    """Directions of everybody; single appraisals not of published models and faces; what was intended over all."""
    kind, _, value = number.slice.partition(" ")
    if kind == "variable":
        single = value not in ("outcome", "emotion") and number.metric != INTENDED
        return single and number.exam == EXAM.name and number.kind != PUBLISHED
    return kind == "all" or (kind == "direction" and number.metric != INTENDED)


def _changes(asked: Sheet, base: Sheet) -> Iterator[dict[str, Any]]:
    """What another way of asking changes on the same questions."""
    for direction in ("", "outcome", "appraisal", "emotion"):
        rows = tuple(row for row in asked.rows if direction in ("", row.slices["direction"]))
        found, n = paired(replace(asked, rows=rows), base)
        part = f"direction {direction}" if direction else "all"
        yield _measured(f"{AGREEMENT}, embedded model, {asked.mode} minus base", part, found, n)


def _first_letter(asked: Sequence[Asked], sheet: Sheet) -> dict[str, Any]:
    """How often the first option shown is taken, wherever the shuffling put what."""
    first = [one.question.choices[0].options[one.orders[0][0]] for one in asked]
    return _share(
        "answers that are the first letter", sheet, [row.said == x for row, x in zip(sheet.rows, first, strict=True)]
    )


def _share(title: str, sheet: Sheet, holds: Sequence[bool], part: str = "") -> dict[str, Any]:
    values = np.array(holds, float)
    groups = np.unique([row.group for row in sheet.rows], return_inverse=True)[1].astype(np.intp)
    found = interval(lambda w: w @ values / w.sum(1), len(values), groups=groups)
    return _measured(f"share of {title}, {sheet.answerer}", f"{part}all", found, len(values))


def _measured(name: str, part: str, found: Interval, n: int, baseline: float | None = None) -> dict[str, Any]:
    bounds = {"score": found.score, "low": found.low, "high": found.high, "baseline": baseline}
    rounded = {key: None if value is None else round(value, 4) for key, value in bounds.items()}
    return {"name": name, "slice": part, **rounded, "n": n}


def generated(seed: int) -> list[Question]:
    """Our own scenarios in every condition, as the published files hold them, with answers of people made up.

    Seven in eight of them give the intended answer; the others another one.
    """
    text = (resources.files("insula.studies") / "affective_cognition.toml").read_text(encoding="utf-8")
    draws = np.random.default_rng(seed)
    rows = [row for number, one in enumerate(tomllib.loads(text)["scenario"]) for row in conditions(one, number)]
    answered: dict[str, list[list[str]]] = {}
    for row in rows:
        right, *wrong = row["answers"]
        said = [right if draws.random() < 7 / 8 else str(draws.choice(wrong)) for _ in range(PEOPLE)]
        answered.setdefault(f"{row['template']}/{row['condition']}", []).append(said)
    return [published.question(Path("generated"), row, answered) for row in rows]


def conditions(scenario: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """One scenario told in every condition: each feeling, each outcome, each thing left out and asked for."""
    for (feeling, (met, belief)), outcome in itertools.product(FEELINGS.items(), (0, 1)):
        chosen = {"belief_a": belief, "belief_b": outcome if met else 1 - outcome, "outcome": outcome}
        told = {
            "belief_a": scenario["control"][belief],
            "belief_b": scenario["goals"][chosen["belief_b"]],
            "acts": scenario["acts"],
            "outcome": scenario["outcomes"][outcome],
        }
        for left_out in ("belief_a", "belief_b", "outcome", "emotion"):
            story = " ".join([scenario["begins"], *(text for part, text in told.items() if part != left_out)])
            if left_out == "emotion":
                question, answers = scenario["feels"], sorted(FEELINGS, key=lambda word: word != feeling)
            else:
                question = f"{scenario['told'].format(feeling)} {scenario['asks'][left_out]}"
                answers = scenario["options"][left_out][:: -1 if chosen[left_out] else 1]
            condition = f"{left_out}_{feeling}_{outcome}"
            row = {"template": "goal_control", "condition": condition, "i": number, "story": story}
            yield {**row, "question": question, "answers": answers, "key": answers[0]}
