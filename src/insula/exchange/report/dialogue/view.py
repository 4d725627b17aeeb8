"""What a report shows of a conversation: every turn with its causes, its empathy and its explanation.

for reading in readings(conversation): reading.edges -> (Edge(source=3, target=8, emotion="anger", ...),)

One rater leads in every layer, as in `report.view`; nothing is computed here that no rater said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insula.conversation import Annotation, Conversation, Span
from insula.exchange.report.channels import TOGETHER
from insula.exchange.report.view import View, views

MECHANISMS = {
    "emotional-reactions": "warmth",
    "interpretations": "understanding",
    "explorations": "asking on",
}
"""EPITOME's three mechanisms of empathy (Sharma et al. 2020), and a plain word for each."""


@dataclass(frozen=True)
class Edge:
    """One turn behind the emotion of a later one, or of its own; turns by number.

    `causes` are what a rater decided on: words of the source, or all of it. `drop` is how much the emotion's score
    falls without the source; None where nobody tried.
    """

    source: int
    target: int
    emotion: str
    causes: tuple[Annotation, ...]
    drop: float | None

    @property
    def spans(self) -> tuple[Span, ...]:
        """Characters of the source; none where all of it is meant."""
        return tuple(sorted({x.at.chars for x in self.causes if x.at.chars}))

    @property
    def score(self) -> float:
        """The probability of the most probable cause."""
        return max(x.scores.get("cause", 0.0) for x in self.causes)


@dataclass(frozen=True)
class Reading:
    """One turn: what is expressed in it, why, how it meets the turn before it, and what is said of that.

    `unknown` says why no cause is shown of a feeling, where somebody looked for one. `by_scheme` is the leading
    annotation of each scheme, `rationale` the words that show empathy, `short` the sentences that say most: the first,
    the first that rests on a cause, the first that rests on a finding.
    """

    view: View
    edges: tuple[Edge, ...]
    unknown: str
    by_scheme: Mapping[str, Annotation]
    rationale: tuple[Annotation, ...]
    findings: tuple[Annotation, ...]
    sentences: tuple[Annotation, ...]
    short: tuple[Annotation, ...]

    @property
    def number(self) -> int:
        """Which turn it is, from 1."""
        return self.view.number

    @property
    def speaker(self) -> str:
        """Who speaks."""
        return self.view.turn.speaker

    @property
    def emotion(self) -> str:
        """The one label that leads; "" where there is none."""
        return self.view.expressed[0][0] if self.view.expressed else ""

    def score(self, scheme: str, label: str) -> float | None:
        """The number a scheme gives a label here; None where it gives none."""
        found = self.by_scheme.get(scheme)
        return found.scores.get(label) if found else None

    @property
    def met(self) -> dict[str, float]:
        """Levels 0..2 of empathy, by mechanism; {} where this is no reply or nobody looked."""
        found = self.by_scheme.get("epitome3")
        return {name: found.scores[name] for name in MECHANISMS if name in found.scores} if found else {}

    @property
    def telling(self) -> bool:
        """Whether there is something to tell of it: a feeling, or a finding."""
        return bool(self.findings) or self.emotion not in ("", "neutral")

    @property
    def turning(self) -> bool:
        """Whether a turning point was found here."""
        return any("turning-point" in x.labels for x in self.findings)


def readings(conversation: Conversation) -> list[Reading]:
    """Every turn of a conversation, in order."""
    index = _Index(conversation)
    return [_reading(view, index) for view in views(conversation)]


def traits(conversation: Conversation) -> dict[str, Annotation]:
    """The latest word on each speaker's personality; {} unless somebody asked for it."""
    return {x.at.speaker: x for x in conversation.read("personality") if x.at.speaker}


class _Index:
    """The annotations of a conversation, by id and by turn."""

    def __init__(self, conversation: Conversation) -> None:
        self.numbers = {turn.id: number for number, turn in enumerate(conversation.turns, 1)}
        self.by_id = {x.id: x for x in conversation if isinstance(x, Annotation)}
        self.by_turn: dict[str | None, list[Annotation]] = {}
        self.drops: dict[tuple[str, str | None], float] = {}
        for x in self.by_id.values():
            self.by_turn.setdefault(x.at.turn, []).append(x)
            if x.layer == "counterfactual" and "drop" in x.scores:
                for id in x.because:
                    self.drops.setdefault((id, x.at.turn), x.scores["drop"])

    def edges(self, target: Annotation) -> tuple[Edge, ...]:
        """What an annotation claims to be caused by, most probable first."""
        by_source: dict[str, list[Annotation]] = {}
        for x in (self.by_id.get(id) for id in target.because):
            if x and x.layer == "cause" and "cause" in x.labels and x.at.turn:
                by_source.setdefault(x.at.turn, []).append(x)
        end = self.numbers[target.at.turn or ""]
        found = [
            Edge(self.numbers[source], end, target.top or "", tuple(causes), self._drop(source, target))
            for source, causes in by_source.items()
        ]
        return tuple(sorted(found, key=lambda edge: -edge.score))

    def _drop(self, source: str, target: Annotation) -> float | None:
        """A counterfactual rests on the emotion it tried, which is the target itself or what the target names."""
        emotions = (target.id, *target.because)
        tried = (self.drops.get((id, source)) for id in emotions if self.layer(id) == "emotion")
        return next((drop for drop in tried if drop is not None), None)

    def layer(self, id: str) -> str:
        """The layer of an annotation; "" where it is not here."""
        return self.by_id[id].layer if id in self.by_id else ""


def _reading(view: View, index: _Index) -> Reading:
    found = [x for x in index.by_turn.get(view.turn.id, []) if not (x.at.chars or x.at.seconds)]
    by_scheme: dict[str, Annotation] = {}
    for x in sorted(found, key=lambda x: "@" not in x.rater):
        by_scheme.setdefault(x.scheme or x.layer, x)
    claim = by_scheme.get("caused") or view.emotion
    edges = index.edges(claim) if claim and not claim.abstained else ()
    shown = [index.by_id[id] for x in found if x.layer == "empathy" for id in x.because if id in index.by_id]
    return Reading(
        view,
        edges,
        _unknown(view, by_scheme.get("caused")) if not edges else "",
        by_scheme,
        tuple(x for x in shown if x.layer == "evidence" and x.at.chars and x.at.turn == view.turn.id),
        tuple(x for x in found if x.layer == "finding" and x.labels),
        sentences := tuple(x for x in found if x.layer == "explanation" and x.scores),
        _short(sentences, index),
    )


def _short(sentences: tuple[Annotation, ...], index: _Index) -> tuple[Annotation, ...]:
    kept = list(sentences[:1])
    for layer in ("cause", "finding"):
        kept += [x for x in sentences if any(index.layer(id) == layer for id in x.because)][:1]
    return tuple({x.id: x for x in kept}.values())


def _unknown(view: View, link: Annotation | None) -> str:
    # causes are looked for in words: what a voice was heard to express has none to be unknown
    heard = view.emotion and view.emotion.rater.startswith(TOGETHER)
    if not link or heard or not view.expressed or view.expressed[0][0] == "neutral":
        return ""
    return link.reason or "no turn stands out"
