"""Intervals and scores of studies, against cases whose answer is known."""

import numpy as np
import pytest

from insula.studies.measure import agreement, highest, macro_f1, measured, micro_f1_without, minus, weighted_f1


def test_macro_f1_by_hand():
    gold = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    said = np.array([[1, 0], [0, 1], [0, 1], [0, 1]])
    assert macro_f1(gold, said) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert macro_f1(gold, gold) == 1.0


def test_a_label_nobody_has_does_not_count():
    gold = np.array([[1, 0], [1, 0]])
    assert macro_f1(gold, gold) == 1.0
    assert macro_f1(gold, 1 - gold) == 0.0


def test_agreement_punishes_shift_and_scale_where_correlation_does_not():
    series = np.linspace(-1, 1, 50)
    assert agreement(series, series) == pytest.approx(1)
    assert agreement(series, series + 1) < 0.5
    assert agreement(series, series * 0.2) < 0.5
    assert agreement(series, -series) == pytest.approx(-1)


def test_the_interval_holds_the_score_and_shrinks_with_items():
    random = np.random.default_rng(0)

    def width(items):
        gold = random.normal(size=items)
        row = measured("CCC", "here", agreement, gold, (gold + random.normal(size=(3, items))))
        assert row["low"] <= row["score"] <= row["high"]
        assert row["n"] == items
        return row["high"] - row["low"]

    assert width(2000) < width(50) / 2


def test_the_same_predictions_differ_by_nothing():
    gold = np.eye(3)[np.arange(60) % 3]
    said = np.eye(3)[np.random.default_rng(1).integers(3, size=(2, 60))]
    row = measured("difference", "here", minus(macro_f1), gold, said, said, baseline=0.123456)
    assert (row["score"], row["low"], row["high"]) == (0, 0, 0)
    assert row["baseline"] == 0.1235


def test_seeds_that_disagree_widen_the_interval():
    gold = np.eye(2)[np.arange(400) % 2]
    alike = np.stack([gold, gold])
    apart = np.stack([gold, 1 - gold])
    assert measured("F1", "here", macro_f1, gold, alike)["low"] == 1
    row = measured("F1", "here", macro_f1, gold, apart)
    assert (row["low"], row["high"]) == (0, 1)


def test_highest_marks_one_label_per_item():
    assert highest(np.array([[0.2, 0.9], [3.0, -1.0]])).tolist() == [[0, 1], [1, 0]]


def test_weighted_and_micro_f1_by_hand():
    gold, said = np.array([0, 0, 0, 1, 2]), np.array([0, 0, 1, 1, 1])
    # label 0: 4/5 with weight 3; label 1: 2/4 with weight 1; label 2: 0 with weight 1
    assert weighted_f1(gold, said) == pytest.approx((3 * 0.8 + 0.5) / 5)
    # without label 0: one right of three said and two there
    assert micro_f1_without(0)(gold, said) == pytest.approx(2 * 1 / (3 + 2))
    assert micro_f1_without(6)(gold, said) == pytest.approx(3 / 5)


def test_turns_that_go_together_are_drawn_together():
    values = np.repeat([0.0, 1.0] * 10, 30)
    apart = measured("mean", "all", lambda _, x: float(x.mean()), values, values[None])
    together = measured(
        "mean", "all", lambda _, x: float(x.mean()), values, values[None], groups=np.repeat(range(20), 30)
    )
    assert apart["score"] == together["score"] == 0.5
    assert together["high"] - together["low"] > 3 * (apart["high"] - apart["low"])
