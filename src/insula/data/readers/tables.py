"""Tables with a header, one text a row and its labels in columns of their own.

sentiment "worry", content "late again ..." -> crowdflower13 {"worry": 1.0, ...}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...conversation import Conversation
from ..files import number, records
from ..gold import dimensions, many_of, one_of, short_text

_PRIMARY = ("anger", "love", "fear", "joy", "sadness", "surprise")


def crowdflower(split: str, path: Path) -> Iterator[Conversation]:
    """CrowdFlower 2016: tweets under thirteen labels by the crowd, noisy as its users report."""
    del split
    for row in records(path, "tweet_id", "sentiment", "content"):
        yield short_text(row["tweet_id"], row["content"], one_of("crowdflower13", row["sentiment"]))


def emoevent_en(split: str, path: Path) -> Iterator[Conversation]:
    """EmoEvent in English (Plaza-del-Arco et al. 2020): event tweets; "others" is none of the six, perhaps neutral."""
    del split
    return _emoevent(path, "en")


def emoevent_es(split: str, path: Path) -> Iterator[Conversation]:
    """EmoEvent in Spanish."""
    del split
    return _emoevent(path, "es")


def _emoevent(path: Path, language: str) -> Iterator[Conversation]:
    for row in records(path, "id", "event", "tweet", "offensive", "emotion", separator="\t", quoted=False):
        present = [row["emotion"]] if row["emotion"] != "others" else []
        meta = {"event": row["event"], "offensive": row["offensive"] == "OFF"}
        yield short_text(row["id"], row["tweet"], many_of("ekman6", present), language=language, **meta)


def github(split: str, path: Path) -> Iterator[Conversation]:
    """GitHub comments under Parrott's primary emotions, none or several (Imran et al. 2022); the id is the row."""
    needed = ("modified_comment", *(name.capitalize() for name in _PRIMARY))
    for line, row in enumerate(records(path, *needed), 1):
        present = [name for name in _PRIMARY if row[name.capitalize()] == "1"]
        text = row["modified_comment"]
        yield short_text(f"{split}-{line}", text, many_of("parrott6", present), kind=row.get("type", ""))


def equity(split: str, path: Path) -> Iterator[Conversation]:
    """Equity Evaluation Corpus (Kiritchenko & Mohammad 2018): one sentence said of many names.

    It has no gold labels: it measures whether a score moves with `gender` or `race` alone, within a `template` and an
    `emotion_word`. All of it is in the turn's `meta`; the emotion is "" in sentences that name none.
    """
    del split
    columns = ("Template", "Person", "Gender", "Race", "Emotion", "Emotion word")
    for row in records(path, "ID", "Sentence", *columns):
        meta = {name.lower().replace(" ", "_"): row[name] for name in columns}
        yield short_text(row["ID"], row["Sentence"], **meta)


def facebook(split: str, path: Path) -> Iterator[Conversation]:
    """Status updates rated by two people for valence and arousal 1..9 (Preotiuc-Pietro et al. 2016).

    Each is moved to -1..1 as (x - 5) / 4; gold is the mean of the two. The id is the row.
    """
    del split
    needed = ("Anonymized Message", "Valence1", "Valence2", "Arousal1", "Arousal2")
    for line, row in enumerate(records(path, *needed), 1):
        both = [_affect(path, row, person) for person in ("1", "2")]
        gold = {name: round((both[0][name] + both[1][name]) / 2, 4) for name in both[0]}
        raters = [dimensions("vad", scores, f"rater:{person}") for person, scores in enumerate(both, 1)]
        yield short_text(str(line), row["Anonymized Message"], dimensions("vad", gold), *raters)


def _affect(path: Path, row: Mapping[str, str], person: str) -> dict[str, float]:
    columns = {"valence": f"Valence{person}", "arousal": f"Arousal{person}"}
    return {name: (number(path, row[column], column) - 5) / 4 for name, column in columns.items()}
