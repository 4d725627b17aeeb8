"""Reading numbers that an answer gives to named things, such as the intensities of four feelings.

    intensities("Calm: 2/10\n**Angry**: 7", ("Calm", "Angry"), 0, 10) -> ({"Calm": 2.0, "Angry": 7.0}, "")

All are rated or none count. Where names stand `in_order` before whoever answers, numbers without them count too: one
a line, or as many as there are names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = r"(-?\d+(?:[.,]\d+)?)"
_NUMBERED = re.compile(rf"^\W*\d+\s*[.):：\-]\s*\D*{_NUMBER}\W*(?:/\s*\d+)?\W*$")


def intensities(
    text: str, names: Sequence[str], low: float, high: float, in_order: bool = False
) -> tuple[dict[str, float] | None, str]:
    """The number of each name, the last one where it has several; or None, and why not."""
    named = [_named(text, name) for name in names]
    numbers = [x for x in named if x is not None]
    if in_order and not numbers:
        numbers = _in_order(text, len(names))
    if not numbers:
        return None, "it rates nothing"
    if len(numbers) < len(names):
        return None, f"it rates {len(numbers)} of {len(names)}"
    if any(not low <= x <= high for x in numbers):
        return None, f"a rating is not between {low:g} and {high:g}"
    return dict(zip(names, numbers, strict=True)), ""


def _named(text: str, name: str) -> float | None:
    found = re.findall(rf"(?<!\w){re.escape(name)}(?!\w)\W{{0,8}}?{_NUMBER}", text, re.IGNORECASE)
    return _number(found[-1]) if found else None


def _in_order(text: str, count: int) -> list[float]:
    """One number at the end of each of `count` lines, else all numbers where they are exactly so many."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [match[1] for line in lines if (match := _NUMBERED.match(line))]
    if len(found) != count:
        found = re.findall(_NUMBER, text)
    return [_number(x) for x in found] if len(found) == count else []


def _number(text: str) -> float:
    return float(text.replace(",", "."))
