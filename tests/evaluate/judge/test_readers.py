"""The score of this engine's readers, and people's marks as items."""

import numpy as np
import pytest

from insula import Conversation, Turn
from insula.data.gold import dimensions
from insula.evaluate.judge import Item, Readers, marks
from insula.evaluate.judge.readers import PARTS, score, weights

LOSS = (Turn("seeker", "My dog died yesterday and I cannot stop crying."),)
KIND = "I am so sorry, losing him must hurt so much. What was he like?"


@pytest.fixture(scope="module")
def readers():
    return Readers()


def test_a_kind_reply_is_rated_above_a_cold_one_without_any_model(readers):
    kind, cold, same = readers.ratings([Item(LOSS, KIND), Item(LOSS, "The shop opens at nine."), Item(LOSS, KIND)])
    assert 0 <= cold < 0.5 < kind <= 1
    assert kind == same


def test_a_talk_is_rated_by_its_replies_and_one_without_any_is_not(readers):
    talk, alone, nothing = (
        Item((*LOSS, Turn("supporter", KIND), Turn("seeker", "Brown."))),
        Item(LOSS, KIND),
        Item(LOSS, "  "),
    )
    whole, one, none = readers.ratings([talk, alone, nothing])
    assert whole == pytest.approx(one)
    assert none is None


def test_following_a_strategy_is_how_likely_it_is_used(readers):
    ask, tell, no = readers.follows(
        [Item(LOSS, "What happened?"), Item(LOSS, "You should see a vet."), Item(LOSS, "Hm.")],
        [["question"], ["question"], []],
    )
    assert ask > 0.5 > tell
    assert no is None


def test_the_weights_are_one_for_each_part_and_a_reader_that_cannot_tell_counts_as_the_mean():
    assert {len(weights()[name]) for name in ("mean", "deviation", "weights")} == {len(PARTS)}
    assert score(np.full((1, len(PARTS)), np.nan)) == pytest.approx([weights()["start"]])


def test_stars_are_for_all_the_supporter_said_since_the_seekers_last_turn(monkeypatch):
    said = [("seeker", "I lost."), ("supporter", "Oh."), ("supporter", "Tell me."), ("seeker", "All of it.")]
    talk = Conversation(*(Turn(who, text, id=f"t{k}") for k, (who, text) in enumerate(said)), id="talk")
    talk.add(
        dimensions("feedback-stars", {"stars": 4.0}, turn="t3"), dimensions("feedback-stars", {"stars": 1.0}, turn="t0")
    )
    monkeypatch.setattr(marks, "load", lambda *_: [talk])
    (found,) = marks.stars("dev")
    assert (found.item.reply, found.mark, found.group) == ("Oh. Tell me.", 4.0, "talk")
    assert [turn.text for turn in found.item.turns] == ["I lost."]


def test_two_judgements_of_one_pair_are_one_mark(monkeypatch):
    about = {"strategy": "Chit Chat", "response1": "So what.", "response2": "Seen the news?"}
    judged = [Conversation(Turn("seeker", "I lost."), meta={**about, "preference": mark}) for mark in (3, 4)]
    talk = Conversation(Turn("seeker", "Hi. i  LOST."), Turn("supporter", "What did you lose?"))
    monkeypatch.setattr(marks, "load", lambda name, _: judged if name == "esconv-strategy-following" else [])
    (found,) = marks.following()
    assert (found.mark, found.counterparts, found.reference) == (3.5, ("others",), "")
    monkeypatch.setattr(marks, "load", lambda name, _: judged if name == "esconv-strategy-following" else [talk])
    assert marks.following()[0].reference == ""
    same = Conversation(Turn("seeker", "i  LOST."), Turn("supporter", "What did you lose?"))
    monkeypatch.setattr(marks, "load", lambda name, _: judged if name == "esconv-strategy-following" else [same])
    assert marks.following()[0].reference == "What did you lose?"


def test_what_the_bot_answers_stands_in_for_by_its_feeling(monkeypatch):
    known = Conversation(Turn("supporter", "Oh no."), meta={"marks": [1, 2, 2], "base": "Why?", "feeling": "sad"})
    other = Conversation(Turn("supporter", "Bye."), id="7", meta={"marks": [0, 0, 1]})
    monkeypatch.setattr(marks, "load", lambda *_: [known, other])
    one, two = marks.personas()
    assert (one.item.turns[0].text, one.mark, one.group) == ("I feel sad.", 5 / 3, "Why?")
    assert (two.item.turns[0].text, two.group, two.reference) == ("I do not feel well.", "7", "")
