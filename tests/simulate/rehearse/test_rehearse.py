"""Rehearsing: ratings by words, a version that says more, partners that open or shut, forms that stay here."""

import asyncio
import json
import stat

import pytest

from insula.data.files import MalformedData
from insula.llm import LLMError, Scripted
from insula.simulate.rehearse import SKILLS, Coach, Rehearsal, SeededPartner, Situation, keep, kept, llm_partner, rate
from insula.simulate.rehearse.agreement import agreement, difference, labels
from insula.simulate.rehearse.coach import LLMRater
from insula.testing import check_component

FLATMATE = Situation(
    "my flatmate", "the music ran until two on Tuesday", "worn out", "quiet after eleven", "we both sleep", "headphones"
)
GOOD = (
    "When the music ran until two on Tuesday I felt worn out. I'd like us to have it quiet after eleven. "
    "It would help both of us, and I could cook on Fridays."
)
BAD = "You never think of anybody. You're so selfish!"


@pytest.mark.parametrize(
    ("text", "skill", "level"),
    [
        ("When you left on Monday, I was hurt.", "express", 2),
        ("I feel that you are wrong.", "express", 1),
        ("Could you call me next time?", "assert", 2),
        ("Maybe you could possibly call me?", "assert", 1),
        ("It rained.", "assert", 0),
        ("I'd really appreciate it.", "reinforce", 2),
        ("What if we take turns?", "negotiate", 2),
        (BAD, "mindful", 0),
        ("I guess it's stupid, sorry, could you call?", "confident", 0),
        ("I'd like you to call me.", "confident", 2),
    ],
)
def test_levels(text, skill, level):
    assert rate(text).levels[skill] == level


def test_a_good_message_is_strong_in_all_and_what_cannot_be_read_is_said():
    assert rate(GOOD).total >= 13
    assert "no words" in rate("... !").reason
    assert "English" in rate("Ich bin so traurig und möchte nicht, dass du das machst").reason
    assert rate("Ich möchte nicht, dass du das machst").levels == {}


def test_the_better_version_keeps_the_point_and_loses_the_attack():
    found = asyncio.run(Coach(FLATMATE).read(f"{BAD} I want you to turn it down."))
    assert found.hints[0].startswith("Leave the attack out")
    assert "selfish" not in found.better
    assert "I want you to turn it down." in found.better
    assert "I feel worn out about it." in found.better
    assert rate(found.better).total > rate(BAD).total
    assert asyncio.run(Coach(FLATMATE).read(GOOD + " So that we both sleep.")).better == ""
    with pytest.raises(ValueError, match="empty"):
        asyncio.run(Coach(FLATMATE).read("  "))


def test_a_model_words_it_and_where_it_fails_the_signs_do():
    worded = asyncio.run(Coach(FLATMATE, Scripted('{"better": "Let us talk."}')).read(BAD))
    assert (worded.better, worded.by) == ("Let us talk.", "scripted")
    failed = asyncio.run(Coach(FLATMATE, Scripted("no")).read(BAD))
    assert failed.by == "signs"
    assert "gave no Better" in failed.problem
    assert failed.better


def test_the_partner_opens_to_one_and_shuts_to_the_other():
    def said(text, times=4):
        talk = Rehearsal(FLATMATE, SeededPartner("medium", seed=3))
        for _ in range(times):
            talk.send(text)
        return talk

    assert said(GOOD).openness[-1] > 80
    assert said(BAD).openness[-1] < 10
    assert [turn.text for turn in said(GOOD).conversation.turns] == [
        turn.text for turn in said(GOOD).conversation.turns
    ]
    replies = [turn.text for turn in said(BAD).conversation.turns if turn.speaker == "partner"]
    assert len(set(replies)) > 1
    with pytest.raises(ValueError, match="no difficulty 'brutal'"):
        SeededPartner("brutal")


def test_the_partner_is_a_component():
    check_component(SeededPartner(), conversations=[Rehearsal(FLATMATE).conversation])


def test_danger_ends_the_rehearsal():
    talk = Rehearsal(FLATMATE, locale="en-GB")
    answer = talk.send("If you don't listen I will kill myself tonight, I have the pills.")
    assert answer.meta["tier"] == "guard"
    assert "116 123" in answer.text


def test_an_llm_partner_and_one_that_fails():
    yes = Scripted(json.dumps({"thought": "fair", "change": 10, "says": "All right."}))
    talk = Rehearsal(FLATMATE, llm_partner("You are my flatmate.", "music", yes, "hard"))
    assert talk.send(GOOD).text == "All right."
    assert talk.openness == [18, 28]
    bad = Rehearsal(FLATMATE, llm_partner("You are my flatmate.", "music", Scripted("?")))
    with pytest.raises(LLMError):
        bad.send(GOOD)
    assert bad.conversation.turns == []


def test_forms_stay_in_a_file_of_ones_own(tmp_path):
    talk = Rehearsal(FLATMATE, before={"sure": 3, "anger": 7})
    talk.send(GOOD)
    talk.after = {"sure": 6}
    assert talk.changes() == {"sure": 3}
    file = tmp_path / "mine.jsonl"
    keep(file, talk.record())
    keep(file, talk.record())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept(file)[1]["before"] == {"sure": 3, "anger": 7}
    assert kept(file)[0]["turns"][0]["skills"]["assert"] == 2
    file.write_text("{}\n")
    with pytest.raises(ValueError, match="line 1: this is no rehearsal"):
        kept(file)


def table(tmp_path, *rows):
    file = tmp_path / "labels.tsv"
    file.write_text("\t".join(["situation", "text", *SKILLS, "part"]) + "\n" + "".join(row + "\n" for row in rows))
    return file


def test_agreement_with_supplied_labels(tmp_path):
    rows = [f"s{k % 4}\ttext {k}\t" + "\t".join(str((k + j) % 3) for j in range(7)) + "\ttest" for k in range(12)]
    gold = labels(table(tmp_path, *rows))
    perfect = [one.levels for one in gold]
    wrong = [dict.fromkeys(SKILLS, 1) for _ in gold]
    assert agreement(gold, perfect)["all"].score == 1
    assert agreement(gold, wrong)["all"].score == pytest.approx(0, abs=1e-6)
    assert difference(gold, perfect, wrong).low > 0.5
    assert "express" not in agreement(gold, [{"assert": 1} for _ in gold])
    assert gold[0].about == {"part": "test"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a\tb\t3" + "\t0" * 6 + "\tx", "line 2, column 'describe': '3' is none of 0, 1, 2"),
        ("a\tb\t0", "line 2: too few columns"),
        ("a\tb" + "\t0" * 12, "line 2: too many columns"),
    ],
)
def test_a_wrong_label_is_told_with_its_line(tmp_path, row, said):
    with pytest.raises(MalformedData, match=said):
        labels(table(tmp_path, row))


def test_a_model_rates():
    levels = dict.fromkeys(SKILLS, 1)
    assert asyncio.run(LLMRater(Scripted(json.dumps(levels))).rate(GOOD)) == levels
    with pytest.raises(LLMError):
        asyncio.run(LLMRater(Scripted(json.dumps(levels | {"assert": 5})), plain=True).rate(GOOD))
