"""The report's drawings, as SVG without a library: curves over a conversation, the affect plane, a histogram.

Each speaker has a colour, a dash and a mark, so that no drawing is read by colour alone. The page names the colours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .markup import Html, tag

MOST_POINTS = 60
WIDE, HIGH, LEFT, RIGHT = 760, 170, 84, 16
PLANE = 300


@dataclass(frozen=True)
class Point:
    """A speaker's place at one moment (turn number or second); without a `note`, a mean of several turns."""

    at: float
    valence: float
    arousal: float | None
    margin: tuple[float, float]
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Line:
    """The points of one speaker; `style` chooses colour, dash and mark."""

    speaker: str
    style: int
    points: tuple[Point, ...]


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most `most` points: neighbours are averaged, so that a long conversation keeps its shape."""
    if len(points) <= most:
        return tuple(points)
    ends = [round(i * len(points) / most) for i in range(most + 1)]
    return tuple(_mean(points[a:b]) for a, b in pairwise(ends))


def reach(lines: Sequence[Line]) -> float:
    """How far from 0 the scale is drawn: .5 where everything lies within, else 1. The drawing says which."""
    every = [abs(x) for line in lines for p in line.points for x in (p.valence, p.arousal or 0.0)]
    return 0.5 if max(every, default=1.0) <= 0.5 else 1.0


def curves(lines: Sequence[Line], dimension: str, low: str, high: str, unit: str) -> Html:
    """One dimension over the conversation, its 90 % interval as a band; `low` and `high` name the ends of the scale."""
    every = [point.at for line in lines for point in line.points]
    first, last, far = min(every), max(every), reach(lines)

    def x(at: float) -> float:
        return LEFT + (at - first) / ((last - first) or 1) * (WIDE - LEFT - RIGHT)

    def y(value: float) -> float:
        return 12 + (1 - value / far) / 2 * (HIGH - 40)

    frame = [
        *(
            tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=y(v), y2=y(v), class_="axis" if not v else "grid")
            for v in (-far, 0, far)
        ),
        tag("text", high, x=LEFT - 8, y=y(far) + 4, class_="end"),
        tag("text", f"{far:+g}", x=LEFT - 8, y=y(far) + 18, class_="end"),
        tag("text", f"−{far:g}", x=LEFT - 8, y=y(-far) - 10, class_="end"),
        tag("text", low, x=LEFT - 8, y=y(-far) + 4, class_="end"),
        tag("text", f"{unit} {_moment(first, unit)}", x=LEFT, y=HIGH - 6),
        tag("text", _moment(last, unit), x=WIDE - RIGHT, y=HIGH - 6, class_="end"),
    ]
    drawn = [part for line in lines for part in _curve(line, dimension, x, y)]
    return tag(
        *("svg", tag("title", f"{dimension} over the conversation, by speaker"), *frame, *drawn),
        viewBox=f"0 0 {WIDE} {HIGH}",
        role="img",
        class_="curves",
    )


def plane(lines: Sequence[Line]) -> Html:
    """Valence across, arousal upwards (Russell's circumplex): a mark per turn, a large one for each speaker's mean."""
    middle, radius, far = PLANE / 2, PLANE / 2 - 26, reach(lines)

    def spot(valence: float, arousal: float) -> tuple[float, float]:
        return middle + valence / far * radius, middle - arousal / far * radius

    end = {"text_anchor": "end"}
    words = [
        tag("text", "tense, angry", x=34, y=46),
        tag("text", "excited", x=PLANE - 34, y=46, **end),
        tag("text", "low, sad", x=34, y=PLANE - 38),
        tag("text", "calm, content", x=PLANE - 34, y=PLANE - 38, **end),
        tag("text", "aroused", x=middle, y=16, text_anchor="middle", class_="strong"),
        tag("text", "quiet", x=middle, y=PLANE - 8, text_anchor="middle", class_="strong"),
        tag("text", f"−{far:g}", x=30, y=middle - 5),
        tag("text", f"{far:+g}", x=PLANE - 30, y=middle - 5, **end),
    ]
    frame = [
        tag("circle", cx=middle, cy=middle, r=radius, class_="grid"),
        tag("circle", cx=middle, cy=middle, r=radius / 2, class_="grid"),
        tag("line", x1=26, x2=PLANE - 26, y1=middle, y2=middle, class_="axis"),
        tag("line", x1=middle, x2=middle, y1=26, y2=PLANE - 26, class_="axis"),
    ]
    drawn: list[Html] = []
    for line in lines:
        known = [point for point in line.points if point.arousal is not None]
        drawn += [
            _link(point, mark(line.style, *spot(point.valence, point.arousal or 0), 4.5, "dot")) for point in known
        ]
        if known:
            mean = _mean(known)
            drawn.append(mark(line.style, *spot(mean.valence, mean.arousal or 0), 9, "mean"))
    return tag(
        *("svg", tag("title", "valence and arousal of each turn, by speaker"), *frame, *words, *drawn),
        viewBox=f"0 0 {PLANE} {PLANE}",
        role="img",
        class_="plane",
    )


def histogram(counts: Sequence[int]) -> Html:
    """How many texts lie where between unpleasant (left) and pleasant (right)."""
    most, step, high = max(counts) or 1, (WIDE - 2 * RIGHT) / len(counts), 110
    bars = [
        tag(
            *(
                "rect",
                tag(
                    "title",
                    f"{count:,} texts between {2 * i / len(counts) - 1:+.1f} and {2 * (i + 1) / len(counts) - 1:+.1f}",
                ),
            ),
            x=RIGHT + i * step + 1.5,
            y=high - count / most * (high - 8),
            width=step - 3,
            height=count / most * (high - 8),
            rx=2,
            class_="left" if i < len(counts) / 2 else "right",
        )
        for i, count in enumerate(counts)
    ]
    frame = [
        tag("line", x1=RIGHT, x2=WIDE - RIGHT, y1=high, y2=high, class_="axis"),
        tag("text", "−1 unpleasant", x=RIGHT, y=high + 18),
        tag("text", "0", x=WIDE / 2, y=high + 18, text_anchor="middle"),
        tag("text", "pleasant +1", x=WIDE - RIGHT, y=high + 18, class_="end"),
    ]
    return tag(
        *("svg", tag("title", "texts by valence"), *bars, *frame),
        viewBox=f"0 0 {WIDE} {high + 24}",
        role="img",
        class_="histogram",
    )


def mark(style: int, x: float, y: float, size: float, kind: str) -> Html:
    """A speaker's mark: circle, square, triangle or diamond."""
    look = {"class_": f"{kind} s{style % 6}"}
    if style % 4 == 0:
        return tag("circle", cx=x, cy=y, r=size, **look)
    sides, turned = ((4, math.pi / 4), (3, -math.pi / 2), (4, 0.0))[style % 4 - 1]
    angles = [turned + 2 * math.pi * i / sides for i in range(sides)]
    corners = " ".join(f"{x + 1.2 * size * math.cos(a):.1f},{y + 1.2 * size * math.sin(a):.1f}" for a in angles)
    return tag("polygon", points=corners, **look)


def _curve(line: Line, dimension: str, x: Callable[[float], float], y: Callable[[float], float]) -> list[Html]:
    index = 0 if dimension == "valence" else 1
    values = [(p, (p.valence, p.arousal)[index], p.margin[index]) for p in line.points]
    known = [(p, value, margin) for p, value, margin in values if value is not None]
    if not known:
        return []
    above = [f"{x(p.at):.1f},{y(v + m):.1f}" for p, v, m in known]
    below = [f"{x(p.at):.1f},{y(v - m):.1f}" for p, v, m in known]
    drawn = [tag("polygon", points=" ".join(above + below[::-1]), class_=f"band s{line.style % 6}")]
    if len(known) > 1:
        path = " ".join(f"{x(p.at):.1f},{y(v):.1f}" for p, v, _ in known)
        drawn.append(tag("polyline", points=path, class_=f"curve s{line.style % 6} d{line.style % 4}"))
    dots = [(p, v) for p, v, _ in known if p.note]
    return drawn + [_link(p, mark(line.style, x(p.at), y(v), 3.6, "dot")) for p, v in dots]


def _link(point: Point, shape: Html) -> Html:
    if not point.href:
        return shape
    return tag("a", tag("title", point.note), shape, href=point.href)


def _mean(points: Sequence[Point]) -> Point:
    n = len(points)
    aroused = [p.arousal for p in points if p.arousal is not None]
    return Point(
        sum(p.at for p in points) / n,
        sum(p.valence for p in points) / n,
        sum(aroused) / len(aroused) if aroused else None,
        (sum(p.margin[0] for p in points) / n, sum(p.margin[1] for p in points) / n),
    )


def _moment(at: float, unit: str) -> str:
    return f"{int(at) // 60}:{int(at) % 60:02}" if unit == "time" else f"{at:.0f}"
