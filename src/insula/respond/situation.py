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
KEPT = 12  # of the person's turns whose matter may still be the matter
PLEASANT, UNPLEASANT = 0.25, -0.2  # valence from which a turn is good or hard by itself
_SLIGHT = 0.05
_OTHERS = re.compile(r"\b(she|he|they|everybody|everyone)\b")
_GRAVE = -0.4  # the same in a talk about something good
_HARD = frozenset({"anger", "disgust", "fear", "sadness"})


@dataclass(frozen=True)
class Situation:
    """`text` is the person's turn, `low` the same in lower case. `tone` is hard, good or plain.

    `topic` and `feeling` name entries of the phrases, "" where there is none; `new` says that the topic came up in this
    turn, `named` that the feeling is in the person's own words. `mood` is the tone, of a plain turn that of the talk.
    `slots` fill templates.
    """

    text: str
    low: str
    tone: str
    topic: str = ""
    new: bool = False
    feeling: str = ""
    moment: Phrases | None = None
    named: bool = False
    mood: str = "plain"
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
    earlier = [(plain(turn.text), (before or {}).get(turn.id, Evidence())) for turn in theirs[-KEPT:-1]]
    tones = _tones(earlier)
    so_far = next((tone for tone in reversed(tones) if tone != "plain"), "plain")
    tone = _tone(low, evidence, so_far)
    topic, told, new = _matter(low, list(zip((text for text, _ in earlier), tones, strict=True)), tone)
    named = _named(low, tone)
    own = [turn.text for turn in turns if turn.speaker == speaker]
    return Situation(
        text=now.text,
        low=low,
        tone=tone,
        topic=topic,
        new=new,
        feeling=named or _read_feeling(evidence, tone),
        named=bool(named),
        moment=_moment(low, tone, _topic(low), own[-1].lower() if own else ""),
        mood=so_far if tone == "plain" else tone,
        slots=MappingProxyType({**_who(topic, told), **_said(evidence, now.text)}),
    )


def plain(text: str) -> str:
    """The beginning of a text in lower case with single spaces and straight apostrophes."""
    return " ".join(text[:_HEAD].replace("’", "'").lower().split())


def _moment(low: str, tone: str, topic: str, answered: str) -> Phrases | None:
    """`answered` is what was said to them just before."""
    count = len(low.split())
    for one in phrases("moments")["moment"]:
        told = one.get("most") and topic and tone == "hard" and not one.get("exact")
        if told or (one.get("most") and count > one["most"]):
            continue
        refused = "unless" in one and re.search(one["unless"], low)
        if re.search(one["pattern"], low) and not refused and re.search(one.get("after", ""), answered):
            return one
    return None


def _topic(low: str) -> str:
    return next((name for name, one in phrases("topics").items() if _speaks_of(one, low)), "")


def _speaks_of(topic: Phrases, low: str) -> bool:
    found = re.search(rf"\b({topic['words']})\b", low)
    needed = "needs" not in topic or re.search(topic["needs"], low)
    return bool(found and needed and not ("unless" in topic and re.search(topic["unless"], low)))


def _matter(low: str, earlier: Sequence[tuple[str, str]], tone: str) -> tuple[str, str, bool]:
    """What is spoken of, the text that says it, and whether it is new; good news is no part of a hard matter.

    `earlier` are texts with their tones: whoever is mentioned in passing is no matter unless it was said in pain.
    """
    table = phrases("topics")
    here = _topic(low)
    all_found = [(topic, text, mood) for text, mood in reversed(earlier) if (topic := _topic(text))]
    found = [(topic, text) for topic, text, mood in all_found if mood == "hard" or table[topic]["weight"] != "passing"]
    main = next((one for one in found if table[one[0]]["weight"] == "main"), None)
    if here and not (main and table[here]["weight"] == "passing"):
        return here, low, all(topic != here for topic, _ in found)
    kept = main or (found[0] if found else ("", ""))
    if kept[0] and tone == "good" and table[kept[0]]["tone"] == "hard":
        return "", "", False
    return kept[0], kept[1], False


def _tone(low: str, evidence: Evidence, so_far: str = "plain") -> str:
    """Of one turn: by what the person names where its valence does not speak against it, else by what was read.

    Amid something good, tears of somebody else are not yet hard: people cry for joy, too.
    """
    valence = evidence.valence or 0.0
    kinds = {phrases("feelings")[name]["kind"] for name in _felt(low)} - {"surprise"}
    if kinds == {"joy"} and valence > -_SLIGHT:
        return "good"
    doubtful = so_far == "good" and _OTHERS.search(low)
    if kinds and "joy" not in kinds and valence < _SLIGHT and not doubtful:
        return "hard"
    if (evidence.primary == "joy" and valence > -_SLIGHT) or (valence > PLEASANT and evidence.primary not in _HARD):
        return "good"
    if valence < (_GRAVE if doubtful else UNPLEASANT) or (evidence.primary in _HARD and valence < 2 * _SLIGHT):
        return "hard" if not doubtful or valence < _GRAVE else "plain"
    topic = _topic(low)
    return phrases("topics")[topic]["tone"] or "plain" if topic and not evidence.primary else "plain"


def _tones(earlier: Sequence[tuple[str, Evidence]]) -> list[str]:
    tones: list[str] = []
    mood = "plain"
    for text, found in earlier:
        tones.append(_tone(text, found, mood))
        mood = mood if tones[-1] == "plain" else tones[-1]
    return tones


def _felt(low: str) -> Iterator[str]:
    for name, one in phrases("feelings").items():
        if re.search(rf"{_NOT}\b({one['words']})\b", low):
            yield name


def _fits(tone: str) -> frozenset[str]:
    """Kinds of feeling that go with a tone."""
    return {"good": frozenset({"joy"}), "hard": _HARD, "plain": frozenset[str]()}[tone]


def _named(low: str, tone: str) -> str:
    table = phrases("feelings")
    return next((name for name in _felt(low) if table[name]["kind"] in _fits(tone) | {"surprise"}), "")


def _read_feeling(evidence: Evidence, tone: str) -> str:
    if evidence.primary not in _fits(tone):
        return ""
    table = phrases("feelings")
    read = (name for fine in evidence.fine[:1] for name, one in table.items() if fine in one["fine"])
    return next((name for name in read if table[name]["kind"] == evidence.primary), "")


def _who(topic: str, told: str) -> dict[str, str]:
    pattern = phrases("topics")[topic].get("who") if topic else None
    found = re.search(rf"\b({pattern})\b", told) if pattern else None
    return {"who": other_person(found[0])} if found else {}


def _said(evidence: Evidence, text: str) -> dict[str, str]:
    causes = [cause for cause in evidence.causes if cause in text]
    clause = restate(*causes, text[:_HEAD])
    return {"clause": clause} if clause else {}
