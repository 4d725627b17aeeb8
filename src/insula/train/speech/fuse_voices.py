"""Clips as ears hear them that never heard their speaker: what a fusion may be fitted and measured on.

    voices().readings.emotion      # [clips, 7], each row by the ear of another fold

An ear of a fold is made like the shipped one (`insula.train.speech.voice`), on the speakers of all other folds, and
like that one calibrated on speakers it leaves out in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.evaluate.clips import Clips, clips, joined
from insula.network.voice import features
from insula.scheme import mapping, scheme

from .fuse_pairs import EMOTIONS, Readings
from .head import DIRECTIONS, LANDMARKS, balance, learn
from .voice import judged, wanted

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
    parts = [clips(name) for name in corpora]
    every, targets = joined(parts), np.concatenate([wanted(part) for part in parts])
    fold = folded(every.speakers, folds)
    heard, affect = listen(every, targets, fold, seed)
    kept = np.array([bool(_seven(label)) for label in every.labels.tolist()])
    gold = np.array([EMOTIONS.index(_seven(label)) for label in every.labels[kept].tolist()])
    readings = Readings(gold, to_seven(heard)[kept], affect[kept].astype(np.float64), every.speakers[kept])
    corpus = np.repeat(corpora, [len(part) for part in parts])
    return Voices(readings, fold[kept], corpus[kept], every.ids[kept])


def folded(speakers: NDArray[np.str_], folds: int) -> NDArray[np.int64]:
    """The fold of each row: speakers in order of their names, dealt out."""
    known = {name: place % folds for place, name in enumerate(sorted(set(speakers.tolist())))}
    return np.array([known[name] for name in speakers.tolist()])


def listen(
    every: Clips, targets: NDArray[np.float32], fold: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores under voice9 [clips, 9] and vad [clips, 3] of each clip by an ear of the other folds."""
    wide = features(every.states, every.functionals)
    heard, affect = np.zeros((len(every), len(VOICE9)), np.float32), np.zeros((len(every), 3), np.float32)
    settings = {"seed": seed, "landmarks": LANDMARKS, "directions": DIRECTIONS}
    for one in np.unique(fold):
        rest = fold != one
        who = every.speakers[rest]
        assert not set(who) & set(every.speakers[~rest]), "a speaker crosses the split"
        shares = balance(targets[rest, : len(VOICE9)])
        ear, scores, _ = learn(wide[rest], every.functionals.shape[1], targets[rest], shares, who, who, **settings)
        heads, _ = judged(scores, np.concatenate([targets[rest], targets[rest]]))
        logits, _ = ear.logits(wide[~rest])
        heard[~rest], affect[~rest] = (head.calibrated(logits) for head in heads)
    return heard, affect


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
