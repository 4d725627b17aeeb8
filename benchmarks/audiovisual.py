"""Voice and face of the same clips: each alone, both as one classifier, and both by the calibrated pool.

    python -m benchmarks.audiovisual [--json]

RAVDESS, 360 clips of 24 actors with published summaries of voice (69 numbers) and face (56: expressions and action
units, mean and deviation); the same takes' Whisper tiny.en states come from the corpus' own sound. Leave one actor out,
asserted; strengths are chosen by leaving out groups of the other actors. "own baseline" sets every number against the
actor's own unlabelled clips. Intervals are bootstraps over actors.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from insula.data import MissingData, load, root
from insula.evaluate.bootstrap import interval
from insula.network.voice import pool
from insula.network.whisper import Whisper
from insula.train.speech.fuse_pool import fit

from .measure import machine

Array = NDArray[np.float64]
Names = NDArray[np.str_]
ABOUT = ("file", "emotion", "intensity", "actor", "gender")
LINES = [LogisticRegression(C=strength, max_iter=400, class_weight="balanced") for strength in (0.03, 0.3)]
PLANES = [LinearDiscriminantAnalysis(solver="lsqr", shrinkage=share) for share in (0.3, 0.6)]
INNER = 3


@dataclass(frozen=True)
class Clips:
    """Features by channel [clips, n], what each clip was meant to express, and its actor."""

    features: Mapping[str, Array]
    gold: Names
    actor: Names


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    clips = read()
    found = {"machine": machine(), "clips": len(clips.gold), "actors": len(set(clips.actor.tolist())), "chance": 0.125}
    found |= {"plain": compare(clips), "own baseline": compare(against_own(clips))}
    print(json.dumps(found, indent=None if given.json else 1))


def read() -> Clips:
    """The tables, and the states of the same takes from the corpus of speech. Raises MissingData."""
    tables = {
        name: _table(f"ravdess_av_{part}_summary.csv.gz") for name, part in (("voice", "audio"), ("face", "video"))
    }
    keys = sorted(set(tables["voice"]) & set(tables["face"]))
    features = {name: np.array([table[key][0] for key in keys]) for name, table in tables.items()}
    # a summary leaves open what a silent part has no value for
    features = {name: np.where(np.isnan(some), np.nanmedian(some, 0), some) for name, some in features.items()}
    sound = {one.id[-17:]: one.signals("audio")[0].samples for one in load("ravdess", "train")}
    ear = Whisper.open()
    states = [pool(ear.states(np.asarray(sound[key])))[-1].ravel() for key in keys]
    features["states"] = np.array(states, np.float64)
    about = [tables["face"][key][1] for key in keys]
    return Clips(features, np.array([one["emotion"] for one in about]), np.array([one["actor"] for one in about]))


def _table(name: str) -> dict[str, tuple[list[float], dict[str, str]]]:
    path = root() / "video" / name
    if not path.is_file():
        raise MissingData(f"{path} is not there: INSULA_DATA has to hold the audio-visual summaries of RAVDESS")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["file"][3:20]: ([float(value or "nan") for key, value in row.items() if key not in ABOUT], row)
        for row in rows
    }


def against_own(clips: Clips) -> Clips:
    """Every number in deviations from the actor's own clips, whatever they express."""
    found = {name: some.copy() for name, some in clips.features.items()}
    for actor in np.unique(clips.actor):
        rows = clips.actor == actor
        for some in found.values():
            some[rows] = (some[rows] - some[rows].mean(0)) / (some[rows].std(0) + 1e-6)
    return Clips(found, clips.gold, clips.actor)


