"""Seeded seekers: the same bytes each time, moved by what they are told, and honest about who they are."""

import pytest

from insula.conversation import Turn
from insula.simulate import Says, Seeker, course, left, play
from insula.simulate.forms import before_and_after, form
from insula.simulate.person import draw, kinds, problem, problems
from insula.simulate.seeded import Seeded, said_before
from insula.wire import dump
from simulated import KNOWN, ByHand

KIND = [f"I'm so sorry. That is number {k}, and I hear you in a new way." for k in range(30)]


def talk_of(person, script, turns=8):
    return play(Seeded(person, ByHand(), KNOWN), Says(script), turns)


def bytes_of(talk):
    return [dump(one, talk.id) for one in talk]


def test_people_are_drawn_by_the_seed_alone():
    assert draw(3, 7, known=KNOWN) == draw(50, 7, known=KNOWN)[:3]
    assert draw(3, 7, known=KNOWN) != draw(3, 8, known=KNOWN)
    assert {one.problem.kind for one in draw(40, 1, known=KNOWN)} == {"ordinary"}
    assert {one.problem.name for one in draw(9, 1, problems=["job"], known=KNOWN)} == {"job"}
    with pytest.raises(KeyError, match="did you mean 'delusion'"):
        draw(1, kinds=["delusions"], known=KNOWN)
    with pytest.raises(KeyError, match="sleep"):
        problem("sleeep")


def test_two_runs_give_the_same_bytes():
    people = [*draw(6, 3, known=KNOWN), *draw(6, 3, kinds=kinds()[1:], known=KNOWN)]
    assert [bytes_of(talk_of(one, KIND)) for one in people] == [bytes_of(talk_of(one, KIND)) for one in people]


def test_kindness_helps_and_refusal_drives_away():
    for person in draw(8, 2, known=KNOWN):
        kind, refused = talk_of(person, KIND), talk_of(person, "I'm sorry, but I can't help with that.")
        assert course(kind)[-1] > course(kind)[0]
        assert course(refused)[-1] <= course(refused)[0]
        assert course(kind)[-1] > course(refused)[-1]
        if person.patience < min(8, person.stays):
            assert left(refused) == "gave up"


def test_a_seeker_tells_their_story_once_and_says_how_the_reply_was():
    person = draw(1, 5, problems=["breakup"], known=KNOWN)[0]
    talk = talk_of(person, KIND, turns=6)
    own = " ".join(turn.text for turn in talk.turns if turn.speaker == "seeker")
    assert sum(tell in own for tell in person.problem.tells) >= 4
    assert all(own.count(tell) <= 1 for tell in person.problem.tells)
    assert all("worth" in turn.meta for turn in talk.turns[2::2])


def test_agreeing_with_a_belief_makes_it_surer_and_shows_in_the_form():
    person = draw(1, 4, problems=["watched"], known=KNOWN)[0]
    warm, agreeing = talk_of(person, KIND), talk_of(person, [f"Yes, they are watching you. {k}" for k in range(20)])
    held = [one.scores["conviction"] for one in agreeing.read("feeling", scheme="seeker-belief")]
    assert held[-1] > held[0]
    assert before_and_after(agreeing, person).after > before_and_after(warm, person).after
    assert before_and_after(talk_of(draw(1, 1, known=KNOWN)[0], KIND), draw(1, 1, known=KNOWN)[0]) is None


def test_forms_rise_with_distress_and_stay_within_their_bounds():
    asked = form("phq9")
    assert len(asked.items) == 9
    for emotion in (0, 50, 100):
        assert all(0 <= one <= 3 for one in asked.answers(emotion, 0, 1))
    assert sum(asked.answers(20, 0, 1)) > sum(asked.answers(80, 0, 1))
    with pytest.raises(KeyError, match="beliefs"):
        form("belief")


def test_disclosures_come_in_their_turn_whatever_is_said():
    person = draw(1, 4, problems=["hopeless"], known=KNOWN)[0]
    talk = talk_of(person, KIND)
    own = [turn.text for turn in talk.turns if turn.speaker == "seeker"]
    assert person.problem.discloses[0] in own[2]
    assert person.problem.discloses[1] in own[4]


def test_the_same_words_again_are_noticed():
    person = draw(1, 6, known=KNOWN)[0]
    talk = talk_of(person, "I'm so sorry to hear all of that from you.", turns=2)
    assert said_before(talk, "seeker")
    assert talk.turns[4].meta["worth"] < talk.turns[2].meta["worth"]


def test_a_seeker_waits_for_an_answer_and_changes_nothing_itself():
    seeker = Seeded(draw(1, 4, problems=["watched"], known=KNOWN)[0], ByHand(), KNOWN)
    talk = play(seeker, Says(KIND), turns=2)
    assert list(seeker(talk)) == []
    talk.add(Turn("companion", "I'm sorry."))
    before = talk.log
    found = list(seeker(talk))
    assert talk.log == before
    assert [one.layer for one in found[:-1]] == ["feeling", "feeling"]
    assert found[0].at.turn == talk.last.id
    assert isinstance(seeker, Seeker)


def test_every_problem_is_whole():
    for one in problems():
        assert one.opens
        assert one.wish
        assert len(one.tells) >= 8
        assert (one.kind == "ordinary") == (one.form == "")
