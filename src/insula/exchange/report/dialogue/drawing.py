"""The drawings of a conversation: its course with the causes as arcs under it, and which emotion follows which.

Turns go from left to right, a lane for each speaker; the emotion's colour is never alone, its word stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from insula.exchange.report.drawing import MOST_POINTS, Line, Point, mark, reach, thin
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.view import FAMILIES, readable

from .summary import Forecast, broad, strongest
from .view import Edge, Reading

WIDE, LEFT, RIGHT, LANE = 980, 112, 96, 118
MOST_SPEAKERS, MOST_TURNS, MOST_EDGES, MOST_FLAGS = 6, 200, 60, 24
LETTER = 7.2
"""Width of a letter, about, to keep words apart."""


@dataclass(frozen=True)
class Frame:
    """Where things are drawn: `turns` across, valence from -`far` to `far` up a lane, `href` the address of a turn."""

    turns: int
    far: float
    href: Callable[[int], str | None]

    def x(self, number: float) -> float:
        """Turn number -> pixels."""
        return LEFT + (number - 1) / max(self.turns - 1, 1) * (WIDE - LEFT - RIGHT)

    def y(self, value: float, top: float) -> float:
        """Valence -> pixels, in the lane that begins at `top`."""
        return top + 16 + (1 - max(-1.0, min(1.0, value / self.far))) / 2 * (LANE - 30)


def course(
    found: Sequence[Reading], people: dict[str, int], ahead: Sequence[Forecast], href: Callable[[int], str | None]
) -> Html:
    """Valence of every speaker with its band, turning points and forecast; below, an arc from each cause.

    `href` is the address of a turn on the page, None where it is not drawn.
    """
    points: dict[str, list[Point]] = {name: [] for name in people}
    for one in found:
        points[one.speaker] += [point] if (point := _point(one)) else []
    most = sorted(people, key=lambda name: -len(points[name]))[:MOST_SPEAKERS]
    shown = [name for name in people if name in most and points[name]]
    frame = Frame(len(found), reach([Line(name, 0, tuple(points[name])) for name in shown]), href)
    parts: list[Html] = []
    for i, name in enumerate(shown):
        theirs = [one for one in found if one.speaker == name]
        parts += _lane(theirs, points[name], people[name], i * LANE, frame)
        parts += [_forecast(f, points[name][-1], people[name], i * LANE, frame) for f in ahead if f.speaker == name]
    floor = len(shown) * LANE + 16
    arcs = strongest(found, MOST_EDGES) if arched(found) else []
    parts += _ruler(found, floor, frame) + [_arc(edge, found, floor + 8, frame) for edge in arcs]
    # a curve of this kind reaches three quarters of the way to its control points
    high = floor + 14 + 0.75 * max((_depth(edge, frame) for edge in arcs), default=0)
    words = "valence of each speaker over the turns, and the causes found, as arcs from the cause to what it caused"
    return tag("svg", tag("title", words), *parts, viewBox=f"0 0 {WIDE} {high:.0f}", role="img", class_="course")


def arched(found: Sequence[Reading]) -> bool:
    """Whether causes can be seen as arcs: there are some, and turns are not too close together."""
    return len(found) <= MOST_TURNS and any(one.edges for one in found)


def matrix(counts: Counter[tuple[str, str]], title: str) -> Html:
    """Which emotion (row) is followed by which (column), the more often the darker; the diagonal is framed."""
    labels = [label for label in (*FAMILIES, "other") if any(label in pair for pair in counts)]
    size, left, top = 44, 84, 64
    wide, high, most = left + size * len(labels) + 34, top + size * len(labels) + 4, max(counts.values(), default=1)
    parts: list[Html] = []
    for row, a in enumerate(labels):
        y = top + row * size
        parts.append(tag("text", a, x=left - 8, y=y + size / 2 + 4, class_="end"))
        at = left + row * size + size / 2
        parts.append(tag("text", a, x=at, y=top - 6, transform=f"rotate(-45 {at} {top - 6})"))
        for column, b in enumerate(labels):
            n, at = counts[a, b], left + column * size
            look = f"cell {b}" + (" same" if a == b else "")
            parts.append(
                tag(
                    *("rect", tag("title", f"{a}, then {b}: {n:,}")),
                    **{"x": at + 2, "y": y + 2, "width": size - 4, "height": size - 4, "rx": 5},
                    **{"class_": look, "style": f"--o:{n / most * 0.8:.2f}"},
                )
            )
            if n:
                where = {"x": at + size / 2, "y": y + size / 2 + 5, "text_anchor": "middle"}
                parts.append(tag("text", f"{n:,}", **where, class_="count" if n < 1000 else "count many"))
    style = f"max-width:{wide}px"
    return tag(
        "svg", tag("title", title), *parts, viewBox=f"0 0 {wide} {high}", role="img", class_="matrix", style=style
    )


def _lane(theirs: Sequence[Reading], points: Sequence[Point], style: int, top: float, frame: Frame) -> list[Html]:
    """One speaker: name, axis, band, curve, a mark per turn with its emotion, turning points."""
    ends = {"x": LEFT - 10, "class_": "end"}
    far, across = frame.far, {"x1": LEFT, "x2": WIDE - RIGHT}
    high, zero, low = (frame.y(value, top) for value in (far, 0, -far))
    drawn = [
        tag("line", **across, y1=zero, y2=zero, class_="axis"),
        *(tag("line", **across, y1=y, y2=y, class_="grid") for y in (high, low)),
        mark(style, LEFT - 100, zero - 4, 5.5, "mean"),
        tag("text", _short(theirs[0].speaker, 10), x=LEFT - 88, y=zero, class_="name"),
        tag("text", f"+{far:g}", **ends, y=high + 5),
        tag("text", f"−{far:g}", **ends, y=low + 3),
        *_curve(thin(points), style, top, frame),
        *_flags(theirs, top, frame),
    ]
    return drawn + (_marks(theirs, style, top, frame) if len(points) <= MOST_POINTS else [])


def _curve(points: Sequence[Point], style: int, top: float, frame: Frame) -> list[Html]:
    above = [_at(frame, p.at, p.valence + p.margin[0], top) for p in points]
    below = [_at(frame, p.at, p.valence - p.margin[0], top) for p in points]
    path = " ".join(_at(frame, p.at, p.valence, top) for p in points)
    return [
        tag("polygon", points=" ".join(above + below[::-1]), class_=f"band s{style % 6}"),
        tag("polyline", points=path, class_=f"curve s{style % 6} d{style % 4}"),
    ]


def _marks(theirs: Sequence[Reading], style: int, top: float, frame: Frame) -> list[Html]:
    """A mark for every turn, and the emotion's word where it changes and there is room."""
    drawn: list[Html] = []
    before, free = "", 0.0
    for one in theirs:
        if not (found := one.view.affect_of("valence")):
            continue
        at, height = frame.x(one.number), frame.y(found[0], top)
        look = mark(style, at, height, 4.6, f"dot {broad(one) or 'neutral'}")
        drawn.append(_linked(look, f"{one.number} {one.speaker}: {one.view.turn.text[:80]}", frame.href(one.number)))
        half = len(one.emotion) * LETTER / 2
        if one.emotion not in ("", "neutral", before) and at - half > free:
            where = {"x": at, "y": height + 19 if found[0] < 0 or one.turning else height - 11, "text_anchor": "middle"}
            drawn.append(tag("text", readable(one.emotion), **where, class_=f"word {broad(one)}"))
            free = at + half + 6
        before = one.emotion
    return drawn


