"""Does its evidence support a sentence? What it names is taken out of it and looked up.

    "Ana likely expresses anger in turn 2 (0.71)." -> speaker Ana, doubt "likely", feeling anger, turn 2, number 0.71

A sentence that names a feeling, a speaker, a turn, a quote or a number which its annotations do not hold, that is surer
than they are, that claims to know what somebody feels, or that speaks of a condition, is not supported. The check knows
the words of the shipped emotion schemes; what is said in other words it cannot see, which is why a language model may
only rephrase (`insula.explain.sentences`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from insula.conversation import Annotation, Conversation
from insula.explain.graph import leading
from insula.explain.wording import (
    CONDITION,
    HEDGES,
    SPELLED,
    WORD,
    allowed_phrases,
    feelings,
    least,
    noun,
    phrases,
    stock,
)

Fact = tuple[str, str]  # its kind (speaker, feeling, turn, quote, number, doubt, phrase, reason, unknown) and what
_CLAIM = re.compile(r"\b(?:feels?|felt|is|are|was|were)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no|not|never|hardly|without|cannot|un\w+ly|\w+n['’]t)\b", re.IGNORECASE)
_SURE = r"(?i:\b(?:very likely|likely|unlikely|certainly|surely|definitely|clearly|obviously|always)\b)"
_FIXED = ("quote", "speaker", "reason")  # other people's words


def supported(sentence: str, annotations: Sequence[Annotation], conversation: Conversation) -> bool:
    """Whether everything the sentence names is in its annotations, and it says no more than they do.

    The first annotation of an emotion is the one the sentence is about: its words for doubt go by it.
    """
    return not unsupported(sentence, annotations, conversation)


def unsupported(sentence: str, annotations: Sequence[Annotation], conversation: Conversation) -> tuple[str, ...]:
    """What in the sentence its annotations do not hold; empty where all is well."""
    if not sentence.strip() or not annotations:
        return ("no sentence",) if annotations else ("no evidence",)
    evidence = Evidence(annotations, conversation)
    found = evidence.facts(sentence)
    problems = [f"{kind} {what!r}" for kind, what in found if not evidence.holds(kind, what)]
    own = evidence.own_words(sentence)
    problems += [f"speaks of a condition: {match.group()!r}" for match in CONDITION.finditer(own)]
    problems += [f"claims to know: {match.group()!r}" for match in _CLAIM.finditer(own)]
    hedged = HEDGES.intersection(word.lower() for word in re.findall(WORD, own))
    if not hedged and any(kind == "feeling" for kind, _ in found):
        problems.append("names a feeling without a doubt")
    return tuple(problems)


def same_facts(sentence: str, other: str, annotations: Sequence[Annotation], conversation: Conversation) -> bool:
    """Whether two sentences name the same things in the same order and deny as often."""
    evidence = Evidence(annotations, conversation)
    denials = [len(_NOT.findall(evidence.own_words(one))) for one in (sentence, other)]
    return denials[0] == denials[1] and evidence.facts(sentence) == evidence.facts(other)


@lru_cache(1024)
def sayable(name: str) -> bool:
    """Whether a speaker's name can stand in a sentence without being taken for something else."""
    shaped = re.fullmatch(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}", name)
    parts = {part for word in re.findall(WORD, name) for part in (word, *re.split(r"[-'’]", word))}
    lower = {part.lower() for part in parts}
    reserved = parts & stock() or lower & (feelings().keys() | SPELLED | HEDGES)
    return bool(shaped) and len(name) <= 40 and not reserved and not CONDITION.search(name) and not _CLAIM.search(name)


