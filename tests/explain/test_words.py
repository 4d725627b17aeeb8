"""Cause words: what speaks for an emotion is named, with its link; the estimator learns from emotion labels alone."""

import pytest

from insula import Annotation, Conversation, Turn
from insula.conversation import Anchor
from insula.data.gold import one_of
from insula.explain.words import MOST, CauseWords, Lifts, encoder_shares, scored, shipped, words
from insula.network.text import Network
from insula.testing import check_component

SAID = (
    Turn("ana", "The letter came. My grandmother died in the hospital."),
    Turn("bo", "I do not know what to say."),
    Turn("ana", "Now her garden is empty and I cry in it."),
    Turn("bo", "Let us go there on Sunday."),
)
FELT = ("sadness", "neutral", "sadness", "")


def one_by_one(part=None):
    """Each turn with its emotion as soon as it is said; `part` reads after each."""
    conversation = Conversation()
    for turn, felt in zip(SAID, FELT, strict=True):
        (added,) = conversation.add(turn)
        unsure = Annotation("emotion", {}, Anchor(added.id), "ekman7", "made-up", reason="too short")
        conversation.add(one_of("ekman7", felt, "made-up", added.id) if felt else unsure)
        conversation.add(*(part(conversation) if part else ()))
    return conversation


@pytest.fixture(scope="module")
def part():
    return CauseWords()


def _by_target(found, conversation):
    """Target turn -> the words its link rests on."""
    causes = {one.id: one.at for one in found if one.scheme == "cause"}
    return {
        link.at.turn: [conversation.turn(at.turn).text[slice(*at.chars)] for i in link.because if (at := causes.get(i))]
        for link in found
        if link.scheme == "caused"
    }


def test_the_words_that_speak_for_the_emotion_are_named(part):
    conversation = one_by_one()
    named = _by_target(list(part(conversation)), conversation)
    assert {"died", "hospital"} & set(named["t1"])
    assert "cry" in named["t3"]
    assert not {"the", "my", "and", "in"} & {word.lower() for some in named.values() for word in some}
    assert all(len(some) <= MOST for some in named.values())


def test_a_link_rests_on_the_emotion_and_its_causes(part):
    conversation = one_by_one()
    found = list(part(conversation))
    link = next(one for one in found if one.scheme == "caused" and one.at.turn == "t1")
    emotion = conversation.read("emotion", turn="t1")[0]
    assert link.because[0] == emotion.id
    assert set(link.because[1:]) <= {one.id for one in found}
    assert dict(link.scores) == {"sadness": 1.0}


def test_neutral_has_no_cause_and_the_unknown_abstains(part):
    links = [one for one in part(one_by_one()) if one.scheme == "caused"]
    assert "t2" not in {one.at.turn for one in links}
    last = next(one for one in links if one.at.turn == "t4")
    assert last.abstained
    assert "too short" in last.reason


def test_live_and_at_once_agree_and_nothing_is_judged_twice(part):
    live = one_by_one(part)
    assert {one.id for one in live.read("cause")} == {one.id for one in part(one_by_one())}
    assert not list(part(live))


def test_only_this_turn_and_the_one_before_are_searched(part):
    found = list(part(one_by_one()))
    link = next(one for one in found if one.scheme == "caused" and one.at.turn == "t3")
    turns = {one.at.turn for one in found if one.id in link.because and one.scheme == "cause"}
    assert turns <= {"t2", "t3"}


def test_it_is_a_component(part):
    check_component(part)


def test_a_score_is_the_sum_of_both_parts_and_never_of_frequent_or_tiny_words():
    network = Network.open("text-open")
    lifts = Lifts({"rain": {"sadness": 2.0}}, frequent=frozenset({"the"}), calibration=(1.0, 0.0, -1.0))
    text = "Oh, the rain."
    share = encoder_shares(text, "sadness", network)[8, 12]
    assert scored(text, "sadness", lifts, network) == {(8, 12): 2.0 + share}
    assert lifts.probability(2.0, before=False) == pytest.approx(0.8808, abs=1e-4)
    assert lifts.probability(2.0, before=True) == pytest.approx(0.7311, abs=1e-4)


def test_words_keep_their_characters():
    assert words("I can’t, Ana!") == [("i", (0, 1)), ("can't", (2, 7)), ("ana", (9, 12))]


def test_the_shipped_estimator_knows_causes_from_feelings_of_others():
    lifts = shipped()
    assert lifts.of("wasp", "fear") > 1 > lifts.of("wasp", "joy")
    assert lifts.of("photos", "sadness") > lifts.of("photos", "anger")
    assert lifts.of("qwertz", "joy") == 0.0
