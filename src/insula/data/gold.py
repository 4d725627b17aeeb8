"""Published labels as annotations.

    many_of("goemotions28", ["joy"]) -> Annotation(layer="emotion", scores={"admiration": 0.0, ..., "joy": 1.0, ...})

A many-of or one-of label set is always complete, with 0.0 for what is not there: "nothing applies" is a judgement, and
only empty scores are an abstention. Dimensions are given alone where only some were rated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ..conversation import Anchor, Annotation, Conversation, Span, Turn
from ..scheme import scheme

GOLD = "gold"


def many_of(name: str, present: Iterable[str], rater: str = GOLD, turn: str = "t1") -> Annotation:
    """The labels that are there, 1.0 each, and all others of the scheme, 0.0; raises ValueError for a foreign label."""
    zeros, layer = _scheme(name)
    labels = tuple(present)
    scores = dict(zeros)
    for label in labels:
        if label not in scores:
            raise ValueError(f"{label!r} is not in scheme {name!r}: {', '.join(scores)}")
        scores[label] = 1.0
    return Annotation(layer, scores, Anchor(turn), name, rater, labels)


def one_of(name: str, label: str, rater: str = GOLD, turn: str = "t1") -> Annotation:
    """The one label that is there, 1.0, and all others of the scheme, 0.0."""
    return many_of(name, (label,), rater, turn)


def dimensions(name: str, scores: Mapping[str, float], rater: str = GOLD, turn: str = "t1") -> Annotation:
    """Ratings on some or all dimensions of a scheme, already on its scale."""
    return Annotation(_scheme(name)[1], scores, Anchor(turn), name, rater)


def of_speaker(name: str, scores: Mapping[str, float], speaker: str, rater: str = GOLD) -> Annotation:
    """Positions that hold for a speaker in the whole conversation, not for a turn."""
    return Annotation(_scheme(name)[1], scores, Anchor(speaker=speaker), name, rater)


def abstained(name: str, reason: str, rater: str = GOLD, turn: str = "t1") -> Annotation:
    """The rater looked and could not tell, or the raters did not agree."""
    return Annotation(_scheme(name)[1], {}, Anchor(turn), name, rater, reason=reason)


def short_text(
    item: str, text: str, *annotations: Annotation, group: str = "", language: str = "", **meta: Any
) -> Conversation:
    """One short text as a conversation of one turn by its author; items of one group never part over splits.

    `language` (a two-letter code) is told where it is not English or the corpus comes in several.
    """
    turn = Turn("author", text, id="t1", meta=meta)
    about = {"group": group, "language": language}
    return Conversation(turn, *annotations, id=item, meta={name: known for name, known in about.items() if known})


def stretch(text: str, words: str) -> Span | None:
    """The characters where these words first stand in the text, however they are spaced; None where they do not."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = re.search(pattern, text) if pattern else None
    return found.span() if found else None


@cache
def _scheme(name: str) -> tuple[dict[str, float], str]:
    found = scheme(name)
    return dict.fromkeys(found.labels, 0.0), found.layer
