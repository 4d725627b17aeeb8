"""Naming one of a list: what counts as an answer, and questions that share their beginning."""

import numpy as np
import pytest

from insula.evaluate.asking import Choice, Question
from insula.evaluate.asking.naming import mark, name_one, named, over
from insula.evaluate.metrics import macro_f1

LABELS = ("anger", "joy", "self-disclosure")
QUESTION = Question("q", "ana: Hurray!", (Choice("feeling", LABELS, 1),))


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("joy", "joy"),
        (" Joy.", "joy"),
        ("The feeling is **joy**, since she shouts.", "joy"),
        ("Self-disclosure", "self-disclosure"),
        ("joy\n\nanger would be another word.", "joy"),
        ("She is not angry. It is joy.", "joy"),
    ],
)
def test_one_label_in_the_first_line_that_names_any_is_the_answer(reply, label):
    assert LABELS[named(reply, LABELS)[0]] == label


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("joy and anger", "it names several labels"),
        ("not joy at all", "it names no label"),
        ("joyful", "it names no label"),
        ("No estoy seguro.", "it names no label"),
        ("la " * 4000, "it names no label"),
        ("I'm sorry, but I can't tell.", "it refuses"),
    ],
)
def test_what_names_none_or_several_cannot_be_read_and_says_why(reply, why):
    assert named(reply, LABELS) == (None, why)
    assert mark(name_one(QUESTION, 0, told="{labels}"), reply).values is None


def test_a_list_is_shuffled_by_the_seed_alone():
    other = Question("another", "bo: Oh.", QUESTION.choices)
    first, second = (name_one(one, 3, told="One of: {labels}.", asks="Which?") for one in (QUESTION, other))
    assert first.messages[0] == second.messages[0]
    assert {name_one(QUESTION, seed, told="{labels}").messages[0].text for seed in range(9)} > {
        first.messages[0].text[8:-1]
    }
    assert first.messages[-1].text == "ana: Hurray!\n\nWhich?"


def test_metrics_over_labels_see_what_was_said():
    marks = [mark(name_one(QUESTION, 0, told="{labels}"), reply).values for reply in ("joy", "anger", "joy")]
    columns = {name: np.array([one[name] for one in marks]) for name in marks[0]}
    found = over(macro_f1, 3)(columns, np.ones((1, 3)))
    assert found[0] == pytest.approx((0.8 + 0) / 2)
