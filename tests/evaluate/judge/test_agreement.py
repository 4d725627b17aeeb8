"""Agreement with people: ranks, gains and pairs, over groups."""

import math

import pytest

from insula.evaluate.judge.agreement import agreement, gain, won

MARKS = [float(x) for x in range(40)]
GROUPS = [f"g{x // 2}" for x in range(40)]


def test_the_same_order_agrees_wholly_and_missing_scores_are_counted():
    found = agreement(MARKS, [x**3 for x in MARKS[:-1]] + [None], GROUPS)
    assert found.interval.score == pytest.approx(1.0)
    assert (found.n, found.asked, found.groups) == (39, 40, 20)


def test_a_constant_score_agrees_with_nothing_and_too_few_say_nothing():
    assert agreement(MARKS, [1.0] * 40, GROUPS).interval.score == 0
    few = agreement(MARKS, [1.0, None] + [None] * 38, GROUPS)
    assert math.isnan(few.interval.score)
    assert few.n == 1


def test_a_gain_is_measured_where_both_scored():
    found = gain(MARKS, MARKS, [-x for x in MARKS[:-4]] + [None] * 4, GROUPS)
    assert found.interval.score == pytest.approx(2.0)
    assert found.n == 36
    assert gain(MARKS, MARKS, MARKS, GROUPS).interval.high == 0


def test_pairs_are_won_where_people_decided_and_a_tie_is_a_half():
    found = won([-4, 3, 0, 2, 1], [-0.1, 0.2, 9.0, -0.3, 0.0], list("abcde"))
    assert found.interval.score == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert found.n == 4
