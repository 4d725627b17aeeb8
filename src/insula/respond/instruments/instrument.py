"""What an instrument asks and how it is scored, from its file: `phq9.toml`, `gad7.toml`, `spane.toml`, `sam.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from insula.catalogue import nearest


@dataclass(frozen=True)
class Item:
    """A question. `risk` says that any answer but the lowest needs the guard; `figures` are for every second answer."""

    text: str
    risk: bool = False
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """The sum of some items, counted from 1, less the sum of others. `bands` are (from, title), the lowest first.

    `reliable_change` is how far two scores must lie apart to be more than error of measurement; None: not published.
    """

    name: str
    items: tuple[int, ...]
    minus: tuple[int, ...] = ()
    bands: tuple[tuple[int, str], ...] = ()
    reliable_change: int | None = None
    reliable_change_source: str = ""


@dataclass(frozen=True)
class Instrument:
    """A published questionnaire. `lowest` is what the first answer counts; `missing` how many items may stay open."""

    name: str
    title: str
    instruction: str
    about: str
    source: str
    url: str
    licence: str
    answers: tuple[str, ...]
    lowest: int
    missing: int
    items: tuple[Item, ...]
    scores: tuple[Score, ...]
    risk_note: str = ""

    @property
    def highest(self) -> int:
        """What the last answer counts."""
        return self.lowest + len(self.answers) - 1

    def limits(self, score: Score) -> tuple[int, int]:
        """The lowest and the highest value a score can have."""
        plus, minus = len(score.items), len(score.minus)
        return plus * self.lowest - minus * self.highest, plus * self.highest - minus * self.lowest


def instruments() -> tuple[str, ...]:
    """The names of those shipped here."""
    return tuple(_all())


def instrument(name: str) -> Instrument:
    """The instrument of this name; raises KeyError with near names."""
    if name not in _all():
        raise KeyError(f"no instrument {name!r}; did you mean {nearest(name, _all())}?")
    return _all()[name]


@cache
def _all() -> Mapping[str, Instrument]:
    folder = resources.files("insula.respond.instruments")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    found = (_instrument(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)
    return MappingProxyType({one.name: one for one in found})


def _instrument(record: dict[str, Any]) -> Instrument:
    items = tuple(Item(**{**one, "figures": tuple(one.get("figures", ()))}) for one in record.pop("item"))
    scores = tuple(_score(one) for one in record.pop("score"))
    return Instrument(**{**record, "answers": tuple(record["answers"])}, items=items, scores=scores)


def _score(record: dict[str, Any]) -> Score:
    bands = tuple((band["from"], band["title"]) for band in record.get("bands", ()))
    items, minus = tuple(record["items"]), tuple(record.get("minus", ()))
    return Score(**{**record, "items": items, "minus": minus, "bands": bands})
