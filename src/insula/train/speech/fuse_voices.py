"""Clips as ears hear them that never heard their speaker: what a fusion may be fitted and measured on.

    voices().readings.emotion      # [clips, 7], each row by the ear of another fold

An ear of a fold is made like the shipped one (`insula.train.speech.head.fit`), on the speakers of all other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.data import load
from insula.network.voice import pool
from insula.network.whisper import Whisper
from insula.scheme import mapping, scheme

from .fuse_pairs import EMOTIONS, PLACES, Readings
from .head import fit

CORPORA = ("ravdess", "emovo", "emodb-2s")
FOLDS = 5
VOICE9 = scheme("voice9").labels


@dataclass(frozen=True)
class Voices:
    """`readings` of clips, the `fold` of each, its `corpus`, its pooled states [clips, layers, 2, width] and its id."""

    readings: Readings
    fold: NDArray[np.int64]
    corpus: NDArray[np.str_]
    pooled: NDArray[np.float32]
    name: NDArray[np.str_]


def voices(corpora: Sequence[str] = CORPORA, folds: int = FOLDS, seed: int = 0) -> Voices:
    """Every clip of the corpora that expresses one of the seven feelings. Raises MissingData without them."""
    ear = Whisper.open()
    clips = [(name, one, _feeling(one)) for name in corpora for one in load(name, "train")]
    clips = [(name, one, feeling) for name, one, feeling in clips if _seven(feeling)]
    pooled = np.stack([pool(ear.states(np.asarray(one.signals("audio")[0].samples))) for _, one, _ in clips])
    speaker = np.array([one.turns[0].speaker for _, one, _ in clips])
    fold = folded(speaker, folds)
    heard = listen(pooled, [feeling for *_, feeling in clips], speaker, fold, seed)
    gold = np.array([EMOTIONS.index(_seven(feeling)) for *_, feeling in clips])
    seven = np.array(
        [
            [mapping("voice9", "ekman7").scores(dict(zip(VOICE9, row, strict=True)))[one] for one in EMOTIONS]
            for row in heard.tolist()
        ]
    )
    affect = seven / seven.sum(1, keepdims=True) @ PLACES
    names = np.array([one.id for _, one, _ in clips])
    return Voices(Readings(gold, seven, affect, speaker), fold, np.array([name for name, *_ in clips]), pooled, names)


def folded(speakers: NDArray[np.str_], folds: int) -> NDArray[np.int64]:
    """The fold of each row: speakers in order of their names, dealt out."""
    known = {name: place % folds for place, name in enumerate(sorted(set(speakers.tolist())))}
    return np.array([known[name] for name in speakers.tolist()])


def listen(
    pooled: NDArray[np.float32], feelings: Sequence[str], speakers: NDArray[np.str_], fold: NDArray[np.int64], seed: int
) -> NDArray[np.float32]:
    """Probabilities [clips, 9] of each clip by an ear of the other folds; no speaker is on both sides."""
    targets = np.array([[float(label == feeling) for label in VOICE9] for feeling in feelings], np.float32)
    heard = np.zeros_like(targets)
    for one in np.unique(fold):
        rest = fold != one
        assert not set(speakers[rest]) & set(speakers[~rest]), "a speaker crosses the split"
        heard[~rest] = fit(pooled[rest], None, targets[rest], speakers[rest], seed=seed).predict(pooled[~rest])
    return heard


def _feeling(clip: Conversation) -> str:
    return clip.read("emotion", scheme="voice9", rater="gold")[0].top or ""


def _seven(feeling: str) -> str:
    """The one of seven that a feeling heard in a voice is read as; "" for boredom."""
    scores = mapping("voice9", "ekman7").scores({feeling: 1.0})
    return next((label for label, score in scores.items() if score > 0.5), "")
