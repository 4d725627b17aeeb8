"""SemEval-2018: emotions, intensity and valence of tweets (Mohammad et al. 2018) and irony (Van Hee et al. 2018).

    "2018-En-1\tStuck again #furious\tanger\t0.812" -> intensity4 {"anger": 0.812}

Tab-separated with a header and no quoting. The publisher's intensity tests also hold sentences of the Equity Evaluation
Corpus with a placeholder score (ids with "mystery"): they are no gold and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation
from ..files import fields, number, records
from ..gold import dimensions, many_of, short_text

_EMOTIONS = (
    *("anger", "anticipation", "disgust", "fear", "joy", "love", "optimism", "pessimism", "sadness", "surprise"),
    "trust",
)
_IRONY = {"0": "none", "1": "polarity contrast", "2": "situational", "3": "other"}


def emotions(split: str, path: Path) -> Iterator[Conversation]:
    """E-c: eleven emotions, any number at once."""
    del split
    for row in records(path, "ID", "Tweet", *_EMOTIONS, separator="\t", quoted=False):
        present = [label for label in _EMOTIONS if row[label] == "1"]
        yield short_text(row["ID"], row["Tweet"], many_of("semeval11", present))


def intensity(split: str, *paths: Path) -> Iterator[Conversation]:
    """EI-reg: intensity 0..1 of one named emotion; a tweet rated for two comes twice, with ids "tweet-emotion"."""
    del split
    for path in paths:
        for item, text, emotion, score in _scored(path):
            yield short_text(f"{item}-{emotion}", text, dimensions("intensity4", {emotion: score}), tweet=item)


def valence(split: str, path: Path) -> Iterator[Conversation]:
    """V-reg: valence 0..1, moved to -1..1."""
    del split
    for item, text, _, score in _scored(path):
        yield short_text(item, text, dimensions("vad", {"valence": round(2 * score - 1, 4)}))


def irony(split: str, verdicts: Path, kinds: Path) -> Iterator[Conversation]:
    """Ironic or not (task A), read as sarcasm; the kind of irony (task B) stays in the turn's `meta`."""
    kind = {row[0]: _IRONY.get(row[1], row[1]) for row in fields(kinds, 3, skip=1)}
    source = "test" if split == "test" else "train"  # the publisher counts from 1 in both files
    for item, label, text, *_ in fields(verdicts, 3, skip=1):
        present = ["sarcasm"] if label == "1" else []
        name = f"{source}-{item}"
        yield short_text(name, text, many_of("sarcasm", present), group=name, irony=kind.get(item, ""))


def _scored(path: Path) -> Iterator[tuple[str, str, str, float]]:
    for row in records(path, "ID", "Tweet", "Affect Dimension", "Intensity Score", separator="\t", quoted=False):
        if "mystery" not in row["ID"].lower():
            score = number(path, row["Intensity Score"], "Intensity Score")
            yield row["ID"], row["Tweet"], row["Affect Dimension"], score
