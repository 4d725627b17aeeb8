"""The tables of EQ-Negotiator: payoffs of pairs of emotions, and how a client's emotion moves and shows.

    tables().agent[EMOTIONS.index("Anger"), EMOTIONS.index("Neutral")] -> 2.0

Read from the four published files in place. One row of the transitions sums to 1.05 there; every row is scaled to 1.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data.files import MalformedData, MissingData, find
from insula.data.record import root

EMOTIONS = ("Joy", "Sadness", "Anger", "Fear", "Surprise", "Disgust", "Neutral")
FOLDER = "eq_negotiator_tables"
Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Tables:
    """All (7, 7) with the client's emotion in rows, but `bias` (7,): how much each weighs as a bad sign, 0..1.

    `client` and `agent` are payoffs by what the agent shows; `transition` is to the client's next emotion, `emission`
    to what is seen of it; rows of both sum to 1.
    """

    client: Array
    agent: Array
    transition: Array
    emission: Array
    bias: Array


def tables(folder: Path | None = None) -> Tables:
    """The tables; raises MissingData where a file is not here, and MalformedData naming file and line."""
    place = folder or root() / FOLDER
    pairs = _filled(place, "payoffs.tsv", ("client_emotion", "agent_emotion"), ("client_payoff", "agent_payoff"))
    return Tables(
        client=pairs[:, :, 0],
        agent=pairs[:, :, 1],
        transition=_shares(_filled(place, "transition.tsv", ("from",), EMOTIONS)),
        emission=_shares(_filled(place, "emission.tsv", ("state",), EMOTIONS)),
        bias=_filled(place, "negative_bias.tsv", ("emotion",), ("weight",))[:, 0],
    )


def _filled(folder: Path, name: str, keys: tuple[str, ...], values: tuple[str, ...]) -> Array:
    """The numbers of a file by emotion (and emotion), every combination once."""
    path = find(folder, name) if folder.is_dir() else None
    if path is None:
        raise MissingData(f"{name} is not in {folder}: the tables of EQ-Negotiator are read from there (INSULA_DATA)")
    found = np.full((*[len(EMOTIONS)] * len(keys), len(values)), np.nan)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        if missing := [one for one in (*keys, *values) if one not in (reader.fieldnames or ())]:
            raise MalformedData(f"{path}, line 1: no column {missing[0]!r}: another version of the file?")
        for number, row in enumerate(reader, 2):
            try:
                found[tuple(EMOTIONS.index(row[key]) for key in keys)] = [float(row[one]) for one in values]
            except (ValueError, TypeError) as error:
                raise MalformedData(f"{path}, line {number}: {error}") from None
    if np.isnan(found).any():
        raise MalformedData(f"{path}: not every emotion is there: is the file cut short?")
    return found


def _shares(rows: Array) -> Array:
    return rows / rows.sum(1, keepdims=True)


def shown(table: Array, number: Callable[[float], str] = "{:.2f}".format) -> str:
    """A table to be read, client in rows."""
    lines = ["\t".join(("client", *EMOTIONS))]
    lines += ["\t".join((name, *map(number, row))) for name, row in zip(EMOTIONS, table, strict=True)]
    return "\n".join(lines)
