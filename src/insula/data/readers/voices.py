"""Voices heard by many, and talk with spoken replies: votes of CREMA-D, demonstrations of EchoMind and DeepDialogue.

    "A" 2, "H" 6, "N" 2 of 10 who only heard it -> ekman7 {"anger": 0.2, "joy": 0.6, "neutral": 0.2, ...} by "listeners"

The shares of votes are kept as they are, by three raters who are groups of people: "listeners" heard the voice alone,
"viewers" saw the face alone, "audience" both. What the actor was asked for is one more rater, "actor".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...conversation import Anchor, Annotation, Conversation, Signal, Turn
from ..files import MalformedData, number, objects, records
from ..gold import abstained, many_of, one_of
from .speech import RATE, clips

EKMAN = {"A": "anger", "D": "disgust", "F": "fear", "H": "joy", "N": "neutral", "S": "sadness"}
CHANNELS = {"1": "listeners", "2": "viewers", "3": "audience"}
_INTENDED = {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "joy", "NEU": "neutral", "SAD": "sadness"}
_LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": "", "X": ""}
# the twelve sentences of Cao et al. 2014, by their codes
_SAID = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
_DEEP = {
    **{"happy": "joy", "curious": "curiosity", "excited": "excitement", "enthusiastic": "excitement"},
    **{"surprised": "surprise", "amused": "amusement", "proud": "pride", "hopeful": "optimism"},
    **{"confused": "confusion", "sad": "sadness", "worried": "nervousness", "anxious": "nervousness"},
    **{"grateful": "gratitude", "relaxed": "relief", "disappointed": "disappointment", "frustrated": "annoyance"},
}
DEEP_RATER = "map:deepdialogue17->goemotions28"


def cremad(split: str, votes: Path, people: Path) -> Iterator[Conversation]:
    """Twelve sentences by 91 actors, each clip judged by about ten people for each channel (Cao et al. 2014)."""
    del split
    about = {
        row["ActorID"]: {"age": row["Age"], "gender": row["Sex"]} for row in records(people, "ActorID", "Age", "Sex")
    }
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in records(votes, "fileName", "numResponses", *EKMAN):
        found.setdefault(row["fileName"], []).append(row)
    for name, rows in found.items():
        actor, sentence, intended, level = name.split("_")
        meta: dict[str, Any] = {"sentence": sentence, "level": _LEVELS[level], **about.get(actor, {})}
        meta["votes"] = {_channel(votes, row): int(row["numResponses"]) for row in rows}
        judged = [_shares(votes, row) for row in rows]
        turn = Turn(f"cremad_{actor}", _SAID[sentence], id="t1", meta=meta)
        asked = one_of("ekman7", _INTENDED[intended], "actor")
        yield Conversation(turn, asked, *judged, id=name, meta={"group": f"cremad_{actor}", "language": "en"})


def echomind(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """The same words said in three ways, and the reply to each; the cue of the voice is in the turn's `meta`."""
    del split
    sounds, waiting = clips(tar), dict[tuple[str, str], Conversation]()
    for row in records(
        table, "file", "role", "script_id", "style", "vocal_cue", "text", "duration", separator="\t", quoted=False
    ):
        key = row["script_id"], row["style"]
        one = waiting.setdefault(
            key, Conversation(id="-".join(key), meta={"group": row["script_id"], "topic": row["topic"]})
        )
        start = one.turns[-1].seconds[1] if one.turns and one.turns[-1].seconds else 0.0
        speaker = "user" if row["role"] == "input" else "system"
        meta = {"cue": row["vocal_cue"].lower(), "style": row["style"]}
        end = start + number(table, row["duration"], "duration")
        sound = Signal("audio", _sound(sounds, row["file"], tar), RATE, speaker, start)
        one.add(sound, Turn(speaker, row["text"], (start, end), meta=meta))
    yield from waiting.values()


def deepdialogue(split: str, tar: Path, table: Path, talks: Path) -> Iterator[Conversation]:
    """Talk of two language models, spoken by two synthetic voices: the whole sound, the turns without their times.

    The emotion that was asked for in a turn is in its `meta`; mapped to goemotions28 it is a rater of its own.
    """
    del split
    texts = {(talk["domain"].lower(), talk["id"]): talk for talk in objects(talks)}
    sounds = clips(tar)
    for row in records(table, "file", "dialogue_id", "domain", separator="\t", quoted=False):
        talk = texts.get((row["domain"].lower(), row["dialogue_id"]))
        if talk is None:
            raise MalformedData(
                f"{talks}: {row['domain']} {row['dialogue_id']}, which {table.name} names, is not in it"
            )
        one = Conversation(
            Signal("audio", _sound(sounds, row["file"], tar), RATE), id=row["file"], meta={"topic": row["domain"]}
        )
        for place, said in enumerate(talk["turns"], 1):
            one.add(Turn(said["speaker"], said["text"], id=f"t{place}", meta={"emotion": said["emotion"]}))
            one.add(_mapped(said["emotion"], f"t{place}"))
        yield one


def _channel(path: Path, row: Mapping[str, str]) -> str:
    """The first column numbers the rows of a channel from 100001, 200001 or 300001."""
    first = next(iter(row.values()))
    if first[:1] not in CHANNELS:
        raise MalformedData(f"{path}: row {first!r} is of no channel: {', '.join(CHANNELS)}")
    return CHANNELS[first[0]]


def _shares(path: Path, row: Mapping[str, str]) -> Annotation:
    """The share of a channel's votes for each emotion; `labels` are those with most votes, `possible` all with any."""
    counts = {label: number(path, row[letter], letter) for letter, label in EKMAN.items()}
    total, most = sum(counts.values()), max(counts.values())
    shares = {label: count / total for label, count in counts.items()} | {"surprise": 0.0}
    first = tuple(label for label, count in counts.items() if count == most)
    some = tuple(label for label, count in counts.items() if count)
    return Annotation("emotion", shares, Anchor("t1"), "ekman7", _channel(path, row), first, some)


def _mapped(emotion: str, turn: str) -> Annotation:
    if emotion not in _DEEP:
        return abstained("goemotions28", f"no label of it means {emotion}", DEEP_RATER, turn)
    return many_of("goemotions28", [_DEEP[emotion]], DEEP_RATER, turn)


def _sound(sounds: Mapping[str, object], name: str, tar: Path) -> object:
    if name not in sounds:
        raise MalformedData(f"{tar}: {name} is not in it")
    return sounds[name]
