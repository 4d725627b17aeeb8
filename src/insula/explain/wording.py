"""The words explanations are made of, and which of them an annotation gives leave to use.

    expresses("anger", 0.7) -> "likely expresses"        noun("angry") -> "anger"

What is said comes from `wording.toml`. Doubt is said in the calibrated words of Mastrandrea et al. 2010 (the IPCC's
guidance on uncertainties): "very likely" from .9, "likely" from .66, "may" below.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from insula.conversation import Annotation
from insula.scheme import schemes

WORD = r"[^\W\d_]+(?:[-'’][^\W\d_]+)*"
HEDGES = frozenset({"express", "expresses", "sound", "sounds", "may", "might", "seem", "seems", "perhaps", "appears"})
SPELLED = frozenset("two three four five six seven eight nine ten dozen half twice percent".split())  # noqa: SIM905
CONDITION = re.compile(
    r"\b(?:depressi|depressed|disorder|diagnos|bipolar|psych|ptsd|trauma|suicid|patholog|clinical|mental|symptom|autis)"
    r"\w*",
    re.IGNORECASE,
)
# words that schemes of emotion use and that name no feeling
_NO_FEELING = frozenset("neutral other others and not high low positive negative emotion emotional energy".split())  # noqa: SIM905
_THIRDS = (0.33, 0.66)


@cache
def wording() -> Mapping[str, Any]:
    """The whole of `wording.toml`."""
    return tomllib.loads((resources.files("insula.explain") / "wording.toml").read_text(encoding="utf-8"))


@cache
def feelings() -> Mapping[str, str]:
    """Every word that names a feeling in a shipped scheme -> the noun it is said with."""
    nouns: dict[str, str] = wording()["noun"]
    labels = {label for one in schemes() if one.layer == "emotion" for label in one.labels}
    words: set[str] = {word for label in labels for word in re.findall(WORD, label.lower()) if len(word) > 2}
    plain = {word.lower() for word in stock()}
    found = {word: nouns.get(word, word) for word in sorted(words - _NO_FEELING - plain)}
    return {**found, **nouns, **{word: word for word in nouns.values()}}


@cache
def stock() -> frozenset[str]:
    """Every word of the templates, as it stands there."""

    def texts(some: Any) -> Iterator[str]:
        for value in some.values() if isinstance(some, dict) else some:
            yield from [value] if isinstance(value, str) else texts(value) if isinstance(value, list | dict) else ()

    said = {table: rows for table, rows in wording().items() if table != "noun"}
    return frozenset(w for text in texts(said) for w in re.findall(WORD, re.sub(r"\{\w+\}", " ", text)))


@cache
def phrases() -> frozenset[str]:
    """Every phrase that says something by itself: levels of empathy, appraisals, directions, findings."""
    said = [one for one in wording()["phrase"].values() if isinstance(one, str)]
    lists = [one for some in wording()["phrase"].values() if isinstance(some, list) for one in some]
    empathy = wording()["empathy"]
    levels = [f"{level} {word}" for level in empathy["levels"] for word in empathy.values() if isinstance(word, str)]
    return frozenset([*said, *lists, *levels, *wording()["appraisal"].values()])


def allowed_phrases(annotation: Annotation) -> Iterator[str]:
    """The phrases that this annotation gives leave to use."""
    said = wording()["phrase"]
    scores = annotation.scores
    if annotation.layer == "emotion" and "neutral" in (annotation.top, *annotation.labels, *annotation.possible):
        yield said["neutral"]
    yield from (wording()["appraisal"][x] for x in annotation.labels if x in wording()["appraisal"])
    yield from (said[x] for x in annotation.labels if annotation.layer == "finding" and x in said)
    yield from (level(x, score) for x, score in scores.items() if x in wording()["empathy"])
    if "drop" in scores:
        yield direction(scores["drop"])
    if "alignment" in scores:
        yield degree(scores["alignment"])
    if found := sign(annotation):
        yield found


def expresses(label: str, probability: float) -> str:
    """How an emotion of this probability is said: "likely expresses" for a noun, "likely sounds" for an adjective."""
    kind = "adjective" if plain(label) and label != "neutral" and label not in wording()["noun"] else "noun"
    return next(one[kind] for one in wording()["doubt"] if probability >= one["least"])


def least(doubt: str) -> float:
    """The probability from which a word for a doubt may be used; words of certainty never."""
    known = {one["noun"].rpartition(" ")[0]: float(one["least"]) for one in wording()["doubt"]}
    return known.get(doubt.lower(), 2.0)


def noun(label: str) -> str:
    """A label as a noun: "angry" -> "anger", "peaceful" -> "a peaceful tone"; "something" for what cannot be said."""
    return wording()["noun"].get(label) or (f"a {label.replace('-', ' ')} tone" if plain(label) else "something")


def said(label: str) -> str:
    """A label as it follows `expresses`: "anger", "peaceful"."""
    return noun(label) if label in wording()["noun"] or not plain(label) else label.replace("-", " ")


def plain(label: str) -> bool:
    """Whether a label, which may be anybody's free words, can stand in a sentence without being taken for another."""
    words = re.findall(WORD, label.replace("-", " "))
    known = stock().union(HEDGES, SPELLED)
    return " ".join(words) == label.replace("-", " ") and known.isdisjoint(words) and not CONDITION.search(label)


def level(mechanism: str, score: float) -> str:
    """A mechanism of empathy at its level: ("explorations", 1.8) -> "much exploring"."""
    empathy = wording()["empathy"]
    return f"{empathy['levels'][min(max(round(score), 0), 2)]} {empathy[mechanism]}"


def degree(alignment: float) -> str:
    """How well a reply meets what it answers, in thirds."""
    return wording()["phrase"]["degrees"][sum(alignment >= third for third in _THIRDS)]


def clearness(alignment: float) -> float:
    """How far an alignment is from the next degree: 0 on the border, 1 a third away and more."""
    return min(1.0, min(abs(alignment - third) for third in _THIRDS) / _THIRDS[0])


def direction(drop: float) -> str:
    """Where a reading goes without a turn; a change that two decimals do not show is none."""
    rounded = round(drop, 2)
    return wording()["phrase"]["directions"][(rounded > 0) - (rounded < 0) + 1]


def sign(trajectory: Annotation) -> str:
    """Which sign the next valence has if its whole interval has it; else nothing."""
    value, margin = trajectory.scores.get("forecast"), trajectory.margin.get("forecast")
    if value is None or margin is None or abs(value) <= margin:
        return ""
    return wording()["phrase"]["signs"][value > 0]
