"""A split as texts and a matrix of targets, for training and for baselines.

    texts("goemotions", "train", "goemotions28") -> (43410 texts, float32 array of shape (43410, 28))

This needs numpy, so it is imported by name and never by `insula.data` itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..conversation import Conversation
from ..scheme import scheme as named
from .gold import GOLD
from .record import corpus, load

if TYPE_CHECKING:
    from numpy.typing import NDArray


def texts(name: str, split: str, scheme: str, rater: str = GOLD) -> tuple[list[str], NDArray[np.float32]]:
    """The texts a rater judged under a scheme, and a float32 matrix (texts, labels in the scheme's order).

    A dimension that was not rated is NaN; turns on which the rater abstained are left out. Raises KeyError for an
    unknown corpus, split or scheme, ValueError when nothing in the split was judged so.
    """
    found, rows = arrays(load(name, split), scheme, rater)
    if not found:
        known = ", ".join(corpus(name).schemes)
        raise ValueError(f"{name} {split} has no {scheme} labels by {rater!r}; its schemes are {known}")
    return found, rows


def arrays(
    conversations: Iterable[Conversation], scheme: str, rater: str = GOLD
) -> tuple[list[str], NDArray[np.float32]]:
    """The same for any conversations: one row per turn and annotation of that scheme by that rater."""
    labels = named(scheme).labels
    layer = named(scheme).layer
    found: list[str] = []
    rows: list[list[float]] = []
    for conversation in conversations:
        for annotation in conversation.read(layer, rater=rater, scheme=scheme):
            if annotation.at.turn is None or annotation.abstained:
                continue
            found.append(conversation.turn(annotation.at.turn).text)
            rows.append([annotation.scores.get(label, np.nan) for label in labels])
    return found, np.asarray(rows, dtype=np.float32).reshape(len(rows), len(labels))
