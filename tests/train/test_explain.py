"""What fits and measures the small models: slopes are found again, areas are right, swapped replies are as long."""

import random

import numpy as np
import pytest

from insula.explain.trajectory import Moment

pytest.importorskip("scipy", reason="the extra train is not installed")

from insula.train.explain import alignment, trajectory
from insula.train.explain.resampled import correlation, mean, resampled, separation, separation_by


def course(turns: int, inertia: float, contagion: float, seed: int) -> list[Moment]:
    draws, values, found = random.Random(seed), [0.0, 0.0], []
    for number in range(turns):
        own, other = values[-2], values[-1]
        value = inertia * own + contagion * other + draws.gauss(0, 0.1)
        before, others = (own, other) if number > 1 else (None, None)
        found.append(Moment(f"t{number}", "ab"[number % 2], value, before, others, 0.0))
        values.append(value)
    return found


def test_the_populations_slopes_are_found_again():
    start = trajectory.fit([course(30, 0.5, 0.2, seed) for seed in range(20)])
    assert start.dependence.slopes[1:] == pytest.approx((0.5, 0.2), abs=0.08)
    assert start.noise == pytest.approx(0.1, rel=0.2)
    held = [
        abs(miss) <= margin
        for seed in range(20, 30)
        for _, miss, margin in trajectory.forecasts(course(30, 0.5, 0.2, seed), start)
    ]
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def test_areas_are_what_pairs_say():
    draws = np.random.default_rng(0)
    high, low = draws.normal(0.5, 1, 80), draws.normal(0, 1, 80)
    low[:5] = high[:5]
    pairs = np.mean([(a > b) + (a == b) / 2 for a in high for b in low])
    assert separation(high, low)(np.ones((1, 80)))[0] == pytest.approx(pairs)
    there = np.repeat([True, False], 80)
    scores = np.concatenate([high, low + 0.001])
    brute = np.mean([a > b for a in scores[there] for b in scores[~there]])
    assert separation_by(there, scores)(np.ones((1, 160)))[0] == pytest.approx(brute)


def test_intervals_are_over_groups():
    values = np.repeat(np.random.default_rng(0).normal(size=20), 50)
    together, alone = (resampled(mean(values), groups) for groups in (np.repeat(range(20), 50).tolist(), range(1000)))
    assert together[0] == alone[0]
    assert together[2] - together[1] > 3 * (alone[2] - alone[1])
    assert resampled(correlation(values, values), range(1000))[0] == 1.0


def test_swapped_replies_are_as_long_and_from_elsewhere():
    draws = random.Random(0)
    texts = ["word " * draws.randint(1, 30) for _ in range(400)]
    dialogue = [str(number // 4) for number in range(400)]
    empty = np.zeros((400, 28), np.float32)
    found = alignment.Replies(texts, texts, dialogue, empty, empty, empty, empty, empty)
    swapped = alignment.others(found)
    assert all(dialogue[a] != dialogue[b] for a, b in enumerate(swapped))
    lengths = np.array([len(text.split()) for text in texts])
    assert np.abs(lengths - lengths[swapped]).max() <= 3
