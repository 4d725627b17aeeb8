"""The conversation: an append-only log of turns, signals and annotations.

    Conversation(Turn("ana", "I miss him.")).last.text -> "I miss him."

People and machines are raters: a gold label, a prediction and a judge's mark are the same `Annotation`. Empty scores
with a `reason` mean "looked, cannot tell"; no annotation means "not looked"; neither is "neutral".
"""

from __future__ import annotations

import copyreg
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

Span = tuple[int, int]
Seconds = tuple[float, float]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _view(mapping: dict[str, Any]) -> MappingProxyType[str, Any]:
    return MappingProxyType(mapping)


def _apart(view: MappingProxyType[str, Any]) -> tuple[Any, tuple[dict[str, Any]]]:
    return _view, (dict(view),)


# Python pickles and copies no read-only views; with this a conversation goes to another process, scores, meta and all
copyreg.pickle(MappingProxyType, _apart)


@dataclass(frozen=True)
class Anchor:
    """Where something holds: a turn, characters `[start, end)` of its text, or seconds `[start, end)` of a speaker."""

    turn: str | None = None
    chars: Span | None = None
    seconds: Seconds | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Turn:
    """What one speaker said before another spoke. Its id is given by the conversation that takes it in."""

    speaker: str
    text: str = ""
    seconds: Seconds | None = None
    id: str = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)


@dataclass(frozen=True, eq=False)
class Signal:
    """Samples of one channel (audio, face, eda, ppg, ecg, rsp): an array (time first) or a path to a file.

    `sampling_rate` is in Hz and `start` in seconds from the beginning of the conversation.
    """

    channel: str
    samples: Any
    sampling_rate: float
    speaker: str | None = None
    start: float = 0.0
    id: str = ""


@dataclass(frozen=True)
class Annotation:
    """One rater's judgement, under one scheme, at one anchor.

    `scores` are what the scheme says they are (probabilities 0..1, affect -1..1, ...). `labels` is what the rater
    decides is there; `possible` what it cannot rule out at its stated coverage; `margin` the half-width of the same
    interval for dimensions. `because` holds the ids of the annotations this one rests on. `reason` says why scores are
    empty.
    """

    layer: str
    scores: Mapping[str, float]
    at: Anchor = Anchor()
    scheme: str = ""
    rater: str = ""
    labels: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    margin: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    because: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        for name in ("scores", "margin"):
            if not isinstance(numbers := getattr(self, name), MappingProxyType):
                object.__setattr__(self, name, freeze(numbers))

    @cached_property
    def id(self) -> str:
        """A digest of the content: the same judgement has the same id in every file and on every machine."""
        content = (
            *(self.layer, self.scheme, self.rater, self.reason, self.labels, self.possible, self.because),
            *(self.at.turn, self.at.chars, self.at.seconds and tuple(map(float, self.at.seconds)), self.at.speaker),
            *(sorted(self.scores.items()), sorted(self.margin.items())),
        )
        return "a" + blake2b(repr(content).encode(), digest_size=8).hexdigest()

    @property
    def abstained(self) -> bool:
        """Looked, and cannot tell."""
        return not self.scores

    @property
    def top(self) -> str | None:
        """The label with the highest score; None where the rater abstained."""
        numbers = list(self.scores.values())
        return list(self.scores)[numbers.index(max(numbers))] if numbers else None

    def __hash__(self) -> int:
        return hash((self.layer, self.scheme, self.rater, self.at))


def freeze(numbers: Mapping[str, float]) -> Mapping[str, float]:
    """Plain floats whatever library they came from, read-only; adding 0.0 turns -0.0, which equals 0.0, into it."""
    return MappingProxyType({label: float(number) + 0.0 for label, number in numbers.items()})


Addition = Turn | Signal | Annotation


