"""The learnt reader of a turn: two layers over the text encoder's states, for what no list of cues foresees.

    Reader.open().score("I keep looking at the tracks.") -> log-odds of risk, and of each kind of it

It reads English. A turn's states are those the dialogue network has read already, so only the two layers are new.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.network.dialogue import Dialogue
from insula.network.exchange import tokenised
from insula.network.text import digest, session, weights_folder
from insula.scheme import scheme

Array = NDArray[np.float32]
MOST = 4.9  # points it gives at most: what is learnt counts for less than the plainest cue
PIECE = 120  # tokens read at once: the riskiest piece of a long turn counts
KINDS = scheme("risk-kinds").labels
OUTPUTS = ("care", "crisis", *KINDS)  # what the network says of a piece, as log-odds


@dataclass(frozen=True)
class Reader:
    """The network, what its log-odds are worth in points, and the cut-points of the levels.

    `worth` is the log-odds from which it gives points, and how many per unit. `slope` and `cuts` (3,) make points into
    log-odds of "at least watch", "at least concern", "crisis"; from `limits` (3,) points on these are decided.
    """

    top: Any
    worth: tuple[float, float]
    slope: float
    cuts: tuple[float, ...]
    limits: tuple[float, ...]
    revision: str
    network: Dialogue

    @staticmethod
    def open(name: str = "guard-risk", threads: int = 1) -> Reader:
        """By name from the shipped weights, or by path of the `.json`. Raises FileNotFoundError."""
        path = Path(name) if name.endswith(".json") else weights_folder() / f"{name}.json"
        if not path.is_file():
            raise FileNotFoundError(f"no weights {name!r}: {path} is not there")
        return _open(path, threads)

    def score(self, text: str) -> Array:
        """Log-odds (8,) of OUTPUTS, of the riskiest piece; those of no words are as low as can be."""
        found = states(self.network, [text])[0]
        scores = [self._piece(piece) for piece in found]
        return max(scores, key=lambda one: float(one[0]), default=np.full(len(OUTPUTS), -np.inf, np.float32))

    def points(self, text: str) -> tuple[float, str]:
        """What it adds to the points of the cues, and the likeliest kind: nothing up to its threshold."""
        least, each = self.worth
        score = self.score(text)
        return min(MOST, max(0.0, float(score[0]) - least) * each), KINDS[int(score[2:].argmax())]

    def at_least(self, points: float, level: int = 0) -> float:
        """The probability of at least this level above none."""
        return round(float(1 / (1 + np.exp(-self.slope * (points - self.cuts[level])))), 4)

    def decided(self, points: float) -> int:
        """The place of the decided level, 0 none to 3 crisis."""
        return sum(points >= limit for limit in self.limits)

    def levels(self, points: float) -> list[float]:
        """Probabilities of none, watch, concern and crisis; they sum to 1."""
        above = [1.0, *(self.at_least(points, level) for level in range(3)), 0.0]
        return [round(here - more, 4) for here, more in pairwise(above)]

    def _piece(self, hidden: Array) -> Array:
        mask = np.ones((1, len(hidden)), np.int32)
        return self.top.run(["raw"], {"hidden": hidden[np.newaxis], "mask": mask})[0][0]


def states(network: Dialogue, texts: list[str]) -> list[list[Array]]:
    """Per text its pieces' states (tokens + 2, 384), each read alone."""
    ids = [tokenised([text], network.tokenizer)[text].ids for text in texts]
    pieces = [[one[start : start + PIECE] for start in range(0, len(one), PIECE)] for one in ids]
    read = network.states(list(dict.fromkeys(piece for some in pieces for piece in some)))
    return [[read[piece] for piece in some] for some in pieces]


@cache
def _open(path: Path, threads: int) -> Reader:
    fitted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    top = path.with_suffix(".onnx")
    return Reader(
        top=session(top, threads),
        worth=tuple(fitted["worth"]),
        slope=float(fitted["slope"]),
        cuts=tuple(fitted["cuts"]),
        limits=tuple(fitted["limits"]),
        revision=digest(path, top),
        network=Dialogue.open(threads=threads),
    )
