"""The tier for corpora: weighted words and word pairs, distilled from the encoder. No network, numpy only.

    20,000 short texts a second on one core; it says less, and less surely, than the encoder that taught it

Source: Wang & Manning 2012 (linear models on pairs of words, P12-2018); Hinton et al. 2015 (arXiv:1503.02531).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.conversation import Addition, Anchor, Conversation
from insula.network.calibrate import Head
from insula.perceive.text.language import unreadable

Array = NDArray[np.float32]
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[^\sa-z\d]")
_NOTHING = "no word it knows"


class Fast:
    """Judges every pending turn under the schemes of its heads. `weights` is a shipped name or a `.json` path."""

    reads = ("turn",)

    def __init__(self, weights: str = "text-fast", name: str = "text.fast") -> None:
        path = Path(weights) if weights.endswith(".json") else Path(__file__).parents[2] / "weights" / f"{weights}.json"
        self.name = name
        self._vectors = open_vectors(path)
        self.rater = f"{name}@{self._vectors.revision}"
        self.writes = tuple(dict.fromkeys(head.kind.layer for head in self._vectors.heads))

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation."""
        turns = [turn for c in conversations for turn in c.pending(self.writes[0], self.rater)]
        raw, known = self._vectors.raw([turn.text for turn in turns])
        reasons = [unreadable(t.text) or ("" if n else _NOTHING) for n, t in zip(known, turns, strict=True)]
        anchors = [Anchor(turn.id) for turn in turns]
        columns = [head.annotations(raw, anchors, self.rater, reasons) for head in self._vectors.heads]
        rows = iter(zip(*columns, strict=True))
        counts = [len(c.pending(self.writes[0], self.rater)) for c in conversations]
        return [[x for _ in range(count) for x in next(rows)] for count in counts]


class Vectors:
    """The table of n-grams and what stands on it."""

    def __init__(self, path: Path) -> None:
        record = json.loads(path.read_text(encoding="utf-8"))
        table = load_file(path.parent / record["vectors"])
        self.revision = str(record["revision"])
        self.heads = [Head.from_record(head) for head in record["heads"]]
        self._rarity: Array = table["rarity"] ** 2
        self._table: Array = table["says"] * (table["scale"] * table["rarity"])[:, None]
        self._bias: Array = table["bias"]
        grams = (path.parent / record["grams"]).read_text(encoding="utf-8").split("\n")
        self._index = {gram: row for row, gram in enumerate(grams)}

    def raw(self, texts: Sequence[str]) -> tuple[Array, list[int]]:
        """Raw scores (texts, columns) and how many n-grams of each text are known."""
        get = self._index.get
        rows: list[int] = []
        counts: list[int] = []
        for text in texts:
            before = len(rows)
            rows += [row for gram in dict.fromkeys(grams(text)) if (row := get(gram)) is not None]
            counts.append(len(rows) - before)
        out = np.tile(self._bias, (len(texts), 1))
        here = [k for k, count in enumerate(counts) if count]
        if here:
            starts = np.cumsum([0, *(counts[k] for k in here[:-1])])
            length = np.sqrt(np.add.reduceat(self._rarity[rows], starts))
            out[here] += np.add.reduceat(self._table[rows], starts, axis=0) / length[:, None]
        return out, counts


def grams(text: str) -> list[str]:
    """Words, marks and emoji in lower case, then each pair of neighbours."""
    words = _WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


@cache
def open_vectors(path: Path) -> Vectors:
    """One table per file and process."""
    return Vectors(path)
