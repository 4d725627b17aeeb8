"""Votes: what each rule keeps, penalties, heads of raters, halves of voters, and a small run."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.studies import ser_subjectivity as study
from insula.studies import votes

DRAW = np.random.default_rng(0)
VOTES = np.array([[6, 4, 0], [5, 5, 0], [4, 3, 3], [0, 0, 10]])


def test_majority_and_plurality_drop_what_the_all_inclusive_rule_keeps():
    assert votes.kept(VOTES, "majority").tolist() == [True, False, False, True]
    assert votes.kept(VOTES, "plurality").tolist() == [True, False, True, True]
    assert votes.kept(VOTES, "all-inclusive").all()
    assert votes.used(VOTES, "majority").tolist() == [6, 0, 0, 10]
    assert votes.used(VOTES, "all-inclusive").tolist() == [10] * 4
    assert votes.target(VOTES, "all-inclusive")[0].tolist() == [0.6, 0.4, 0.0]
    assert votes.there(votes.shares(VOTES)).tolist()[2] == [True, False, False]


def test_labels_that_never_meet_cost_most():
    cost = votes.unlikely(VOTES)
    assert cost[0, 1] == 0.0  # wherever the rarer one is heard, so is the other
    assert cost[1, 2] == cost[2, 1] == 0.5
    assert cost.diagonal().tolist() == [0.0] * 3


def test_a_penalty_keeps_predictions_off_two_labels_that_never_meet():
    given = np.array([[10, 0], [0, 10]] * 100)
    x = DRAW.normal(size=(200, 4))
    free, held = (
        votes.learned(x, given, "all-inclusive", x, penalty=one, seed=0) for one in (None, votes.unlikely(given))
    )
    assert (held.prod(1) < 0.2).mean() > (free.prod(1) < 0.2).mean()


def test_a_head_of_ones_own_learns_who_turns_the_scale_round():
    x, ratings, test_x, test = study._made_up_ratings(1)
    each, one = votes.learned_by_rater(x, *ratings.T, test_x)
    contrary = test[test[:, 1] == 2]
    own = (each[2, contrary[:, 0]].argmax(-1) == contrary[:, 2]).mean()
    assert own > (one[contrary[:, 0]].argmax(-1) == contrary[:, 2]).mean() + 0.3


def test_voters_are_taken_apart_without_losing_any():
    one, rest = study.one_and_others(VOTES, DRAW)
    assert (rest.sum(1) == 9).all()
    assert (VOTES[np.arange(4), one] > 0).all()
    first, second = study.halved(VOTES, DRAW)
    assert (first + second == VOTES).all()
    assert first.sum(1).tolist() == [5] * 4


def test_gradients_see_which_way_an_edge_runs():
    across = np.tile(np.arange(48.0), (48, 1))
    assert study.gradients(across).reshape(8, 8, 8).argmax(-1).max() == 0
    assert (study.gradients(across.T).reshape(8, 8, 8).argmax(-1) == 4).all()


def test_smoke():
    record = studies.run("ser-subjectivity")
    score = {(row["name"], row["slice"]): row["score"] for row in record["metrics"]}
    lost = {rule: score[f"votes that {rule} throws away", "listeners"] for rule in ("majority", "plurality")}
    assert lost["majority"] > lost["plurality"] > 0.2
    name = "macro-F1 on the all-inclusive test, all-inclusive less majority"
    assert score[name, "made up"] > 0.05
    name = "the same, own heads less one head"
    assert score[name, "politeness, known raters, unseen requests"] > 0.1
