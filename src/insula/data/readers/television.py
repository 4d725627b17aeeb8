"""Scenes of television series, utterance by utterance: MELD (Poria et al. 2019), EmoryNLP (Zahiri & Choi 2018) and
CPED (Chen et al. 2022).

    Speaker "Ross", Emotion "surprise", StartTime "00:14:38,127" -> a turn at 878.127 s, ekman7 {"surprise": 1.0, ...}

A scene is one conversation. Times are seconds from the beginning of the episode; where the published end lies before
the start, or none can be read, the turn has no time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from ...conversation import Annotation, Conversation, Seconds, Turn
from ...scheme import scheme
from ..files import records
from ..gold import of_speaker, one_of

_LEVELS = {"low": -1.0, "high": 1.0}
_TRAITS = scheme("bigfive").labels
_CLOCK = re.compile(r"(\d+):(\d+):(\d+)[,.](\d+)")


def meld(split: str, path: Path) -> Iterator[Conversation]:
    """MELD: seven emotions and sentiment of every utterance; the dialogues' numbers begin anew in each split."""
    needed = ("Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID", "StartTime", "EndTime")
    for dialogue, rows in groupby(records(path, *needed), key=lambda row: row["Dialogue_ID"]):
        conversation = Conversation(id=f"{split}-{dialogue}")
        for row in rows:
            turn = f"u{row['Utterance_ID']}"
            time = _seconds(row["StartTime"], row["EndTime"])
            meta = {"season": row.get("Season", ""), "episode": row.get("Episode", "")}
            conversation.add(Turn(row["Speaker"], row["Utterance"], time, turn, meta))
            conversation.add(one_of("ekman7", row["Emotion"], turn=turn))
            conversation.add(one_of("sentiment3", row["Sentiment"], turn=turn))
        yield conversation


def emorynlp(split: str, path: Path) -> Iterator[Conversation]:
    """EmoryNLP: seven feelings of every utterance that has a time; several speakers at once are joined by " & "."""
    del split
    needed = ("Utterance", "Speaker", "Emotion", "Scene_ID", "Utterance_ID", "Season", "Episode")
    rows = records(path, *needed, "Start_Time", "End_Time")
    for place, scene in groupby(rows, key=lambda row: (row["Season"], row["Episode"], row["Scene_ID"])):
        conversation = Conversation(id=f"s{int(place[0]):02}-e{int(place[1]):02}-c{int(place[2]):02}")
        for row in scene:
            turn = f"u{row['Utterance_ID']}"
            time = _seconds(row["Start_Time"], row["End_Time"])
            conversation.add(Turn(_speakers(row["Speaker"]), row["Utterance"], time, turn))
            conversation.add(one_of("emorynlp7", row["Emotion"].lower(), turn=turn))
        yield conversation


def cped(split: str, path: Path) -> Iterator[Conversation]:
    """CPED: Chinese series; emotion, sentiment and act of every utterance, traits of every speaker who has a name.

    The published levels of the five traits, low and high, are -1 and 1. The language is in the conversation's `meta`.
    """
    del split
    needed = ("Dialogue_ID", "Utterance_ID", "Speaker", "Sentiment", "Emotion", "DA", "Utterance", "Scene")
    rows = records(path, *needed, *(trait.capitalize() for trait in _TRAITS))
    for dialogue, scene in groupby(rows, key=lambda row: row["Dialogue_ID"]):
        said = list(scene)
        conversation = Conversation(id=dialogue, meta={"language": "zh", "scene": said[0]["Scene"]})
        for row in said:
            turn = f"u{int(row['Utterance_ID'].rpartition('_')[2])}"
            conversation.add(Turn(row["Speaker"], row["Utterance"], id=turn))
            conversation.add(one_of("cped13", row["Emotion"], turn=turn))
            conversation.add(one_of("sentiment3", row["Sentiment"], turn=turn))
            conversation.add(one_of("dialogue-act19", row["DA"], turn=turn))
        people = {row["Speaker"]: row for row in said if row["Openness"] in _LEVELS}
        conversation.add(*(_traits(speaker, row) for speaker, row in people.items()))
        yield conversation


def _traits(speaker: str, row: Mapping[str, str]) -> Annotation:
    return of_speaker("bigfive", {trait: _LEVELS[row[trait.capitalize()]] for trait in _TRAITS}, speaker)


def _speakers(published: str) -> str:
    try:
        return " & ".join(ast.literal_eval(published))
    except (SyntaxError, ValueError):
        return published


def _seconds(start: str, end: str) -> Seconds | None:
    clocks = [match.groups() for match in map(_CLOCK.fullmatch, (start.strip(), end.strip())) if match]
    times = [int(h) * 3600 + int(m) * 60 + float(f"{s}.{part}") for h, m, s, part in clocks]
    return (times[0], times[1]) if len(times) == 2 and times[0] < times[1] else None
