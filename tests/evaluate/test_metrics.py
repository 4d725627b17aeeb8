"""Metrics against numbers worked out by hand and against scikit-learn."""

import numpy as np
import pytest

from insula.evaluate import metrics
from insula.evaluate.bootstrap import difference, interval

GOLD = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]])
SAID = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]])


def test_f1_by_hand():
    # label 0: 2 hits, 3 said, 2 there -> 4/5; label 1: 1 hit, 1 said, 2 there -> 2/3; label 2 does not occur
    assert metrics.macro_f1(GOLD, SAID)[0] == pytest.approx((0.8 + 2 / 3) / 2)
    assert metrics.micro_f1(GOLD, SAID)[0] == pytest.approx(2 * 3 / 8)


def test_jaccard_and_accuracy_by_hand():
    # 1, 1/2, 1 (both empty), 1/2
    assert metrics.jaccard(GOLD, SAID)[0] == pytest.approx(0.75)
    assert metrics.accuracy(GOLD, SAID)[0] == pytest.approx(0.5)


def test_weights_are_repetitions():
    weights = np.array([[2, 0, 1, 3]], np.float32)
    again = np.repeat(np.arange(4), [2, 0, 1, 3])
    scores = np.random.default_rng(1).random((4, 3))
    for name in ("macro_f1", "micro_f1", "accuracy", "jaccard"):
        metric = getattr(metrics, name)
        assert metric(GOLD, SAID, weights) == pytest.approx(metric(GOLD[again], SAID[again])), name
    for name in ("pearson", "ccc"):
        metric = getattr(metrics, name)
        there = GOLD[:, :2].astype(float)
        assert metric(there, scores[:, :2], weights) == pytest.approx(metric(there[again], scores[again][:, :2])), name
    column = [[0], [1], [1], [0]]
    repeated = metrics.auprc(np.array(column)[again], scores[again][:, :1])
    assert metrics.auprc(column, scores[:, :1], weights) == pytest.approx(repeated)


def test_pearson_and_concordance():
    x = np.array([[0.0], [1.0], [2.0], [np.nan]])
    assert metrics.pearson(x, 2 * np.arange(4.0)[:, None] + 5)[0] == pytest.approx(1)
    # means 1 and 2, variances 2/3, covariance 2/3: 2c / (v + v + 1)
    assert metrics.ccc(x, np.array([[1.0], [2.0], [3.0], [9.0]]))[0] == pytest.approx((4 / 3) / (4 / 3 + 1))
    assert metrics.pearson(x, np.full((4, 1), 0.3))[0] == 0
    same = np.hstack([x, np.full((4, 1), 7.0)])
    assert metrics.pearson(same, np.tile(np.arange(4.0)[:, None], 2))[0] == pytest.approx(1), (
        "nobody can follow ratings that never vary"
    )
    assert metrics.pearson(same[:, 1:], x)[0] == 0


def test_calibration_error():
    sure = np.full((100, 1), 0.8)
    true = np.arange(100)[:, None] < 80
    assert metrics.ece(true, sure)[0] == pytest.approx(0, abs=1e-9)
    assert metrics.ece(np.ones((100, 1)), sure)[0] == pytest.approx(0.2)
    # two labels wrong in opposite directions: pooled they are in one bin and cancel, label by label they do not
    both = np.hstack([np.ones((100, 1)), np.zeros((100, 1))])
    half = np.full((100, 2), 0.5)
    assert metrics.ece(both, half)[0] == pytest.approx(0)
    assert metrics.label_ece(both, half)[0] == pytest.approx(0.5)


def test_risk_coverage():
    coverage, risk = metrics.risk_coverage([1, 0, 1, 1], [0.9, 0.1, 0.8, 0.7])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk.tolist() == [0, 0, 0, 0.25]


def test_reliability_leaves_out_empty_bins():
    said, true, count = metrics.reliability([[0], [1], [1]], [[0.1], [0.3], [0.9]], [0, 0.5, 0.7, 1])
    assert said == pytest.approx([0.2, 0.9])
    assert true == pytest.approx([0.5, 1])
    assert count.tolist() == [2, 1]


def test_against_scikit_learn():
    learn = pytest.importorskip("sklearn.metrics")
    draws = np.random.default_rng(3)
    gold, scores = draws.random((400, 6)) < 0.2, np.round(draws.random((400, 6)), 1)
    said = scores > 0.6
    assert metrics.macro_f1(gold, said)[0] == pytest.approx(learn.f1_score(gold, said, average="macro"))
    assert metrics.micro_f1(gold, said)[0] == pytest.approx(learn.f1_score(gold, said, average="micro"))
    assert metrics.accuracy(gold, said)[0] == pytest.approx(learn.accuracy_score(gold, said))
    assert metrics.auprc(gold, scores)[0] == pytest.approx(learn.average_precision_score(gold, scores, average="macro"))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    draws = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        right = (draws.random((150, 1)) < 0.7).astype(float)
        found = interval(lambda w, r=right: metrics.accuracy(np.ones_like(r), r, w), 150, resamples=300, seed=trial)
        held += found.low <= 0.7 <= found.high
    assert 180 <= held <= 199


