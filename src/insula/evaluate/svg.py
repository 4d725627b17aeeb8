"""Small drawings as SVG text, coloured by the page's own style (classes `series-0`, `mark`, `grid`, `cell`).

lines([("pipeline", [0, 1], [0, .9])], "score", "share that is true") -> "<svg ...>"
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

Range = tuple[float, float]
Series = tuple[str, ArrayLike, ArrayLike]
_WIDTH, _HEIGHT = 340, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 40


def lines(
    series: Sequence[Series], x: str, y: str, x_range: Range = (0, 1), y_range: Range = (0, 1), diagonal: bool = False
) -> str:
    """Points joined by lines, one colour a series, with axes; `diagonal` draws where both axes agree."""
    place = _Place(x_range, y_range)
    parts = [place.axes(x, y)]
    if diagonal:
        low, high = max(x_range[0], y_range[0]), min(x_range[1], y_range[1])
        parts.append(f'<path class="diagonal" d="{place.path([low, high], [low, high])}"/>')
    for number, (name, xs, ys) in enumerate(series):
        parts.append(f'<path class="line series-{number}" d="{place.path(xs, ys)}"/>')
        parts += _points(place, number, name, xs, ys)
    if len(series) > 1:
        parts += _legend([name for name, _, _ in series])
    return _svg(_WIDTH, _HEIGHT, f"{y} by {x}", parts)


def courses(runs: Sequence[ArrayLike], x: str, y: str, x_range: Range, y_range: Range) -> str:
    """Many runs, thin and of one colour, and where half of them lie above; a run that ends early ends there."""
    place = _Place(x_range, y_range)
    thin = [
        f'<path class="line series-0" stroke-opacity=".25" d="{place.path(np.arange(len(run)), run)}"/>'
        for run in map(np.asarray, runs)
    ]
    longest = max(len(np.asarray(run)) for run in runs)
    going = [[float(run[at]) for run in map(np.asarray, runs) if at < len(run)] for at in range(longest)]
    middle = place.path(np.arange(longest), [float(np.median(there)) for there in going])
    return _svg(
        _WIDTH, _HEIGHT, f"{y} by {x}", [place.axes(x, y), *thin, f'<path class="line series-1" d="{middle}"/>']
    )


def heatmap(counts: ArrayLike, labels: Sequence[str], size: int | None = None) -> str:
    """Counts as a table of cells, rows true and columns predicted; a cell is as dark as its share of the row."""
    table = np.asarray(counts)
    size = size or max(16, min(44, 520 // len(labels)))
    room = 7 * max(map(len, labels)) + 14
    parts: list[str] = []
    for row, name in enumerate(labels):
        middle = room + row * size + size / 2
        parts.append(f'<text x="{room - 6}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>')
        turned = f'transform="translate({middle + 4},{room - 6}) rotate(-90)"'
        parts.append(f"<text {turned}>{escape(name)}</text>")
        parts += _cells(table[row], labels, name, room, row, size)
    side = room + size * len(labels) + 2
    return _svg(side, side, "confusion: rows are the truth, columns the answer", parts)


def whisker(score: float, low: float, high: float, marks: Sequence[tuple[str, float]], span: Range) -> str:
    """An interval with its point on a common scale, and a tick for each baseline."""
    width, height = 140, 22

    def at(value: float) -> float:
        share = (value - span[0]) / (span[1] - span[0])
        return 5 + (width - 10) * min(max(share, 0), 1)

    ticks = [
        f'<path class="mark" d="M{at(value):.1f} 4V{height - 4}"><title>{escape(name)} {value:.3f}</title></path>'
        for name, value in marks
        if np.isfinite(value)
    ]
    body = [
        f'<path class="grid" d="M5 {height / 2}H{width - 5}"/>',
        *ticks,
        f'<path class="whisker" d="M{at(low):.1f} {height / 2}H{at(high):.1f}"/>',
        f'<circle class="point series-0" cx="{at(score):.1f}" cy="{height / 2}" r="4"/>',
    ]
    return _svg(width, height, f"{score:.3f}, between {low:.3f} and {high:.3f}", body)


class _Place:
    """Where values fall in a plot."""

    def __init__(self, x_range: Range, y_range: Range) -> None:
        self.x_range, self.y_range = x_range, y_range

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (y - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, xs: ArrayLike, ys: ArrayLike) -> str:
        places = (self.at(x, y) for x, y in zip(np.asarray(xs), np.asarray(ys), strict=True))
        return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in places)

    def axes(self, x: str, y: str) -> str:
        parts: list[str] = []
        for tick in np.linspace(*self.y_range, 5):
            left, height = self.at(self.x_range[0], tick)
            parts.append(f'<path class="grid" d="M{left:.1f} {height:.1f}H{_WIDTH - _RIGHT}"/>')
            parts.append(f'<text x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{tick:.2g}</text>')
        for tick in np.linspace(*self.x_range, 5):
            across, low = self.at(tick, self.y_range[0])
            parts.append(f'<text x="{across:.1f}" y="{low + 15:.1f}" text-anchor="middle">{tick:.2g}</text>')
        middle = (_HEIGHT - _BOTTOM + _TOP) / 2
        parts.append(f'<text x="{(_WIDTH + _LEFT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>')
        turned = f'transform="translate(11,{middle}) rotate(-90)" text-anchor="middle"'
        return "".join([*parts, f"<text {turned}>{escape(y)}</text>"])


def _points(place: _Place, number: int, name: str, xs: ArrayLike, ys: ArrayLike) -> list[str]:
    if len(np.asarray(xs)) > 40:
        return []
    spots = [(x, y, *place.at(x, y)) for x, y in zip(np.asarray(xs), np.asarray(ys), strict=True)]
    return [
        f'<circle class="point series-{number}" cx="{a:.1f}" cy="{b:.1f}" r="2.5">'
        f"<title>{escape(name)}: {x:.3f}, {y:.3f}</title></circle>"
        for x, y, a, b in spots
    ]


def _legend(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for number, name in enumerate(names):
        height = _TOP + 12 + 15 * number
        found.append(f'<path class="line series-{number}" d="M{_LEFT + 8} {height - 4}h16"/>')
        found.append(f'<text x="{_LEFT + 29}" y="{height}">{escape(name)}</text>')
    return found


def _cells(counts: NDArray, labels: Sequence[str], truth: str, room: int, row: int, size: int) -> list[str]:
    total = max(counts.sum(), 1)
    found: list[str] = []
    for column, count in enumerate(counts):
        share = count / total
        x, y, side = room + column * size, room + row * size, size - 1
        found.append(
            f'<rect class="cell" x="{x}" y="{y}" width="{side}" height="{side}" fill-opacity="{share:.3f}">'
            f"<title>{escape(truth)} read as {escape(labels[column])}: {int(count)} ({share:.0%})</title></rect>"
        )
        if size >= 30 and count:
            shade = ' class="bright"' if share > 0.55 else ""
            place = f'x="{x + size / 2}" y="{y + size / 2 + 4}" text-anchor="middle"'
            found.append(f"<text{shade} {place}>{int(count)}</text>")
    return found


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    box = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return f'<svg {box} role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
