"""What a reply is expected to do, and what it did."""

import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.catalogue import build
from insula.scheme import scheme


def felt(turn: str, valence: float) -> Annotation:
    return Annotation("affect", {"valence": valence, "arousal": 0.0, "dominance": 0.0}, Anchor(turn), "vad", "reader@1")


@pytest.fixture(scope="module")
def effect():
    return build("respond.effect")


def test_predicted_at_the_reply_and_measured_at_the_next_turn_of_the_person(effect):
    told = Conversation(Turn("ana", "I failed."), felt("t1", -0.5))
    assert not list(effect(told)), "nothing was answered yet"
    told.add(Turn("companion", "That hurts. You worked so hard."))
    (predicted,) = told.add(*effect(told))
    assert predicted.at.turn == "t2"
    scheme("support-effect").check(predicted.scores)
    told.add(Turn("ana", "Thank you."), felt("t3", 0.25))
    (measured,) = told.add(*effect(told))
    assert measured.at.turn == "t3"
    assert measured.scores["change"] == pytest.approx(0.75)
    assert measured.because == (predicted.id,)
    assert not list(effect(told)), "each turn is judged once"


def test_people_who_feel_bad_are_expected_to_come_up_more(effect):
    low, high = (Conversation(Turn("ana", "So."), felt("t1", v), Turn("companion", "I hear you.")) for v in (-0.8, 0.6))
    assert next(iter(effect(low))).scores["change"] > next(iter(effect(high))).scores["change"]


def test_without_valence_it_says_so(effect):
    told = Conversation(Turn("ana", "I failed."), Turn("companion", "Oh."), Turn("ana", "Yes."))
    reasons = [one.reason for one in effect(told)]
    assert reasons == [
        "nobody has read the valence of the person's last turn",
        "nobody has read the valence of both turns",
    ]
