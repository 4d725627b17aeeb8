"""Who is simulated, and who plays them: readers or a scripted model."""

import asyncio
import json

import pytest

from insula.llm import Scripted
from insula.simulate import Says, Seeker
from insula.simulate.cast import cast, talks
from insula.simulate.llm_seeker import LLMSeeker
from insula.simulate.seeded import Seeded

ANSWER = json.dumps({"thought": "They listen.", "change": -10, "says": "I do not know what to do now."})


@pytest.fixture
def cards(tmp_path, monkeypatch):
    folder = tmp_path / "esc_eval_role_cards"
    folder.mkdir()
    found = [{"base": f"Problem: rent {n}", "id": n, "language": "english"} for n in range(5)]
    (folder / "card_high_en.json").write_text(json.dumps(found))
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))


def test_the_same_seed_draws_the_same_people_for_both_kinds():
    seeded, played = cast(4, 3, "job"), cast(4, 3, "job", Scripted(ANSWER))
    assert [one.person for one in seeded] == [one.person for one in played]
    assert {type(one.seeker) for one in seeded} == {Seeded}
    assert all(isinstance(one.seeker, Seeker) for one in played)
    assert [one.seeker.start for one in played] == [one.person.emotion for one in played]
    told = played[0].seeker.profile
    assert seeded[0].person.problem.tells[0] in told.scene
    assert told.opens in seeded[0].person.problem.opens


def test_profiles_are_drawn_without_drawing_one_twice(cards):
    drawn = cast(5, 1, "role-cards-en", Scripted(ANSWER))
    assert sorted(one.person.id for one in drawn) == list("01234")
    assert [one.person.id for one in cast(3, 1, "role-cards-en", Scripted(ANSWER))] == [
        one.person.id for one in drawn[:3]
    ]
    assert [one.person.emotion for one in drawn] == pytest.approx([40] * 5)
    with pytest.raises(ValueError, match="5 profiles, and 6 are asked for"):
        cast(6, 1, "role-cards-en", Scripted(ANSWER))
    with pytest.raises(ValueError, match="a language model plays"):
        cast(1, 1, "role-cards-en")
    with pytest.raises(ValueError, match="did you mean 'role-cards-en'"):
        cast(1, 1, "role-card-en")


def test_what_came_of_their_talks(cards):
    parts = cast(2, 0, "role-cards-en", Scripted(ANSWER))

    async def played():
        return [one async for one in talks(parts, Says("Hm."), turns=2)]

    for (talk, found), part in zip(asyncio.run(played()), parts, strict=True):
        assert talk.id == part.seeker.id
        assert (found.problem, found.change, found.worse, found.form) == ("esc-eval", -20, True, None)


def test_who_begins_at_the_bottom_stays_to_talk():
    """A published profile goes below 10; somebody drawn to begin at 0 would be gone after one reply."""
    low = [one for one in cast(60, 0, "ordinary", Scripted(ANSWER)) if one.person.emotion < 10]
    assert low
    assert all(isinstance(one.seeker, LLMSeeker) and one.seeker.low < 0 for one in low)
