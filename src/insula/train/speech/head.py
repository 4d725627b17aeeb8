"""Fit what hears feelings in voices: a kernel machine on landmarks, calibrated on speakers it did not learn from.

    head = fit(pooled, prosody, targets, speakers, seed=0)
    head.predict(others, their_prosody)                              # as they are
    head.predict(others, their_prosody, Person.of(features(...)))    # against one person's own voice

Radial kernel ridge on a random part of the examples (Williams & Seeger 2001, Nyström; labels weighed alike), in the
leading principal directions; each clip is learnt as it is and against its speaker's own voice. Strengths were chosen on
RAVDESS actors 1 to 12, EMOVO and EMO-DB, speakers left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insula.network.voice import PRIOR, Machine, Person, breadth, features, kernel, scaled
from insula.train.calibration import platt

Array = NDArray[np.float32]
Names = NDArray[np.str_]
RIDGE = 0.1
DIRECTIONS, LANDMARKS = 192, 1024
INNER = 5  # folds of speakers whose scores calibrate


@dataclass(frozen=True, eq=False)
class Head:
    """A fitted machine whose columns are the labels it was given."""

    machine: Machine

    def predict(self, pooled: Array, prosody: Array | None = None, baseline: Person | None = None) -> Array:
        """Calibrated probabilities, float32 [n, labels].

        `pooled` [n, layers + 1, 2, width] are means and deviations of states (`network.voice.pool`), `prosody`
        [n, functionals] must be given where it was in training; `baseline` is `Person.of(features(pooled, prosody))` of
        unlabelled stretches of the one person all rows are of.
        """
        logits, _ = self.machine.logits(features(pooled, prosody), baseline)
        return (1 / (1 + np.exp(-logits))).astype(np.float32)


def fit(
    pooled: Array,
    prosody: Array | None,
    targets: Array,
    speakers: Names,
    *,
    seed: int,
    landmarks: int = LANDMARKS,
    directions: int = DIRECTIONS,
) -> Head:
    """Learn from clips: pooled states and prosody as in `Head.predict`, `targets` [n, labels] 0..1 (soft; NaN unknown).

    `speakers` [n] are also heard against their own clips, and left out in turn to calibrate.
    Raises ValueError where all clips are of one speaker.
    """
    wide = features(pooled, prosody)
    numbers = 0 if prosody is None else prosody.shape[1]
    settings = {"seed": seed, "landmarks": landmarks, "directions": directions}
    machine, scores, _ = learn(wide, numbers, targets, balance(targets), speakers, speakers, **settings)
    both = np.concatenate([targets, targets])
    # one curve for all labels: they were weighed alike, and stay comparable
    slope, intercept = (np.full(targets.shape[1], one, np.float32) for one in platt(scores.ravel(), both.ravel()))
    return Head(replace(machine, slope=slope, intercept=intercept))


def learn(
    wide: Array,
    prosody: int,
    targets: Array,
    shares: NDArray[np.float64],
    speakers: Names,
    voices: Names,
    *,
    seed: int,
    landmarks: int,
    directions: int,
) -> tuple[Machine, Array, Array]:
    """An uncalibrated machine on features [n, numbers], and of speakers left out scores [2n, labels] and nearness [2n].

    First of each clip as it is, then of each against the mean of its voice: `voices` [n] tell speakers apart and how
    they reach the ear (a telephone). `shares` [n] say how much each clip weighs.
    """
    if len(np.unique(speakers)) < 2:
        raise ValueError("voices of one speaker alone teach nothing of others: two speakers at least are needed")
    centre, spread = wide.mean(0), wide.std(0) + 1e-5
    plain = (wide - centre) / spread
    own, within = against_own(plain, voices)
    views = np.concatenate([scaled(plain, prosody), scaled(own, prosody)])
    basis = _directions(views, directions)
    projected = views @ basis
    chosen = np.sort(np.random.default_rng(seed).permutation(len(views))[:landmarks])
    near = kernel(projected, projected[chosen], breadth(wide.shape[1], prosody)).astype(np.float64)
    among, both, twice = near[chosen], np.concatenate([targets, targets]), np.concatenate([shares, shares])
    whose = np.concatenate([speakers, speakers])
    left_out, nearest = np.zeros(both.shape, np.float32), np.zeros(len(both), np.float32)
    for learnt, rest in folds(whose, INNER):
        kept = learnt[chosen]  # who is left out may not be a landmark either
        weights = solve(near[np.ix_(learnt, kept)], among[np.ix_(kept, kept)], both[learnt], twice[learnt])
        there = near[np.ix_(rest, kept)]
        left_out[rest], nearest[rest] = there @ weights, there.max(1)
    weights = solve(near, among, both, twice)
    ones, nothing = np.ones(targets.shape[1], np.float32), np.zeros(wide.shape[1], np.float32)
    made = Machine(centre, spread, within, basis, projected[chosen], weights, ones, 0 * ones, nothing, prosody)
    return made, left_out, nearest


def folds(speakers: Names, count: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Rows to learn from and rows left out, by speakers."""
    names = np.unique(speakers)
    for part in range(min(count, len(names))):
        rest = np.isin(speakers, names[part::count])
        yield ~rest, rest


