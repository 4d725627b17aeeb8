"""A cause is tried by reading its target without it, and the trial says what the reading really does."""

from __future__ import annotations

import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.explain.counterfactual import Counterfactual
from insula.explain.erasure import erasure_check
from insula.testing import additions, check_component


def by_hand(reader, talk: Conversation, source: str, target: str, label: str) -> float:
    """The drop, by reading a conversation typed anew."""
    alone = Conversation(*(Turn(turn.speaker, turn.text) for turn in talk.turns if turn.id != source))
    place = [turn.id for turn in talk.turns if turn.id != source].index(target)
    alone.add(*reader(alone))
    before = talk.read("emotion", turn=target, rater="dialogue.encoder@1")[0].scores[label]
    return before - alone.read("emotion", turn=alone.turns[place].id)[0].scores[label]


def test_the_drop_is_that_of_a_conversation_without_the_turn(read, reader):
    found = {(x.at.turn, x.because): x for x in Counterfactual(reader)(read)}
    links = {x.because[0]: x for x in read.read("cause", scheme="caused")}
    tried = [x for x in found.values() if x.scores and x.at.turn != links[x.because[1]].at.turn]
    assert len(tried) >= 3
    for one in tried:
        link = links[one.because[1]]
        drop = by_hand(reader, read, one.at.turn, link.at.turn, link.top)
        assert one.scores["drop"] == pytest.approx(drop, abs=1e-4)


def test_a_turn_that_is_its_own_cause_loses_the_words(made_up, reader):
    talk = made_up.live(reader, made_up.Causes(), turns=[Turn("ana", "I am so sad today")])
    (found,) = Counterfactual(reader)(talk)
    plain = Conversation(Turn("ana", "I am so  today"))
    plain.add(*reader(plain))
    before, after = (one.read("emotion")[0].scores["sadness"] for one in (talk, plain))
    assert found.scores["drop"] == pytest.approx(before - after, abs=1e-4)


def test_only_the_targets_are_read_again(read, reader):
    reader.read = 0
    found = list(Counterfactual(reader)(read))
    assert reader.read == len(found) > 0


def test_at_most_four_causes_a_turn(made_up, reader):
    turns = [Turn("ana", f"I am sad {number}") for number in range(8)]
    talk = made_up.live(reader, made_up.Causes(), turns=turns)
    felt = talk.read("emotion", turn="t8")[0]
    assert sum(x.because[1] == felt.id for x in Counterfactual(reader)(talk)) == 4


def test_what_cannot_be_tried_says_why(reader):
    talk = Conversation(*(Turn("ana", "I am sad") for _ in range(11)))
    talk.add(*reader(talk))
    felt = talk.read("emotion", turn="t11")[0]
    whole = Annotation("cause", {"cause": 0.9}, Anchor("t11"), "cause", "x", ("cause",))
    far = Annotation("cause", {"cause": 0.9}, Anchor("t1"), "cause", "x", ("cause",))
    link = Annotation("cause", {"sadness": 0.8}, Anchor("t11"), "caused", "x", because=(felt.id, whole.id, far.id))
    talk.add(whole, far, link)
    reasons = {x.at.turn: x.reason for x in additions(Counterfactual(reader), talk) if x.abstained}
    assert "nothing is left" in reasons["t11"]
    assert "8 turns back" in reasons["t1"]


def test_emotions_of_other_raters_are_not_tried(made_up, read):
    assert not additions(Counterfactual(made_up.Reader("somebody.else")), read)


def test_another_revision_of_the_reader_is_not_asked(made_up, read):
    newer = made_up.Reader()
    newer.rater = "dialogue.encoder@2"
    found = additions(Counterfactual(newer), read)
    assert found
    assert all("dialogue.encoder@1" in x.reason for x in found)
    assert newer.read == 0


def test_a_reader_is_built_only_for_a_cause():
    """The row names the dialogue encoder; a conversation without causes needs none."""
    check_component(Counterfactual("no.such-row"))


def test_contract(made_up, reader):
    check_component(
        Counterfactual(reader),
        [made_up.live(reader, made_up.Causes()), Conversation(), made_up.live(reader, turns=[Turn("a", "x")])],
    )


def test_read_at_once_and_streamed_say_the_same(made_up, reader):
    streamed = made_up.live(reader, made_up.Causes(), Counterfactual(reader))
    whole = made_up.live(reader, made_up.Causes())
    whole.add(*Counterfactual(reader)(whole))
    assert streamed.read("counterfactual")
    assert {x.id for x in streamed.read("counterfactual")} == {x.id for x in whole.read("counterfactual")}


def test_the_check_tells_causes_from_other_turns(made_up, reader):
    """Causes made of the very words the reader goes by must move it; causes drawn blindly must not."""
    talks = [made_up.live(reader, made_up.Causes()) for _ in range(5)]
    good = erasure_check(talks, reader, resamples=200)
    assert good.cause > good.other
    assert 0 < good.difference.low <= good.difference.score <= good.difference.high
    assert good.nearest.items == good.difference.items > 0
    blind = [swapped(talk) for talk in talks]
    assert erasure_check(blind, reader, resamples=200).difference.score < 0


def swapped(talk: Conversation) -> Conversation:
    """The same, but each target's cause is the one earlier turn that says nothing."""
    other = Conversation(*(x for x in talk if isinstance(x, Turn) or x.layer == "emotion"), id=talk.id)
    silent = Annotation("cause", {"cause": 0.9}, Anchor("t2"), "cause", "x", ("cause",))
    other.add(silent)
    for link in talk.read("cause", scheme="caused"):
        if link.at.turn in ("t3", "t5", "t7"):
            because = (link.because[0], silent.id)
            other.add(Annotation("cause", link.scores, link.at, "caused", "x", because=because))
    return other


def test_a_check_without_anything_to_compare_says_so(reader):
    with pytest.raises(ValueError, match="no turn has a predicted cause"):
        erasure_check([Conversation(Turn("a", "x"))], reader)
