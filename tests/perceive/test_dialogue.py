"""The dialogue encoder, on the weights that ship."""

import pytest

from insula import Conversation, Pipeline, Turn
from insula.perceive.dialogue.encoder import SCHEMES, DialogueEncoder
from insula.testing import check_component

QUARREL = [
    ("ana", "I found out you read my diary."),
    ("ben", "I only looked at one page."),
    ("ana", "How could you do that to me? I am so angry!"),
    ("ben", "I am really sorry."),
    ("ana", "Yes."),
]


@pytest.fixture(scope="module")
def encoder() -> DialogueEncoder:
    return DialogueEncoder()


def read(encoder: DialogueEncoder, *said: tuple[str, str]) -> Conversation:
    return Pipeline(encoder).run(Conversation(*(Turn(speaker, text) for speaker, text in said)))


def test_keeps_the_contract(encoder: DialogueEncoder) -> None:
    check_component(encoder)


def test_every_scheme_of_every_turn(encoder: DialogueEncoder) -> None:
    conversation = read(encoder, *QUARREL)
    for turn in conversation.turns:
        found = {x.scheme for layer in encoder.writes for x in conversation.read(layer, turn=turn.id)}
        assert set(SCHEMES) <= found
    third = conversation.read("emotion", turn="t3", scheme="ekman7")[0]
    assert third.labels == ("anger",)
    assert "anger" in third.possible
    assert abs(sum(third.scores.values()) - 1) < 1e-3


def test_what_follows_changes_nothing(encoder: DialogueEncoder) -> None:
    """The streaming guarantee: fed turn by turn, cut short, or read at once, a turn is judged the same."""
    whole = read(encoder, *QUARREL)
    for length in range(1, len(QUARREL) + 1):
        part = read(encoder, *QUARREL[:length])
        last = f"t{length}"
        for layer in ("emotion", "dialogue_act", "intent", "politeness", "influence"):
            assert [x.id for x in part.read(layer, turn=last)] == [x.id for x in whole.read(layer, turn=last)]


def test_what_came_before_does(encoder: DialogueEncoder) -> None:
    glad = read(encoder, ("ana", "We won, we really won the cup, I am so happy!"), ("ana", "Oh my god."))
    afraid = read(encoder, ("ana", "There is someone in the house. I am scared."), ("ana", "Oh my god."))
    score = [x.read("emotion", turn="t2", scheme="ekman7")[0].scores for x in (glad, afraid)]
    assert score[0]["joy"] > score[1]["joy"]
    assert score[1]["fear"] > score[0]["fear"]


def test_influence_names_who(encoder: DialogueEncoder) -> None:
    conversation = read(encoder, *QUARREL)
    shares = {x.at.turn: x.scores for x in conversation.read("influence")}
    assert shares["t1"]["memory"] == shares["t1"]["contagion"] == 0
    assert shares["t2"]["memory"] == 0 != shares["t2"]["contagion"]
    assert all(abs(sum(map(abs, one.values())) - 1) < 1e-3 for one in shares.values())


@pytest.mark.parametrize("text", ["", "  ", "我今天很难过,不想说话", "Ich bin heute so traurig und weiß nicht warum"])
def test_abstains_with_a_reason(encoder: DialogueEncoder, text: str) -> None:
    conversation = read(encoder, ("ana", "I am glad."), ("ben", text))
    for one in conversation.read("emotion", turn="t2"):
        assert one.abstained
        assert one.reason


def test_an_emoji_among_turns_is_read(encoder: DialogueEncoder) -> None:
    conversation = read(encoder, ("ana", "You got the job!"), ("ben", "😂😂"), ("ana", "?!"))
    assert all(not one.abstained for one in conversation.read("emotion"))


def test_a_domain_has_its_own_decisions(encoder: DialogueEncoder) -> None:
    television = DialogueEncoder(domain="meld")
    one, other = read(encoder, *QUARREL), read(television, *QUARREL)
    first, second = (x.read("emotion", turn="t1", scheme="ekman7")[0] for x in (one, other))
    assert first.rater != second.rater
    assert dict(first.scores) != dict(second.scores)


def test_appraisals_name_their_words() -> None:
    conversation = read(
        DialogueEncoder(name="explain.appraisal", schemes=["appraisal7"]),
        ("ana", "I felt awful because I forgot my best friend's birthday and it was all my own fault."),
    )
    (appraisal,) = conversation.read("appraisal")
    assert "pleasantness" not in appraisal.labels
    assert "responsibility" in appraisal.labels
    evidence = {x.id: x for x in conversation.read("evidence")}
    assert set(appraisal.because) == set(evidence)
    assert {x.top for x in evidence.values()} <= set(appraisal.labels)
