"""Personality: opt-in, weak and saying so, of all of a person's turns, the same streamed as read."""

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Turn, scheme
from insula.catalogue import NotForCommercialUse, build, find
from insula.perceive.dialogue import personality
from insula.perceive.dialogue.personality import FEWEST, Personality
from insula.presets import PRESETS
from insula.testing import check_component

LABELS = scheme("goemotions28").labels


def say(conversation: Conversation, speaker: str, text: str, **felt: float) -> None:
    (turn,) = conversation.add(Turn(speaker, text))
    scores = dict.fromkeys(LABELS, 0.02) | felt
    conversation.add(Annotation("emotion", scores, Anchor(turn.id), "goemotions28", "made-up"))


def talk(turns: int, **felt: float) -> Conversation:
    conversation = Conversation()
    for number in range(turns):
        say(conversation, "ana", f"This is what I say, number {number}?", **felt)
        say(conversation, "bo", "Hm!")
    return conversation


def judged(conversation: Conversation, speaker: str = "ana") -> list[Annotation]:
    found = [one for one in Personality()(conversation) if isinstance(one, Annotation)]
    return [one for one in found if one.at.speaker == speaker]


def test_contract():
    check_component(Personality(), [Conversation(), talk(1), talk(9), Conversation(Turn("", ""), Turn("", "hi"))])


def test_what_the_whole_of_a_persons_turns_hold_counts_not_their_order():
    first, second = Conversation(), Conversation()
    for number in range(FEWEST):
        say(first, "ana", "words", caring=number / 10)
        say(second, "ana", "words", caring=(FEWEST - 1 - number) / 10)
    assert judged(first)[-1].scores == pytest.approx(judged(second)[-1].scores)


def test_too_few_turns_say_so():
    (only,) = judged(talk(FEWEST - 1))
    assert only.abstained
    assert str(FEWEST) in only.reason


def test_judged_again_at_twice_as_many_turns():
    found = judged(talk(17))
    assert [len(one.because) for one in found] == [0, 8, 16]


def test_warm_words_are_more_agreeable_than_annoyed_ones():
    warm, angry = (judged(talk(8, **{label: 0.8}))[-1].scores for label in ("caring", "annoyance"))
    assert warm["agreeableness"] > angry["agreeableness"]


def test_traits_no_better_than_guessing_are_left_out():
    kept, _ = personality.traits()
    last = judged(talk(FEWEST))[-1]
    assert set(last.scores) == set(last.margin) == set(kept) == {"agreeableness"}
    assert last.margin["agreeableness"] > 0.5  # nearly as wide as people differ, and it says so


def test_where_no_trait_can_be_told_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(personality, "traits", lambda: ({}, "0"))
    assert "guessing" in judged(talk(FEWEST))[-1].reason


def test_streaming_says_what_reading_said():
    live, part = Conversation(), Personality()
    for addition in talk(9).log:
        live.add(addition)
        if isinstance(addition, Annotation):
            live.add(*part(live))
    assert [one for one in live.read("personality") if one.at.speaker == "ana"] == judged(talk(9))


def test_turns_nobody_could_read_do_not_count():
    conversation = talk(FEWEST - 1)
    (turn,) = conversation.add(Turn("ana", "?"))
    conversation.add(Annotation("emotion", {}, Anchor(turn.id), "goemotions28", "made-up", reason="no words in it"))
    assert all(one.abstained for one in judged(conversation))


def test_opt_in_and_never_commercial():
    assert not [name for name, rows in PRESETS.items() if "dialogue.personality" in rows]
    with pytest.raises(NotForCommercialUse):
        build("dialogue.personality", commercial_ok=True)
    assert "hiring" in find("dialogue.personality").summary + find("dialogue.personality").differs


def test_nobody_is_in_both_halves_of_a_fold_and_a_real_trait_is_found():
    train = pytest.importorskip("insula.train.personality")
    draws = np.random.default_rng(0)
    x = draws.normal(size=(300, 28))
    told, noise = x[:, 0] / 3, draws.normal(size=300)
    people = train.People(x, {"agreeableness": told, "openness": noise}, [f"p{number}" for number in range(300)])
    assert np.corrcoef(train.held_out(people, "agreeableness")[0], told)[0, 1] > 0.8
    assert abs(np.corrcoef(train.held_out(people, "openness")[0], noise)[0, 1]) < 0.2
    assert [train.first_name(name) for name in ("Joey Tribbiani", "Mrs. Green", "")] == ["Joey", "Mrs. Green", ""]
