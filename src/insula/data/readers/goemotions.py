"""GoEmotions: Reddit comments under 27 emotions and neutral, several at once (Demszky et al. 2020).

    "So glad you came back!\t17\tee1abc" -> goemotions28 {"joy": 1.0, ...}

The published files are tab-separated without a header: text, label numbers, comment id.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation
from ..files import MalformedData, fields
from ..gold import many_of, short_text

# the order of the publisher's emotions.txt, which is alphabetical with neutral last
LABELS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"),
)


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per comment, with its goemotions28 labels as aggregated by the authors."""
    del split
    for text, numbers, item, *_ in fields(path, 3):
        try:
            labels = [LABELS[int(number)] for number in numbers.split(",")]
        except (ValueError, IndexError):
            raise MalformedData(f"{path}: comment {item}: {numbers!r} are not label numbers 0..27") from None
        yield short_text(item, text.strip(), many_of("goemotions28", labels))
