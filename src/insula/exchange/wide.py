"""Conversations as a flat table, for spreadsheets and data frames: one row per turn, a block of columns per scheme.

    source, turn, start, end, speaker, text,  the source's other columns ...,
    goemotions28.rater, .reason, .label, .labels, .possible, .admiration ... .neutral,
    vad.rater, vad.reason, vad.valence, vad.arousal, vad.dominance

`label` is the highest score, `labels` what the rater decided is there, `possible` what it cannot rule out; an empty
block with a `reason` is "cannot tell". A stretch of a turn that was judged by itself has a row of its own, whose text
is the stretch; so has a window in time, whose text is the words heard in it; and what was read of a face or a group by
the second, which is of no turn and has no text, after the turns. `start` and `end` are seconds, and empty
where the source has none. The columns are those of the first conversation that has judgements, and stay the same to the
end; two raters under one scheme have a block each, called "rater/scheme". Free words of one rater on one turn share
their cells; of other judgements of the same words the last one stands. Evidence, margins, signals, the times of words
and functionals of prosody are left out: JSON lines keep everything, `.functionals.csv` and `.frames.csv` hold prosody.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

from .marks import spoken

FIXED = ("source", "turn", "start", "end", "speaker", "text")
_DECIDED = ("label", "labels", "possible")
Key = tuple[str, str, str]
"""A layer, a scheme and a rater."""
Place = tuple[str | None, tuple[float, float] | None]
"""Somebody's seconds."""


@dataclass(frozen=True)
class Block:
    """The columns of one scheme as one rater fills it. An open scheme has no columns for scores."""

    name: str
    labels: tuple[str, ...]
    dimensional: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names, texts first, then one per score."""
        texts = ("rater", "reason", *(() if self.dimensional else _DECIDED))
        return tuple(f"{self.name}.{column}" for column in (*texts, *self.labels))

    def texts(self, annotation: Annotation, top: str | None) -> tuple[str, ...]:
        """The cells before the scores, given the label with the highest one."""
        if self.dimensional:
            return annotation.rater, annotation.reason
        labels, possible = " ".join(annotation.labels), " ".join(annotation.possible)
        return annotation.rater, annotation.reason, top or "", labels, possible


class Row(NamedTuple):
    """A turn, or a stretch of one, with its judgements by block."""

    turn: Turn
    text: str
    seconds: tuple[float, float] | None
    found: dict[Key, Annotation]


class Wide:
    """The columns of a table, fixed by the conversation it is made from."""

    def __init__(self, conversation: Conversation) -> None:
        found = {_key(annotation): annotation for annotation in judgements(conversation)}
        schemes = [annotation.scheme or annotation.layer for annotation in found.values()]
        self.blocks: dict[Key, Block] = {
            key: _block(annotation, alone=schemes.count(annotation.scheme or annotation.layer) == 1)
            for key, annotation in found.items()
        }
        own = {*FIXED, *(column for block in self.blocks.values() for column in block.columns)}
        cells = (cell for turn in conversation.turns for cell in turn.meta.items())
        # a list, such as the times of words, is no cell
        one_each = (str(name) for name, value in cells if name not in own and not isinstance(value, list | tuple))
        self.meta = tuple(dict.fromkeys(one_each))
        self.unknown: set[str] = set()

    @property
    def header(self) -> tuple[str, ...]:
        """Every column's name."""
        blocks = (column for block in self.blocks.values() for column in block.columns)
        return (*FIXED, *self.meta, *blocks)

    def rows(self, conversation: Conversation) -> list[Row]:
        """The turns in order, each followed by its stretches. Judgements without a column are noted in `unknown`."""
        turns = conversation.turns
        rows: dict[str | Anchor | Place, Row] = {turn.id: Row(turn, turn.text, turn.seconds, {}) for turn in turns}
        for annotation in judgements(conversation):
            key, at = _key(annotation), annotation.at
            if key not in self.blocks:
                self.unknown.add(f"{key[1]} by {key[2]}")
                continue
            place = (at.speaker, at.seconds) if at.turn is None else at if at.chars or at.seconds else at.turn
            if place not in rows and at.turn is None:
                rows[place] = Row(Turn(at.speaker or "", id=""), "", at.seconds, {})
            elif place not in rows:
                turn = conversation.turn(at.turn or "")
                text = turn.text[slice(*at.chars)] if at.chars else spoken(turn, at.seconds or (0.0, 0.0))
                rows[place] = Row(turn, text, at.seconds or turn.seconds, {})
            rows[place].found[key] = _together(rows[place].found.get(key), annotation)
        return list(rows.values()) if len(rows) == len(turns) else _in_order(rows.values(), turns)

    def warn_unknown(self, path: object) -> None:
        """Say which judgements had no column."""
        if self.unknown:
            there = ", ".join(sorted(self.unknown))
            warnings.warn(
                f"{path} has no column for {there}, which the first conversation lacks: write .jsonl", stacklevel=3
            )


def judgements(conversation: Conversation) -> list[Annotation]:
    """The annotations that have a row: of a turn or of seconds, and neither evidence nor functionals."""
    found = [addition for addition in conversation if isinstance(addition, Annotation)]
    return [one for one in found if one.layer not in ("evidence", "prosody") and (one.at.turn or one.at.seconds)]


def _together(first: Annotation | None, second: Annotation) -> Annotation:
    """Free words of one rater on the same turn, such as the sentences that explain it, share their cells."""
    if first is None or first.abstained or not _open(first.scheme):
        return second
    scores, labels = {**first.scores, **second.scores}, tuple(dict.fromkeys(first.labels + second.labels))
    return replace(first, scores=scores, labels=labels)


def _in_order(rows: Iterable[Row], turns: list[Turn]) -> list[Row]:
    order = {turn.id: number for number, turn in enumerate(turns)}
    # what is of no turn comes last, in order of time
    return sorted(rows, key=lambda row: (order.get(row.turn.id, len(order)), _begin(row) if not row.turn.id else 0.0))


def _begin(row: Row) -> float:
    return row.seconds[0] if row.seconds else 0.0


def _key(annotation: Annotation) -> Key:
    return annotation.layer, annotation.scheme, annotation.rater


def _open(name: str) -> bool:
    try:
        return scheme(name).kind == "open"
    except KeyError:
        return False


def _block(annotation: Annotation, alone: bool) -> Block:
    name = annotation.scheme or annotation.layer
    name = name if alone else f"{annotation.rater}/{name}"
    try:
        known = scheme(annotation.scheme)
    except KeyError:
        return Block(name, tuple(annotation.scores), dimensional=False)
    return Block(name, known.labels, known.kind == "dimensional")
