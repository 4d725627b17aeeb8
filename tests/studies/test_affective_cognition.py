"""The study of affective cognition: generated scenarios in the published design, people as the yardstick."""

from collections import Counter

import pytest

from insula.evaluate.asking.sheet import Sheet, put_all
from insula.studies import affective_cognition as study


@pytest.fixture(scope="module")
def scores():
    return {(row["slice"], row["name"]): row for row in study.run("smoke")["metrics"]}


def test_generated_scenarios_cover_the_design():
    questions = study.generated(0)
    assert len(questions) == 4 * 4 * 8
    assert Counter(question.slices["direction"] for question in questions) == {
        "appraisal": 64,
        "outcome": 32,
        "emotion": 32,
    }
    assert len({question.id for question in questions}) == len(questions)
    assert all(question.choices[0].right == 0 for question in questions)


def test_what_is_asked_for_is_not_told():
    by_id = {question.id: question.text for question in study.generated(0)}
    assert "sells out" not in by_id["goal_control/outcome_joyful_0/0"]
    assert "hopes to sell" not in by_id["goal_control/belief_b_joyful_0/0"].partition("Ravi feels")[0]
    assert "depends" not in by_id["goal_control/belief_a_joyful_0/0"].partition("Ravi feels")[0]
    assert "joyful" not in by_id["goal_control/emotion_joyful_0/0"]


def test_the_feeling_follows_from_goal_and_control():
    by_id = {question.id: question for question in study.generated(0)}
    met, unmet = by_id["goal_control/outcome_joyful_1/0"], by_id["goal_control/outcome_frustrated_1/0"]
    assert met.choices[0].options[0] == unmet.choices[0].options[0] == "The cake"
    assert "hopes to sell his cake" in met.text
    assert "hopes to sell his bread" in unmet.text


def test_the_intended_answers_agree_with_most_people_and_guesses_do_not(scores):
    name = study.AGREEMENT
    assert scores["all", f"{name}, intended answers"]["score"] > 0.95
    guess = scores["all", f"{name}, always A as shown"]
    assert guess["low"] < 0.45 < guess["high"] + 0.15
    assert scores["all", f"{name}, intended answers"]["baseline"] == guess["score"]


def test_one_person_agrees_less_with_most_others_than_the_mode_does(scores):
    people = scores["all", "agreement with most others, people"]
    assert 0.8 < people["score"] < 0.95
    above = scores["all", "agreement minus people's with one another, intended answers"]
    assert above["low"] > 0


def test_what_is_drawn_is_balanced():
    ten = [
        study.replace(question, id=f"{question.id.rpartition('/')[0]}/{number}")
        for question in study.generated(0)
        if question.id.endswith("/0")
        for number in range(10)
    ]
    five, three = study.drawn(ten, 5), study.drawn(ten, 3)
    assert set(Counter(question.id.rpartition("/")[0] for question in five).values()) == {5}
    assert {question.id for question in three} < {question.id for question in five}
    assert study.drawn(ten, 5) == five


def test_what_is_no_option_is_not_read():
    asked = put_all(study.EXAM, study.generated(0)[:1])
    sheet = Sheet.of(study.EXAM, "m", asked, [study.letter(asked[0], "Perhaps")])
    assert not sheet.rows[0].parsed
