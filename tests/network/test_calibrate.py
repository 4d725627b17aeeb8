"""Calibration does what it states on data it was not fitted on."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from insula import Anchor
from insula.network.calibrate import Head
from insula.train.calibration import calibrate, expected_calibration_error, threshold


def made_up(texts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores that are twice too sure, for the four sentiment groups, with their true labels."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(-1, 1.5, (texts, 4))
    present = draw.random((texts, 4)) < 1 / (1 + np.exp(-logits))
    return (2 * logits).astype(np.float32), present.astype(np.float32)


def test_over_sure_scores_become_honest() -> None:
    head = calibrate("sentiment4", (0, 4), *made_up(4000, 0))
    raw, goal = made_up(4000, 1)
    before = expected_calibration_error(1 / (1 + np.exp(-raw)).ravel(), goal.ravel() > 0.5)
    after = expected_calibration_error(head.calibrated(raw).ravel(), goal.ravel() > 0.5)
    assert before > 0.05
    assert after < 0.02
    assert head.slope == pytest.approx((0.5,) * 4, abs=0.08)


def test_label_sets_hold_nine_in_ten_true_labels() -> None:
    head = calibrate("sentiment4", (0, 4), *made_up(4000, 0))
    raw, goal = made_up(4000, 2)
    rows = goal.any(1)
    kept = (head.calibrated(raw) >= head.keep)[rows]
    share = ((kept & (goal[rows] > 0.5)).sum(1) / goal[rows].sum(1)).mean()
    assert 0.88 < share < 0.94


def test_margins_hold_nine_in_ten_values() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(0, 0.3, (3000, 3)).astype(np.float32)
    raw = (truth * 2 + 0.5 + draw.normal(0, 0.2, truth.shape)).astype(np.float32)
    head = calibrate("vad", (0, 3), raw[:1500], truth[:1500])
    inside = np.abs(head.calibrated(raw[1500:]) - truth[1500:]) <= np.array(head.margin)
    assert inside.mean() == pytest.approx(0.9, abs=0.02)


def test_threshold_of_a_rare_label_is_not_one_lucky_score() -> None:
    draw = np.random.default_rng(0)
    present = draw.random(4000) < 0.004
    scores = np.where(present, draw.beta(3, 8, 4000), draw.beta(1, 30, 4000))
    assert 0.1 < threshold(scores, present) < 0.4


def test_one_of_scores_sum_to_one_and_decide_on_one_label() -> None:
    head = Head("ekman7", (0, 7), (1.3,) * 7, (0.0,) * 7)
    if head.kind.kind != "one-of":
        pytest.skip("ekman7 is read as many-of here")
    scores = head.calibrated(np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32))
    assert scores.sum(1) == pytest.approx(1, abs=1e-5)
    assert len(head.annotation(scores[0], Anchor("t1"), "r").labels) == 1
