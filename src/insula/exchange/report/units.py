"""Action units in words.

units(annotation) -> "inner brows raised 3.1, lips parted 1.2"
"""

from __future__ import annotations

from insula.conversation import Annotation

UNITS = {
    1: "inner brows raised", 2: "outer brows raised", 4: "brows lowered", 5: "upper lids raised", 6: "cheeks raised",
    7: "lids tightened", 9: "nose wrinkled", 10: "upper lip raised", 11: "upper lip drawn", 12: "lip corners raised",
    14: "lip corners tucked in", 15: "lip corners lowered", 17: "chin raised", 18: "lips puckered",
    20: "lips stretched", 22: "lips funnelled", 23: "lips tightened", 24: "lips pressed", 25: "lips parted",
    26: "jaw dropped", 27: "mouth stretched", 28: "lips sucked in", 43: "eyes closed", 45: "blinking",
}  # fmt: skip
"""What the muscles do (Ekman, Friesen & Hager 2002, Facial Action Coding System), by number."""
LEAST, MOST = 1.0, 3


def units(read: Annotation | None) -> str:
    """The strongest action units of a face, with their intensity 0..5; "" where none is to be seen."""
    if read is None:
        return ""
    strong = sorted(((score, name) for name, score in read.scores.items() if score >= LEAST), reverse=True)[:MOST]
    return ", ".join(f"{named(name)} {score:.1f}" for score, name in strong)


def named(unit: str) -> str:
    """AU01 -> inner brows raised; what is no action unit stays as it is."""
    number = unit[2:].partition("_")[0]
    return UNITS.get(int(number), unit) if unit.startswith("AU") and number.isdigit() else unit