def against_own(standard: Array, speakers: Names) -> tuple[Array, Array]:
    """Standardised features against each speaker's own mean and deviation, and their mean variance about a speaker."""
    names, whose = np.unique(speakers, return_inverse=True)
    counts = np.bincount(whose)[:, None]
    rows = [standard[whose == who] for who in range(len(names))]
    within = np.mean([some.var(0) for some in rows], 0)
    means = np.stack([some.sum(0) for some in rows]) / (counts + PRIOR)
    squares = np.stack([((some - mean) ** 2).sum(0) for some, mean in zip(rows, means, strict=True)])
    deviations = np.sqrt((squares + PRIOR * within) / (counts + PRIOR))
    return ((standard - means[whose]) / deviations[whose]).astype(np.float32), within


def solve(near: NDArray[np.float64], among: NDArray[np.float64], targets: Array, shares: NDArray[np.float64]) -> Array:
    """Kernel ridge on landmarks: [n, m], [m, m] and targets [n, labels] -> weights [m, labels]; NaN is left aside."""
    weights = np.zeros((near.shape[1], targets.shape[1]))
    patterns = np.isnan(targets)
    for pattern in np.unique(patterns, axis=1).T:
        columns = np.flatnonzero((patterns == pattern[:, None]).all(0))
        rows = ~pattern
        if not rows.any():
            continue
        share = shares[rows, None]
        wanted = targets[np.ix_(rows, columns)].astype(np.float64)
        middle = (wanted * share).sum(0) / share.sum()
        heavy = near[rows] * share
        left = near[rows].T @ heavy + RIDGE * among
        left.flat[:: len(left) + 1] += 1e-6
        weights[:, columns] = np.linalg.solve(left, heavy.T @ (wanted - middle))
    return weights.astype(np.float32)


def balance(targets: Array) -> NDArray[np.float64]:
    """The weight of each row, such that every label weighs the same; one on average."""
    known = np.nan_to_num(targets).clip(0)
    rate = known.mean(0)
    there = rate > 0
    share = (known[:, there] / rate[there]).sum(1) / max(there.sum(), 1)
    share[known.sum(1) == 0] = 1.0  # of no label: as heavy as others
    return share / share.mean()


def _directions(rows: Array, count: int) -> Array:
    """The leading principal directions [features, count] of rows whose mean is nearly zero."""
    if len(rows) <= rows.shape[1]:
        values, vectors = np.linalg.eigh(rows @ rows.T)
        leading = np.argsort(-values)[:count]
        return (rows.T @ (vectors[:, leading] / np.sqrt(values[leading].clip(1e-6)))).astype(np.float32)
    values, vectors = np.linalg.eigh(rows.T @ rows)
    return vectors[:, np.argsort(-values)[:count]].astype(np.float32)
