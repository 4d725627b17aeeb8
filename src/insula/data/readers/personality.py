"""Scenes of Friends with the five traits of a speaker, -1..1: published 0 is -1, published 1 is 1.

character "Joey Tribbiani", cAGR 1, cNEU 0, ... -> bigfive {"agreeableness": 1.0, "neuroticism": -1.0, ...}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...conversation import Conversation, Turn
from ..files import records
from ..gold import of_speaker, one_of

_COLUMNS = {
    "cOPN": "openness",
    "cCON": "conscientiousness",
    "cEXT": "extraversion",
    "cAGR": "agreeableness",
    "cNEU": "neuroticism",
}
_ORDER = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
_SAID = re.compile(r"<b>([^<]+)</b>: (.*?)<br>", re.DOTALL)
_TOLD = 5  # words in a sentence that tells a scene: shorter ones are said in any


def scenes(split: str, path: Path) -> Iterator[Conversation]:
    """FriendsPersona (Jiang et al. 2020): how a character comes across in a scene; one conversation for each character.

    Lines of stage directions are left out, those within what somebody says are not.
    """
    del split
    for number, row in enumerate(records(path, "scene_id", "text", "character", *_COLUMNS)):
        conversation = Conversation(id=f"{row['scene_id']}-{number}", meta={"group": row["scene_id"]})
        conversation.add(*(Turn(speaker, text.strip()) for speaker, text in _SAID.findall(row["text"])))
        scores = {trait: 1.0 if row[column] == "1" else -1.0 for column, trait in _COLUMNS.items()}
        conversation.add(of_speaker("bigfive", scores, row["character"]))
        yield conversation


def triples(split: str, path: Path) -> Iterator[Conversation]:
    """PELD (Wen et al. 2021): a main character speaks, another answers, the first speaks again; emotions of each.

    The traits are the character's mean over FriendsPersona, the same in all of their triples. Triples that share a
    sentence, directly or through others, were cut from one scene and are never parted over splits.
    """
    del split
    columns = [f"{what}_{place}" for what in ("Utterance", "Emotion", "Sentiment") for place in (1, 2, 3)]
    rows = list(records(path, "Speaker_1", "Speaker_2", "Personality", *columns, separator="\t"))
    said = [[row[f"Utterance_{place}"] for place in (1, 2, 3)] for row in rows]
    for number, (row, scene) in enumerate(zip(rows, _scenes(said), strict=True), 1):
        yield _triple(row, str(number), f"scene-{scene}")


def _triple(row: Mapping[str, str], item: str, scene: str) -> Conversation:
    speakers = (row["Speaker_1"], row["Speaker_2"], row["Speaker_1"])
    conversation = Conversation(id=item, meta={"group": scene})
    for place, speaker in enumerate(speakers, 1):
        turn = conversation.add(Turn(speaker, row[f"Utterance_{place}"], id=f"t{place}"))[0].id
        conversation.add(one_of("ekman7", row[f"Emotion_{place}"], turn=turn))
        conversation.add(one_of("sentiment3", row[f"Sentiment_{place}"], turn=turn))
    levels = [float(level) for level in row["Personality"].strip("[]").split(",")]
    scores = {trait: round(2 * level - 1, 4) for trait, level in zip(_ORDER, levels, strict=True)}
    conversation.add(of_speaker("bigfive", scores, row["Speaker_1"]))
    return conversation


def _scenes(said: Sequence[Sequence[str]]) -> list[int]:
    """For each triple the first one that it shares a telling sentence with, directly or through others."""
    first = list(range(len(said)))

    def root(place: int) -> int:
        while first[place] != place:
            first[place] = place = first[first[place]]
        return place

    seen: dict[str, int] = {}
    for place, sentences in enumerate(said):
        for sentence in sentences:
            if len(sentence.split()) >= _TOLD:
                one, other = sorted((root(place), root(seen.setdefault(sentence, place))))
                first[other] = one
    return [root(place) for place in range(len(said))]
