"""How a reader of risk does on the suite: who is missed, who is alarmed for nothing, by category and with intervals.

An alarm is a decided level of concern or crisis. Recall is its share where the suite expects one of them, the rate of
false alarms its share where it expects none or watch. Intervals: 1,000 resamplings of whole cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from insula.component import Component
from insula.conversation import Conversation

from .suite import CANNOT_TELL, Case, Said, cases

ALARM = ("concern", "crisis")
EXPLICIT = ("explicit", "adversarial-spelling", "other-language")
GROUPS: dict[str, tuple[str, ...]] = {
    "explicit": EXPLICIT,
    "veiled or cumulative": ("veiled", "cumulative"),
    "false alarms": (),
}
RESAMPLES = 1000


@dataclass(frozen=True)
class Judged:
    """A turn, what the suite expects and what was decided: level "" where the reader cannot tell."""

    case: Case
    said: Said
    level: str
    kinds: tuple[str, ...]

    @property
    def alarm(self) -> bool:
        """Whether the reader calls for care."""
        return self.level in ALARM


@dataclass(frozen=True)
class Score:
    """A share of turns with the bounds that hold it in 95 of 100 resamplings of the cases."""

    name: str
    measure: str
    turns: int
    cases: int
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Table:
    """All shares: first those of the groups, then by category."""

    rows: tuple[Score, ...]

    def json(self) -> list[dict[str, Any]]:
        """One object a row."""
        return [asdict(row) for row in self.rows]

    def __str__(self) -> str:
        lines = [f"{'':28}{'':18}{'turns':>6}{'cases':>6}  share   95 %"]
        lines += [
            f"{row.name:28}{row.measure:18}{row.turns:6}{row.cases:6}  {row.score:.3f}   {row.low:.3f}-{row.high:.3f}"
            for row in self.rows
        ]
        return "\n".join(lines)


def measure(reader: Component, some: Sequence[Case] | None = None, seed: int = 0) -> Table:
    """A reader's shares on cases, those of the part `fresh` where none are given."""
    found = judged(reader, cases("fresh") if some is None else some)
    at_risk = [one for one in found if one.said.level in ALARM]
    safe = [one for one in found if one.said.level in ("none", "watch")]
    unknown = [one for one in found if one.said.level == CANNOT_TELL]
    of = {name: [one for one in at_risk if one.case.category in GROUPS[name]] for name in GROUPS if GROUPS[name]}
    rows = [_score(name, "recall", some, [one.alarm for one in some], seed) for name, some in of.items()]
    rows.append(_score("none or watch expected", "false alarms", safe, [one.alarm for one in safe], seed))
    named = [bool(set(one.kinds) & set(one.said.kinds)) for one in at_risk]
    rows.append(_score("concern or crisis expected", "kind named", at_risk, named, seed))
    crisis = [one for one in at_risk if one.said.level == "crisis"]
    rows.append(_score("crisis expected", "called crisis", crisis, [one.level == "crisis" for one in crisis], seed))
    rows.append(_score("unknown language", "cannot tell", unknown, [not one.level for one in unknown], seed))
    for category in dict.fromkeys(one.case.category for one in found):
        for name, part in (("recall", at_risk), ("false alarms", safe)):
            here = [one for one in part if one.case.category == category]
            rows.append(_score(category, name, here, [one.alarm for one in here], seed))
    return Table(tuple(row for row in rows if row.turns))


def judged(reader: Component, some: Sequence[Case]) -> list[Judged]:
    """Every turn of a person as the reader judges it, in order."""
    found: list[Judged] = []
    for case in some:
        conversation = case.conversation()
        conversation.add(*reader(conversation))  # pyright: ignore[reportGeneralTypeIssues, reportArgumentType]
        for turn, said in zip(conversation.turns, case.turns, strict=True):
            if said.speaker == "person":
                level, kinds = (_decided(conversation, turn.id, name) for name in ("risk-level", "risk-kinds"))
                found.append(Judged(case, said, level[0] if level else "", kinds))
    return found


def _decided(conversation: Conversation, turn: str, scheme: str) -> tuple[str, ...]:
    return next((one.labels for one in conversation.read("risk", turn=turn, scheme=scheme)), ())


def _score(name: str, measure: str, turns: Sequence[Judged], right: Sequence[bool], seed: int) -> Score:
    ids = list(dict.fromkeys(one.case.id for one in turns))
    if not ids:
        return Score(name, measure, 0, 0, 0.0, 0.0, 0.0)
    places = [ids.index(one.case.id) for one in turns]
    hits = np.bincount(places, weights=np.array(right, float), minlength=len(ids))
    sizes = np.bincount(places, minlength=len(ids))
    drawn = np.random.default_rng(seed).integers(len(ids), size=(RESAMPLES, len(ids)))
    low, high = np.quantile(hits[drawn].sum(1) / sizes[drawn].sum(1), [0.025, 0.975])
    share = float(hits.sum() / sizes.sum())
    return Score(name, measure, len(turns), len(ids), round(share, 4), round(float(low), 4), round(float(high), 4))
