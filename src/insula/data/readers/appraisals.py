"""enISEAR: what people felt in an event they remember, and how they appraised it (Hofmann et al. 2020).

    Prior_Emotion "Fear", Control_a1 0, ... -> isear7 {"fear": 1.0, ...}, appraisal7 by "rater:a1", "rater:a2", ...

The emotion is the one its author was asked to write about. Gold appraisals are the majority of the three annotators.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Annotation, Conversation
from ..files import records
from ..gold import GOLD, many_of, one_of, short_text

_COLUMNS = {
    "Attention": "attention",
    "Certainty": "certainty",
    "Effort": "effort",
    "Pleasant": "pleasantness",
    "Responsibility": "responsibility",
    "Control": "control",
    "Circumstance": "circumstance",
}
_RATERS = {"majority": GOLD, "a1": "rater:a1", "a2": "rater:a2", "a3": "rater:a3"}


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per event, told by the one it happened to."""
    del split
    needed = [f"{column}_{source}" for column in _COLUMNS for source in _RATERS]
    for row in records(path, "Sentence_id", "Prior_Emotion", "Sentence", *needed, separator="\t"):
        emotion = one_of("isear7", row["Prior_Emotion"].lower())
        yield short_text(row["Sentence_id"], row["Sentence"], emotion, *_appraisals(row))


def _appraisals(row: dict[str, str]) -> Iterator[Annotation]:
    for source, rater in _RATERS.items():
        present = [label for column, label in _COLUMNS.items() if row[f"{column}_{source}"] == "1"]
        yield many_of("appraisal7", present, rater)
