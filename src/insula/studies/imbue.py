"""IMBUE (Lin et al. 2024): rehearsing a difficult talk with ratings and rewrites before sending; agreement with labels.

Measured: how far four raters (our signs, a small model told only the names of the skills, the same told what each is,
and length) agree with labels; whether the sign of asking finds directives of DailyDialog, which it was not made on; and
what taking the coach's version does to a simulated partner and to an independent reader of politeness, beside a version
made longer by as much. The published trial with 86 people is not repeated: nothing here says what it does for anybody.
"""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..catalogue import build
from ..conversation import Annotation, Conversation, Turn
from ..evaluate.bootstrap import Interval, interval
from ..llm import LLM, Cached, LLMError, Scripted, connect
from ..simulate.rehearse import SKILLS, Coach, Rehearsal, SeededPartner, Situation, rate
from ..simulate.rehearse.agreement import Labelled, agreement, difference, labels
from ..simulate.rehearse.coach import LLMRater
from ..simulate.rehearse.partner import DIFFICULTIES

SYSTEM = "imbue"
STATUS = "works-scaled"
ITEMS = Path(__file__).with_name("imbue.items.tsv")
SITUATIONS = Path(__file__).with_name("imbue.situations.tsv")
Array = NDArray[Any]
Levels = Mapping[str, int]
SIMPLE = 6  # levels in all from which a draft is no poor one any more
MEASURES = (
    "openness of the simulated partner at the end, 0 to 100",
    "levels of all skills, 0 to 14",
    "politeness, independent reader, -1 to 1",
)
GAPS = (
    ("the coach's version", "as written"),
    ("as much longer", "as written"),
    ("the coach's version", "as much longer"),
)
MESSAGES = 4  # of a simulated rehearsal
FILLER = (
    "I have thought about this for a while now and wanted to talk with you about it today when we both have a moment."
)


def run(scale: str = "smoke", seed: int = 0) -> dict[str, Any]:
    """Labels of our own, DailyDialog's test, and simulated rehearsals; smoke: a scripted model and few of each."""
    full = scale == "full"
    gold = [one for one in labels(ITEMS) if one.about["part"] == "test"]
    gold = gold if full else gold[:8]
    models = {"the embedded model": _kept("local:base")} if full else {"a scripted model": _scripted()}
    metrics, failed = _agreements(gold, models, seed)
    if full:
        metrics += [_asking(seed)]
    metrics += _rehearsals(gold, seed)
    return {
        "metrics": metrics,
        "data": ["dailydialog"] if full else [],
        "notes": [
            "The labels are our own, by the hand that wrote the patterns, and the test messages were written before the"
            " patterns were final. Their numbers were seen twice, before and after development messages were added for"
            " `negotiate`; single messages never. No expert has labelled anything: a table of experts is read by"
            " insula.simulate.rehearse.agreement.",
            f"Messages are drawn by situation, of which there are {len({one.situation for one in gold})}: few.",
            *(f"{name}: {count:.0%} of the messages got no rating in the form." for name, count in failed.items()),
            "The simulated partner moves by the same ratings that the coach works on: that it opens shows that the"
            " parts work together, and nothing about people. The reader of politeness is independent of them.",
            "Not claimed: self-efficacy, feelings and mastery of people (86 in the paper). `insula rehearse` keeps the"
            " form before and after for whoever runs such a trial.",
        ],
    }


