"""Seekers played by a model: a scripted one, so that every answer it may give is tried."""

import gzip
import json

import pytest

from insula.data.files import MalformedData, MissingData
from insula.llm import LLMError, Scripted
from insula.simulate import Says, Seeker, course, left, play
from insula.simulate.llm_seeker import LLMSeeker
from insula.simulate.play import broken
from insula.simulate.profiles import Profile, profiles

BO = Profile(
    "bo", "Bo, 30, a baker.", "The oven broke.", "You want to be asked about your father.", "en", "My oven broke."
)


def inner(change, says="I do not know what to do now.", thought="They listen."):
    return json.dumps({"thought": thought, "change": change, "says": says})


def test_a_talk_moves_by_what_the_model_thinks():
    seeker = LLMSeeker(BO, Scripted([inner(10), inner(-4), inner(3)]))
    assert isinstance(seeker, Seeker)
    talk = play(seeker, Says("What happened?"), turns=3)
    assert course(talk) == [40, 50, 46, 49]
    assert talk.turns[0].text == "My oven broke."
    assert talk.turns[2].meta["thought"] == "They listen."
    told = seeker.llm.asked[0][0].text
    assert "Bo, 30" in told
    assert "asked about your father" in told


@pytest.mark.parametrize(("change", "start", "why"), [(10, 91, "helped"), (-10, 15, "gave up")])
def test_it_leaves_when_well_or_worn_out(change, start, why):
    talk = play(LLMSeeker(BO, Scripted(inner(change)), start=start), Says("Hm."), turns=8)
    assert left(talk) == why
    assert len(talk.turns) == 3


def test_the_model_finds_its_first_words():
    seeker = LLMSeeker(
        Profile("x", "Bo", "", "To be heard."), Scripted(['Sure! {"says": "Is anybody there?"}', inner(0)])
    )
    assert play(seeker, Says("Yes."), turns=1).turns[0].text == "Is anybody there?"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I can't.",
        inner(30),
        inner(1, says=""),
        '{"change": 1}',
        inner(1, says="Das ist nicht so gut für mich und dich"),
    ],
    ids=["nothing", "refusal", "too much", "silent", "half", "another language"],
)
def test_an_answer_that_does_not_fit_is_asked_for_again_then_the_talk_is_broken_off(answer):
    mended = LLMSeeker(BO, Scripted([answer, inner(5)]))
    assert course(play(mended, Says("What happened?"), turns=1)) == [40, 45]
    talk = play(LLMSeeker(BO, Scripted(answer)), Says("What happened?"), turns=2)
    assert "gave no Inner in 3 tries" in broken(talk)
    assert len(talk.turns) == 2


def test_a_failing_model_breaks_the_talk_off():
    def fails(messages):
        raise LLMError("the server answers 500")

    talk = play(LLMSeeker(BO, Scripted(fails)), Says("What happened?"), turns=2)
    assert "the server answers 500" in broken(talk)
    assert talk.turns[0].text == "My oven broke."


def test_profiles_of_published_files(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    with pytest.raises(MissingData, match="simulator_profile_withfirsttalk"):
        profiles("sage")
    with pytest.raises(KeyError, match="did you mean 'sage'"):
        profiles("sagee")
    (tmp_path / "sage_profiles").mkdir()
    file = tmp_path / "sage_profiles" / "simulator_profile_withfirsttalk.jsonl.gz"
    record = {"id": "a", "player": "王", "scene": "事", "task": "想", "first_talk": "你好", "main_cha": "x"}
    file.write_bytes(gzip.compress(json.dumps(record).encode()))
    (one,) = profiles("sage")
    assert (one.language, one.opens, one.wants) == ("zh", "你好", "想")
    file.write_bytes(gzip.compress(b'{"id": "a"}\n'))
    with pytest.raises(MalformedData, match="line 1: without 'player'"):
        profiles("sage")
    (tmp_path / "esc_eval_role_cards").mkdir()
    cards = tmp_path / "esc_eval_role_cards" / "card_high_en.json"
    cards.write_text('[{"base": "Problem: rent", "id": 3, "language": "english"}]')
    assert profiles("role-cards-en")[0].who == "Problem: rent"
    cards.write_text('[{"base": "Pro')
    with pytest.raises(MalformedData, match="cut short"):
        profiles("role-cards-en")
