"""A delivery in words: five levels of each quantity, for models that write plans and for voices that are told in words.

describe(Delivery(pace=0.8, pitch=-3)) -> "slow, low"
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .delivery import QUANTITIES, Delivery

NORMAL = "normal"
LEVELS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "pace": {"very slow": 0.7, "slow": 0.85, NORMAL: 1.0, "fast": 1.15, "very fast": 1.35},
        "pitch": {"very low": -5.0, "low": -2.5, NORMAL: 0.0, "high": 2.5, "very high": 5.0},
        "range": {"monotone": 0.45, "even": 0.7, NORMAL: 1.0, "lively": 1.4, "very lively": 2.0},
        "contour": {"falling": -2.5, NORMAL: 0.0, "rising": 2.5},
        "energy": {"very soft": -9.0, "soft": -4.0, NORMAL: 0.0, "loud": 3.5, "very loud": 7.0},
        "tilt": {"dark": -2.0, NORMAL: 0.0, "bright": 2.0},
        "breath": {"pressed": -0.4, NORMAL: 0.0, "breathy": 0.4, "very breathy": 0.8},
        "tremor": {NORMAL: 0.0, "trembling": 0.6},
        "pauses": {"short pauses": 0.6, NORMAL: 1.0, "long pauses": 1.6, "very long pauses": 2.6},
    }
)


def level(name: str, value: float) -> str:
    """The word nearest to a value of a quantity."""
    known = LEVELS[name]
    here = _place(name, value)
    return min(known, key=lambda word: abs(_place(name, known[word]) - here))


def describe(delivery: Delivery) -> str:
    """What is not normal about it, in words; empty for a plain reading."""
    words = (level(name, getattr(delivery, name)) for name in QUANTITIES)
    return ", ".join(word for word in words if word != NORMAL)


def _place(name: str, value: float) -> float:
    one: dict[str, Any] = {name: value}
    return Delivery(**one).vector()[list(QUANTITIES).index(name)]
