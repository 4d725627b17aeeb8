"""Does a cause matter to the reading? The target turn is read again without the source turn.

    anger at t4 because of t3; read without t3 anger falls from .71 to .31
    -> {"drop": 0.4} at t3, because = (the cause, the emotion)

This tests the reader, not the person: a drop says the reading leans on that turn (an erasure test: Li et al. 2016,
arXiv:1612.08220; "comprehensiveness": DeYoung et al. 2020, ERASER). Where a turn is its own cause, the words of the
cause are left out of it instead of the turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from insula.catalogue import build
from insula.component import Component
from insula.conversation import Addition, Anchor, Annotation, Conversation
from insula.explain.graph import Edge, edges

HISTORY = 8  # earlier turns the dialogue encoder reads
AT_MOST = 4  # causes tried for one turn


@dataclass(frozen=True)
class Trial:
    """One edge and the conversation in which its source is missing; `reason` says why there is none to read.

    `distance` is how many turns the source stands before the target.
    """

    edge: Edge
    emotion: Annotation
    without: Conversation | None
    distance: int
    reason: str = ""


class Counterfactual:
    """Tries every decided cause of every emotion that `reader` made, at most four a turn, the most probable first.

    `reader` is a component with `batch`, or the catalogue row of one, which is built when the first cause is met.
    """

    reads = ("turn", "emotion", "cause")
    writes = ("counterfactual",)

    def __init__(self, reader: Component | str = "dialogue.encoder", name: str = "explain.counterfactual") -> None:
        self.name = name
        self._reader = reader

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation; all trials of all conversations are read together."""
        trials = [list(self._trials(conversation)) for conversation in conversations]
        every = [one for some in trials for one in some]
        found = iter(drops(self.reader, every) if every else ())
        return [[self._annotation(one, *next(found)) for one in some] for some in trials]

    @property
    def reader(self) -> Any:
        """The component whose emotions are tried."""
        if isinstance(self._reader, str):
            self._reader = cast("Component", build(self._reader))
        return self._reader

    def _trials(self, conversation: Conversation) -> Iterator[Trial]:
        done = {x.because[1] for x in conversation.read("counterfactual") if self._own(x.rater, self.name)}
        links = [x for x in conversation.read("cause", scheme="caused") if len(x.because) > 1]
        targets = dict.fromkeys(x.at.turn for x in links if x.at.turn and done.isdisjoint(x.because))
        if not targets:
            return
        trials, row = Trials(conversation), _row(self._reader)
        by_target: dict[str, list[Edge]] = {}
        for edge in edges(conversation, targets=targets):
            if (feeling := trials.emotion(edge)) and self._own(feeling.rater, row):
                by_target.setdefault(edge.target, []).append(edge)
        for some in by_target.values():
            for edge in sorted(some, key=lambda edge: -edge.probability)[:AT_MOST]:
                yield trials.without(edge)

    @staticmethod
    def _own(rater: str, name: str) -> bool:
        return rater.split("@")[0] == name

    def _annotation(self, trial: Trial, drop: float | None, reason: str) -> Annotation:
        feeling, cause, *_ = trial.edge.because
        revision = trial.emotion.rater.partition("@")[2]
        return Annotation(
            "counterfactual",
            {} if drop is None else {"drop": round(drop, 4)},
            Anchor(trial.edge.source),
            "counterfactual",
            f"{self.name}@{revision}" if revision else self.name,
            because=(cause, feeling),
            reason=reason,
        )


class Trials:
    """Makes the trials of one conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.turns = conversation.turns
        self.place = {turn.id: number for number, turn in enumerate(self.turns)}
        self._emotions = {x.id: x for x in conversation.read("emotion")}
        self._layers = sorted(conversation.layers - {"turn"})

    def emotion(self, edge: Edge) -> Annotation | None:
        """The emotion an edge explains, where it has a score for the edge's label."""
        found = self._emotions.get(edge.because[0])
        return found if found and edge.emotion in found.scores else None

    def without(self, edge: Edge) -> Trial:
        """The edge's target to be read without its source, or why it cannot be."""
        feeling = self._emotions[edge.because[0]]
        distance = self.place[edge.target] - self.place[edge.source]
        if distance > HISTORY:
            reason = f"more than {HISTORY} turns back, where the reader does not look"
            return Trial(edge, feeling, None, distance, reason)
        copy = self._copy(edge, feeling.rater)
        left = edge.spans and any(map(str.isalnum, copy.turn(edge.target).text))
        if distance == 0 and not left:
            reason = "the whole turn is its own cause: nothing is left to read without it"
            return Trial(edge, feeling, None, distance, reason)
        return Trial(edge, feeling, copy, distance)

    def _copy(self, edge: Edge, rater: str) -> Conversation:
        """The target and the eight turns before it but for the source, or with the words of the cause cut out of it.

        What the rater said of the other turns stays, so that it has only the target left to read.
        """
        here = self.place[edge.target]
        copy = Conversation(id=self._conversation.id)
        for turn in self.turns[max(0, here - HISTORY) : here]:
            if turn.id != edge.source:
                copy.add(turn, *self._said(turn.id, rater))
        target = self.turns[here]
        text = target.text
        for start, end in reversed(edge.spans) if edge.source == edge.target else ():
            text = text[:start] + text[end:]
        copy.add(replace(target, text=text))
        return copy

    def _said(self, turn: str, rater: str) -> list[Annotation]:
        return [x for layer in self._layers for x in self._conversation.read(layer, turn=turn, rater=rater)]


def drops(reader: Any, trials: Sequence[Trial]) -> Iterator[tuple[float | None, str]]:
    """How far the emotion of each trial falls, or None and why; one call of the reader's `batch` for all."""
    own = [trial for trial in trials if trial.emotion.rater == reader.rater]
    copies = [trial.without for trial in own if trial.without]
    readings = iter(reader.batch(copies) if copies else ())
    for trial in trials:
        if trial.emotion.rater != reader.rater:
            yield None, f"read by {trial.emotion.rater}, and only {reader.rater} can be asked again"
            continue
        if trial.without is None:
            yield None, trial.reason
            continue
        again = _same_judgement(next(readings), trial.emotion)
        if again is None or again.abstained:
            yield None, f"without it: {again.reason if again else 'no reading'}"
        else:
            label = trial.edge.emotion
            yield trial.emotion.scores[label] - again.scores.get(label, 0.0), ""


def _same_judgement(readings: Iterable[Addition], like: Annotation) -> Annotation | None:
    """The annotation of the same turn, layer and scheme among those of a new reading."""
    for one in readings:
        if isinstance(one, Annotation) and (one.layer, one.scheme, one.at) == (like.layer, like.scheme, like.at):
            return one
    return None


def _row(reader: Any) -> str:
    return reader if isinstance(reader, str) else str(reader.rater).split("@")[0]
