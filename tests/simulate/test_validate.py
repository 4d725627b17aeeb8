"""Held against recorded people: made-up recordings here, so that the arms and not the readers are tested."""

import numpy as np

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.simulate import Says, course, play
from insula.simulate.likeness import distance, starred
from insula.simulate.recorded import Retold, exchanges, given, intensity
from insula.simulate.validate import gained, replies, separation
from simulated import KNOWN, ByHand


def recorded(number, reply, survey=("4", "2")):
    seeker = dict(zip(("initial_emotion_intensity", "final_emotion_intensity"), survey, strict=True))
    turns = [Turn("supporter", "Hello!")]
    for k in range(3):
        turns += [Turn("seeker", f"Talk {number}, words {k}."), Turn("seeker", "More.")]
        turns += [Turn("supporter", f"{reply} {number} {k}")]
    return Conversation(*turns, id=f"r-{number}", meta={"survey_score": {"seeker": seeker}})


def test_exchanges_join_what_one_side_said_and_leave_greetings_out():
    talk = recorded(1, "I'm sorry")
    found = exchanges(talk)
    assert [one.reply for one in found] == given(talk) == ["I'm sorry 1 0", "I'm sorry 1 1", "I'm sorry 1 2"]
    assert found[1].said == "Talk 1, words 1. More."
    assert found[1].before == "Talk 1, words 0. More."
    assert intensity(talk) == 4
    assert intensity(recorded(1, "x", ("3", None)), "final") is None


def test_a_retold_seeker_says_what_was_said_and_feels_by_what_is_answered():
    talk = recorded(1, "I'm sorry")
    again = play(Retold(talk, ByHand(), KNOWN), Says(given(talk)), turns=3)
    assert [turn.text for turn in again.turns if turn.speaker == "seeker"] == [one.said for one in exchanges(talk)]
    assert course(again)[0] == 25
    assert round(course(again)[-1] - 25, 2) == round(gained(exchanges(talk), ByHand(), KNOWN), 2)


def test_the_arms_share_their_words_and_nobody_is_answered_by_their_own_supporter_in_the_shuffled():
    talks = [recorded(k, "I'm sorry") for k in range(6)]
    arms = replies(talks, [recorded(9, "Okay.")])
    for own, other in zip(arms["supporters"], arms["shuffled"], strict=True):
        assert [one.said for one in own] == [one.said for one in other]
        assert not {one.reply for one in own} & {one.reply for one in other}
    assert len(arms["failed"]) == 1


def test_separation_gives_each_arm_and_each_gap_its_interval():
    rows = separation(
        [recorded(k, "I'm sorry") for k in range(20)],
        [recorded(k, "Okay.") for k in range(20)],
        appraiser=ByHand(),
        known=KNOWN,
    )
    found = {row.name: row.found for row in rows}
    assert list(found)[:4] == ["supporters", "failed", "shuffled", "refusal"]
    assert found["supporters - failed"].low > 0
    assert found["supporters"].score > found["failed"].score > found["refusal"].score


def test_distances_are_in_the_unit_of_what_is_counted():
    values = np.random.default_rng(0).normal(size=500)
    assert distance(values, values) == 0
    assert round(distance(values, values + 2), 6) == 2


def test_stars_go_to_the_reply_before_them():
    talk = Conversation(Turn("seeker", "A."), Turn("supporter", "B."), Turn("supporter", "C."), Turn("seeker", "D."))
    talk.add(Annotation("feedback", {"stars": 4}, Anchor("t4"), "feedback-stars", "gold"))
    ((said, stars),) = starred(talk, {"t4": 4.0})
    assert (said.said, said.reply, stars) == ("A.", "B. C.", 4.0)
