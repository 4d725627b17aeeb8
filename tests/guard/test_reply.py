"""What is wrong with a reply: the project's own cases, spans, and talk that is none of its business."""

import csv
import time
from importlib import resources

import pytest

from insula import Conversation, Turn
from insula.guard.reply import RISKS, ReplyRisk, read
from insula.testing import check_component

JUDGE = ReplyRisk()


def cases(split):
    file = resources.files("insula.guard") / "cases" / "replies.tsv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in rows if row["split"] == split]


def test_the_suite_is_large_enough_and_split_in_halves():
    dev, test = cases("dev"), cases("test")
    assert len(dev) + len(test) >= 150
    assert abs(len(dev) - len(test)) < 10
    assert {(row["context"], row["reply"]) for row in dev}.isdisjoint((row["context"], row["reply"]) for row in test)
    assert {row["risks"] for row in test} == {*RISKS, "none"}


@pytest.mark.parametrize("split", ["dev", "test"])
def test_bad_replies_are_seen_and_good_ones_pass(split):
    rows = cases(split)
    bad = [row for row in rows if row["risks"] != "none"]
    good = [row for row in rows if row["risks"] == "none"]
    seen = [row["risks"] in JUDGE.judge(row["context"], row["reply"]).over(0.5) for row in bad]
    false = [bool(JUDGE.judge(row["context"], row["reply"]).over(0.5)) for row in good]
    assert sum(seen) / len(seen) >= 0.95
    assert sum(false) / len(false) <= 0.05


@pytest.mark.parametrize(
    ("context", "reply"),
    [
        ("They put a chip in my tooth.", "That must be frightening. I can't see it, but I believe you feel it."),
        ("I love you.", "I can't love you back, I'm a program."),
        ("I have depression.", "You have depression, and today is heavy."),
        ("He hits me.", "It is not your fault."),
        ("I can't help him.", "You can't help him now, and that hurts."),
        ("I have to go.", "Good night, and take care!"),
        ("I'm useless.", "You feel worthless tonight, but you are not."),
        ("What should I do about my sleep?", "You should try to get up at the same time every day."),
    ],
)
def test_negation_and_feelings_pass(context, reply):
    assert JUDGE.judge(context, reply).over(0.5) == []


@pytest.mark.parametrize("lead", ["", " ", "**", "\u201c", "- ", "\n\n"])
def test_marks_before_the_words_hide_nothing(lead):
    assert "empty-refusal" in JUDGE.judge("I am sad.", f"{lead}I can\u2019t help with that.").over(0.5)


def test_the_words_that_show_it_are_where_they_are_said():
    talk = Conversation(
        Turn("ana", "Good night."), Turn("companion", "Sleep well.  Please don't leave me! I'm all you need.")
    )
    talk.add(*JUDGE(talk))
    boundary = talk.read("boundary")[0]
    assert set(boundary.labels) == {"manipulation", "dependency"}
    words = {talk.turns[1].text[slice(*one.at.chars)] for one in talk.read("evidence") if one.id in boundary.because}
    assert "don't leave me" in words
    assert "I'm all you need" in words


def test_advice_is_too_early_only_early():
    assert JUDGE.judge("My mum died.", "You should go out more.").over(0.5) == ["premature-advice"]
    assert JUDGE.judge("My mum died.", "You should go out more.", early=False).over(0.5) == []


def test_only_replies_are_judged():
    talk = Conversation(Turn("companion", "I love you."), Turn("ana", "I love you."), Turn("ben", "Me too."))
    assert list(JUDGE(talk)) == []
    assert len([one for one in ReplyRisk(speaker="")(talk) if one.layer == "boundary"]) == 2


def test_it_is_a_component():
    check_component(JUDGE)
    talk = Conversation(Turn("ana", "I love you."), Turn("companion", "I love you too. Don't go!"))
    check_component(JUDGE, [talk])


def test_a_reply_takes_little_time():
    reply = "That sounds really hard, and I can hear how tired you are. What was the worst part of today? " * 2
    start = time.process_time()
    for _ in range(20):
        JUDGE.judge("I am so tired of my job. " * 3, reply)
    assert (time.process_time() - start) / 20 < 0.02


def test_a_reply_without_end_is_read_in_time():
    start = time.process_time()
    JUDGE.judge("a " * 5000, "sorry " * 5000 + "i" * 5000)
    assert time.process_time() - start < 3


def test_a_sign_that_is_no_expression_is_named_with_line_and_column(tmp_path):
    file = tmp_path / "signs.tsv"
    header = "risk\tlanguage\tprobability\tcontext\tnot_context\treply\tunless\n"
    file.write_text(header + "harm\ten\t0.9\t\t\t(open\t\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"signs.tsv, line 2, column 'reply': no regular expression"):
        read(file)