def _flags(theirs: Sequence[Reading], top: float, frame: Frame) -> list[Html]:
    """A line with a flag at every turning point, as far as there is room; words where they are few."""
    drawn: list[Html] = []
    turning = [one for one in theirs if one.turning]
    free = 0.0
    for at in (frame.x(one.number) for one in turning):
        if at < free:
            continue
        free = at + (WIDE - LEFT - RIGHT) / MOST_FLAGS
        drawn.append(tag("line", x1=at, x2=at, y1=top + 8, y2=top + LANE - 8, class_="turning"))
        drawn.append(tag("polygon", points=f"{at},{top + 4} {at + 9},{top + 8.5} {at},{top + 13}", class_="flag"))
        if len(turning) <= 4:
            drawn.append(tag("text", "turns", x=at + 12, y=top + 13, class_="strong"))
    return drawn


def _forecast(ahead: Forecast, last: Point, style: int, top: float, frame: Frame) -> Html:
    """A hollow mark beyond the last turn, its margin as a bar, a dotted line leading there."""
    at = WIDE - RIGHT + 34
    value, low, high = (frame.y(ahead.valence + by, top) for by in (0, -ahead.margin, ahead.margin))
    words = f"{ahead.words} (valence {ahead.valence:+.2f} ± {ahead.margin:.2f})"
    return tag(
        *("g", tag("title", words)),
        tag("line", x1=frame.x(last.at), x2=at - 7, y1=frame.y(last.valence, top), y2=value, class_="lead"),
        tag("line", x1=at, x2=at, y1=low, y2=high),
        *(tag("line", x1=at - 5, x2=at + 5, y1=y, y2=y) for y in (low, high)),
        mark(style, at, value, 5, "hollow"),
        tag("text", "next?", x=at + 10, y=value + 4, class_="strong"),
        class_=f"forecast s{style % 6}",
    )


