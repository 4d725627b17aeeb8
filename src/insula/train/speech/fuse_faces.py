"""Faces as the shipped network reads them, with the feeling most people saw: to fit and to measure a fusion on.

faces("dev").emotion      # [faces, 7], FER+'s public test part; "test" is its private one
"""

from __future__ import annotations

import numpy as np

from insula.data import load
from insula.network.face import Face
from insula.scheme import mapping, scheme

from .fuse_pairs import AFFECT, EMOTIONS, Readings

FER8 = scheme("fer8").labels
BATCH = 256


def faces(split: str) -> Readings:
    """Every face of which most people say one of the seven feelings. Raises MissingData without the corpus."""
    crops, gold, names = [], list[int](), list[str]()
    for one in load("ferplus", split):
        (most,) = one.read("emotion", scheme="fer8", rater="gold")
        label = _seven(most.labels[0]) if len(most.labels) == 1 else ""
        if label:
            crops.append(np.asarray(one.signals("video")[0].samples)[0])
            gold.append(EMOTIONS.index(label))
            names.append(one.id)
    network = Face.open()
    read = [x for start in range(0, len(crops), BATCH) for x in network.read(np.stack(crops[start : start + BATCH]))]
    table = mapping("fer8", "ekman7")
    even = dict.fromkeys(FER8, 1 / len(FER8))  # of a face that could not be read
    emotion = np.array([[table.scores(x.emotion or even).get(label, 0.0) for label in EMOTIONS] for x in read])
    affect = np.array([[x.affect.get(one, 0.0) for one in AFFECT] for x in read])
    return Readings(np.array(gold), emotion, affect, np.array(names))


def _seven(label: str) -> str:
    """The one of seven that a label of FER+ is read as; "" for contempt."""
    scores = mapping("fer8", "ekman7").scores({label: 1.0})
    return next((one for one, score in scores.items() if score > 0.5), "")
