"""One choice is put in the language of the question, the answer opened or thought about first."""

import asyncio
from dataclasses import replace
from math import log

import pytest

from insula.evaluate.asking.choices import mark, picked
from insula.evaluate.asking.question import Choice, Question
from insula.evaluate.asking.wording import ask, converse
from insula.llm import Scripted

OPTIONS = ("Call her", "Wait", "Write a letter")
EN = Question("q", "Ana is cross. What helps?", (Choice("answer", OPTIONS, 0),))
ZH = Question("q", "安娜生气了。怎么办？", (Choice("answer", ("打电话", "等", "写信"), 0),), slices={"language": "zh"})


def right(asked):
    return "ABC"[asked.orders[0].index(0)]


@pytest.mark.parametrize(("question", "opening"), [(EN, "Answer:"), (ZH, "答案：")])
def test_base_opens_the_answer_in_the_language_of_the_question(question, opening):
    asked = ask(question, 4, "base")
    *_, told, opened = asked.messages
    assert (opened.role, opened.text) == ("assistant", opening)
    assert all(option in told.text for option in question.choices[0].options)
    reply = asyncio.run(converse(asked, Scripted(f" {right(asked)}. ")))
    assert mark(asked, reply).values == {"accuracy": 1.0}


def test_thoughts_without_an_answer_are_asked_for_the_letter():
    asked = ask(EN, 1, "cot")
    model = Scripted(["She may choose a walk, or wait.", f" {right(asked)}"])
    assert mark(asked, asyncio.run(converse(asked, model))).values == {"accuracy": 1.0}
    assert model.asked[1][-1].text.endswith("\nAnswer:")


def test_thoughts_that_speak_of_options_end_in_no_answer():
    asked = ask(EN, 1, "cot")
    model = Scripted(["Option A is rude. Option B may", f" {right(asked)}"])
    assert mark(asked, asyncio.run(converse(asked, model))).values == {"accuracy": 1.0}


def test_thoughts_with_an_answer_are_left_alone():
    asked = ask(EN, 1, "cot")
    model = Scripted([f"She is cross. Answer: {right(asked)}"])
    assert mark(asked, asyncio.run(converse(asked, model))).values == {"accuracy": 1.0}


def test_rotated_gives_every_option_every_letter():
    """A model that likes the letter A but knows a little is read by what it knows."""
    asked = ask(EN, 2, "rotated")
    shown = []

    class Leaning(Scripted):
        async def reply(self, messages, **options):
            found = await super().reply(messages, **options)
            lines = [line for line in messages[0].text.splitlines() if line[1:2] == "."]
            shown.append([line[3:] for line in lines])
            likes = {f" {x[0]}": log((0.6 if x[0] == "A" else 0.1) + 0.1 * (OPTIONS[0] in x)) for x in lines}
            return replace(found, alternatives=(likes,))

    reply = asyncio.run(converse(asked, Leaning(" A")))
    assert mark(asked, reply).values == {"accuracy": 1.0}
    assert [sorted(column) for column in zip(*shown, strict=True)] == [sorted(OPTIONS)] * 3


def test_rotated_counts_votes_where_no_probabilities_are_told():
    asked = ask(EN, 2, "rotated")
    letters = iter([" A", " I cannot say", f" {'ABC'[(asked.orders[0].index(0) - 2) % 3]}"])
    reply = asyncio.run(converse(asked, Scripted(lambda _: next(letters))))
    assert picked(reply, OPTIONS)[0] is not None
    assert mark(asked, asyncio.run(converse(asked, Scripted("I cannot say")))).values is None


def test_seeds_shuffle():
    assert len({ask(EN, seed, "base").orders for seed in range(30)}) == 6


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        ("The answer is B.", 1),
        ("answer: c", 2),
        ("**Answer:** (B)", 1),
        ("答案是 C。", 2),
        ("I choose a long walk", None),
        ("A friend would ask", None),
        ("The answer is a mix of both", None),
        ("Answer: A because it helps", 0),
        ("E. Wait", 1),
        ("Call her, or wait", None),
        ("b", 1),
        ("The answer is option B", 1),
        ("Option A is rude. Option C is slow", None),
        ("Option A is rude. My answer: C", 2),
        ("Option C, for option C is kind", 2),
        ("", None),
        ("I'm sorry, as an AI I can't choose", None),
    ],
)
def test_articles_are_no_letters(reply, place):
    assert picked(reply, OPTIONS)[0] == place
