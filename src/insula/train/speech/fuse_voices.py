"""Clips as ears hear them that never heard their speaker: what a fusion may be fitted and measured on.

    voices().readings.emotion      # [clips, 7], each row by the ear of another fold

An ear of a fold is made like the shipped one (`insula.train.speech.head.fit`), on the speakers of all other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.evaluate.clips import Clips, clips, joined
from insula.scheme import mapping, scheme

from .fuse_pairs import EMOTIONS, PLACES, Readings
from .head import fit

CORPORA = ("ravdess", "emovo", "emodb-2s")
FOLDS = 5
VOICE9 = scheme("voice9").labels


@dataclass(frozen=True)
class Voices:
    """`readings` of clips, the `fold` of each, its `corpus` and its `id`."""

    readings: Readings
    fold: NDArray[np.int64]
    corpus: NDArray[np.str_]
    id: NDArray[np.str_]


@cache
def voices(corpora: Sequence[str] = CORPORA, folds: int = FOLDS, seed: int = 0) -> Voices:
    """Every clip of the corpora that expresses one of the seven feelings.

    Raises MissingData without the corpora and LookupError without Whisper's weights.
    """
    every = joined(clips(name) for name in corpora)
    corpus = np.repeat(corpora, [len(clips(name)) for name in corpora])
    fold = folded(every.speakers, folds)
    seven = to_seven(listen(every, fold, seed))
    kept = np.array([bool(_seven(label)) for label in every.labels.tolist()])
    gold = np.array([EMOTIONS.index(_seven(label)) for label in every.labels[kept].tolist()])
    affect = (seven / seven.sum(1, keepdims=True) @ PLACES)[kept]
    return Voices(Readings(gold, seven[kept], affect, every.speakers[kept]), fold[kept], corpus[kept], every.ids[kept])


def folded(speakers: NDArray[np.str_], folds: int) -> NDArray[np.int64]:
    """The fold of each row: speakers in order of their names, dealt out."""
    known = {name: place % folds for place, name in enumerate(sorted(set(speakers.tolist())))}
    return np.array([known[name] for name in speakers.tolist()])


def listen(every: Clips, fold: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
    """Probabilities [clips, 9] of each clip by an ear of the other folds; no speaker is on both sides."""
    targets = (every.labels[:, None] == np.array(VOICE9)).astype(np.float32)
    prosody = np.nan_to_num(every.functionals)
    heard = np.zeros_like(targets)
    for one in np.unique(fold):
        rest = fold != one
        assert not set(every.speakers[rest]) & set(every.speakers[~rest]), "a speaker crosses the split"
        ear = fit(every.states[rest], prosody[rest], targets[rest], every.speakers[rest], seed=seed)
        heard[~rest] = ear.predict(every.states[~rest], prosody[~rest])
    return heard


def to_seven(heard: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities under voice9 [..., 9] -> under ekman7 [..., 7], as the map reads them."""
    table = mapping("voice9", "ekman7")
    rows = [table.scores(dict(zip(VOICE9, row, strict=True))) for row in heard.astype(np.float64).tolist()]
    return np.array([[row[label] for label in EMOTIONS] for row in rows])


def feeling_of(clip: Conversation) -> str:
    """The one of seven feelings that a clip of a corpus expresses by its gold; "" for another."""
    marks = clip.read("emotion", scheme="voice9", rater="gold")
    return _seven(marks[0].top or "") if marks else ""


def _seven(feeling: str) -> str:
    """The one of seven that a feeling heard in a voice is read as; "" for boredom."""
    scores = mapping("voice9", "ekman7").scores({feeling: 1.0})
    return next((label for label, score in scores.items() if score > 0.5), "")