def _agreements(
    gold: Sequence[Labelled], models: Mapping[str, LLM], seed: int
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Kappa by rater and skill, the gap of each model to the signs, and how often a model gave no rating."""
    raters: dict[str, list[Levels]] = {"signs": [rate(one.text).levels for one in gold]}
    for name, llm in models.items():
        raters[f"{name}, plain"] = _by_model(LLMRater(llm, plain=True), gold)
        raters[f"{name}, told the skills"] = _by_model(LLMRater(llm), gold)
    longest = sorted(len(one.text) for one in gold)
    thirds = longest[len(gold) // 3], longest[2 * len(gold) // 3]
    raters["length"] = [dict.fromkeys(SKILLS, sum(len(one.text) > limit for limit in thirds)) for one in gold]
    rows = [
        _row(f"kappa with our labels, {skill}", name, found, sum(bool(one) for one in rated), 0.0)
        for name, rated in raters.items()
        for skill, found in agreement(gold, rated, seed).items()
        if skill == "all" or name == "signs"
    ]
    name = "kappa over all skills, signs less the other"
    for other in [one for one in raters if one != "signs" and any(raters[one])]:
        gap = difference(gold, raters["signs"], raters[other], seed)
        rows.append(_row(name, other, gap, sum(map(bool, raters[other])), None))
    asked = [one for one in raters if one not in ("signs", "length")]
    failed = {one: float(np.mean([not levels for levels in raters[one]])) for one in asked}
    return rows, failed


def _by_model(rater: LLMRater, gold: Sequence[Labelled]) -> list[Levels]:
    """A model's levels; empty where it gave none in the form."""

    async def all_of_them() -> list[Levels]:
        found: list[Levels] = []
        for one in gold:
            try:
                found.append(await rater.rate(one.text, one.before))
            except LLMError:
                found.append({})
        return found

    return asyncio.run(all_of_them())


def _asking(seed: int) -> dict[str, Any]:
    """How well the sign of asking tells directives from what only informs, in talks it was not made on."""
    from ..data import load

    told, there, talks = list[float](), list[bool](), list[int]()
    for number, talk in enumerate(load("dailydialog", "test")):
        acts = {one.at.turn: one.top for one in talk.read("dialogue_act", rater="gold")}
        for turn in talk.turns:
            if acts.get(turn.id) in ("directive", "inform"):
                told.append(rate(turn.text).levels.get("assert", 0))
                there.append(acts[turn.id] == "directive")
                talks.append(number)
    groups = np.unique(talks, return_inverse=True)[1]
    score, gold = np.array(told), np.array(there)
    found = interval(lambda weights: _auc(score, gold, weights), len(gold), resamples=300, seed=seed, groups=groups)
    return _row(
        "area under the curve: directives from statements, by the sign of asking",
        "dailydialog test",
        found,
        len(gold),
        0.5,
    )


def _auc(score: Array, gold: Array, weights: Array) -> Array:
    """Of all pairs of a directive and a statement, how often the first has the higher level; ties count half."""
    levels = np.unique(score)
    at = np.stack([weights @ ((score == one) & gold) for one in levels], 1)
    of = np.stack([weights @ ((score == one) & ~gold) for one in levels], 1)
    below = np.cumsum(of, 1) - of
    return (at * (below + of / 2)).sum(1) / np.maximum(at.sum(1) * of.sum(1), 1e-9)


def _rehearsals(gold: Sequence[Labelled], seed: int) -> list[dict[str, Any]]:
    """Poor drafts sent as they are, as the coach has them, and made longer by as much."""
    poor = [one for one in gold if sum(one.levels.values()) <= SIMPLE and one.situation in _about()]
    arms = {"as written": list[list[float]](), "the coach's version": [], "as much longer": []}
    for one in poor:
        coached = asyncio.run(Coach(_about()[one.situation]).read(one.text)).better or one.text
        longer = _longer(one.text, coached)
        for name, text in zip(arms, (one.text, coached, longer), strict=True):
            arms[name].append([_opened(one.situation, text), rate(text).total, _polite(text)])
    groups = np.unique([one.situation for one in poor], return_inverse=True)[1]
    values = {name: np.array(rows) for name, rows in arms.items()}
    rows: list[dict[str, Any]] = []
    for place, measure in enumerate(MEASURES):
        rows += [_mean(measure, name, found[:, place], groups, seed) for name, found in values.items()]
        rows += [
            _mean(f"{measure}: change", f"{one}, less {other}", (values[one] - values[other])[:, place], groups, seed)
            for one, other in GAPS
        ]
    return rows


def _longer(text: str, other: str) -> str:
    """A text with neutral words behind it, until it has as many as the other."""
    words = (FILLER + " ") * 9
    return " ".join([text, *words.split()[: max(0, len(other.split()) - len(text.split()))]])


def _opened(situation: str, text: str) -> float:
    """How open a partner is after the same message again and again; the mean over difficulties."""
    found: list[float] = []
    for difficulty in DIFFICULTIES:
        talk = Rehearsal(_about()[situation], SeededPartner(difficulty))
        for _ in range(MESSAGES):
            talk.send(text)
        found.append(talk.openness[-1] if talk.openness else 0.0)
    return float(np.mean(found))


def _polite(text: str) -> float:
    additions = _reader()(Conversation(Turn("you", text)))
    found = [one for one in additions if isinstance(one, Annotation) and one.scheme == "politeness" and one.scores]
    return found[0].scores["politeness"] if found else 0.0


def _reader() -> Any:
    return build("dialogue.encoder")


def _mean(name: str, part: str, values: Array, groups: Array, seed: int) -> dict[str, Any]:
    found = interval(lambda weights: weights @ values / weights.sum(1), len(values), seed=seed, groups=groups)
    return _row(name, part, found, len(values), 0.0 if "change" in name else None)


def _row(name: str, part: str, found: Interval, n: int, baseline: float | None) -> dict[str, Any]:
    score, low, high = (round(float(x), 4) for x in (found.score, found.low, found.high))
    return {"name": name, "slice": part, "score": score, "low": low, "high": high, "n": n, "baseline": baseline}


@cache
def _about() -> dict[str, Situation]:
    """What the coach is told in each situation of the items."""
    with SITUATIONS.open(encoding="utf-8", newline="") as file:
        return {row.pop("situation"): Situation(**row) for row in csv.DictReader(file, delimiter="\t")}


def _kept(model: str) -> LLM:
    """A model whose answers are kept in the folder INSULA_CACHE, so that a run that was stopped goes on."""
    folder = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")
    folder.mkdir(parents=True, exist_ok=True)
    return Cached(connect(model), folder / "imbue-ratings.sqlite")


def _scripted() -> LLM:
    """A model that finds everything weak, and every other time gives no rating."""
    some = "{" + ", ".join(f'"{name}": {k % 2 + 1}' for k, name in enumerate(SKILLS)) + "}"
    return Scripted(lambda messages: some if len(messages[-1].text) % 2 else "I cannot say.")
