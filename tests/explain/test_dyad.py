"""Dyads: ordered pairs, means with intervals where there are turns enough, and notes where there are not."""

import random

import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.explain.dyad import FEWEST, MEANINGS, Dyad, dyads
from insula.explain.trajectory import Trajectory


def add(conversation: Conversation, speaker: str, *judged: tuple[str, str, dict[str, float]]) -> str:
    (turn,) = conversation.add(Turn(speaker, "words"))
    for layer, scheme, scores in judged:
        conversation.add(Annotation(layer, scores, Anchor(turn.id), scheme, "made-up"))
    return turn.id


def listened(rounds: int) -> Conversation:
    """ana tells, bo answers warmly and asks; what ana says next follows bo."""
    conversation, draws, trajectory = Conversation(), random.Random(1), Trajectory()
    last = -0.5
    for number in range(rounds):
        add(conversation, "ana", ("affect", "vad", {"valence": last}), ("empathy", "alignment", {"alignment": 0.3}))
        conversation.add(*trajectory(conversation))
        mood = draws.uniform(-0.8, 0.8)
        levels = {"emotional-reactions": 1.8, "interpretations": 0.2, "explorations": 0.9 if number % 2 else 0.1}
        add(
            conversation,
            "bo",
            ("affect", "vad", {"valence": mood}),
            ("empathy", "epitome3", levels),
            ("empathy", "alignment", {"alignment": 0.8}),
            ("politeness", "politeness", {"politeness": 0.4}),
        )
        conversation.add(*trajectory(conversation))
        last = 0.7 * mood + draws.gauss(0, 0.05)
    return conversation


def known(number: float | None) -> float:
    assert number is not None
    return number


def pair(conversation: Conversation, replier: str, answered: str) -> Dyad:
    return next(one for one in dyads(conversation) if (one.replier, one.answered) == (replier, answered))


def test_nobody_and_somebody_alone_have_no_dyad():
    assert dyads(Conversation()) == ()
    assert dyads(Conversation(Turn("ana", "hi"), Turn("ana", "still me"))) == ()


def test_replies_are_counted_for_each_direction():
    conversation = Conversation(*(Turn(speaker, "words") for speaker in "abaca"))
    found = {(one.replier, one.answered): one.replies for one in dyads(conversation)}
    assert found == {("b", "a"): 1, ("a", "b"): 1, ("c", "a"): 1, ("a", "c"): 1}


def test_means_with_intervals_where_there_are_turns_enough():
    found = pair(listened(30), "bo", "ana").measures
    assert set(found) == set(MEANINGS)
    assert found["emotional-reactions"].value == pytest.approx(1.8)
    assert found["politeness"].value == pytest.approx(0.4)
    questions = found["questions"]
    assert questions.value == pytest.approx(0.5)
    assert 0.25 < known(questions.low) < 0.5 < known(questions.high) < 0.75
    assert questions.n == 30


def test_reciprocity_is_given_less_received():
    conversation = listened(30)
    assert pair(conversation, "bo", "ana").measures["reciprocity"].value == pytest.approx(0.5)
    assert pair(conversation, "ana", "bo").measures["reciprocity"].value == pytest.approx(-0.5)


def test_contagion_goes_one_way():
    conversation = listened(60)
    follows, leads = (pair(conversation, *who).measures["contagion"] for who in (("bo", "ana"), ("ana", "bo")))
    assert known(follows.low) > 0.4
    assert known(leads.low) < 0 < known(leads.high)


def test_moved_is_against_what_the_own_course_let_expect():
    conversation, trajectory = Conversation(), Trajectory()
    for _ in range(12):
        for speaker, value in (("ana", -0.4), ("bo", 0.1), ("ana", 0.2), ("cy", 0.1)):
            add(conversation, speaker, ("affect", "vad", {"valence": value}))
            conversation.add(*trajectory(conversation))
    lifted, sunk = (known(pair(conversation, who, "ana").measures["moved"].value) for who in ("bo", "cy"))
    assert lifted > 0.05 > -0.05 > sunk


def test_too_few_turns_give_a_mean_and_say_so():
    found = pair(listened(FEWEST - 1), "bo", "ana").measures
    assert found["alignment"].value == pytest.approx(0.8)
    assert (found["alignment"].low, found["alignment"].note) == (None, "too few turns")


def test_what_nobody_judged_is_not_looked_at():
    found = pair(Conversation(Turn("a", "x"), Turn("b", "y")), "b", "a")
    assert {one.value for one in found.measures.values()} == {None}
    assert found.measures["alignment"].note == "not looked"
    assert {row["measure"] for row in found.table()} == set(MEANINGS)
    assert all(row["replier"] == "b" and row["meaning"] for row in found.table())
