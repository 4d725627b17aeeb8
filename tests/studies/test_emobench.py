"""The study of EmoBench on made-up items: who knows gets all, whoever guesses does not, and orders are told apart."""

import pytest

from insula.evaluate.asking.sheet import Sheet, put_all
from insula.evaluate.exams.emobench import EXAM
from insula.studies import emobench as study


@pytest.fixture(scope="module")
def rows():
    return {(row["name"], row["slice"]): row for row in study.run("smoke")["metrics"]}


def test_one_who_knows_gets_all_and_a_guess_does_not(rows):
    assert rows["accuracy, one who knows", "all"]["score"] == 1
    assert rows["accuracy, one who knows", "all"]["baseline"] == rows["accuracy, by chance", "all"]["score"] < 0.5
    assert rows["accuracy, one who knows minus always C as shown", "all"]["low"] > 0


def test_one_who_knows_takes_no_letter_but_one_answer(rows):
    assert rows["share of questions with one answer to all orders, one who knows", "all"]["score"] == 1
    assert rows["share of questions whose most frequent answer is right, one who knows", "all"]["score"] == 1
    assert (
        rows["share of answers that are the first letter (of two questions: both), one who knows", "all"]["score"] < 0.5
    )


def test_one_who_always_takes_a_letter_is_found_out():
    asked = put_all(EXAM, study.made_up(), study.SEEDS)
    sheet = Sheet.of(EXAM, "A", asked, ["answer: A answer: A" if len(x.orders) == 2 else "A" for x in asked])
    found = {row["name"]: row["score"] for row in study._orders(sheet, asked)}
    assert found["share of answers that are the first letter (of two questions: both), A"] == 1
    assert found["share of questions with one answer to all orders, A"] < 0.3


def test_made_up_items_are_whole():
    for question in study.made_up():
        assert all(0 <= one.right < len(one.options) == len({*one.options}) for one in question.choices)
