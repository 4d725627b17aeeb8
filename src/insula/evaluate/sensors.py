"""Windows of bodies as numbers: what they are judged by is measured once and kept, as that takes half a minute.

    windows("wesad").values.shape -> (8604, 58)

Kept in `INSULA_CACHE` (by default ~/.cache/insula) under a digest of the corpus' files and of what is measured in a
made-up body; a change of either is a new entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..conversation import Conversation

_VERSION = 1
Names = NDArray[np.str_]


@dataclass(frozen=True)
class Windows:
    """Windows of a minute, ten seconds apart, one a row.

    `values` (windows, 2 * measures) are those of `insula.body.states.NAMES`, NaN where not measured; `people` says
    whose they are, `starts` from which second; `states` is what the person was exposed to ("" between and across) and
    `stress` "stress", "rest" or "".
    """

    values: NDArray[np.float64]
    people: Names
    starts: NDArray[np.float64]
    states: Names
    stress: Names

    def __len__(self) -> int:
        return len(self.people)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Windows:
        """Some of the windows."""
        return replace(self, **{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def windows(corpus: str) -> Windows:
    """Every window of a corpus. Raises KeyError for an unknown corpus and insula.data.MissingData for absent files."""
    from ..data import corpus as record

    return _windows(corpus, record(corpus).paths("train"), _cache())


@lru_cache(maxsize=8)
def _windows(corpus: str, paths: tuple[Path, ...], kept: Path) -> Windows:
    from ..data import load

    file = kept / "bodies" / f"{corpus}-{_digest(paths)}.npz"
    if not file.exists():
        rows = [row for one in load(corpus, "train") for row in measured(one)]
        values, *rest = (np.array(column) for column in zip(*rows, strict=True))
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, values, *rest)
        partial.replace(file)
    with np.load(file) as found:
        return Windows(*(found[name] for name in found.files))


def measured(conversation: Conversation) -> Iterator[tuple[NDArray[np.float64], str, float, str, str]]:
    """Each window of each person: its row with the past, whose, from when, in which state, under stress or not."""
    from ..body.person import Body, people
    from ..body.states import row, with_past
    from ..perceive.body.features import measured as measures
    from ..perceive.body.windows import windows as spans

    for person in people(conversation):
        body = Body.of(conversation, person)
        every = spans(body)
        values = with_past(np.stack([row(measures(body, *one)[0]) for one in every]))
        for one, value in zip(every, values, strict=True):
            state, stress = (_within(conversation, layer, person, one) for layer in ("state", "stress"))
            yield value, person or "", one[0], state, stress


def _within(conversation: Conversation, layer: str, person: str | None, span: tuple[float, float]) -> str:
    """The gold label of the stretch that holds a whole window; "" where none does."""
    for one in conversation.read(layer, rater="gold"):
        if (
            one.at.seconds
            and one.at.speaker == person
            and one.at.seconds[0] <= span[0]
            and span[1] <= one.at.seconds[1]
        ):
            return one.top or ""
    return ""


def _digest(paths: tuple[Path, ...]) -> str:
    from ..body.simulate import simulate

    digest = blake2b(repr(_VERSION).encode(), digest_size=8)
    for path in paths:
        digest.update(_file_digest(path))
    made = simulate(240.0, seed=1, stress=[(100.0, 200.0)])
    for row, *_ in measured(made.conversation()):
        digest.update(np.array([f"{number:.2e}" for number in row]).tobytes())
    return digest.hexdigest()


@cache
def _file_digest(path: Path) -> bytes:
    return blake2b(path.read_bytes(), digest_size=16).digest()


def _cache() -> Path:
    return Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")
