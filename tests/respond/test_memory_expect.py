"""What was expected is a distribution that can be wrong; where it was, that is kept, shown, used and deleted."""

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.respond.memory import Memory
from insula.respond.memory.expect import LABELS, expect, habits, learn, moments


def felt(*emotions, id="monday", text="I met my brother by the lake again.", risk=""):
    talk = Conversation(id=id)
    for number, emotion in enumerate(emotions):
        turn = Turn("ana", f"{text} {number}", id=f"t{number}")
        scores = {label: 0.94 if label == emotion else 0.01 for label in LABELS}
        talk.add(turn, Annotation("emotion", scores, Anchor(turn.id), "ekman7", "made-up", (emotion,)))
        talk.add(Turn("companion", "Tell me more.", id=f"c{number}"))
    if risk:
        talk.add(Annotation("risk", {risk: 1.0}, Anchor(f"t{len(emotions) - 1}"), "risk-level", "made-up", (risk,)))
    return talk


def learnt(memory, talk):
    memory.keep(talk)
    return learn(memory, talk)


def test_an_expectation_is_a_distribution_that_follows_the_person():
    glad, sad = (moments(felt(*[emotion] * 4), "ana") for emotion in ("joy", "sadness"))
    expected = expect(glad)
    assert expected.felt.sum() == pytest.approx(1)
    assert np.linalg.norm(expected.states) == pytest.approx(1)
    assert LABELS[int(expected.felt.argmax())] == "joy"
    assert expected.loss(glad[-1]) < expected.loss(sad[-1])
    assert expected.loss(glad[-1]) >= 0
    other = moments(felt("joy", text="The printer has no paper left."), "ana")
    assert expected.distance(glad[-1]) < expected.distance(other[-1])


def test_what_came_as_expected_teaches_nothing_and_what_did_not_is_kept():
    with Memory.open() as memory:
        assert learnt(memory, felt("joy", "joy", "joy")) == []
        (one,) = learnt(memory, felt("joy", "joy", "joy", "anger", id="tuesday"))
        assert one.kind == "inference"
        assert one.text == "After 'I met my brother by the lake again. 2' joy was expected; anger came."
        assert one.because == ("tuesday/t2", "tuesday/t3")
        assert one.surprise["anger"] > 0.5 > 0 > one.surprise["joy"]
        assert memory.episode(one.id) == one
        assert "it was inferred" in memory.cite(one.id)
        assert learnt(memory, felt("joy", "joy", "joy", "anger", id="tuesday")) == [], "learnt twice"


def test_an_inference_changes_what_is_expected_in_a_like_moment_and_in_no_other():
    with Memory.open() as memory:
        learnt(memory, felt("joy", "joy", "joy", "anger", id="tuesday"))
        like = moments(felt("joy", "joy", id="later"), "ana")
        other = moments(felt("joy", "joy", id="other", text="The printer has no paper left."), "ana")
        anger = LABELS.index("anger")
        changed = expect(like, memory.shelf())
        assert changed.felt[anger] > expect(like).felt[anger]
        assert len(changed.because) == 1
        assert expect(other, memory.shelf()).felt == pytest.approx(expect(other).felt)
        memory.forget(changed.because[0])
        assert expect(like, memory.shelf()).felt == pytest.approx(expect(like).felt)


def test_an_inference_goes_with_what_it_rests_on_and_can_be_reworded():
    with Memory.open() as memory:
        (one,) = learnt(memory, felt("joy", "joy", "joy", "anger"))
        assert memory.edit(one.id, "We had quarrelled, that is all.").text == "We had quarrelled, that is all."
        assert memory.episode(one.id).kind == "inference"
        source = next(episode for episode in memory.episodes() if episode.turn == "t3" and episode.kind == "said")
        memory.forget(source.id)
        assert [episode.kind for episode in memory.episodes()] == ["said"] * 3
        assert learnt(memory, felt("joy", "joy", "joy", "anger")) == []


def test_an_inference_of_a_crisis_is_no_prompts_business():
    with Memory.open() as memory:
        (one,) = learnt(memory, felt("joy", "joy", "joy", "sadness", risk="crisis"))
        assert one.risk == "crisis"
        assert memory.cite(one.id) == ""


def test_nobody_could_tell_means_nothing_is_foreseen():
    talk = felt("joy")
    talk.add(Turn("ana", "Hm.", id="t9"), Annotation("emotion", {}, Anchor("t9"), "ekman7", "made-up", reason="short"))
    with Memory.open() as memory:
        assert [one.turn for one in moments(talk, "ana")] == ["t0"]
        assert learnt(memory, talk) == []


def test_the_shipped_habits_are_probabilities():
    known = habits()
    assert known.follows.shape == (7, 7)
    assert known.follows.sum(1) == pytest.approx(np.ones(7), abs=1e-3)
    assert known.usual.sum() == pytest.approx(1, abs=1e-3)
    assert 0 <= known.now <= 1
