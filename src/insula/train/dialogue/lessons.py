"""From corpora to what the dialogue network learns: exchanges with targets, causes as turns and words, rationales.

A recipe names, per corpus, the heads it teaches. What also stands in a development or test split of any corpus of the
recipe never trains: dialogues are shared between corpora (RECCON's test is two thirds DailyDialog's train; MELD and
EmoryNLP tell the same scenes), so it is told by a turn together with the one before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from insula.conversation import Conversation, Span, Turn
from insula.data import corpus, load
from insula.data.masking import mask_labels
from insula.network.exchange import Exchange, Said, exchange, tokenised
from insula.scheme import mapping, read_out, scheme

from ..recipe import folded
from .reader import MECHANISMS

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """One corpus of the recipe. `heads`: head name -> how to read its targets ("scheme" or "scheme->other").

    `neutral` is the share of turns labelled neutral that each epoch hears, drawn anew; `masked` hides label words;
    `exclusive` names heads of which one label holds, the rarer counting more; `again` is the second round's epochs.
    """

    corpus: str
    heads: Mapping[str, str] = field(default_factory=dict[str, str])
    epochs: float = 1.0
    weight: float = 1.0
    neutral: float = 1.0
    masked: bool = False
    exclusive: tuple[str, ...] = ()
    again: float = 0.0
    causes: bool = False
    rationales: bool = False

    def schemes(self) -> dict[str, str]:
        """Head name -> the scheme it speaks."""
        return {head: how.split("->")[-1] for head, how in self.heads.items()}


@dataclass(frozen=True)
class Recipe:
    """What `insula train text --recipe dialogue` does: lessons, schedule, and what each head's decisions are for.

    A head without an entry in `decide` decides its likeliest label.
    """

    summary: str
    licence: str
    start: str
    schedule: Mapping[str, Any]
    again: Mapping[str, Any]
    lessons: tuple[Lesson, ...]
    decide: Mapping[str, str]

    def schemes(self) -> dict[str, str]:
        """Every head of the recipe -> its scheme, in the recipe's order."""
        return {head: name for lesson in self.lessons for head, name in lesson.schemes().items()}

    def kinds(self) -> dict[str, str]:
        """Every head -> how it is learnt: as its scheme's kind, or as one-of where its corpora allow one label."""
        exclusive = {head for lesson in self.lessons for head in lesson.exclusive}
        return {head: "one-of" if head in exclusive else scheme(name).kind for head, name in self.schemes().items()}


def recipe(name: str = "dialogue") -> Recipe:
    """The shipped recipe of this name."""
    text = (resources.files("insula") / "train" / "dialogue" / f"{name}.toml").read_text(encoding="utf-8")
    record = tomllib.loads(text)
    return Recipe(lessons=tuple(Lesson(**lesson) for lesson in record.pop("task")), **record)


@dataclass(frozen=True)
class Task:
    """The exchanges of a corpus split with their targets.

    Per head a matrix (exchanges, labels; NaN where nothing is known); per exchange the cause of each entry (NaN, 0 or
    1), the word spans of its causes (entry, first and last token) and the rationales (mechanism, first, last token).
    """

    lesson: Lesson
    exchanges: Sequence[Exchange]
    targets: Mapping[str, Array]
    causes: Sequence[tuple[float, ...]]
    spans: Sequence[tuple[tuple[int, int, int], ...]]
    rationales: Sequence[tuple[tuple[int, int, int], ...]]
    rarity: Mapping[str, Array] = field(default_factory=dict[str, Array])


@dataclass
class _Rows:
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    targets: dict[str, list[list[float]]] = field(default_factory=dict[str, list[list[float]]])
    causes: list[tuple[float, ...]] = field(default_factory=list[tuple[float, ...]])
    spans: list[tuple[tuple[int, int, int], ...]] = field(default_factory=list[tuple[tuple[int, int, int], ...]])
    rationales: list[tuple[tuple[int, int, int], ...]] = field(default_factory=list[tuple[tuple[int, int, int], ...]])


