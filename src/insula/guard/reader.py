"""The learnt reader of a turn: one line over the shared encoder's states, for what no list of cues foresees.

    Reader.open().score("I keep looking at the tracks.") -> log-odds of risk

It reads English. A turn's states are those the dialogue network has read already, so it costs next to nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file

from insula.network.dialogue import Dialogue
from insula.network.exchange import tokenised
from insula.network.text import digest, weights_folder

Array = NDArray[np.float32]
MOST = 4.9  # points it gives: the learnt line alone calls nobody a crisis
PIECE = 48  # tokens read at once: the riskiest piece of a long turn counts


@dataclass(frozen=True)
class Reader:
    """A line over pooled states (768,), the weight of what it says, and the cut-points of the levels.

    `slope` and `cuts` (3,) make points into log-odds of "at least watch", "at least concern", "crisis"; from `limits`
    (3,) points on these are decided.
    """

    line: Array
    intercept: float
    worth: tuple[float, float]
    slope: float
    cuts: tuple[float, ...]
    limits: tuple[float, ...]
    revision: str
    network: Dialogue

    @staticmethod
    def open(name: str = "guard-risk", threads: int = 1) -> Reader:
        """By name from the shipped weights, or by path. Raises FileNotFoundError."""
        path = Path(name) if name.endswith(".safetensors") else weights_folder() / f"{name}.safetensors"
        if not path.is_file():
            raise FileNotFoundError(f"no weights {name!r}: {path} is not there")
        return _open(path, threads)

    def score(self, text: str) -> float:
        """Log-odds of risk; 0 words are no evidence."""
        found = states(self.network, [text])[0]
        return float((found @ self.line).max() + self.intercept) if len(found) else -np.inf

    def points(self, text: str) -> float:
        """What it adds to the points of the cues: nothing up to its threshold, then so much per unit of log-odds."""
        least, each = self.worth
        return min(MOST, max(0.0, self.score(text) - least) * each)

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


def states(network: Dialogue, texts: list[str]) -> list[Array]:
    """Per text its pieces' mean and largest states (pieces, 768)."""
    ids = [said.ids for said in (tokenised([text], network.tokenizer)[text] for text in texts)]
    read = network.states([one for one in dict.fromkeys(ids) if one])
    return [_pooled(read[one][1:-1]) if one else np.zeros((0, 768), np.float32) for one in ids]


def _pooled(hidden: Array) -> Array:
    pieces = [hidden[start : start + PIECE] for start in range(0, len(hidden), PIECE)]
    return np.stack([np.concatenate([piece.mean(0), piece.max(0)]) for piece in pieces])


@cache
def _open(path: Path, threads: int) -> Reader:
    weights = load_file(path)
    with safe_open(str(path), "np") as file:  # pyright: ignore[reportUnknownVariableType]
        fitted = json.loads(file.metadata()["fitted"])  # pyright: ignore
    return Reader(
        line=weights["line"],
        intercept=float(fitted["intercept"]),
        worth=tuple(fitted["worth"]),
        slope=float(fitted["slope"]),
        cuts=tuple(fitted["cuts"]),
        limits=tuple(fitted["limits"]),
        revision=digest(path),
        network=Dialogue.open(threads=threads),
    )
