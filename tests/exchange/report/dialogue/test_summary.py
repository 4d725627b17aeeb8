import pytest

from conversations import long_talk
from insula.exchange.report.dialogue.summary import (
    accuracy,
    chosen,
    forecasts,
    meetings,
    speakers,
    strongest,
    transitions,
)
from insula.exchange.report.dialogue.view import readings


def test_steps_of_one_person_and_steps_between_people_are_counted_apart(found):
    same, between = transitions(found, same=True), transitions(found, same=False)
    # Nora: sadness anger anger sadness sadness joy joy; Sam: neutral sadness surprise neutral sadness; Ida: anger joy
    assert same["anger", "anger"] == 1
    assert same["sadness", "joy"] == 1
    assert same["anger", "joy"] == 1
    assert sum(same.values()) == 6 + 4 + 1
    assert between["sadness", "sadness"] == 1
    assert sum(between.values()) == 13


def test_the_forecast_is_the_latest_and_says_its_doubt(found):
    nora, sam, ida = forecasts(found)
    assert (nora.speaker, sam.speaker, ida.speaker) == ("Nora", "Sam", "Ida")
    assert nora.valence == pytest.approx(0.31)
    assert nora.words == "Nora's next turn: pleasant, darker than now; it may as well go the other way"


def test_replies_are_counted_for_whom_they_answer(found):
    first, second = meetings(found)
    assert (first.replier, first.other, first.replies) == ("Sam", "Nora", 4)
    assert (second.replier, second.other, second.replies) == ("Ida", "Nora", 2)
    assert second.levels["interpretations"] == pytest.approx((1.9 + 0.3) / 2)
    assert second.alignment == pytest.approx((0.83 + 0.66) / 2)


def test_styles_are_given_in_the_order_of_speaking(found):
    assert speakers(found) == {"Sam": 0, "Nora": 1, "Ida": 2}


def test_the_strongest_causes_in_the_order_of_turns(found):
    assert [(edge.source, edge.target) for edge in strongest(found, 3)] == [(2, 2), (2, 3), (4, 4)]


def test_of_a_long_conversation_turns_from_all_over_are_chosen():
    found = readings(long_talk(3000))
    kept = chosen(found, 200)
    assert len(kept) == 200
    assert {1, 20, 2981, 3000} <= kept
    for start in range(0, 3000, 500):
        assert any(start < number <= start + 500 for number in kept)
    assert chosen(found, 3000) == set(range(1, 3001))


def test_personality_never_comes_without_its_accuracy():
    assert "not measured here" in accuracy("no.such@1")
    assert "weak" in accuracy("no.such@1")
