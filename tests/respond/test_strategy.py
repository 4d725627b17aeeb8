"""Which strategy a reply uses."""

import pytest

from insula import Conversation, Turn
from insula.catalogue import build
from insula.respond.strategy import grams
from insula.testing import check_component


@pytest.fixture(scope="module")
def tagger():
    return build("respond.strategy")


def test_plain_replies_are_told_apart(tagger):
    before = "I failed my exam and I cannot sleep."
    replies = {
        "What happened at the exam, and when did the trouble with sleep begin?": "question",
        "I understand how sad and frustrated you must feel, that sounds so hard.": "reflection",
        "Maybe you could try to talk to your teacher, or take a walk before bed.": "suggestion",
        "When I was a student I failed too, and I had the same problem.": "self-disclosure",
        "You are welcome, have a good night!": "others",
    }
    chances = tagger.read([(before, reply) for reply in replies])
    assert chances.sum(1) == pytest.approx(1, abs=1e-5)
    from insula.respond.talk import STRATEGIES

    assert [STRATEGIES[k] for k in chances.argmax(1)] == list(replies.values())


def test_it_is_a_component_that_reads_supporters_alone(tagger):
    told = Conversation(Turn("ana", "Hi."), Turn("companion", "What is on your mind?"), Turn("companion", "  "))
    check_component(tagger, [told])
    found = {one.at.turn: one for one in tagger(told)}
    assert set(found) == {"t2", "t3"}
    assert found["t2"].labels == ("question",)
    assert found["t3"].reason == "no words in it"


def test_no_replies_no_rows(tagger):
    assert tagger.read([]).shape == (0, 8)


def test_grams_are_of_tokens_and_neighbours():
    assert len(grams([5])) == 3
    assert set(grams([5, 6])) & set(grams([6, 5])) < set(grams([5, 6])), "order matters"
    assert len(grams([])) == 1