def compare(clips: Clips) -> dict[str, Any]:
    """Unweighted average recall of every way, with its interval."""
    parts = clips.features
    ways: dict[str, tuple[Array, list[Any]]] = {
        "voice summary": (parts["voice"], LINES),
        "voice states": (parts["states"], PLANES),
        "face": (parts["face"], LINES),
        "voice summary + face, one classifier": (np.hstack([parts["voice"], parts["face"]]), LINES),
        "voice states + face, one classifier": (np.hstack([parts["states"], parts["face"]]), PLANES),
    }
    left_out = {name: leave_actors_out(some, clips, choices) for name, (some, choices) in ways.items()}
    labels = np.unique(clips.gold)
    gold = np.searchsorted(labels, clips.gold)
    chances = {name: one[0] for name, one in left_out.items()}
    inner = {name: one[1] for name, one in left_out.items()}
    for name, some in (
        ("voice summary + face, pooled", ("voice summary", "face")),
        ("voice states + face, pooled", ("voice states", "face")),
        ("both voices + face, pooled", ("voice summary", "voice states", "face")),
    ):
        chances[name] = pooled({x: chances[x] for x in some}, {x: inner[x] for x in some}, gold, clips.actor)
    actors = np.unique(clips.actor, return_inverse=True)[1]
    return {name: _recall(gold, one.argmax(1), actors) for name, one in chances.items()}


def leave_actors_out(features: Array, clips: Clips, choices: list[Any]) -> tuple[Array, dict[str, Array]]:
    """Probabilities [clips, labels] of each clip by a model without its actor, and per actor those of all others.

    The latter, by models that also lack the clip's own group, are what strengths are chosen and pools are fitted on.
    """
    labels = np.unique(clips.gold)
    outer, inner = np.zeros((len(clips.gold), len(labels))), {}
    for actor in np.unique(clips.actor):
        rest = clips.actor != actor
        # directions in which the other actors' clips lie; no label is looked at, and nothing of these clips is lost
        view = make_pipeline(StandardScaler(), PCA(min(features.shape[1], int(rest.sum()) - 1), svd_solver="full"))
        learnt, asked = view.fit_transform(features[rest]), view.transform(features[~rest])
        inside = [_inner(learnt, clips.gold[rest], clips.actor[rest], model) for model in choices]
        scores = [_score(np.searchsorted(labels, clips.gold[rest]), one) for one in inside]
        best = int(np.argmax(scores))
        inner[str(actor)] = inside[best]
        assert actor not in clips.actor[rest], "an actor crosses the split"
        outer[~rest] = clone(choices[best]).fit(learnt, clips.gold[rest]).predict_proba(asked)
    return outer, inner


def _inner(features: Array, gold: Names, actors: Names, model: Any) -> Array:
    found = np.zeros((len(gold), len(np.unique(gold))))
    names = np.unique(actors)
    for part in range(INNER):
        rest = ~np.isin(actors, names[part::INNER])
        found[~rest] = clone(model).fit(features[rest], gold[rest]).predict_proba(features[~rest])
    return found


def pooled(outer: Mapping[str, Array], inner: Mapping[str, Mapping[str, Array]], gold: Any, actors: Names) -> Array:
    """The calibrated log-linear pool of `insula.perceive.fuse`, fitted for each actor on all others."""
    found = np.zeros_like(next(iter(outer.values())))
    for actor in np.unique(actors):
        rest = actors != actor
        made = fit({name: some[str(actor)] for name, some in inner.items()}, gold[rest])
        found[~rest] = made.fuse({name: some[~rest] for name, some in outer.items()})
    return found


def _score(gold: Any, chances: Array) -> float:
    """Unweighted average recall."""
    right = chances.argmax(1) == gold
    return float(np.mean([right[gold == label].mean() for label in np.unique(gold)]))


def _recall(gold: Any, decided: Any, groups: Any) -> list[float]:
    hits = [(gold == label).astype(float) for label in np.unique(gold)]

    def recall(weights: Array) -> Array:
        per = [(weights * one * (decided == gold)).sum(1) / (weights * one).sum(1) for one in hits]
        return np.mean(per, 0)

    found = interval(recall, len(gold), groups=groups)
    return [round(found.score, 3), round(found.low, 3), round(found.high, 3)]


if __name__ == "__main__":
    try:
        main()
    except (MissingData, LookupError) as error:
        sys.exit(str(error))
