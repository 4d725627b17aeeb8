"""Dreaddit: segments of Reddit posts, stressed or not, by crowd majority (Turcan & McKeown 2019).

    label 1, confidence 0.8 -> stress {"stress": 1.0}, meta {"confidence": 0.8}

Segments of one post must not be torn apart by the development split. Copies without `post_id` do not name the post, so
it is recognised by what all its segments share: subreddit, karma, upvote ratio and number of comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation
from ..files import number, records
from ..gold import many_of, short_text

_POST = ("subreddit", "social_karma", "social_upvote_ratio", "social_num_comments")


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per segment; the confidence is the share of annotators behind the label, 0..1."""
    del split
    for row in records(path, "id", "text", "label", "confidence", "sentence_range", *_POST):
        yield short_text(
            row["id"],
            row["text"],
            many_of("stress", ["stress"] if row["label"] == "1" else []),
            group="/".join(row[column] for column in _POST),
            subreddit=row["subreddit"],
            sentences=row["sentence_range"],
            confidence=number(path, row["confidence"], "confidence"),
        )
