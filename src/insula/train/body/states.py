"""Fit the state of a body from WESAD's wristbands, and write it with its record and card.

    train_body(Path("weights"))        # body.json, body.safetensors, body.md

How much the covariance is shrunk, and the calibration, are chosen on people left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from insula.body.states import STATES, Gaussians, pack, rest, softmax
from insula.evaluate.sensors import Windows, windows
from insula.network.text import digest
from insula.perceive.body.stress import PLACES

Array = NDArray[np.float64]
Names = NDArray[np.str_]
FOLDS = 5  # groups of people
SHRINKS = (0.03, 0.1, 0.3)
LEANS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the way to all states being as common
RESTED = 300.0  # seconds of the first rest that are taken for a person's own
COVERED = 0.9


def fitted(values: Array, states: NDArray[np.intp], people: Names, count: int = len(STATES)) -> tuple[Gaussians, Array]:
    """Gaussians on all windows, and the calibrated scores (windows, states) of people left out.

    The shrinking that serves people left out best, by mean recall, is taken; calibration is fitted on their scores.
    Nothing here sees anybody but the people it is given.
    """
    tried = {shrink: left_out(values, states, people, shrink, count) for shrink in SHRINKS}
    best = max(tried, key=lambda shrink: recall(states, tried[shrink], count))
    slope, intercept = calibration(tried[best], states)
    made = Gaussians.fit(values, states, people, best, count)
    scores = tried[best] * slope + intercept
    made = replace(made, slope=np.float64(slope), intercept=intercept, lean=leaning(scores, states))
    return made, scores


def left_out(values: Array, states: NDArray[np.intp], people: Names, shrink: float, count: int) -> Array:
    """Raw scores of each person's windows by what learnt from others: people are left out in five groups."""
    raw = np.zeros((len(values), count))
    names, places = np.unique(people, return_inverse=True)
    for fold in range(min(FOLDS, len(names))):
        out = places % FOLDS == fold
        raw[out] = Gaussians.fit(values[~out], states[~out], people[~out], shrink, count).raw(values[out])
    return raw


def recall(states: NDArray[np.intp], raw: Array, count: int) -> float:
    """Mean share of each state's windows that are found."""
    said = raw.argmax(1)
    return float(np.mean([(said[states == one] == one).mean() for one in range(count) if (states == one).any()]))


def leaning(scores: Array, states: NDArray[np.intp]) -> Array:
    """What is added to the logarithms of each state's chance so that macro-F1 is highest."""
    count = scores.shape[1]
    common = np.log(np.bincount(states, minlength=count).clip(1) / len(states))
    chances = np.log(softmax(scores) + 1e-12)
    best = max(LEANS, key=lambda one: _macro_f1(states, (chances - one * common).argmax(1), count))
    return -best * common


def _macro_f1(states: NDArray[np.intp], said: NDArray[np.intp], count: int) -> float:
    pairs = [((states == one) & (said == one), (states == one).sum() + (said == one).sum()) for one in range(count)]
    return float(np.mean([2 * both.sum() / max(total, 1) for both, total in pairs]))


def calibration(raw: Array, states: NDArray[np.intp]) -> tuple[float, Array]:
    """One slope and an intercept per state that make the windows likeliest (Guo et al. 2017)."""
    count, at = raw.shape[1], np.arange(len(raw))

    def loss(numbers: Array) -> float:
        chances = softmax(raw * np.exp(numbers[0]) + np.append(numbers[1:], 0.0))
        return -float(np.log(chances[at, states] + 1e-12).mean())

    found = minimize(loss, np.zeros(count), method="L-BFGS-B", bounds=[(-4, 2)] + [(-3, 3)] * (count - 1)).x
    return float(np.exp(found[0])), np.append(found[1:], 0.0)


def first_rest(some: Windows, labels: Names, quiet: str) -> tuple[Mapping[str, Array], NDArray[np.bool_]]:
    """Each person's own rest from the first five minutes of it, and which windows that took."""
    found, taken = dict[str, Array](), np.zeros(len(some), bool)
    for person in np.unique(some.people):
        mine = np.flatnonzero((some.people == person) & (labels == quiet))
        first = mine[some.starts[mine] + 60 <= some.starts[mine[0]] + RESTED]
        found[str(person)] = rest(some.values[first])
        taken[first] = True
    return found, taken


def against(some: Windows, own: Mapping[str, Array]) -> Array:
    """The values of windows as differences from each person's own rest."""
    return some.values - np.stack([own[str(person)] for person in some.people])


def train_body(out: Path) -> Path:
    """Fit, write, and return the path of the `.json`. Raises insula.data.MissingData where WESAD is not here."""
    some = windows("wesad")
    judged = np.isin(some.states, STATES)
    own, taken = first_rest(some, some.states, STATES[0])
    sets: dict[str, tuple[Gaussians, Array, NDArray[np.intp]]] = {}
    for name, values, rows in (("stranger", some.values, judged), ("own", against(some, own), judged & ~taken)):
        truth = np.array([STATES.index(one) for one in some.states[rows]])
        sets[name] = (*fitted(values[rows], truth, some.people[rows]), truth)
    return write(out, {name: one[0] for name, one in sets.items()}, list(_quality(sets)), margin(*sets["stranger"][1:]))


def margin(raw: Array, truth: NDArray[np.intp]) -> dict[str, float]:
    """The half-widths that hold nine in ten windows of people left out, of valence and of arousal."""
    off = np.abs(softmax(raw) @ PLACES - PLACES[truth])
    return dict(zip(("valence", "arousal"), np.quantile(off, COVERED, axis=0).round(3).tolist(), strict=True))


def _quality(sets: Mapping[str, tuple[Gaussians, Array, NDArray[np.intp]]]) -> Iterator[str]:
    for name, (_, raw, truth) in sets.items():
        yield f"- {name}: mean recall of three states {recall(truth, raw, len(STATES)):.3f}"


def write(out: Path, sets: Mapping[str, Gaussians], quality: Sequence[str], held: Mapping[str, float]) -> Path:
    """Weights, record and card into the folder."""
    from safetensors.numpy import save_file

    out.mkdir(parents=True, exist_ok=True)
    weights = out / "body.safetensors"
    save_file({key: value for name, one in sets.items() for key, value in pack(one, name).items()}, weights)
    revision = digest(weights)
    record: dict[str, Any] = {"name": "body", "margin": dict(held), "revision": revision}
    (out / "body.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.body") / "states.card.md").read_text(encoding="utf-8")
    whole = sha256(weights.read_bytes()).hexdigest()
    (out / "body.md").write_text(
        card.format(revision=revision, sha256=whole, quality="\n".join(quality)), encoding="utf-8"
    )
    return out / "body.json"
