"""The dialogue network on ONNX Runtime: a turn read together with the turns before it, never those after.

    Dialogue.open().run([exchange]) -> what the turn's own words, memory and contagion say; causes by turn and by word

Each turn goes through the text encoder's trunk alone, so a turn that was read before costs nothing new; three layers
then read across turns.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Span, Turn
from insula.scheme import scheme

from .calibrate import Head
from .exchange import Exchange, exchange, tokenised
from .text import beside, open_tokenizer, open_trunk, session, weights_folder

Array = NDArray[np.float32]
REMEMBERED = 4096  # readings kept, so that several components of a pipeline share a pass
WORDED = ("ekman7", "appraisal7")  # heads of which the network says what each token adds
LONGEST_SPAN = 30  # tokens of a cause, at most


@dataclass(frozen=True)
class Heard:
    """What the network says of one exchange of n entries, entry 0 being the turn read.

    `parts` (3, labels): raw scores from own words, memory, contagion; their sum is the raw score. `tokens` (tokens of
    the turn, labels of WORDED's schemes): what each token adds, as in a mean, to the own part of these heads.
    `weights` (2, n): which earlier turns memory and contagion come from. `cause` (n): calibrated probability that an
    entry holds a cause.
    `novelty`: near 1 for what it learnt from. `span` and `rationale` are log-odds per token of all entries.
    """

    exchange: Exchange
    parts: Array
    tokens: Array
    weights: Array
    cause: Array
    novelty: float
    span: Array
    rationale: Array

    @cached_property
    def raw(self) -> Array:
        """Raw scores (labels,)."""
        return self.parts.sum(0)

    def words(self, entry: int) -> tuple[Span, float] | None:
        """The likeliest cause span within an entry: its characters, and how sure it is of these bounds, 0..1."""
        scores = self.span[self._rows(entry)]
        if not len(scores):
            return None
        start, stop = (np.exp(column - column.max()) for column in scores.T)
        both = np.triu(np.outer(start / start.sum(), stop / stop.sum()))
        both = both - np.triu(both, LONGEST_SPAN)
        first, last = np.unravel_index(int(both.argmax()), both.shape)
        spans = self.exchange[entry].words.spans
        return (spans[first][0], spans[last][1]), float(both[first, last])

    def added(self, name: str) -> Array:
        """What each token of the turn (tokens, labels) adds to the own part of a head of WORDED."""
        sizes = [len(scheme(one).labels) for one in WORDED]
        place = WORDED.index(name)
        return self.tokens[:, sum(sizes[:place]) : sum(sizes[: place + 1])]

    def rationale_of(self, mechanism: int) -> Array:
        """Log-odds per token of the turn that it shows a mechanism of empathy."""
        return self.rationale[self._rows(0), mechanism]

    def _rows(self, entry: int) -> slice:
        start = sum(len(said.words.ids) + 2 for said in self.exchange[:entry]) + 1
        return slice(start, start + len(self.exchange[entry].words.ids))


class Dialogue:
    """The network with its calibrated heads, as its `.json` describes them."""

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        record: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.revision = str(record["revision"])
        self.heads = {key: Head.from_record(head) for key, head in record["heads"].items()}
        self.cause = tuple(record["cause"])  # slope, intercept and decision threshold
        self.rationale = tuple(tuple(one) for one in record["rationale"])  # the same per mechanism
        self.novelty_limit = float(record["novelty_limit"])
        self.tokenizer = open_tokenizer(beside(folder, record["tokenizer"]))
        self._trunk = open_trunk(beside(folder, record["trunk"]), threads)
        self._top = session(folder / record["top"], threads)
        self._known: dict[Exchange, Heard] = {}

    @staticmethod
    def open(name: str = "dialogue", threads: int = 1) -> Dialogue:
        """By name from the shipped weights, or by path to a trained folder's `.json`. Raises FileNotFoundError."""
        folder = weights_folder() if not name.endswith(".json") else Path(name).parent
        stem = Path(name).stem if name.endswith(".json") else name
        if not (folder / f"{stem}.json").is_file():
            raise FileNotFoundError(f"no weights {name!r}: {folder / stem}.json is not there")
        return _open(folder, stem, threads)

    def exchanges(self, histories: Sequence[Sequence[Turn]]) -> list[Exchange]:
        """Per sequence of turns the exchange of its last one; a turn without words gives an entry without tokens."""
        words = tokenised((turn.text for turns in histories for turn in turns), self.tokenizer)
        return [exchange(turns, words) for turns in histories]

    def run(self, exchanges: Sequence[Exchange]) -> list[Heard]:
        """One reading per exchange, in their order."""
        new = [one for one in dict.fromkeys(exchanges) if one not in self._known]
        found = {one: self._known[one] for one in exchanges if one in self._known}
        found.update(zip(new, self._run(new), strict=True))
        if new:
            self._known = dict(list({**self._known, **found}.items())[-REMEMBERED:])
        return [found[one] for one in exchanges]

    def _run(self, exchanges: Sequence[Exchange]) -> list[Heard]:
        states = self.states(list(dict.fromkeys(said.words.ids for one in exchanges for said in one)))
        return [self._hear(one, states) for one in exchanges]

    def states(self, every: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Array]:
        """Token ids -> states (tokens + 2, 384) after the trunk; turns just read are known."""
        return self._trunk.states(every)

    def _hear(self, said: Exchange, states: dict[tuple[int, ...], Array]) -> Heard:
        hidden: Array = np.concatenate([states[one.words.ids] for one in said])
        lengths = [len(one.words.ids) + 2 for one in said]
        turns = np.zeros((1, len(said), len(hidden)), np.float32)
        turns[0, np.repeat(np.arange(len(said)), lengths), np.arange(len(hidden))] = 1
        inputs = {
            "hidden": hidden[np.newaxis],
            "mask": np.ones((1, len(hidden)), np.int32),
            "turns": turns,
            "distance": np.array([[one.distance for one in said]], np.int64),
            "same": np.array([[one.same and one.distance > 0 for one in said]], np.float32),
            "other": np.array([[not one.same for one in said]], np.float32),
        }
        names = ["parts", "tokens", "weights", "cause", "novelty", "span", "rationale"]
        outputs: Any = self._top.run(names, inputs)
        found: list[Any] = [output[0] for output in outputs]
        found[1] = found[1][1 : lengths[0] - 1]
        slope, intercept, _ = self.cause
        found[3] = 1 / (1 + np.exp(-(slope * found[3] + intercept)))
        found[4] = float(found[4])
        return Heard(said, *found)


@cache
def _open(folder: Path, name: str, threads: int) -> Dialogue:
    return Dialogue(folder, name, threads)
