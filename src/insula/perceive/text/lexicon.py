"""Emotion, sentiment and affect by weighted words: the tier that needs nothing but Python and always works.

    "I'm so happy for you!" -> joy .89, positive .95, valence .21 because "happy"

Every word, emoji and frequent pair of words has learnt weights for GoEmotions' 28 labels and for valence, arousal and
dominance (`insula.train.lexicon` made the file); a text's score is the weighted sum over the square root of its length.
Source: sparse linear models on word presence (Tibshirani 1996), with rules as in Hutto & Gilbert 2014 (`rules.py`).
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Span, Turn
from insula.perceive.text.language import NO_WORDS, unreadable
from insula.perceive.text.rules import Unit, units

FILE = "lexicon.json.gz"
# A text longer than this many characters is read in passages that end where a sentence ends.
PASSAGE = 400
# One word said many times counts as said twice.
MOST = 2.0
EVIDENCE = 3

_PIECE = f".{{1,{PASSAGE}}}"
_PASSAGES = re.compile(rf"{_PIECE}(?:[.!?\n]\s+|\Z)|{_PIECE}\s|{_PIECE}", re.DOTALL)
Scores = dict[str, float]


@dataclass(frozen=True)
class Weights:
    """What the data file holds: per unit its weights by label, and per scheme how raw scores become probabilities."""

    words: Mapping[str, Mapping[str, float]]
    bias: Mapping[str, float]
    heads: dict[str, Any]
    groups: Mapping[str, Sequence[str]]
    revision: str


@dataclass(frozen=True)
class Reading:
    """One passage: its characters, the raw score of every label, its known units, and how many units it has."""

    chars: Span
    raw: Scores
    known: Sequence[Unit]
    size: int


@cache
def shipped() -> Weights:
    """The weights of the package, read once."""
    packed = (resources.files("insula") / "perceive" / "text" / FILE).read_bytes()
    return Weights(**json.loads(gzip.decompress(packed)), revision=sha256(packed).hexdigest()[:12])


class Lexicon:
    """Judges every pending turn under goemotions28, sentiment4 and vad, and names the words that decided.

    A turn of more than 400 characters also gets judgements of its passages, anchored to their characters. Abstains
    where there is nothing to read, the language is another, or no word is known.
    """

    reads = ("turn",)
    writes = ("emotion", "sentiment", "affect", "evidence")

    def __init__(self, name: str = "text.lexicon") -> None:
        self.name = name
        self.weights = shipped()
        self.rater = f"{name}@{self.weights.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        for turn in conversation.pending("emotion", self.rater):
            yield from self._judge(turn)

    def _judge(self, turn: Turn) -> Iterator[Annotation]:
        reason = unreadable(turn.text)
        spans = passages(turn.text) if reason in ("", NO_WORDS) else []
        readings = [read(turn.text, span, self.weights) for span in spans]
        if not any(reading.known for reading in readings):
            for layer, scheme in (("emotion", "goemotions28"), ("sentiment", "sentiment4"), ("affect", "vad")):
                reason = reason or "no word it knows"
                yield Annotation(layer, {}, Anchor(turn.id), scheme, self.rater, reason=reason)
            return
        whole = _together(readings)
        emotion = emotions(whole, self.weights)
        evidence = list(self._evidence(turn, readings, emotion))
        yield from evidence
        yield from self._annotations(whole, emotion, Anchor(turn.id), tuple(one.id for one in evidence))
        for reading in readings if len(readings) > 1 else ():
            if reading.known:
                emotion = emotions(reading.raw, self.weights)
                yield from self._annotations(reading.raw, emotion, Anchor(turn.id, reading.chars), ())

    def _annotations(self, raw: Scores, emotion: Scores, at: Anchor, because: tuple[str, ...]) -> Iterator[Annotation]:
        sentiment = sentiments(emotion, self.weights)
        for layer, scheme, scores in (("emotion", "goemotions28", emotion), ("sentiment", "sentiment4", sentiment)):
            head = self.weights.heads[scheme]
            labels, keep = decided(scores, head), head["keep"]
            possible = tuple([label for label, p in scores.items() if p >= keep])
            rounded = {label: round(p, 4) for label, p in scores.items()}
            yield Annotation(layer, rounded, at, scheme, self.rater, labels, possible, because=because)
        margin = MappingProxyType(self.weights.heads["vad"]["margin"])
        yield Annotation("affect", affect(raw), at, "vad", self.rater, margin=margin, because=because)

    def _evidence(self, turn: Turn, readings: Sequence[Reading], emotion: Scores) -> Iterator[Annotation]:
        """The units that raised the leading emotion most, with their share of all that raised it.

        "neutral" has none: it is the want of such words.
        """
        found = [label for label in decided(emotion, self.weights.heads["goemotions28"]) if label != "neutral"]
        if not found:
            return
        label = max(found, key=emotion.__getitem__)
        words = self.weights.words
        shares: dict[Span, float] = {}
        for unit in (unit for reading in readings for unit in reading.known):
            if (share := unit.weight * words[unit.name].get(label, 0.0)) > 0:
                shares[unit.start, unit.end] = share
        total = sum(shares.values())
        for span in sorted(sorted(shares, key=shares.__getitem__, reverse=True)[:EVIDENCE]):
            share = round(shares[span] / total, 4)
            yield Annotation("evidence", {label: share}, Anchor(turn.id, span), "words", self.rater)


def passages(text: str) -> list[Span]:
    """The characters of each passage, in order; one for a short text."""
    if len(text) <= PASSAGE:
        return [(0, len(text))]
    return [match.span() for match in _PASSAGES.finditer(text)]


def read(text: str, chars: Span, weights: Weights) -> Reading:
    """The raw scores of one passage; its units keep their characters in the whole text."""
    found = units(text, chars)
    size = max(1, sum([" " not in unit.name for unit in found]))
    raw, words, root = dict(weights.bias), weights.words, math.sqrt(size)
    for name, count in counts(found).items():
        if count and name in words:
            share = count / root
            for label, weight in words[name].items():
                raw[label] += share * weight
    known = [unit for unit in found if unit.name in words and unit.name[0] not in ".!?"]
    return Reading(chars, raw, known, size)


def counts(found: Sequence[Unit]) -> dict[str, float]:
    """How much each unit counts in a passage, -2..2."""
    total: dict[str, float] = {}
    for unit in found:
        total[unit.name] = total.get(unit.name, 0.0) + unit.weight
    return {name: max(-MOST, min(MOST, count)) for name, count in total.items()}


def emotions(raw: Scores, weights: Weights) -> Scores:
    """Calibrated probabilities of goemotions28."""
    head = weights.heads["goemotions28"]
    return {label: _logistic(slope * raw[label] + shift) for label, (slope, shift) in head["calibration"].items()}


def decided(scores: Scores, head: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels at or above their thresholds."""
    return tuple([label for label, threshold in head["threshold"].items() if scores[label] >= threshold])


def sentiments(emotion: Scores, weights: Weights) -> Scores:
    """Calibrated probabilities of sentiment4: that any emotion of the group is there."""
    found: Scores = {}
    for group, (slope, shift) in weights.heads["sentiment4"]["calibration"].items():
        none = math.prod(1 - emotion[label] for label in weights.groups[group])
        none = min(max(none, 1e-6), 1 - 1e-6)
        found[group] = _logistic(slope * math.log((1 - none) / none) + shift)
    return found


def affect(raw: Scores) -> Scores:
    """Valence, arousal and dominance, -1..1."""
    return {name: round(max(-1.0, min(1.0, raw[name])), 4) for name in ("valence", "arousal", "dominance")}


def _together(readings: Sequence[Reading]) -> Scores:
    if len(readings) == 1:
        return readings[0].raw
    total = sum(reading.size for reading in readings)
    return {label: sum(r.raw[label] * r.size for r in readings) / total for label in readings[0].raw}


def _logistic(x: float) -> float:
    return 0.5 + 0.5 * math.tanh(0.5 * x)  # never overflows
