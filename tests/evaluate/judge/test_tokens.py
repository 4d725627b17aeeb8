"""Expected scores from the probabilities of the score tokens."""

import math

import pytest

from insula.evaluate.judge.rubric import rubric
from insula.evaluate.judge.tokens import read
from insula.llm import Reply

SCORES = {"0": 0.0, "1": 1.0, "2": 2.0}


def likely(*places: dict[str, float]) -> tuple[dict[str, float], ...]:
    return tuple({token: math.log(chance) for token, chance in place.items()} for place in places)


def test_the_expected_score_is_the_mean_by_probability_and_the_likeliest_may_be_another():
    found = read(Reply("3", "m", alternatives=likely({"0": 0.4, "2": 0.3, " 1": 0.1, "3": 0.2})), SCORES)
    assert found.expected == pytest.approx((0.3 * 2 + 0.1) / 0.8)
    assert (found.likeliest, round(found.share or 0, 6)) == (0.0, 0.8)


def test_the_first_place_where_a_score_is_likely_counts():
    places = likely({"Score": 0.9}, {":": 0.9}, {" 2": 0.8, "1": 0.1}, {"0": 1.0})
    assert read(Reply("Score: 2 0", "m", alternatives=places), SCORES).expected == pytest.approx(1.7 / 0.9)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("I am so sorry", "m", alternatives=likely({"I": 0.9, "2": 0.01})), "no score was likely"),
        (Reply("Nobody can say.", "m"), "it names no score"),
        (Reply(" ", "m"), "the answer is empty"),
        (Reply("I cannot help with 1 of these.", "m", finish="refusal"), "it refuses"),
        (Reply("12", "m"), "it names no score"),
    ],
)
def test_an_answer_without_a_score_says_why(reply, why):
    found = read(reply, SCORES)
    assert (found.expected, found.likeliest, found.why) == (None, None, why)


def test_without_probabilities_the_written_score_stands():
    found = read(Reply("Ich sage 2 von 2.", "m"), SCORES)
    assert (found.expected, found.share) == (2.0, None)


def test_rubrics_have_one_token_for_each_score_and_near_names():
    assert list(rubric("helpful").scores) == ["1", "2", "3", "4", "5"]
    assert rubric("empathy").asked.endswith("Answer with one number from 0 to 2.")
    with pytest.raises(KeyError, match="empathy"):
        rubric("emphaty")