class Evidence:
    """What some annotations hold that a sentence may name."""

    def __init__(self, annotations: Sequence[Annotation], conversation: Conversation) -> None:
        turns = conversation.turns
        place = {turn.id: number for number, turn in enumerate(turns, 1)}
        there = [(x, conversation.turn(x.at.turn)) for x in annotations if x.at.turn in place and x.at.turn]
        reasons = {reason for x in annotations if (reason := plain_reason(x.reason))}
        self._pattern = _pattern(frozenset(turn.speaker for turn in turns if sayable(turn.speaker)), frozenset(reasons))
        self._quotes = [one_line(turn.text[slice(*x.at.chars)] if x.at.chars else turn.text) for x, turn in there]
        values = [value for x in annotations for value in (*x.scores.values(), *x.margin.values())]
        first = next((x for x in annotations if x.layer == "emotion" and x.scores), None)
        self._surest = first.scores[leading(first) or ""] if first else 0.0
        self._known = {
            "speaker": {turn.speaker for _, turn in there} | {x.at.speaker or "" for x in annotations},
            "turn": {str(place[turn.id]) for _, turn in there},
            "number": {f"{abs(value):.2f}" for value in values},
            "feeling": {word for x in annotations for word in _feelings(x)},
            "phrase": {phrase for x in annotations for phrase in allowed_phrases(x)},
            "reason": reasons,
        }

    def facts(self, sentence: str) -> tuple[Fact, ...]:
        """What a sentence names, in its order."""
        return tuple(self._facts(sentence))

    def _facts(self, sentence: str) -> Iterator[Fact]:
        first = True
        for match in self._pattern.finditer(sentence):
            kind, what = match.lastgroup or "", match.group()
            if kind == "word":
                yield from _word(what, first)
            elif kind == "turn":
                yield from (("turn", number) for number in re.findall(r"\d+", what))
            elif kind == "number":
                yield "number", what.lstrip("-+−")
            elif kind != "stop":
                yield kind, what.strip("“”") if kind in _FIXED else what.lower()
            first = kind == "stop"

    def holds(self, kind: str, what: str) -> bool:
        """Whether one fact is in the evidence."""
        if kind == "quote":
            words = one_line(what.removesuffix("…"))
            return bool(words) and any(words in text for text in self._quotes)
        if kind == "doubt":
            return self._surest >= least(what)
        return what in self._known.get(kind, ())

    def own_words(self, sentence: str) -> str:
        """The sentence without quotes, names and reasons, which are other people's words."""
        return self._pattern.sub(lambda match: " " if match.lastgroup in _FIXED else match.group(), sentence)


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def plain_reason(reason: str) -> str:
    """The reason of an abstention if it can stand in a sentence, else nothing."""
    reason = one_line(reason)
    return reason if re.fullmatch(r"[^\W\d_][\w ,.:;()/'%-]{3,199}", reason) else ""


def _feelings(annotation: Annotation) -> Iterator[str]:
    """The feelings an annotation gives leave to name: decided, not ruled out, or first."""
    if annotation.layer not in ("emotion", "cause"):
        return
    for label in {*annotation.labels, *annotation.possible, annotation.top or ""}:
        said = re.findall(WORD, f"{label} {noun(label)}".lower())
        yield from (feelings().get(word, word) for word in said)


def _word(word: str, first: bool) -> Iterator[Fact]:
    plain = re.sub(r"['’]s$", "", word).lower()
    if plain in feelings():
        yield "feeling", feelings()[plain]
    elif plain in SPELLED:
        yield "number", plain
    elif word[0].isupper() and not first and plain != "i":
        yield "unknown", word


@lru_cache(64)
def _pattern(speakers: frozenset[str], reasons: frozenset[str]) -> re.Pattern[str]:
    """One pattern that finds every fact; what comes first in it wins, so quoted words are nothing but a quote."""
    kinds = {
        "reason": rf"(?<=: )(?:{_any_of(reasons)})(?=\.)",
        "quote": r"“[^“”]*”",
        "speaker": rf"(?<!\w)(?:{_any_of(speakers)})(?!\w)",
        "turn": r"(?i:\bturns? \d+(?:(?:, | and )\d+\b(?!\.\d))*)",
        "number": r"[-+−]?\d+(?:\.\d+)?(?: ?%)?",
        "phrase": rf"(?i:\b(?:{_any_of(phrases())})\b)",
        "doubt": _SURE,
        "word": WORD,
        "stop": r"[.!?](?=\s|$)",
    }
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()))


def _any_of(texts: Iterable[str]) -> str:
    found = sorted({text for text in texts if text}, key=lambda text: (-len(text), text))
    return "|".join(map(re.escape, found)) or r"(?!)"