def _ruler(found: Sequence[Reading], floor: float, frame: Frame) -> list[Html]:
    """The numbers of the turns, as many as there is room for."""
    most = 30 if len(found) < 1000 else 12
    step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10**9) if len(found) / n <= most)
    numbers = [one.number for one in found if one.number % step == 0 or one.number == 1]
    ticks = [tag("text", f"{n:,}", x=frame.x(n), y=floor, text_anchor="middle") for n in numbers]
    return [tag("text", "turn", x=LEFT - 10, y=floor, class_="end"), *ticks]


def _arc(edge: Edge, found: Sequence[Reading], floor: float, frame: Frame) -> Html:
    """From the cause to what it caused; a loop for its own words; dashed where the check did not bear it out."""
    a, b, deep = frame.x(edge.source), frame.x(edge.target), _depth(edge, frame)
    if edge.source == edge.target:
        path = f"M{a - 4:.1f} {floor:.1f}c-9 14 17 14 8 0"
    else:
        path = f"M{a:.1f} {floor:.1f}C{a:.1f} {floor + deep:.1f} {b:.1f} {floor + deep:.1f} {b:.1f} {floor:.1f}"
    dashed = " unsure" if edge.drop is not None and edge.drop <= 0 else ""
    drop = f"; without it {readable(edge.emotion)} {fall(edge.drop)}" if edge.drop is not None else ""
    words = f"turn {edge.source} → turn {edge.target}: {readable(edge.emotion)} ({edge.score:.2f}{drop})"
    look = f"arc {broad(found[edge.target - 1])}{dashed}"
    shape = tag("path", d=path, class_=look, style=f"--w:{1 + 2.5 * edge.score:.1f}")
    return _linked(shape, words, frame.href(edge.target))


def fall(drop: float) -> str:
    """What a counterfactual says, in words."""
    if abs(drop) < 0.005:
        return "stays the same"
    return f"{'falls' if drop > 0 else 'rises'} by {abs(drop):.2f}"


def _depth(edge: Edge, frame: Frame) -> float:
    return 16 + 5.2 * (frame.x(edge.target) - frame.x(edge.source)) ** 0.5


def _at(frame: Frame, number: float, value: float, top: float) -> str:
    return f"{frame.x(number):.1f},{frame.y(value, top):.1f}"


def _point(one: Reading) -> Point | None:
    if not (valence := one.view.affect_of("valence")):
        return None
    return Point(float(one.number), valence[0], None, (valence[1], 0.0), "turn")


def _linked(shape: Html, words: str, href: str | None) -> Html:
    return tag("a", tag("title", words), shape, href=href)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
