"""Drafts of a reply weighed by the engine's own readers; every draft keeps what each of them said.

    Weigher().weigh(conversation, [Draft("What happened?", "local")], aim) -> the drafts scored, the best first

Source: best-of-n as in Ouyang et al. 2022 (arXiv:2203.02155), with calibrated readers in place of a reward model. The
weights are in `rerank.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, cast

from insula.catalogue import build
from insula.component import Component
from insula.conversation import Addition, Annotation, Conversation, Turn

from .evidence import Evidence
from .prompt import Plan
from .situation import PLEASANT

DRAFT = "draft"  # id of the draft's turn while it is read
_REACH = 8  # turns before it that its readers are given
_FAULT = 0.1  # what is left of a score for each fault
_SHORT, _LONG, _LONGEST = 5, 45, 90  # words
_ADVICE = frozenset({"suggestion", "information"})
_UNWELCOME = 0.5  # probability from which a draft's own feeling counts
_NAME = re.compile(r"(?<![.!?…:\"“] )(?<!^)\b[A-Z][a-z]{2,}\b")
_CALENDAR = frozenset(
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Christmas",
        "English",
    ]
)


@dataclass(frozen=True)
class Draft:
    """One wording. `parts` are 0..1 each, 1 being best; `faults` say in words why it should not be sent."""

    text: str
    tier: str
    strategies: tuple[str, ...] = ()
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    faults: tuple[str, ...] = ()
    score: float = 0.0


@dataclass(frozen=True)
class Aim:
    """What a reply is weighed against: the plan, what the person expresses, and names that may be said."""

    plan: Plan
    evidence: Evidence
    names: frozenset[str] = frozenset()


class Weigher:
    """The readers that `rerank.toml` names, of what `speaker` says. Raises KeyError for a row that is not there."""

    def __init__(self, speaker: str = "companion") -> None:
        self.speaker = speaker
        rows: Mapping[str, str] = settings()["readers"]
        own: dict[str, dict[str, Any]] = {"strategy": {"supporters": (speaker,)}}
        self.readers: dict[str, Component] = {part: build(row, **own.get(part, {})) for part, row in rows.items()}

    def weigh(self, conversation: Conversation, drafts: Sequence[Draft], aim: Aim) -> list[Draft]:
        """The drafts with their parts, faults and scores, the best first; drafts of one text count once."""
        different = list({draft.text: draft for draft in reversed(drafts)}.values())[::-1]
        trials = [_trial(conversation, draft.text, self.speaker) for draft in different]
        read = {part: _read(reader, trials) for part, reader in self.readers.items()}
        weighed: list[Draft] = []
        for place, draft in enumerate(different):
            found = {part: some[place] for part, some in read.items()}
            parts = {**_read_parts(found, draft, aim), **_word_parts(draft, conversation, self.speaker)}
            faults = (*_read_faults(found, aim), *faults_of(draft, conversation, aim))
            weighed.append(replace(draft, parts=MappingProxyType(parts), faults=faults, score=_score(parts, faults)))
        return sorted(weighed, key=lambda draft: -draft.score)


@cache
def settings() -> Mapping[str, Any]:
    """The whole of `rerank.toml`."""
    return tomllib.loads((resources.files("insula.respond") / "rerank.toml").read_text(encoding="utf-8"))


def faults_of(draft: Draft, conversation: Conversation, aim: Aim) -> Iterator[str]:
    """What the words alone show: unfinished, another language, names nobody named, the faults of `rerank.toml`."""
    low = draft.text.lower().replace("’", "'")
    planned = _ADVICE.intersection(aim.plan.strategies)
    for name, pattern in settings()["fault"].items():
        if re.search(pattern, low) and not (planned and name == "gives advice unasked"):
            yield name
    if not re.search(r"[.!?…]['\"”)]*\s*$", draft.text):
        yield "unfinished"
    said = " ".join(turn.text for turn in conversation.turns[-2 * _REACH :])
    if draft.text.isascii() != said.isascii() and _other_letters(draft.text) > 0.3 > _other_letters(said):
        yield "another language"
    known = set(re.findall(r"\w+", said.title())) | aim.names | _CALENDAR
    if any(name not in known for name in _NAME.findall(draft.text)):
        yield "names somebody nobody named"
    made_up = (one for one in settings()["kind"].values() if re.search(one, low) and not re.search(one, said.lower()))
    if draft.tier == "local" and any(made_up):
        yield "brings in what nobody mentioned"


def _other_letters(text: str) -> float:
    letters = [one for one in text if one.isalpha()]
    return sum(ord(one) > 0x24F for one in letters) / max(1, len(letters))


def _trial(conversation: Conversation, text: str, speaker: str) -> Conversation:
    """The end of the talk with the draft as if it had been sent; what was read before is not read again."""
    turns = {turn.id for turn in conversation.turns[-_REACH:]}
    kept = [x for x in conversation.log if (isinstance(x, Annotation) and x.at.turn in turns) or _is_one_of(x, turns)]
    return Conversation(*kept, Turn(speaker, text, id=DRAFT))


def _is_one_of(addition: object, turns: set[str]) -> bool:
    return isinstance(addition, Turn) and addition.id in turns


def _read(reader: Component, trials: Sequence[Conversation]) -> list[list[Annotation]]:
    """What it says of each draft; what it adds stays in the trial, for the readers after it."""
    batch = getattr(reader, "batch", None)
    found = batch(trials) if batch else [list(cast("Iterable[Addition]", reader(trial))) for trial in trials]
    for trial, some in zip(trials, found, strict=True):
        trial.add(*some)
    return [[x for x in some if isinstance(x, Annotation) and x.at.turn == DRAFT] for some in found]


def _of(found: Sequence[Annotation], scheme: str) -> Annotation | None:
    return next((one for one in found if one.scheme == scheme and not one.abstained), None)


def _read_parts(found: Mapping[str, Sequence[Annotation]], draft: Draft, aim: Aim) -> dict[str, float]:
    """What the readers say, 0..1; a reader that cannot tell says a half."""
    strategies = draft.strategies or aim.plan.strategies
    empathy = _of(found.get("empathy", ()), "epitome3")
    tagged = _of(found.get("strategy", ()), "esconv8")
    meets = _of(found.get("meets", ()), "alignment")
    affect = _of(found.get("feeling", ()), "vad")
    boundary = _of(found.get("safety", ()), "reply-risks")
    return {
        "empathy": _empathy(empathy, strategies) if empathy else 0.5,
        "meets": meets.scores["alignment"] if meets else 0.5,
        "strategy": min(1.0, sum(tagged.scores.get(one, 0.0) for one in strategies)) if tagged and strategies else 0.5,
        "feeling": _closeness(affect, aim.plan.affect) if affect and aim.plan.affect else 0.5,
        "safety": 1 - max(boundary.scores.values()) if boundary else 0.5,
    }


def _empathy(levels: Annotation, strategies: Sequence[str]) -> float:
    """Levels 0..2: half the mean of all three, half the one that the strategies should show."""
    wanted = {settings()["mechanism"][one] for one in strategies} or set(levels.scores)
    mean = sum(levels.scores.values()) / len(levels.scores)
    aimed = sum(levels.scores[one] for one in wanted) / len(wanted)
    return min(1.0, max(0.0, (mean + aimed) / 4))


def _closeness(affect: Annotation, target: Mapping[str, float]) -> float:
    shared = [name for name in target if name in affect.scores]
    distance = sum(abs(affect.scores[name] - target[name]) for name in shared) / max(1, len(shared))
    return max(0.0, 1 - distance)


def _read_faults(found: Mapping[str, Sequence[Annotation]], aim: Aim) -> Iterator[str]:
    """Consoling good news, cheering bad news, and what the guard says a reply must not do."""
    feeling = _of(found.get("feeling", ()), "goemotions28")
    glad = aim.evidence.primary == "joy" or (aim.evidence.valence or 0.0) > PLEASANT
    hurt = aim.evidence.primary in ("anger", "fear", "sadness", "disgust")
    if feeling and glad and max(feeling.scores[x] for x in ("sadness", "remorse", "disappointment")) > _UNWELCOME:
        yield "consoles somebody for good news"
    if feeling and hurt and max(feeling.scores[x] for x in ("joy", "excitement", "amusement")) > _UNWELCOME:
        yield "is glad about bad news"
    boundary = _of(found.get("safety", ()), "reply-risks")
    yield from (f"crosses a boundary: {label}" for label in (boundary.labels if boundary else ()))


def _word_parts(draft: Draft, conversation: Conversation, speaker: str) -> dict[str, float]:
    """How new, own and long it is; a composed draft is known to make sense, which no reader can tell of the others."""
    text = draft.text
    own = [turn.text for turn in conversation.turns if turn.speaker == speaker][-2 * _REACH :]
    theirs = [turn.text for turn in conversation.turns if turn.speaker != speaker][-1:]
    words = len(text.split())
    fits = min(1.0, words / _SHORT) if words < _SHORT else max(0.0, min(1.0, (_LONGEST - words) / (_LONGEST - _LONG)))
    return {
        "fresh": 1 - max((_shared(text, other) for other in own), default=0.0),
        "own-words": 1 - max((_shared(text, other) for other in theirs), default=0.0),
        "length": fits,
        "composed": float(draft.tier == "composer"),
    }


def _shared(text: str, other: str) -> float:
    """Share of a text's word triples that the other has, too."""
    mine, yours = _triples(text), _triples(other)
    return len(mine & yours) / len(mine) if mine else 0.0


def _triples(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _score(parts: Mapping[str, float], faults: Sequence[str]) -> float:
    weights: Mapping[str, float] = settings()["weights"]
    mean = sum(weights[part] * value for part, value in parts.items()) / sum(weights[part] for part in parts)
    return round(mean * _FAULT ** len(faults), 4)