def test_the_same_seed_gives_the_same_interval():
    def once(seed: int):
        return interval(lambda w: metrics.macro_f1(GOLD, SAID, w), 4, 200, seed)

    assert once(1) == once(1)
    assert once(1) != once(2)


def test_a_paired_difference_is_narrower_than_two_intervals():
    draws = np.random.default_rng(5)
    gold = draws.random((300, 1)) < 0.5
    first = np.where(draws.random((300, 1)) < 0.8, gold, ~gold)
    second = first.copy()
    second[:15] = ~second[:15]
    apart = difference(metrics.accuracy, gold, first, second)
    alone = interval(lambda w: metrics.accuracy(gold, first, w), 300)
    assert apart.high - apart.low < alone.high - alone.low
    assert difference(metrics.accuracy, gold, first, first) == type(apart)(0, 0, 0)


def test_weighted_f1_by_hand():
    # F1 .8 of a label that is there twice, 2/3 of one that is there twice, and one that is never there
    assert metrics.weighted_f1(GOLD, SAID)[0] == pytest.approx((2 * 0.8 + 2 * 2 / 3) / 4)


def test_yes_and_no_by_hand():
    gold, said = [[1], [1], [0], [0]], [[1], [0], [0], [1]]
    assert metrics.negative_f1(gold, said)[0] == pytest.approx(0.5)
    assert metrics.both_f1([[1], [0], [0], [0]], [[1], [1], [0], [0]])[0] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_top3_by_hand():
    gold = np.eye(4)[[0, 3]]
    assert metrics.top3(gold, [[0.1, 0.2, 0.3, 0.0], [0.4, 0.3, 0.2, 0.1]])[0] == pytest.approx(0.5)


def test_the_metrics_of_conversations_against_other_libraries():
    learn = pytest.importorskip("sklearn.metrics")
    stats = pytest.importorskip("scipy.stats")
    draws = np.random.default_rng(4)
    truth, top = draws.integers(0, 5, 300), draws.integers(0, 5, 300)
    gold, said = np.eye(5)[truth], np.eye(5)[top]
    assert metrics.weighted_f1(gold, said)[0] == pytest.approx(learn.f1_score(truth, top, average="weighted"))
    yes, answer = truth[:, None] > 2, top[:, None] > 2
    assert metrics.both_f1(yes, answer)[0] == pytest.approx(learn.f1_score(yes, answer, average="macro"))
    scores = draws.random((300, 5))
    expected = learn.top_k_accuracy_score(truth, scores, k=3)
    assert metrics.top3(gold, scores)[0] == pytest.approx(expected)
    x, y = np.round(draws.random((80, 2)), 1), np.round(draws.random((80, 2)), 1)
    x[:9, 1] = np.nan
    expected = np.mean([stats.spearmanr(x[:, 0], y[:, 0])[0], stats.spearmanr(x[9:, 1], y[9:, 1])[0]])
    assert metrics.spearman(x, y)[0] == pytest.approx(expected)


def test_turns_of_one_conversation_are_drawn_together():
    """Ten turns that are all right or all wrong together say as little as one turn does."""
    draws = np.random.default_rng(2)
    right = (draws.random(40) < 0.6).astype(float)
    turns = np.repeat(right, 10)[:, None]
    groups = np.repeat(np.arange(40), 10)

    def spread(found):
        return found.high - found.low

    apart = interval(lambda w: metrics.accuracy(np.ones_like(turns), turns, w), 400)
    together = interval(lambda w: metrics.accuracy(np.ones_like(turns), turns, w), 400, groups=groups)
    alone = interval(lambda w: metrics.accuracy(np.ones((40, 1)), right[:, None], w), 40)
    assert spread(together) == pytest.approx(spread(alone)), "the same draws of the same forty"
    assert spread(together) > 2.5 * spread(apart)


def test_resamplings_without_the_number_are_left_out():
    """A mean over some items: none of them is drawn now and then."""
    values = np.array([1.0, 3.0, 0.0, 0.0])

    def some(weights):
        drawn = weights[:, :2].sum(1)
        return np.where(drawn > 0, weights @ values / np.maximum(drawn, 1), np.nan)

    found = interval(some, 4)
    assert (found.score, 0.5 < found.low < 1.5, 2.5 < found.high < 3.5) == (2.0, True, True)
    none = interval(lambda weights: np.full(len(weights), np.nan), 4)
    assert np.isnan([none.score, none.low, none.high]).all()


def test_an_interval_stays_within_what_can_be():
    values = np.array([1.0, *[0.0] * 5])
    share = lambda weights: weights @ values / weights.sum(1)  # noqa: E731
    free, bound = interval(share, 6, seed=1), interval(share, 6, seed=1, within=(0.01, 0.2))
    assert (bound.low, bound.high) == (max(free.low, 0.01), 0.2)
