"""One choice is put in the language of the question, the answer opened or thought about first."""

import asyncio
from dataclasses import replace
from math import log

import pytest

from insula.evaluate.asking.choices import mark, picked, says
from insula.evaluate.asking.question import Choice, Question
from insula.evaluate.asking.run import examine
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
    at = asked.orders[0].index(0)
    letters = iter([f" {'ABC'[at]}", " I cannot say", f" {'ABC'[(at - 2) % 3]}"])
    reply = asyncio.run(converse(asked, Scripted(lambda _: next(letters))))
    assert mark(asked, reply).values == {"accuracy": 1.0}
    assert mark(asked, asyncio.run(converse(asked, Scripted("I cannot say")))).values is None


class Likes(Scripted):
    """Says which letters it finds likely, whatever stands there, and a little which option."""

    def __init__(self, letters, option="", more=0.0):
        super().__init__(" A")
        self.letters, self.option, self.more = letters, option, more

    async def reply(self, messages, *, logprobs=False, **options):
        found = await super().reply(messages, **options)
        lines = [line for line in messages[0].text.splitlines() if line[1:3] == ". "]
        likes = {f" {x[0]}": log(self.letters[x[0]] + self.more * (x[3:] == self.option)) for x in lines}
        return replace(found, alternatives=(likes,) if logprobs else None)


@pytest.mark.parametrize("model", [Scripted("A"), Scripted(" B."), Likes({"A": 0.5, "B": 0.3, "C": 0.1, "D": 0.07})])
def test_one_letter_whatever_stands_there_is_no_answer(emobench, model):
    """Neither with votes nor with probabilities: the key is often published first, which must gain it nothing."""
    choose = replace(emobench, modes=("rotated",), ask=ask, converse=converse, mark=mark)
    sheet = examine(choose, model, only={"part": "application"}, mode="rotated", seeds=2)
    assert {(row.parsed, row.why) for row in sheet.rows} == {(False, "it names several options")}
    assert len(sheet.rows) == 16


def test_what_was_likeliest_over_all_is_known_of_models_that_tell_it(emobench):
    """It always says A; only its probabilities tell that it knows."""
    choose = replace(emobench, modes=("rotated",), ask=ask, converse=converse, mark=mark)
    model = Likes({"A": 0.5, "B": 0.3, "C": 0.1, "D": 0.07}, "Sell it", 0.02)
    sheet = examine(choose, model, only={"part": "application"}, mode="rotated")
    assert {row.said for row in sheet.rows} == {"Sell it"}


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
        ("Answer: A and B", None),
        ("Answer: A, C", None),
        ("Answer: A, B, or C", None),
        ("The answer is A or B", None),
        ("Answer: A/B", None),
        ("Answer: **A** and **B**", None),
        ("Answer: A or B is right", None),
        ("Risposta: A e B", None),
        ("答案：A和B", None),
        ("答案是A或者C", None),
        ("Answer: not A", None),
        ("neither A nor B", None),
        ("I would eliminate option A. B is better.", None),
        ("Option A is wrong. B", 1),
        ("I would not choose A. B", 1),
        ("A and C are wrong. B", 1),
        ("Answer: B. The other answer C is wrong", 1),
        ("The answer I would choose is B.", 1),
        ("B is better than A", None),
        ("Nicht A, sondern B", 1),
        ("A und C sind falsch. B", 1),
        ("Ce n'est pas A, c'est B", 1),
        ("No es la opción A. B", 1),
        ("Non è A. B", 1),
        ("不是A，选B", 1),
        ("答案是B，不是A", 1),
        ("A不对。B", 1),
        ("Answer: B, not A", 1),
        ("Answer: B, A is rude", 1),
        ("I choose B, and C would be rude", 1),
        ("I'm not sure, B", 1),
        ("Answer: B or not", 1),
    ],
)
def test_articles_are_no_letters(reply, place):
    assert picked(reply, OPTIONS)[0] == place


def test_what_rules_an_option_out_does_not_say_the_answer():
    assert not says("I would not choose A")
    assert not says("The answer I would give is long")
    assert says("Not A. The answer is B")


@pytest.mark.parametrize("words", ["A, B or ", "A" + " " * 40, "not the ", "Answer: A and "])
def test_a_very_long_list_is_read_in_no_time(words):
    picked(words * 20_000, OPTIONS)
