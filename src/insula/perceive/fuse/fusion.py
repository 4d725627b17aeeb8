"""What was learnt about channels together: how each is read, what a mismatch has to be, where each puts valence.

    fusion.join({"text.encoder": words, "speech.voice": voice}).conflict   # (...), of opinions (..., 7)

Where all may mean the same, their opinions are multiplied (a log-linear pool, `insula.perceive.fuse.pool`), so that two
weak hints become a strong one. As far as they are in conflict they are mixed by trust instead: attention moves to the
channels that are likelier right, and every feeling stays in the scores.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.network.text import digest, weights_folder
from insula.scheme import scheme

from .affect import Affect
from .disagreement import Disagreement, trust
from .pool import Pool

Array = NDArray[np.float64]
EMOTIONS = scheme("ekman7").labels
NEUTRAL = EMOTIONS.index("neutral")
CHANNELS = ("words", "voice", "face", "body")
READERS: Mapping[str, str] = {
    "text.encoder": "words",
    "dialogue.encoder": "words",
    "speech.voice": "voice",
    "face.expression": "face",
    "body.stress": "body",
}
"""Whose opinions can be joined, and of which channel they are; of the words, the first that has something to say."""


@dataclass(frozen=True)
class Joined:
    """By channel: calibrated opinions `read` (..., 7), how likely each is right `sure` (...), and `trust` (...).

    `product` and `fused` (..., 7) are all of them together, without and with regard to the `conflict` (...).
    """

    read: Mapping[str, Array]
    sure: Mapping[str, Array]
    trust: Mapping[str, Array]
    product: Array
    fused: Array
    conflict: Array


@dataclass(frozen=True)
class Fusion:
    """Everything that was fitted; `keep` is the score from which a feeling cannot be ruled out."""

    pool: Pool
    disagreements: Mapping[str, Disagreement]
    affect: Affect
    keep: float
    revision: str = ""

    def join(
        self,
        scores: Mapping[str, Array],
        quality: Mapping[str, float] | None = None,
        among: Collection[str] = CHANNELS,
    ) -> Joined:
        """Scores (..., 7) by reader, of two or more -> what they say together.

        `quality` by reader (0..1, 1 where not given) is how well a channel could be received. Channels that are not
        `among` those that can be in conflict say what they say, and contradict nobody.
        """
        received = {name: (quality or {}).get(name, 1.0) for name in scores}
        known = {READERS[name]: self.pool.channels[name] for name in scores}
        read = {READERS[name]: known[READERS[name]].read(some) for name, some in scores.items()}
        sure = {
            READERS[name]: known[READERS[name]].reliability(read[READERS[name]]) * received[name] for name in scores
        }
        opposed = [name for name in read if name in among]
        conflict = self.disagreement(opposed).probability([read[name] for name in opposed], NEUTRAL)
        shares = trust([read[name] for name in opposed], [sure[name] for name in opposed])
        product, whole = self.pool.fuse(scores, received), sum(shares)
        apart = sum((share / whole)[..., None] * read[name] for name, share in zip(opposed, shares, strict=True))
        fused = (1 - conflict)[..., None] * product + conflict[..., None] * apart
        return Joined(read, sure, dict(zip(opposed, shares, strict=True)), product, fused, conflict)

    def disagreement(self, channels: Iterable[str]) -> Disagreement:
        """What was fitted for these channels; where they were never seen together, for the set most like it."""
        wanted = set(channels)

        def near(known: str) -> tuple[int, int]:
            names = set(known.split())
            return -len(names ^ wanted), len(names)

        return self.disagreements[max(self.disagreements, key=near)]

    @classmethod
    def from_record(cls, record: Mapping[str, Any], revision: str = "") -> Fusion:
        """From its JSON."""
        apart = {names: Disagreement(**one) for names, one in record["conflict"].items()}
        pool, affect = Pool.from_record(record["emotion"]), Affect.from_record(record["affect"])
        return cls(pool, apart, affect, float(record["keep"]), revision)

    def record(self) -> dict[str, Any]:
        """As `from_record` reads it."""
        lines = {name: asdict(line) for name, line in self.affect.lines.items()}
        return {
            "emotion": {name: asdict(channel) for name, channel in self.pool.channels.items()},
            "conflict": {names: asdict(one) for names, one in self.disagreements.items()},
            "affect": {"channels": lines, "margin": self.affect.margin},
            "keep": self.keep,
        }


def named(channels: Iterable[str]) -> str:
    """A set of channels as the record spells it: "words voice"."""
    return " ".join(sorted(channels, key=CHANNELS.index))


@cache
def fitted(weights: str) -> Fusion:
    """What is in the shipped `person.json`, or in the file of this path. Raises FileNotFoundError."""
    path = Path(weights) if weights.endswith(".json") else weights_folder() / f"{weights}.json"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {weights!r}: {path} is not there; `insula train person` makes them")
    return Fusion.from_record(json.loads(path.read_text(encoding="utf-8")), digest(path))
