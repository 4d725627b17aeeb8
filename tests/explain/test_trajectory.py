"""Inertia, contagion and forecast: causal, streamed as read, honest about what cannot be told."""

import math
import random

import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.explain.trajectory import Trajectory, moments, population, transitions
from insula.testing import check_component


def felt(turn: str, valence: float, rater: str = "made-up") -> Annotation:
    return Annotation("affect", {"valence": valence}, Anchor(turn), "vad", rater)


def talk(*said: tuple[str, float | None]) -> Conversation:
    """(speaker, valence or None) in turn; each judged as soon as it was said."""
    conversation = Conversation()
    for speaker, valence in said:
        (turn,) = conversation.add(Turn(speaker, "words"))
        if valence is not None:
            conversation.add(felt(turn.id, valence))
    return conversation


def judged(conversation: Conversation) -> list[Annotation]:
    return [one for one in Trajectory()(conversation) if isinstance(one, Annotation)]


def wandering(turns: int, inertia: float, contagion: float, speakers: str = "ab") -> Conversation:
    draws, last = random.Random(0), dict.fromkeys(speakers, 0.0)
    said = []
    for number in range(turns):
        who = speakers[number % len(speakers)]
        others = [value for name, value in last.items() if name != who]
        value = inertia * last[who] + contagion * sum(others) / len(others) + draws.gauss(0, 0.2)
        last[who] = max(-1.0, min(1.0, value))
        said.append((who, last[who]))
    return talk(*said)


def test_contract():
    check_component(
        Trajectory(), [Conversation(), talk(("ana", 0.1)), wandering(14, 0.5, 0.2), wandering(20, 0, 0, "abc")]
    )


def test_who_carries_feeling_over_has_more_inertia():
    steady, mirror = (judged(wandering(400, *slopes))[-1].scores for slopes in ((0.8, 0.0), (0.0, 0.8)))
    assert steady["inertia"] > 0.55 > 0.3 > mirror["inertia"]
    assert mirror["contagion"] > 0.55 > 0.3 > steady["contagion"]


def test_the_doubt_shrinks_as_a_speaker_is_known():
    found = [one for one in judged(wandering(200, 0.5, 0.2)) if "inertia" in one.scores]
    assert found[-1].margin["inertia"] < 0.7 * found[0].margin["inertia"]
    assert set(found[-1].margin) == set(found[-1].scores) == {"inertia", "contagion", "forecast"}


def test_nine_in_ten_next_turns_lie_within_the_margin():
    conversation = wandering(600, 0.4, 0.2)
    values = [moment.valence for moment in moments(conversation)]
    said = judged(conversation)
    held = [
        abs(values[k + 2] - said[k].scores["forecast"]) <= said[k].margin["forecast"] for k in range(len(values) - 2)
    ]
    assert 0.85 < sum(held) / len(held) < 0.97


def test_a_first_turn_has_a_forecast_and_no_slopes():
    (only,) = judged(talk(("ana", -0.8)))
    assert set(only.scores) == {"forecast"}
    assert -0.8 < only.scores["forecast"] < 0  # back towards the usual, not all the way


def test_somebody_alone_has_no_contagion():
    assert set(judged(talk(*[("ana", 0.1 * k) for k in range(8)]))[-1].scores) == {"inertia", "forecast"}


def test_a_turn_that_cannot_be_told_is_left_out_and_not_zero():
    with_gap = judged(talk(("ana", 0.6), ("bo", 0.5), ("ana", None), ("ana", 0.6)))
    without = judged(talk(("ana", 0.6), ("bo", 0.5), ("ana", 0.6)))
    assert with_gap[2].abstained
    assert "valence" in with_gap[2].reason
    assert with_gap[3].scores == without[2].scores


def test_because_names_what_it_followed():
    conversation = talk(("ana", 0.6), ("bo", -0.5), ("cy", -0.1), ("ana", 0.2))
    affects = [one.id for one in conversation.read("affect")]
    assert judged(conversation)[-1].because == tuple(affects)
    assert [moment.others for moment in moments(conversation)] == [None, None, None, pytest.approx(-0.3)]


def test_categories_stand_in_where_nobody_rated_valence():
    conversation = Conversation(Turn("ana", "words"))
    scores = {"joy": 0.9, "sadness": 0.05, "neutral": 0.05}
    conversation.add(Annotation("emotion", scores, Anchor("t1"), "ekman7", "made-up"))
    assert next(moments(conversation)).valence > 0.5


def test_the_rater_of_affect_can_be_chosen():
    conversation = talk(("ana", 0.5))
    conversation.add(felt("t1", -0.5, "other@1"))
    assert [next(moments(conversation, name)).valence for name in ("", "other")] == [0.5, -0.5]


def test_streaming_says_what_reading_said():
    whole, live, part = wandering(30, 0.5, 0.3, "abc"), Conversation(), Trajectory()
    for addition in wandering(30, 0.5, 0.3, "abc").log:
        live.add(addition)
        if isinstance(addition, Annotation):
            live.add(*part(live))
    assert live.read("trajectory") == judged(whole)


def test_the_numbers_on_file_say_what_was_gained():
    start, revision = population()
    assert Trajectory().rater == f"explain.trajectory@{revision}"
    assert 0 < start.dependence.slopes[1] < 1
    assert math.isfinite(start.noise)


def mood(*said: tuple[str, str | None]) -> Conversation:
    conversation = Conversation()
    for number, (speaker, label) in enumerate(said, 1):
        conversation.add(Turn(speaker, "words"))
        scores = {label: 1.0} if label else {}
        reason = "" if label else "no words in it"
        conversation.add(Annotation("emotion", scores, Anchor(f"t{number}"), "ekman7", "made-up@1", reason=reason))
    return conversation


def test_transitions_count_own_steps_and_steps_between_speakers():
    found = transitions(mood(("a", "joy"), ("b", "anger"), ("b", None), ("a", "joy"), ("a", "fear")), "made-up")
    at = {label: place for place, label in enumerate(found.labels)}
    assert found.same[at["joy"]][at["joy"]] == found.same[at["joy"]][at["fear"]] == 1
    assert found.between[at["joy"]][at["anger"]] == found.between[at["anger"]][at["joy"]] == 1
    assert sum(map(sum, found.same)) == sum(map(sum, found.between)) == 2


@pytest.mark.parametrize("said", [(), (("a", "joy"),), (("a", "joy"), ("a", "fear"), ("b", "joy"))])
def test_transition_probabilities_sum_to_one_whatever_was_seen(said):
    found = transitions(mood(*said), "made-up")
    for kind in ("same", "between"):
        assert [sum(row) for row in found.probabilities(kind)] == pytest.approx([1.0] * len(found.labels))


def test_an_unknown_scheme_is_named():
    with pytest.raises(KeyError, match="ekman"):
        transitions(Conversation(), "", "ekman9")
