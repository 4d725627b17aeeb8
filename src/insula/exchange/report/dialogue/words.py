"""The words of a turn with everything that is marked in them: feelings, causes of later turns, empathy.

Marks may overlap: the text is cut wherever one begins or ends, and a piece carries all marks that cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from insula.conversation import Annotation
from insula.exchange.report.markup import Html, join, tag
from insula.exchange.report.turn import MOST_CHARACTERS
from insula.exchange.report.view import family, readable

from .anchors import Anchors
from .view import MECHANISMS, Edge, Reading


@dataclass(frozen=True)
class Mark:
    """One stretch of a text. `note` is put behind its end, `targets` are the turns it caused."""

    start: int
    end: int
    look: str
    title: str
    style: str = ""
    id: str | None = None
    note: str = ""
    targets: tuple[int, ...] = ()


def said(reading: Reading, effects: Sequence[Edge], anchors: Anchors) -> Html:
    """The text of a turn, marked; `effects` are the edges that begin here. A cause without words marks all of it."""
    text = reading.view.turn.text
    whole = [edge for edge in effects if not edge.spans]
    marks = [*_causes(effects, anchors), *_feelings(reading), *_empathy(reading)]
    rest = len(text) - MOST_CHARACTERS
    parts: list[object] = [
        layered(text[:MOST_CHARACTERS], marks),
        tag("em", f" … {rest:,} more characters") if rest > 0 else "",
    ]
    parts += [_effect(edge.target, anchors) for edge in whole]
    look = "said cause-all" if whole else "said"
    return tag("p", *parts, class_=look, data_for=_targets(edge.target for edge in whole))


def layered(text: str, marks: Sequence[Mark]) -> Html:
    """The text cut at every end of a mark, each piece within all the marks that cover it."""
    marks = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    parts: list[object] = []
    for start, end in pairwise(cuts):
        piece: object = text[start:end]
        for mark in (mark for mark in marks if mark.start <= start and end <= mark.end):
            id = mark.id if mark.start == start else None
            targets = _targets(mark.targets)
            look = {"class_": mark.look, "title": mark.title, "style": mark.style or None}
            piece = tag("mark", piece, **look, id=id, data_for=targets)
        parts.append(piece)
        parts += [mark.note for mark in marks if mark.end == end and mark.note]
    return join(parts)


def _causes(effects: Sequence[Edge], anchors: Anchors) -> list[Mark]:
    """A mark for every cause that names words, and behind it the turns it led to."""
    by_span: dict[tuple[int, int], list[tuple[Edge, Annotation]]] = {}
    for edge in effects:
        for cause in edge.causes:
            if cause.at.chars and cause.at.chars[1] <= MOST_CHARACTERS:
                by_span.setdefault(cause.at.chars, []).append((edge, cause))
    return [
        Mark(
            *(start, end, "cause", "; ".join(f"speaks for {readable(e.emotion)} in turn {e.target}" for e, _ in some)),
            id=next((id for _, cause in some if (id := anchors.id(cause))), None),
            note=join(_effect(edge.target, anchors) for edge, _ in some if edge.source != edge.target),
            targets=tuple(edge.target for edge, _ in some),
        )
        for (start, end), some in by_span.items()
    ]


def _effect(target: int, anchors: Anchors) -> Html:
    """→8, raised, leading to the turn."""
    return tag("sup", tag("a", f"→{target}", href=anchors.turn(target)), class_="effect")


def _feelings(reading: Reading) -> list[Mark]:
    scheme = reading.view.emotion.scheme if reading.view.emotion else ""
    found: list[Mark] = []
    for x in reading.view.evidence:
        start, end = x.at.chars or (0, 0)
        label, weight = max(x.scores.items(), key=lambda pair: pair[1])
        title = f"speaks for {readable(label)}: {weight:.2f}"
        found.append(Mark(start, end, f"felt {family(scheme, label)}", title, f"--w:{0.25 + 0.75 * weight:.2f}"))
    return found


def _empathy(reading: Reading) -> list[Mark]:
    found: list[Mark] = []
    for x in reading.rationale:
        start, end = x.at.chars or (0, 0)
        names = ", ".join(MECHANISMS.get(name, readable(name)) for name in x.scores)
        found.append(Mark(start, end, "shown", f"shows {names}"))
    return found


def _targets(numbers: Iterable[int]) -> str | None:
    return " ".join(map(str, dict.fromkeys(numbers))) or None