def task(lesson: Lesson, split: str, tokenizer: Tokenizer, forbidden: frozenset[str] = frozenset()) -> Task:
    """One split of a corpus as the network reads it, without what is forbidden."""
    conversations = [mask_labels(c) if lesson.masked else c for c in load(lesson.corpus, split)]
    words = tokenised((turn.text for c in conversations for turn in c.turns), tokenizer)
    rows = _Rows(targets={head: [] for head in lesson.heads})
    for conversation in conversations:
        turns = conversation.turns
        for number, turn in enumerate(turns):
            found = {head: _target(conversation, turn, how) for head, how in lesson.heads.items()}
            causes = _causes(conversation, turn) if lesson.causes else None
            known = any(x is not None for x in found.values()) or causes is not None
            if not known or not words[turn.text].ids or forbidden & set(_marks(turns[: number + 1])):
                continue
            said = exchange(turns[: number + 1], words)
            rows.exchanges.append(said)
            for head, scores in found.items():
                labels = scheme(lesson.schemes()[head]).labels
                rows.targets[head].append([(scores or {}).get(label, np.nan) for label in labels])
            rows.causes.append(tuple(float(one.turn in causes) if causes is not None else np.nan for one in said))
            rows.spans.append(tuple(_spans(said, causes or {})))
            rows.rationales.append(tuple(_rationales(conversation, said[0])) if lesson.rationales else ())
    targets = {head: np.array(values, np.float32) for head, values in rows.targets.items()}
    rarity = {head: _rarity(targets[head]) for head in lesson.exclusive}
    return Task(lesson, rows.exchanges, targets, rows.causes, rows.spans, rows.rationales, rarity)


def _rarity(targets: Array) -> Array:
    """What an example of each label counts: more the rarer it is, by the square root, and 1 on average."""
    share = np.nanmean(targets, 0).clip(1e-3)
    weight = share**-0.5
    return (weight / (share * weight).sum()).astype(np.float32)


def forbidden(lessons: Iterable[Lesson]) -> frozenset[str]:
    """Marks of every turn of a development or test split of these corpora."""
    found: set[str] = set()
    for lesson in lessons:
        record = corpus(lesson.corpus)
        for split in {"dev", "test"} & {*record.splits, *record.carve}:
            for conversation in load(lesson.corpus, split):
                turns = conversation.turns
                for number in range(len(turns)):
                    found.update(_marks(turns[: number + 1]))
    return frozenset(found)


def _marks(turns: Sequence[Turn]) -> Iterator[str]:
    """What a turn is told by: its words where they are long enough to be its own, and with the turn before it."""
    last = folded(turns[-1].text)
    if last.count(" ") >= 6:
        yield last
    if len(turns) > 1 and last:
        yield f"{folded(turns[-2].text)} | {last}"


def _target(conversation: Conversation, turn: Turn, how: str) -> Mapping[str, float] | None:
    source, _, target = how.partition("->")
    found = conversation.read(scheme(source).layer, rater="gold", scheme=source)
    mine = [x for x in found if x.at.turn == turn.id or (x.at.turn is None and x.at.speaker == turn.speaker)]
    if not mine or mine[0].abstained:
        return None
    if not target:
        return mine[0].scores
    mapping(source, target)
    return read_out(mine[0], target).scores


def _causes(conversation: Conversation, turn: Turn) -> dict[str, list[Span | None]] | None:
    """Source turn -> its cause spans, for a turn whose gold emotion is not neutral; None otherwise."""
    gold = conversation.read("emotion", turn=turn.id, rater="gold")
    if not gold or gold[0].top == "neutral":
        return None
    found: dict[str, list[Span | None]] = {}
    by_id = {x.id: x for x in conversation.read("cause")}
    for one in gold[0].because:
        if (cause := by_id.get(one)) and cause.at.turn:
            found.setdefault(cause.at.turn, []).append(cause.at.chars)
    return found


def _spans(said: Exchange, causes: Mapping[str, Sequence[Span | None]]) -> Iterator[tuple[int, int, int]]:
    for entry, one in enumerate(said):
        for chars in causes.get(one.turn, ()):
            if chars and (tokens := _tokens(one, chars)):
                yield entry, *tokens


def _rationales(conversation: Conversation, reply: Said) -> Iterator[tuple[int, int, int]]:
    for one in conversation.read("evidence", turn=reply.turn, rater="gold"):
        if one.at.chars and one.top in MECHANISMS and (tokens := _tokens(reply, one.at.chars)):
            yield MECHANISMS.index(one.top), *tokens


def _tokens(said: Said, chars: Span) -> tuple[int, int] | None:
    inside = [k for k, (a, b) in enumerate(said.words.spans) if a < chars[1] and b > chars[0]]
    return (inside[0], inside[-1]) if inside else None
