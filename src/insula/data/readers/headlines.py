"""News headlines: what they evoke in a reader, and who feels what about whom.

fear 82 of 100, valence -64 of -100..100 -> intensity6 {"fear": 0.82, ...}, vad {"valence": -0.64}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from ...conversation import Anchor, Annotation, Conversation
from ..files import MalformedData, fields, number, opened, records
from ..gold import dimensions, many_of, short_text

_SIX = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
_ROLES = ("experiencer", "cause", "target", "cue")
_BETWEEN = re.compile(r'"\s*(?:\]\s*,\s*\[|,)\s*"')
_RENAMED = {
    "love_including_like": "love",
    "negative_anticipation_including_pessimism": "negative-anticipation",
    "negative_surprise": "negative-surprise",
    "positive_anticipation_including_optimism": "positive-anticipation",
    "positive_surprise": "positive-surprise",
}


def affective(split: str, sentences: Path, emotions: Path, valences: Path) -> Iterator[Conversation]:
    """SemEval-2007 Task 14 (Strapparava & Mihalcea 2007): six intensities 0..100 and valence -100..100."""
    del split
    intensity = {row[0]: row[1:] for row in fields(emotions, 7, " ")}
    valence = {row[0]: row[1] for row in fields(valences, 2, " ")}
    with opened(sentences) as file:
        try:
            instances = ElementTree.parse(file).getroot().findall("instance")
        except ElementTree.ParseError as error:
            raise MalformedData(f"{sentences}: not XML ({error})") from None
    for instance in instances:
        item = instance.get("id", "")
        if item not in intensity or item not in valence:
            raise MalformedData(f"{sentences}: headline {item} has no row in {emotions.name} or {valences.name}")
        scores = {name: number(emotions, x, name) / 100 for name, x in zip(_SIX, intensity[item], strict=False)}
        gold = dimensions("intensity6", scores)
        affect = dimensions("vad", {"valence": number(valences, valence[item], "valence") / 100})
        yield short_text(item, (instance.text or "").strip(), gold, affect)


def roles(split: str, path: Path) -> Iterator[Conversation]:
    """GoodNewsEveryone (Bostan et al. 2020): the dominant emotion expressed, what readers felt, and the roles.

    Gold is the one dominant emotion (intensity and other emotions in `meta`); "rater:reader" are the readers' own.
    Roles are anchored where their words stand in the headline.
    """
    del split
    for row in records(path, "id", "headline", "dominant_emotion", "intensity", *_ROLES, separator="\t"):
        gold = many_of("headlines15", _emotions(row["dominant_emotion"]))
        reader = many_of("headlines15", _emotions(row["reader_emotions"]), "rater:reader")
        meta = {"intensity": row["intensity"], "other_emotions": _emotions(row["other_emotions"])}
        yield short_text(row["id"], row["headline"], gold, reader, *_roles(row), group=row["id"], **meta)


def _emotions(cell: str) -> list[str]:
    names = [name.strip() for name in cell.split(",")]
    return [_RENAMED.get(name, name) for name in names if name and not name.startswith("no_")]


def _roles(row: dict[str, str]) -> Iterator[Annotation]:
    headline = row["headline"].lower()
    for role in _ROLES:
        # nested lists of strings, though not always JSON: quotes inside are escaped in several ways
        found = _BETWEEN.split(re.sub(r'\\+"*', '"', row[role]).strip('[]" '))
        for words in dict.fromkeys(found):
            if words and (start := headline.find(words.lower())) >= 0:
                anchor = Anchor("t1", chars=(start, start + len(words)))
                yield replace(many_of("emotion-roles", [role]), at=anchor)
