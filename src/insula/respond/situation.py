"""What a turn is, for somebody about to answer it in words of its own: the moment, the matter, the feeling, the tone.

    situation([Turn("ana", "My boss fired me :(")], "companion", evidence).topic -> "job-loss"

The readers' evidence says what is felt; the phrases of `phrases/*.toml` say what is spoken of.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from insula.conversation import Turn

from .evidence import Evidence
from .restate import other_person, restate

Phrases = Mapping[str, Any]
_NOT = r"(?<!not )(?<!n't )(?<!never )(?<!not so )(?<!n't feel )(?<!not feeling )"
_HEAD = 4000  # characters of a turn that are searched for what it speaks of
_KEPT = 12  # of the person's turns whose matter may still be the matter
PLEASANT, UNPLEASANT = 0.25, -0.2  # valence from which a turn is good or hard by itself
_HARD = frozenset({"anger", "disgust", "fear", "sadness"})


@dataclass(frozen=True)
class Situation:
    """`text` is the person's turn, `low` the same in lower case. `tone` is hard, good or plain.

    `topic` and `feeling` name entries of the phrases, "" where there is none; `new` says that the topic came up in this
    turn. `going_through` says that a plain turn belongs to a talk about something hard. `slots` fill templates.
    """

    text: str
    low: str
    tone: str
    topic: str = ""
    new: bool = False
    feeling: str = ""
    moment: Phrases | None = None
    going_through: bool = False
    slots: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@cache
def phrases(name: str) -> Phrases:
    """One of the files of phrases."""
    text = (resources.files("insula.respond") / "phrases" / f"{name}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def situation(
    turns: Sequence[Turn], speaker: str, evidence: Evidence, before: Mapping[str, Evidence] | None = None
) -> Situation:
    """Of the last of these turns; `before` is what was read of the earlier ones, by turn id."""
    theirs = [turn for turn in turns if turn.speaker != speaker]
    now = theirs[-1]
    low = plain(now.text)
    here = _topic(low)
    tone = _tone(low, evidence, here)
    earlier = [(plain(turn.text), (before or {}).get(turn.id, Evidence())) for turn in theirs[-_KEPT:-1]]
    going_through = tone == "plain" and _was_hard(earlier)
    topic, told = (here, low) if here else _kept_topic(earlier, tone)
    slots = {**_who(topic, told), **_said(evidence, now.text)}
    return Situation(
        text=now.text,
        low=low,
        tone=tone,
        topic=topic,
        new=bool(here) and all(_topic(text) != here for text, _ in earlier),
        feeling=_feeling(low, evidence, tone),
        moment=_moment(low, tone, here),
        going_through=going_through,
        slots=MappingProxyType(slots),
    )


def plain(text: str) -> str:
    """The beginning of a text in lower case with single spaces and straight apostrophes."""
    return " ".join(text[:_HEAD].replace("’", "'").lower().split())


def _moment(low: str, tone: str, topic: str) -> Phrases | None:
    count = len(low.split())
    for one in phrases("moments")["moment"]:
        told = one.get("most") and topic and tone == "hard" and not one.get("exact")
        if told or (one.get("most") and count > one["most"]):
            continue
        if re.search(one["pattern"], low) and not ("unless" in one and re.search(one["unless"], low)):
            return one
    return None


def _topic(low: str) -> str:
    return next((name for name, one in phrases("topics").items() if _speaks_of(one, low)), "")


def _speaks_of(topic: Phrases, low: str) -> bool:
    found = re.search(rf"\b({topic['words']})\b", low)
    needed = "needs" not in topic or re.search(topic["needs"], low)
    return bool(found and needed and not ("unless" in topic and re.search(topic["unless"], low)))


def _kept_topic(earlier: Sequence[tuple[str, Evidence]], tone: str) -> tuple[str, str]:
    """The matter spoken of last; good news after a hard matter is another matter."""
    for text, _ in reversed(earlier):
        if topic := _topic(text):
            fits = tone != "good" or phrases("topics")[topic]["tone"] != "hard"
            return (topic, text) if fits else ("", "")
    return "", ""


def _tone(low: str, evidence: Evidence, topic: str) -> str:
    valence = evidence.valence or 0.0
    if (evidence.primary == "joy" and valence > -0.05) or (valence > PLEASANT and evidence.primary not in _HARD):
        return "good"
    if (evidence.primary in _HARD and valence < -UNPLEASANT / 2) or valence < UNPLEASANT:
        return "hard"
    kinds = {phrases("feelings")[name]["kind"] for name in _felt(low)} - {"surprise"}
    if kinds:
        return "good" if kinds == {"joy"} else "hard"
    return phrases("topics")[topic]["tone"] or "plain" if topic else "plain"


def _was_hard(earlier: Sequence[tuple[str, Evidence]]) -> bool:
    tones = (_tone(text, found, _topic(text)) for text, found in reversed(earlier))
    return next((tone for tone in tones if tone != "plain"), "plain") == "hard"


def _felt(low: str) -> Iterator[str]:
    for name, one in phrases("feelings").items():
        if re.search(rf"{_NOT}\b({one['words']})\b", low):
            yield name


def _feeling(low: str, evidence: Evidence, tone: str) -> str:
    """What the person names, else what was read; only a feeling that goes with the tone."""
    table = phrases("feelings")
    read = [name for fine in evidence.fine for name, one in table.items() if fine in one["fine"]]
    right = {"good": {"joy"}, "hard": _HARD | {"surprise"}, "plain": frozenset[str]()}[tone]
    named = [name for name in _felt(low) if table[name]["kind"] in right | {"surprise"}]
    same_kind = [name for name in read if table[name]["kind"] == evidence.primary]
    return next(iter([*named, *[name for name in same_kind if table[name]["kind"] in right]]), "")


def _who(topic: str, told: str) -> dict[str, str]:
    pattern = phrases("topics")[topic].get("who") if topic else None
    found = re.search(rf"\b({pattern})\b", told) if pattern else None
    return {"who": other_person(found[0])} if found else {}


def _said(evidence: Evidence, text: str) -> dict[str, str]:
    causes = [cause for cause in evidence.causes if cause in text]
    clause = restate(*causes, text[:_HEAD])
    return {"clause": clause} if clause else {}
