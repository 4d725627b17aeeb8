"""Cause words and pragmatic replies: orders are honest, the listener pulls towards what it has to guess."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula.studies import gee_pragmatics
from insula.studies.cause_rankers import RANKERS, ordered
from insula.studies.pragmatic_replies import bleu2, chosen_once, listener, log_probabilities, pragmatic, stems, taken_up
from insula.train.cause_words import GROUPS, LABELS, Estimator, learn


@pytest.fixture(scope="module")
def found():
    return {(row["name"], row["slice"]): row["score"] for row in gee_pragmatics.run("smoke")["metrics"]}


def test_smoke_has_every_order_and_its_difference(found):
    for name in RANKERS:
        assert (f"average precision, {name}", "cause words") in found
    assert found["average precision, late first", "cause words"] == 1.0
    assert found["fall of the emotion, counts and encoder", "words left out"] > 0.2
    assert found["accuracy of the emotion, counts", "as said"] == 1.0


def test_pragmatics_speak_to_causes_more_often(found):
    for speaker in ("meaning", "words"):
        part = f"replies, speaker by {speaker}"
        assert found["cause words taken up, alpha 2", part] > found["cause words taken up, off", part]
        assert found["cause words taken up, alpha 2 minus off", part] > 0


def test_alpha_zero_leaves_the_speaker_alone_and_a_listener_moves_it():
    speaker = log_probabilities(np.array([[1.0, 0.9, 0.0]]), 5.0)
    heard = np.log(np.array([[0.1, 0.8, 0.1]]))
    assert np.allclose(pragmatic(speaker, heard, 0.0), speaker)
    assert pragmatic(speaker, heard, 1.0).argmax() == 1
    assert np.exp(pragmatic(speaker, heard, 3.0)).sum() == pytest.approx(1.0)


def test_a_listener_guesses_the_causes_a_reply_is_near():
    causes = np.eye(3)
    replies = np.stack([np.eye(3)[[0, 1]], np.eye(3)[[0, 1]], np.eye(3)[[2, 0]]])
    heard = listener(replies, causes, np.array([[1], [0], [0]]), 10.0)
    assert heard.shape == (3, 2)
    assert heard.argmax(1).tolist() == [0, 1, 0]
    assert (heard <= 0).all()


def test_focus_and_quality_of_replies():
    assert stems("The worried neighbours") == {"worri", "neigh"}
    assert taken_up({"worri", "neigh"}, "Do not worry about neighbours") == 0.5
    assert bleu2("I am glad", "I am glad") == pytest.approx(1.0)
    assert bleu2("I am glad", "no") == 0.0
    assert 0 < bleu2("I am so glad for you", "I am glad") < bleu2("I am so glad for you", "I am so glad")
    assert chosen_once(np.array([4, 2, 4])).tolist() == [False, True, False]


def test_words_left_out():
    assert gee_pragmatics.without("The dog ate it.", [(4, 7)]) == "The ate it."
    assert gee_pragmatics.without("Dog", [(0, 3)]) == "."


def test_frequent_and_tiny_words_are_in_no_order():
    scores = {(0, 2): 9.0, (3, 7): 1.0, (8, 12): 5.0, (13, 17): 3.0}
    assert ordered(scores, "it rain with wind", frozenset({"with"})) == [(13, 17), (3, 7)]


def test_measures_of_an_order():
    hits = np.array([True, False, True])
    assert gee_pragmatics._precision(hits) == pytest.approx((1 + 2 / 3) / 2)
    assert gee_pragmatics._first(hits) == 1.0
    assert gee_pragmatics._recall(np.array([False, False, True, True])) == 0.5


def test_the_estimator_counts_and_nothing_else():
    said = [("the wasp the wasp came", "terrified"), ("the cake was good", "joyful"), ("the wasp stung", "afraid")] * 4
    estimator = Estimator.fit(said, smoothing=1.0)
    assert estimator.lift("wasp", GROUPS["fear"]) > 1 > 0 > estimator.lift("wasp", GROUPS["joy"])
    assert estimator.lift("cake", GROUPS["joy"]) == 0.0  # seen four times
    assert estimator.lift("the", GROUPS["fear"]) == pytest.approx(0.0, abs=1.0)
    assert LABELS[int(estimator.posterior("a wasp stung").argmax())] in ("afraid", "terrified")
    assert estimator.posterior("").sum() == pytest.approx(1.0)
    record = learn(estimator)
    assert record["words"]["wasp"]["fear"] > 1
    assert "the" not in record["words"]


def test_every_emotion_is_in_a_group():
    assert {label for some in GROUPS.values() for label in some} == set(LABELS)
