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
from insula.conversation import Addition, Anchor, Annotation, Conversation, Span
from insula.explain.graph import Edge, edges

HISTORY = 8  # earlier turns the dialogue encoder reads
AT_MOST = 4  # causes tried for one turn


@dataclass(frozen=True)
class _Trial:
    """One edge with the conversation in which its source is missing; `reason` says why there is none to read."""

    edge: Edge
    emotion: Annotation
    without: Conversation | None
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
        drops = iter(_drops(self.reader, [one for some in trials for one in some]) if any(trials) else ())
        return [[self._annotation(trial, *next(drops)) for trial in some] for some in trials]

    @property
    def reader(self) -> Any:
        """The component whose emotions are tried."""
        if isinstance(self._reader, str):
            self._reader = cast("Component", build(self._reader))
        return self._reader

    def _trials(self, conversation: Conversation) -> Iterator[_Trial]:
        done = {x.because[1] for x in conversation.read("counterfactual") if self._own(x.rater, self.name)}
        links = conversation.read("cause", scheme="caused")
        targets = dict.fromkeys(x.at.turn for x in links if x.at.turn and done.isdisjoint(x.because))
        if not targets:
            return
        emotions = {x.id: x for x in conversation.read("emotion")}
        by_target: dict[str, list[Edge]] = {}
        for edge in edges(conversation, targets=targets):
            feeling = emotions.get(edge.because[0])
            if feeling and edge.emotion in feeling.scores and self._own(feeling.rater, _row(self._reader)):
                by_target.setdefault(edge.target, []).append(edge)
        for some in by_target.values():
            for edge in sorted(some, key=lambda edge: -edge.probability)[:AT_MOST]:
                yield _trial(conversation, edge, emotions[edge.because[0]])

    @staticmethod
    def _own(rater: str, name: str) -> bool:
        return rater.split("@")[0] == name

    def _annotation(self, trial: _Trial, drop: float | None, reason: str) -> Annotation:
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


def without(
    conversation: Conversation, target: str, source: str, rater: str, chars: Iterable[Span] = ()
) -> Conversation:
    """The target and the eight turns before it, but for the source; what `rater` said of the others stays.

    So `rater` has only the target left to read. Where source and target are one, `chars` are cut out of its text.
    """
    turns = conversation.turns
    place = next(index for index, turn in enumerate(turns) if turn.id == target)
    found = Conversation(id=conversation.id)
    for turn in turns[max(0, place - HISTORY) : place]:
        if turn.id != source:
            found.add(turn, *_said_by(conversation, rater, turn.id))
    text = turns[place].text
    for start, end in sorted(chars, reverse=True) if source == target else ():
        text = text[:start] + text[end:]
    found.add(replace(turns[place], text=text))
    return found


def _said_by(conversation: Conversation, rater: str, turn: str) -> list[Annotation]:
    layers = conversation.layers - {"turn"}
    return [x for layer in sorted(layers) for x in conversation.read(layer, turn=turn, rater=rater)]


def _trial(conversation: Conversation, edge: Edge, feeling: Annotation) -> _Trial:
    turns = [turn.id for turn in conversation.turns]
    if turns.index(edge.target) - turns.index(edge.source) > HISTORY:
        return _Trial(edge, feeling, None, f"more than {HISTORY} turns back, where the reader does not look")
    copy = without(conversation, edge.target, edge.source, feeling.rater, edge.spans)
    if edge.target == edge.source and (not edge.spans or not any(map(str.isalnum, copy.turn(edge.target).text))):
        return _Trial(edge, feeling, None, "the whole turn is its own cause: nothing is left to read without it")
    return _Trial(edge, feeling, copy)


def _drops(reader: Any, trials: list[_Trial]) -> Iterator[tuple[float | None, str]]:
    copies = [trial.without for trial in trials if trial.without]
    readings = iter(reader.batch(copies) if copies else ())
    for trial in trials:
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
