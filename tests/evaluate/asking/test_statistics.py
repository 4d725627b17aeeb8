"""Intervals are over questions and not over answers; what was not read or not asked never enters a score."""

import math
from dataclasses import replace

import numpy as np
import pytest

from insula.evaluate.asking.exam import Exam, mean
from insula.evaluate.asking.question import Mark
from insula.evaluate.asking.sheet import Row, Sheet
from insula.evaluate.asking.statistics import paired, scores

EXAM = Exam(
    "made-up", "Made up", "nobody", "own", "all", lambda _: [], None, lambda *_: Mark(None),
    {"accuracy": mean("accuracy"), "cause": mean("cause")}, {},
)  # fmt: skip


def sheet(*rows, name="model"):
    return Sheet(EXAM, name, "base", rows)


def right(id, value=1.0, seed=0, group="", **more):
    return Row(str(id), group or str(id), seed, values={"accuracy": value, **more})


def only(numbers, metric="accuracy", part="all"):
    (found,) = [x for x in numbers if (x.metric, x.slice) == (metric, part)]
    return found


def test_ten_seeds_of_a_question_are_one_draw():
    draws = np.random.default_rng(1)
    hits = draws.random(30) < 0.5
    once = only(scores([sheet(*(right(k, float(x)) for k, x in enumerate(hits)))]))
    often = only(scores([sheet(*(right(k, float(x), seed) for k, x in enumerate(hits) for seed in range(10)))]))
    assert often.asked == 300
    assert often.high - often.low == pytest.approx(once.high - once.low, abs=0.05)
    together = only(scores([sheet(*(right(k, float(x), group=f"g{k % 5}") for k, x in enumerate(hits)))]))
    assert together.questions == 30


def test_unread_and_unasked_are_counted_and_never_scored():
    unread, unasked = Row("b", "b", 0, why="it refuses"), Row("c", "c", 0, error="the server is away")
    found = only(scores([sheet(right("a"), unread, unasked)]))
    assert (found.score, found.parse, found.asked, found.unasked) == (1.0, 0.5, 2, 1)
    none = only(scores([sheet(unread)]))
    assert math.isnan(none.score)
    assert none.parse == 0
    assert math.isnan(only(scores([sheet(unasked)])).parse)


def test_the_spread_is_between_seeds():
    rows = [right(k, float(seed), seed) for k in range(4) for seed in range(2)]
    assert only(scores([sheet(*rows)])).spread == pytest.approx(np.std([0, 1], ddof=1))
    assert math.isnan(only(scores([sheet(right("a"))])).spread)


def test_a_value_that_only_some_rows_have_is_a_mean_over_those():
    numbers = scores([sheet(right("a", cause=1.0), right("b"), right("c", 0.0, cause=0.0))])
    assert only(numbers, "cause").score == 0.5
    assert [x.metric for x in scores([sheet(right("a"))])] == ["accuracy"]


def test_slices_have_numbers_of_their_own():
    rows = [
        Row(str(k), str(k), 0, {"language": x}, {"accuracy": float(x == "en")}) for k, x in enumerate(["en", "zh"] * 5)
    ]
    numbers = scores([sheet(*rows)])
    assert only(numbers, part="language en").score == 1
    assert only(numbers, part="language zh").score == 0
    assert len(scores([sheet(*rows)], slices=False)) == 1


def test_pairs_leave_out_what_one_of_them_could_not_answer():
    first = sheet(*(right(k) for k in range(20)), Row("x", "x", 0, why="it refuses"))
    second = sheet(*(right(k, 0.0) for k in range(10)), right("x"), name="other")
    found, answers = paired(first, second)
    assert (found.score, answers) == (1.0, 10)


def test_none_right_of_eight_is_not_none_right_for_certain():
    found = only(scores([sheet(*(right(k, 0.0) for k in range(8)))]))
    assert (found.score, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.324, abs=0.001)
    assert only(scores([sheet(*(right(k, 1.0) for k in range(8)))])).low == pytest.approx(0.676, abs=0.001)


@pytest.mark.parametrize("questions", [1, 5, 6, 40])
def test_all_pairs_alike_leave_the_doubt_that_their_number_leaves(questions):
    """Better every time is clear from six on, as in a sign test; never better is an equality within bounds."""
    good, poor = (sheet(*(right(k, x) for k in range(questions))) for x in (1.0, 0.0))
    found, _ = paired(good, poor)
    assert (found.score, found.high) == (1.0, 1.0)
    assert (found.low > 0) == (questions >= 6)
    same, _ = paired(good, good)
    assert same.low == -same.high == pytest.approx(0.025 ** (1 / questions) - 1)


def test_ten_seeds_of_one_question_are_one_pair():
    good, poor = (sheet(*(right("a", x, seed) for seed in range(10))) for x in (1.0, 0.0))
    assert paired(good, poor)[0].low < 0


def test_points_that_differ_alike_keep_their_difference():
    """What is no share has no bounds to reckon with."""
    high, low = (sheet(*(right(k, x + k) for k in range(9))) for x in (30.0, 20.0))
    found, _ = paired(high, low)
    assert (found.score, found.low, found.high) == (10, pytest.approx(10), pytest.approx(10))


def test_a_share_by_any_name_stays_within_its_range():
    named = replace(EXAM, metrics={"in the language asked": mean("own"), "apart": gap})
    rows = [Row(str(k), f"g{k % 4}", 0, values={"own": float(k % 4 == 0), "other": 0.0}) for k in range(16)]
    for seed in range(10):  # what is moved back by the bias may leave it by chance
        found = only(scores([Sheet(named, "model", "base", tuple(rows))], seed=seed), "in the language asked")
        assert 0 <= found.low < found.high <= 1
    none = scores(
        [Sheet(named, "model", "base", tuple(replace(row, values={"own": 0.0, "other": 0.0}) for row in rows))]
    )
    assert only(none, "in the language asked").high > 0.3
    assert only(none, "apart").high == 0  # a difference of two that are 0 is no share


def gap(columns, weights):
    return mean("own")(columns, weights) - mean("other")(columns, weights)
