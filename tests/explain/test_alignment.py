"""Alignment: a reply that meets the turn it answers scores above one that does not; nobody answered, nothing said."""

import numpy as np
import pytest

from insula import Annotation, Conversation, Turn
from insula.catalogue import build
from insula.explain.alignment import LABELS, Alignment, stances
from insula.testing import check_component


def said(*turns: tuple[str, str]) -> Conversation:
    """(speaker, text) in turn; each read by text.encoder as soon as it was said."""
    conversation, reader = Conversation(), build("text.encoder", evidence=0)
    for speaker, text in turns:
        conversation.add(Turn(speaker, text))
        conversation.add(*reader(conversation))
    return conversation


def judged(conversation: Conversation) -> list[Annotation]:
    return [one for one in Alignment()(conversation) if isinstance(one, Annotation)]


@pytest.mark.parametrize(
    ("told", "meets", "misses"),
    [
        (
            "My dog died this morning and I can't stop crying.",
            "I'm so sorry, losing a dog is terrible.",
            "I had pasta.",
        ),
        ("I finally got the job I wanted!", "Congratulations, you must be so proud!", "The bus was late again today."),
        ("I am scared of the exam tomorrow.", "I'm sure you will do well, did you study?", "Blue paint dries fast."),
    ],
)
def test_a_reply_that_meets_the_turn_scores_higher(told: str, meets: str, misses: str):
    good, bad = (judged(said(("ana", told), ("bo", reply)))[-1].scores["alignment"] for reply in (meets, misses))
    assert good > bad + 0.15


def test_contract_and_streaming():
    talk = said(("ana", "My cat is ill."), ("bo", "Oh no, I'm sorry."), ("bo", "Is she at the vet?"), ("ana", ""))
    check_component(Alignment(), [Conversation(), Conversation(Turn("ana", "Hi."), Turn("bo", "Hello.")), talk])


def test_because_is_the_emotion_of_both_turns():
    talk = said(("ana", "I lost my keys and I'm furious."), ("bo", "That's so annoying, sorry."))
    first, second = (talk.read("emotion", turn=turn.id, scheme="goemotions28")[0].id for turn in talk.turns)
    assert judged(talk)[-1].because == (first, second)


def test_who_answers_nobody_is_told_apart_from_who_cannot_be_told():
    talk = said(("ana", "I feel sad."), ("ana", "Really sad."), ("bo", ""), ("ana", "Hello?"))
    opens, goes_on, empty, after = (one.reason for one in judged(talk))
    assert "opens" in opens
    assert "goes on" in goes_on
    assert "emotions of this turn" in empty
    assert "it answers" in after


def test_missing_weights_are_named():
    with pytest.raises(FileNotFoundError, match="no-such"):
        Alignment(weights="no-such")


def test_stances_go_with_how_pleasant_the_turn_was():
    happy, sad, warm = (np.zeros((1, len(LABELS)), np.float32) for _ in range(3))
    happy[0, LABELS.index("joy")] = sad[0, LABELS.index("sadness")] = warm[0, LABELS.index("caring")] = 0.9
    place = LABELS.index("caring")
    after_joy, after_sadness = stances(happy, warm)[0], stances(sad, warm)[0]
    assert after_joy[place] > 0.8 > 0.1 > after_sadness[place]
    assert after_sadness[len(LABELS) + place] > 0.8
