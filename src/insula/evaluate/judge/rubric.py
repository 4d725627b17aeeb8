"""Questions to a judge, each with a scale: rows of `rubrics.toml`.

rubric("empathy").asked -> "How empathic is the reply? 0: not at all. 2: strongly. Answer with one number from 0 to 2."
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ...catalogue import nearest


@dataclass(frozen=True)
class Rubric:
    """One question; `low` and `high` are whole numbers from 0 to 9, so that each score is one token."""

    name: str
    question: str
    low: int
    high: int
    lowest: str
    highest: str

    @property
    def scores(self) -> dict[str, float]:
        """Every score as it is written."""
        return {str(score): float(score) for score in range(self.low, self.high + 1)}

    @property
    def asked(self) -> str:
        """The question with its scale."""
        ends = f"{self.low}: {self.lowest}. {self.high}: {self.highest}."
        return f"{self.question} {ends} Answer with one number from {self.low} to {self.high}."


@cache
def rubrics() -> dict[str, Rubric]:
    """All of them, by name."""
    rows = tomllib.loads((resources.files(__package__ or "") / "rubrics.toml").read_text(encoding="utf-8"))
    return {
        name: Rubric(name, row["question"], row["low"][0], row["high"][0], row["low"][1], row["high"][1])
        for name, row in rows.items()
    }


def rubric(name: str) -> Rubric:
    """The one of this name; raises KeyError with near names."""
    if name not in rubrics():
        raise KeyError(f"no rubric {name!r}; did you mean {nearest(name, rubrics())}?")
    return rubrics()[name]
