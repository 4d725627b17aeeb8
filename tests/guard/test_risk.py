"""Risk over turns: what raises it, what does not, what a denial cannot take back."""

import pytest

from insula import Conversation, Turn
from insula.catalogue import build
from insula.testing import check_component

LEVELS = ["none", "watch", "concern", "crisis"]


@pytest.fixture(scope="module")
def risk():
    return build("guard.risk")


def judged(risk, *said, scheme="risk-level"):
    """The annotation at the last turn of a person who says all this; "c:" begins a turn of the companion."""
    turns = [Turn("companion", one[2:]) if one.startswith("c:") else Turn("ana", one) for one in said]
    conversation = Conversation(*turns)
    conversation.add(*risk(conversation))
    return conversation.read("risk", scheme=scheme)[-1], conversation


def level(risk, *said):
    return LEVELS.index(judged(risk, *said)[0].labels[0])


def test_it_is_a_component(risk):
    check_component(risk)


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself.",
        "i w4nt t0 d1e",
        "I want to d i e",
        "i wаnt tо kіll mysеlf",
        "I want to ki\u200bll my\u200bself",
        "ich will nicht mehr leben",
        "quiero quitarme la vida",
        "我想死",
    ],
)
def test_plain_words_are_a_crisis_however_they_are_written(risk, text):
    assert level(risk, text) == 3


@pytest.mark.parametrize(
    "text",
    [
        "This deadline is killing me.",
        "I nearly died laughing.",
        "My character wants to kill himself in chapter two.",
        "I would never kill myself.",
        "Can you recommend a film for tonight?",
        "How do I kill a process?",
    ],
)
def test_idioms_fiction_and_denials_raise_no_alarm(risk, text):
    assert level(risk, text) < 2


def test_a_denial_takes_no_disclosure_back(risk):
    said = ["I want to end my life.", "c:Are you safe?", "haha just kidding", "c:Really?", "What is for lunch?"]
    assert level(risk, *said) >= 2


def test_mild_signs_add_up(risk):
    said = ["I haven't slept in days.", "Nobody cares about me anyway.", "I hate myself.", "I'm a burden to everyone."]
    said.append("I feel hopeless.")
    assert max(level(risk, one) for one in said) < 2
    assert level(risk, *said) >= 2


def test_two_people_do_not_add_up(risk):
    conversation = Conversation(Turn("ana", "I want to kill myself."), Turn("ben", "The bus is late."))
    conversation.add(*risk(conversation))
    assert [one.labels for one in conversation.read("risk", scheme="risk-level")] == [("crisis",), ("none",)]


def test_what_it_cannot_read_is_not_called_safe(risk):
    found, _ = judged(risk, "Сегодня мы гуляли в парке.")
    assert found.abstained
    assert found.reason


def test_an_unreadable_turn_keeps_what_was_said_before(risk):
    assert level(risk, "I want to kill myself.", "きのうは雨でした。") >= 2


def test_evidence_stands_at_the_words_that_show_it(risk):
    found, conversation = judged(risk, "We had pasta. Then I thought about ending my life.")
    shown = [one for one in conversation.read("evidence") if one.id in found.because]
    assert any("ending my life" in conversation.turn("t1").text[slice(*one.at.chars)] for one in shown)


def test_kinds(risk):
    for text, kind in (
        ("My husband beats me.", "abuse"),
        ("I have crushing pain in my chest.", "medical"),
        ("I'm going to stab him tomorrow.", "violence"),
        ("After dinner I make myself sick.", "eating-disorder"),
        ("I cut myself last night.", "self-harm"),
    ):
        assert kind in judged(risk, text, scheme="risk-kinds")[0].labels
