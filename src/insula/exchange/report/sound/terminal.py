"""A turn that was heard, in a terminal: what its words say and how its voice sounds side by side, then by the second.

words  joy █████░ .81                     voice  sadness ████░░ .62   valence −.41
0:07   JJJSSSS??S   0:07 joy .66 · 0:10 sadness .71 · 0:14 ? too much noise · 0:16 sadness .58
⚑ words and voice differ .86, going by the voice: ...
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from insula.conversation import Annotation
from insula.exchange.report.glyphs import COLOURS, bar, number
from insula.exchange.report.people import told
from insula.exchange.report.view import View, family, readable, visible

from .view import Heard, Window

LETTERS = {"surprise": "U"}
"""The letter of a label in the strip is its first, but for this one."""
MOST_CELLS = 60


def lines(view: View) -> Iterator[Text]:
    """The lines under a turn that was heard."""
    heard = view.heard
    if not heard or not view.turn.seconds:
        return
    gap = Text(" " * 3)
    yield Text.assemble(*_channel("words", heard.words), gap, *_channel("voice", heard.voice), *_affect(heard))
    if heard.windows:
        yield _strip(list(heard.cells(view.turn)))
    if heard.at_odds and heard.conflict:
        yield _conflict(heard.conflict, heard.why)


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


def _strip(cells: list[Window]) -> Text:
    """A letter a window, then what it says in words, windows that say the same taken together."""
    line = Text()
    for one in cells[:MOST_CELLS]:
        label, _, doubt = told(one.emotion)
        if not doubt:
            letter = LETTERS.get(label, label[:1].upper())
            line.append(letter, f"reverse {COLOURS[family(one.emotion.scheme if one.emotion else '', label)]}")
        else:
            line.append("?" if one.emotion and one.emotion.abstained else "·", "bright_black")
    line.append("…" if len(cells) > MOST_CELLS else "")
    for n, (start, label, score, doubt) in enumerate(_runs(cells)):
        line.append(f"{' · ' if n else '   '}{int(start) // 60}:{int(start) % 60:02} ", "bright_black")
        line.append(doubt or f"{readable(label)} {number(score)}", "italic bright_black" if doubt else "")
    return line


def _runs(cells: list[Window], most: int = 12) -> Iterator[tuple[float, str, float, str]]:
    """Where the voice begins to sound otherwise: (second, label, its highest score until the next, doubt)."""
    found = list[tuple[float, str, float, str]]()
    for one in cells:
        label, score, doubt = told(one.emotion)
        short = f"? {one.emotion.reason}" if one.emotion and one.emotion.abstained else "–" if doubt else ""
        if found and (found[-1][1], found[-1][3]) == (label, short):
            found[-1] = (found[-1][0], label, max(score, found[-1][2]), short)
        else:
            found.append((one.start, label, score, short))
    yield from found[:most]


def _conflict(conflict: Annotation, why: str) -> Text:
    return Text(f"⚑ words and voice differ {number(conflict.scores['conflict'])}: {visible(why)}", "bold")
