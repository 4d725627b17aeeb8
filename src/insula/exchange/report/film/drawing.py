"""Valence and arousal over the seconds of a film: a line for each person, a broad one for the group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from insula.exchange.report.lanes import AXIS, LEFT, RIGHT, WIDE, Axis, clock, drawn, ticks, whole
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.people import ALL, BODIES, FACES, GROUP, Cell, Person
from insula.exchange.report.turn import signed

NAME, LINE = 90, 13
"""Room that a name takes."""
HIGH, GAP, MOST = 120, 2.5, 400
"""Pixels of one drawing, seconds without a reading that break a line, and points of a line."""
_ENDS = {"valence": ("pleasant", "unpleasant"), "arousal": ("aroused", "quiet")}
Place = tuple[float, float, float]
"""Second, value and half-width of its interval."""
Scale = Callable[[float], float]
"""Value -> pixels."""


def curves(people: Sequence[Person], seconds: float) -> Iterator[tuple[str, Html]]:
    """A drawing for each dimension that was read of any face, body or group over time, with its title."""
    for dimension in _ENDS:
        lines = [(person, places) for person in people if len(places := _places(person, dimension)) > 1]
        if lines:
            yield _title(dimension, lines), _drawing(dimension, lines, seconds)


def _title(dimension: str, lines: Sequence[tuple[Person, list[Place]]]) -> str:
    group = ", the group's as a broad line" if any(person.name == GROUP for person, _ in lines) else ""
    kinds = [kind for row, kind in ((FACES, "face"), (BODIES, "body")) if any(person.row(row) for person, _ in lines)]
    return f"{dimension} of each {' and '.join(kinds) or 'person'} over time{group}"


def _places(person: Person, dimension: str) -> list[Place]:
    cells = person.row(FACES) or person.row(BODIES) or (person.row(ALL) if person.name == GROUP else ())
    known = [cell for cell in cells if cell.affect and dimension in cell.affect.scores]
    return _thin([_place(cell, dimension) for cell in known])


def _place(cell: Cell, dimension: str) -> Place:
    assert cell.affect
    return (cell.start + cell.end) / 2, cell.affect.scores[dimension], cell.affect.margin.get(dimension, 0.0)


def _thin(places: list[Place]) -> list[Place]:
    """At most MOST points: neighbours are averaged."""
    every = -(-len(places) // MOST) or 1
    groups = (places[at : at + every] for at in range(0, len(places), every))
    return [tuple(sum(one[n] for one in some) / len(some) for n in range(3)) for some in groups]  # pyright: ignore[reportReturnType]


def _drawing(dimension: str, lines: Sequence[tuple[Person, list[Place]]], seconds: float) -> Html:
    axis, most = whole(seconds), max(abs(place[1]) for _, places in lines for place in places)
    far = 0.5 if most <= 0.5 else 1.0

    def y(value: float) -> float:
        return AXIS + 6 + (1 - max(-far, min(far, value)) / far) / 2 * (HIGH - 12)

    above, below = _ENDS[dimension]
    parts = [
        tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=y(v), y2=y(v), class_="axis" if not v else "grid")
        for v in (-far, 0, far)
    ]
    for value, word, sign, down in ((far, above, "+", (8, 21)), (-far, below, "−", (0, -13))):
        for text, by in ((word, down[0]), (f"{sign}{far:g}", down[1])):
            parts.append(tag("text", text, x=LEFT - 8, y=y(value) + by, class_="end"))
    for person, places in sorted(lines, key=lambda line: line[0].name != GROUP):
        parts += _line(person, places, dimension, axis, y)
    parts += _names(lines, axis, y)
    title = f"{dimension} of each person over time"
    return drawn([*ticks(axis, AXIS + HIGH), *parts], axis, AXIS + HIGH + 4, title, look="heard affect")


def _line(person: Person, places: list[Place], dimension: str, axis: Axis, y: Scale) -> Iterator[Html]:
    look = _look(person)
    broken = [0, *(n for n, (a, b) in enumerate(pairwise(places), 1) if b[0] - a[0] > _gap(places)), len(places)]
    for first, last in pairwise(broken):
        some = places[first:last]
        band = [f"{axis.x(at):.1f},{y(value + half):.1f}" for at, value, half in some]
        band += [f"{axis.x(at):.1f},{y(value - half):.1f}" for at, value, half in reversed(some)]
        if any(half for _, _, half in some) and look != "group":
            yield tag("polygon", points=" ".join(band), class_=f"band {look}")
        line = " ".join(f"{axis.x(at):.1f},{y(value):.1f}" for at, value, _ in some)
        yield tag("polyline", tag("title", person.title), points=line, class_=f"curve {look}")
    for at, value, half in places if len(places) <= 120 else ():
        title = f"{person.title}, {clock(at)}: {dimension} {signed(value)}" + (f" ± {half:.2f}" if half else "")
        yield tag(
            "circle", tag("title", title), cx=axis.x(at), cy=y(value), r=3.5, class_=f"spot {look}", data_at=f"{at:.2f}"
        )


def _names(lines: Sequence[tuple[Person, list[Place]]], axis: Axis, y: Scale) -> Iterator[Html]:
    """A name at the end of each line, lower where another one stands already."""
    taken = list[tuple[float, float]]()
    for person, places in lines:
        x, high = min(axis.x(places[-1][0]), WIDE - RIGHT) - 4, max(y(places[-1][1]) - 6, AXIS + 10.0)
        while any(abs(x - a) < NAME and abs(high - b) < LINE for a, b in taken):
            high += LINE
        taken.append((x, high))
        yield tag("text", person.name, x=x, y=high, class_=f"person end {_look(person)}")


def _look(person: Person) -> str:
    return "group" if person.name == GROUP else f"s{person.style % 6} d{person.style % 4}"


def _gap(places: list[Place]) -> float:
    """What breaks a line: a pause longer than GAP, or than three usual steps."""
    steps = sorted(b[0] - a[0] for a, b in pairwise(places))
    return max(GAP, 3 * steps[len(steps) // 2])