class Conversation:
    """Everything said, sensed and judged so far, in order of arrival; nothing in it is ever overwritten."""

    def __init__(self, *additions: Addition, id: str = "", meta: Mapping[str, Any] = _NOTHING) -> None:
        self.id = id
        self.meta = MappingProxyType(dict(meta))
        self._log: list[Addition] = []
        self._turns: dict[str, Turn] = {}
        self._signals: list[Signal] = []
        self._annotations: dict[str, list[Annotation]] = {}
        self._by_turn: dict[tuple[str, str | None], list[Annotation]] = {}
        # turns a (layer, rater) has not judged yet; made at the first question, then kept up to date
        self._waiting: dict[tuple[str, str], dict[str, Turn]] = {}
        self.add(*additions)

    def add(self, *additions: Addition) -> tuple[Addition, ...]:
        """Append, and return what was appended, turns and signals now carrying their ids.

        Raises ValueError for a turn whose id is taken or whose speaker or text is no text ("" is somebody unknown), and
        for an annotation of a turn that is not here.
        """
        return tuple([self._add(addition) for addition in additions])

    def _add(self, addition: Addition) -> Addition:
        if isinstance(addition, Turn):
            addition = self._add_turn(addition)
        elif isinstance(addition, Annotation):
            self._add_annotation(addition)
        else:
            addition = addition if addition.id else dataclasses.replace(addition, id=f"s{len(self._signals) + 1}")
            self._signals.append(addition)
        self._log.append(addition)
        return addition

    def _add_turn(self, turn: Turn) -> Turn:
        for name, value in (("speaker", turn.speaker), ("text", turn.text)):
            if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ValueError(f"a turn's {name} is a text, not {value!r}; where it is not known it is empty, ''")
        if not turn.id:
            number = len(self._turns) + 1
            while f"t{number}" in self._turns:
                number += 1
            turn = dataclasses.replace(turn, id=f"t{number}")
        if turn.id in self._turns:
            raise ValueError(f"turn {turn.id!r} is already here: turns are added, never replaced")
        self._turns[turn.id] = turn
        for waiting in self._waiting.values():
            waiting[turn.id] = turn
        return turn

    def _add_annotation(self, annotation: Annotation) -> None:
        turn = annotation.at.turn
        if turn is not None and turn not in self._turns:
            raise ValueError(f"{annotation.rater or 'an annotation'} is anchored to turn {turn!r}, which is not here")
        self._annotations.setdefault(annotation.layer, []).append(annotation)
        self._by_turn.setdefault((annotation.layer, turn), []).append(annotation)
        if turn is not None and (waiting := self._waiting.get((annotation.layer, annotation.rater))):
            waiting.pop(turn, None)

    @property
    def log(self) -> tuple[Addition, ...]:
        """Everything, in order of arrival."""
        return tuple(self._log)

    @property
    def turns(self) -> list[Turn]:
        """All turns, in order of arrival."""
        return list(self._turns.values())

    @property
    def last(self) -> Turn | None:
        """The turn that came in last."""
        return next(reversed(self._turns.values()), None)

    def turn(self, id: str) -> Turn:
        """The turn with this id; raises KeyError."""
        return self._turns[id]

    def signals(self, channel: str) -> list[Signal]:
        """The signals of one channel."""
        return [signal for signal in self._signals if signal.channel == channel]

    def read(
        self, layer: str, *, turn: str | None = None, rater: str | None = None, scheme: str | None = None
    ) -> list[Annotation]:
        """The annotations of a layer, narrowed to a turn, a scheme or a rater: "text.encoder" in every revision."""
        found = self._annotations.get(layer, []) if turn is None else self._by_turn.get((layer, turn), [])
        return [
            x
            for x in found
            if (rater is None or x.rater == rater or x.rater.partition("@")[0] == rater)
            and (scheme is None or x.scheme == scheme)
        ]

    def pending(self, layer: str, rater: str) -> list[Turn]:
        """Turns this rater has not judged in this layer: the new one when live, every one in a corpus."""
        key = (layer, rater)
        if key not in self._waiting:
            done = {x.at.turn for x in self._annotations.get(layer, []) if x.rater == rater}
            self._waiting[key] = {id: turn for id, turn in self._turns.items() if id not in done}
        return list(self._waiting[key].values())

    @property
    def layers(self) -> frozenset[str]:
        """What is here, as components spell it in `reads`: "turn", "signal.audio", "emotion", ..."""
        found = {*self._annotations, *(f"signal.{signal.channel}" for signal in self._signals)}
        return frozenset(found | ({"turn"} if self._turns else set()))

    def table(self) -> pandas.DataFrame:
        """One row per turn and rater, a column per score, indexed by (source, start, end); see `insula.table`."""
        from .table import table

        return table(self)

    def __len__(self) -> int:
        return len(self._log)

    def __iter__(self) -> Iterator[Addition]:
        return iter(self._log)

    def __repr__(self) -> str:
        annotations = sum(map(len, self._annotations.values()))
        return f"<Conversation {self.id!r}: {len(self._turns)} turns, {annotations} annotations>"


def merge(conversations: Iterable[Conversation], id: str = "") -> Conversation:
    """One conversation holding all the given ones; turn ids that clash get their conversation's id in front.

    Where that is taken too, and for every signal, a new id is given. Each turn's `meta["source"]` says where it was.
    """
    merged, taken = Conversation(id=id), set[str]()
    for conversation in conversations:
        names: dict[str, str] = {}
        ids: dict[str, str] = {}
        for addition in conversation:
            if isinstance(addition, Turn):
                wanted = (addition.id, f"{conversation.id}/{addition.id}", "")
                free = (one for one in wanted if one not in taken)
                meta = {"source": conversation.id, **addition.meta}
                (renamed,) = merged.add(dataclasses.replace(addition, id=next(free), meta=meta))
                names[addition.id] = renamed.id
                taken.add(renamed.id)
            elif isinstance(addition, Annotation):
                at = dataclasses.replace(addition.at, turn=names.get(addition.at.turn or "", addition.at.turn))
                because = tuple(ids.get(one, one) for one in addition.because)
                renamed = dataclasses.replace(addition, at=at, because=because)
                ids[addition.id] = renamed.id
                merged.add(renamed)
            else:
                merged.add(dataclasses.replace(addition, id=""))
    return merged
