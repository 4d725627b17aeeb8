"""Numbers and drawings in characters, for a terminal."""

from __future__ import annotations

from itertools import pairwise

COLOURS = {
    "joy": "yellow",
    "surprise": "cyan",
    "sadness": "blue",
    "fear": "magenta",
    "anger": "red",
    "disgust": "green",
    "neutral": "bright_black",
    "other": "white",
}
SPARKS = "▁▂▃▄▅▆▇█"


def number(value: float, sign: bool = False) -> str:
    """.82, or with a sign −.41; the minus is a real one."""
    text = f"{abs(value):.2f}"
    text = text if text.startswith("1") else text[1:]
    return (("−" if round(value, 2) < 0 else "+") if sign else "") + text


def gauge(position: float, margin: float, cells: int = 13) -> str:
    """A place between unpleasant and pleasant: −──●──┼─────+, the margin drawn heavy."""

    def cell(x: float) -> int:
        return round((max(-1.0, min(1.0, x)) + 1) / 2 * (cells - 1))

    line = ["─"] * cells
    line[cells // 2] = "┼"
    if margin:
        for i in range(cell(position - margin), cell(position + margin) + 1):
            line[i] = "━" if line[i] == "─" else "╋"
    line[cell(position)] = "●"
    return "".join(line)


def spark(values: list[float], width: int = 60) -> str:
    """Values -1..1 as a line of blocks, averaged down to `width`."""
    points = min(width, len(values))
    ends = [round(i * len(values) / points) for i in range(points + 1)] if points else []
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(ends)]
    return "".join(SPARKS[min(7, int((value + 1) / 2 * 8))] for value in means)


def bar(share: float, width: int = 6) -> str:
    """A probability as blocks."""
    filled = max(round(share * width), 1)
    return "█" * filled + "░" * (width - filled)
