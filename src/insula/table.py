"""A conversation as a tidy pandas table: one row per turn (or stretch) and rater, a column per score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conversation import Annotation, Conversation, Turn

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

INDEX = ["source", "start", "end"]
COLUMNS = ["turn", "speaker", "text", "layer", "scheme", "rater", "label", "labels", "possible", "reason"]


def records(conversation: Conversation) -> list[dict[str, Any]]:
    """One flat dict per annotation of the emotional layers; a turn nobody judged still has its row.

    `start` and `end` are seconds where the turn has them; else the position of the turn in its conversation, so that
    the index sorts as the people spoke. For a stretch of text `text` is just that stretch; a window in time has its own
    `start` and `end`. Signals, which are dense, have no rows.
    """
    found: list[dict[str, Any]] = []
    judged: dict[str, list[Annotation]] = {}
    for addition in conversation:
        if isinstance(addition, Annotation) and addition.at.turn and addition.layer != "evidence":
            judged.setdefault(addition.at.turn, []).append(addition)
    for number, turn in enumerate(conversation.turns):
        start, end = turn.seconds or (float(number), float(number + 1))
        base = {
            "source": str(turn.meta.get("source", conversation.id)),
            "start": start,
            "end": end,
            "turn": turn.id,
            "speaker": turn.speaker,
            "text": turn.text,
        }
        # scores come first: a free word such as "text" may not take the place of a column
        found += [{**x.scores, **base, **_row(x, turn)} for x in judged.get(turn.id, [])] or [base]
    return found


def table(conversation: Conversation) -> pandas.DataFrame:
    """The records as a DataFrame indexed by (source, start, end); the same columns come first whatever the input."""
    import pandas  # pyright: ignore[reportMissingTypeStubs]

    rows = records(conversation)
    scores = dict.fromkeys(key for row in rows for key in row if key not in (*INDEX, *COLUMNS))
    index = pandas.MultiIndex.from_tuples([tuple(row[name] for name in INDEX) for row in rows], names=INDEX)
    return pandas.DataFrame(rows, index, pandas.Index([*COLUMNS, *scores]))


def _row(annotation: Annotation, turn: Turn) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(annotation, name) for name in ("layer", "scheme", "rater", "reason")}
    # of valence, arousal and dominance none is the winner, nor of what was measured of a sound
    row["label"] = None if annotation.layer in ("affect", "quality", "prosody") else annotation.top
    row |= {"labels": " ".join(annotation.labels), "possible": " ".join(annotation.possible)}
    if annotation.at.chars:
        row["text"] = turn.text[slice(*annotation.at.chars)]
    if annotation.at.seconds:
        row["start"], row["end"] = annotation.at.seconds
    return row
