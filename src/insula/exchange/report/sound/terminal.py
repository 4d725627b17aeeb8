"""A turn that was heard, in a terminal: what its words say and how its voice sounds side by side, then by the second.

words joy █████░ .81   voice sadness ████░░ .62   face neutral ████░░ .58   valence −.41
0:07   JJJSSSS??S   0:07 joy .66 · 0:10 sadness .71 · 0:14 ? too much noise · 0:16 sadness .58
⚑ words and voice differ .86, going by the voice: ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from insula.conversation import Annotation
from insula.exchange.report.glyphs import COLOURS, bar, number
from insula.exchange.report.people import Cell, cell, runs, told
from insula.exchange.report.view import View, family, readable, visible

from .view import Heard

LETTERS = {"surprise": "U"}
"""The letter of a label in the strip is its first, but for this one."""
MOST_CELLS, MOST_RUNS = 60, 12
_UNKNOWN = "cannot tell: "


def lines(view: View) -> Iterator[Text]:
    """The lines under a turn that was heard."""
    heard = view.heard
    if not heard or not view.turn.seconds:
        return
    parts = [Text.assemble(*_channel(name, read)) for name, read in heard.channels.items()]
    yield Text.assemble(Text(" " * 3).join(parts[:2]), *_affect(heard))
    if parts[2:]:
        yield Text(" " * 3).join(parts[2:])
    if heard.windows:
        yield strip([cell(one.start, one.end, one.emotion, one.affect) for one in heard.cells(view.turn)])
    if heard.at_odds and heard.conflict:
        yield _conflict(heard)


def _channel(name: str, read: Annotation | None) -> Iterator[Text | tuple[str, str]]:
    label, score, doubt = told(read)
    yield (f"{name} ", "bright_black")
    if doubt:
        yield (doubt if not doubt.startswith("cannot tell") else f"? {doubt}", "italic bright_black")
        return
    colour = COLOURS[family(read.scheme if read else "", label)]
    yield (f"{readable(label)} ", f"bold {colour}")
    yield (bar(score), colour)
    yield (f" {number(score)}", "")


def _affect(heard: Heard) -> Iterator[tuple[str, str]]:
    if heard.affect and heard.affect.scores:
        said = (
            f"{name} {number(heard.affect.scores[name], True)}"
            for name in ("valence", "arousal")
            if name in heard.affect.scores
        )
        yield (f"   {'  '.join(said)}", "bright_black")


def strip(cells: Sequence[Cell]) -> Text:
    """A letter for each stretch of time, then what it says in words, stretches that say the same taken together."""
    line = Text()
    for one in cells[:MOST_CELLS]:
        if one.doubt:
            line.append("?" if one.doubt.startswith(_UNKNOWN) else "·", "bright_black")
        else:
            line.append(LETTERS.get(one.label, one.label[:1].upper()), f"reverse {COLOURS[one.family]}")
    line.append("…" if len(cells) > MOST_CELLS else "")
    for n, one in enumerate(runs(cells)[:MOST_RUNS]):
        line.append(f"{' · ' if n else '   '}{int(one.start) // 60}:{int(one.start) % 60:02} ", "bright_black")
        doubt = (
            f"? {visible(one.doubt.removeprefix(_UNKNOWN))}"
            if one.doubt.startswith(_UNKNOWN)
            else "–"
            if one.doubt
            else ""
        )
        line.append(doubt or f"{readable(one.label)} {number(one.score)}", "italic bright_black" if doubt else "")
    return line


def _conflict(heard: Heard) -> Text:
    score = number(heard.conflict.scores["conflict"]) if heard.conflict else ""
    which = "channels" if set(heard.channels) - {"words", "voice"} else "words and voice"
    return Text(f"⚑ {which} differ {score}: {visible(heard.why)}", "bold")
