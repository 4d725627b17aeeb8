"""People over time, a lane each: what was read through every channel as bars over the seconds they hold.

Colour goes by the family of the feeling and never alone: its word stands in the bar or in what the bar says of itself.
An empty dashed bar is "cannot tell"; a pale one says that nothing stands out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .markup import Html, tag
from .people import ALL, WINDOWS, Cell, Person, Sign, runs
from .turn import signed
from .view import readable

WIDE, LEFT, RIGHT = 980, 104, 12
BAR, ROW, NAME, AXIS = 15, 19, 20, 22
LETTER = 6.4
SAID = {WINDOWS: "voice by the second", ALL: "all channels together"}
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True)
class Axis:
    """Seconds -> pixels."""

    seconds: float
    left: float
    per_second: float

    def x(self, second: float) -> float:
        """Pixels from the left."""
        return self.left + max(0.0, min(second, self.seconds)) * self.per_second

    @property
    def wide(self) -> float:
        """Pixels in all."""
        return self.x(self.seconds) + RIGHT


def whole(seconds: float) -> Axis:
    """The axis of a drawing that shows all of a recording, beside the names of its rows."""
    return Axis(seconds, LEFT, (WIDE - LEFT - RIGHT) / max(seconds, 0.1))


def overview(people: Sequence[Person], seconds: float) -> Html:
    """The whole recording: for each person what was read through each channel, and where channels differ."""
    axis, top = whole(seconds), float(AXIS)
    parts = list[Html]()
    for person in people:
        look = f"person s{person.style % 6}"
        parts.append(tag("text", person.title, x=0, y=top + 13, class_=look))
        for row in person.rows:
            y = top + NAME
            parts.append(tag("text", row.name, x=LEFT - 8, y=y + 12, class_="end"))
            parts += [bar(axis, cell, y, f"{person.name}, {SAID.get(row.name, row.name)}") for cell in runs(row.cells)]
            top += ROW
        top += NAME + 8
        parts += [_sign(sign, axis, top - NAME - 8 - ROW * len(person.rows)) for sign in person.signs]
        parts.append(tag("line", x1=0, x2=WIDE, y1=top - 3, y2=top - 3, class_="grid"))
    high = top + 2
    return drawn([*ticks(axis, high), *parts], axis, high, "the recording from left to right, a lane for each person")


def bar(axis: Axis, cell: Cell, top: float, what: str, *, high: float = BAR) -> Html:
    """One reading as a bar over its seconds, its strongest label in it where there is room."""
    x, width = axis.x(cell.start), max(axis.x(cell.end) - axis.x(cell.start) - 1, 1.5)
    shape = {
        "x": x,
        "y": top,
        "width": width,
        "height": high,
        "rx": min(3.0, width / 2),
        "data_at": f"{cell.start:.2f}",
    }
    word, look = readable(cell.label), f"bar {cell.family}"
    if cell.doubt:
        word, look = ("?", "bar unknown") if cell.doubt.startswith("cannot tell") else ("", "bar open")
    else:
        shape["style"] = f"--w:{0.35 + 0.65 * cell.score:.2f}"
    title = tag("title", f"{what}, {clock(cell.start)}–{clock(cell.end)}: {sentence(cell)}")
    fits = word and len(word) * LETTER < width - 6
    inside = tag("text", word, x=x + 4, y=top + high - 3.5, class_="inside") if fits else Html()
    return tag("g", title, tag("rect", class_=look, **shape), inside)


def sentence(cell: Cell) -> str:
    """What a cell says, in words: label and score or doubt, valence and arousal, what it was read from."""
    parts = [cell.doubt or f"{readable(cell.label)} {cell.score:.2f}"]
    if cell.affect:
        parts += [
            f"{name} {signed(cell.affect.scores[name])}"
            for name in ("valence", "arousal")
            if name in cell.affect.scores
        ]
    return ", ".join(parts) + (f" ({cell.note})" if cell.note else "")


def clock(second: float) -> str:
    """1:07.5"""
    minutes, rest = divmod(round(second, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def ticks(axis: Axis, high: float) -> Iterator[Html]:
    """Lines and times along the top."""
    step = next((one for one in _STEPS if one * axis.per_second >= 60), _STEPS[-1])
    for n in range(int(axis.seconds // step) + 1):
        at = axis.x(n * step)
        yield tag("line", x1=at, x2=at, y1=AXIS - 6, y2=high, class_="grid")
        if at + 30 < axis.wide:
            yield tag("text", f"{n * step // 60}:{n * step % 60:02}", x=at + 3, y=AXIS - 9)


def drawn(
    parts: Sequence[Html], axis: Axis, high: float, title: str, *, look: str = "heard", strip: bool = False
) -> Html:
    """A drawing over time, with the line that shows where the player is; arrow keys step through what is in it."""
    head = tag("line", x1=axis.left, x2=axis.left, y1=AXIS - 6, y2=high, class_="playhead")
    shape = {"viewBox": f"0 0 {axis.wide:.0f} {high:.0f}"}
    if strip:
        shape |= {"width": f"{axis.wide:.0f}", "height": f"{high:.0f}"}
    scale = {"data_left": axis.left, "data_scale": f"{axis.per_second:.5f}", "tabindex": "0"}
    return tag("svg", *parts, head, role="img", aria_label=title, class_=look, **shape, **scale)


def _sign(sign: Sign, axis: Axis, top: float) -> Html:
    """Between the first two rows, at the end of the turn, where it hides no word."""
    x, y = axis.x(sign.end) - 9, top + NAME + ROW - 2
    title = tag("title", f"channels differ, {clock(sign.start)}: {sign.why}")
    spot = tag("circle", cx=x, cy=y, r=8, class_="odds", data_at=f"{sign.start:.2f}")
    return tag("g", title, spot, tag("text", "≠", x=x, y=y + 5, class_="sign"))
