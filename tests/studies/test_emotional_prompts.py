"""The four studies of emotional prompts: made-up models whose mood is known are found out."""

import asyncio

import numpy as np
import pytest

from insula.evaluate.stimuli import asked
from insula.llm import Scripted
from insula.studies import emotionprompt, heart, negativeprompt, stressprompt
from insula.studies.inside import _spans, _within
from insula.studies.stimulated import answered, made_up, over, row, worth


def scores(record):
    return {(one["name"], one["slice"]): one["score"] for one in record["metrics"]}


def test_emotionprompt_counts_what_cannot_be_read_apart():
    found = scores(emotionprompt.run("smoke"))
    assert found["EmotionPrompt: accuracy", "all"] == 1
    assert found["EmotionPrompt: answers that could be read", "all"] == 0.5


def test_negativeprompt_finds_a_model_that_fails_under_threat():
    found = scores(negativeprompt.run("smoke"))
    assert found["NegativePrompt minus control", "all"] == -1
    assert found["control of NegativePrompt minus plain", "all"] == 0


def test_a_model_that_never_answers_leaves_no_score():
    hits = asyncio.run(answered(Scripted(""), made_up(), {"": ""}))
    assert np.isnan(hits).all()
    assert row("accuracy", "all", hits[0])["score"] is None


def test_a_model_that_breaks_off_is_not_marked():
    assert np.isnan(asyncio.run(worth(Scripted([]), asked(made_up()[0]))))


def test_over_leaves_out_what_is_unknown():
    assert over(np.array([[1.0, np.nan, np.nan], [0.0, 1.0, np.nan]])).tolist()[:2] == [0.5, 1.0]


def test_stress_messages_are_equally_long_and_four_of_each_level():
    levels = stressprompt.messages()
    assert {level: len(texts) for level, texts in levels.items()} == dict.fromkeys(range(6), 4)
    assert {len(text.split()) for texts in levels.values() for text in texts} <= {20, 21, 22}


@pytest.mark.parametrize(
    ("shape", "slope", "curve"), [((0, 1, 1, 1, 0), 0, 1), ((1, 1, 1, 1, 1), 0, 0), ((0, 0.25, 0.5, 0.75, 1), 0.25, 0)]
)
def test_the_shape_of_a_curve_is_told(shape, slope, curve):
    levels = {0: np.ones(5)} | {level: np.full(5, float(value)) for level, value in enumerate(shape, 1)}
    found = {one["name"]: one["score"] for one in stressprompt.curve("made up", levels)}
    assert found["slope per level"] == pytest.approx(slope)
    assert found["inverted U: moderate minus extremes"] == pytest.approx(curve)


def test_stressprompt_finds_a_model_that_fails_under_stress():
    found = scores(stressprompt.run("smoke"))
    assert found["level 1: accuracy", "made up"] > found["level 5: accuracy", "made up"]
    assert found["slope per level", "made up"] < 0


def test_feedback_is_as_long_without_a_feeling_and_makes_as_many_calls():
    for one in heart.phrases():
        assert abs(len(one.text.split()) - len(one.control.split())) <= 1, one.text
    assert sorted({one.emotion for one in heart.phrases()}) == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
    ]
    model = heart.moody()
    found = asyncio.run(heart.loops(model, made_up()))
    assert len(model.asked) == len(heart.ARMS) * len(made_up()) * (heart.ROUNDS + 1)
    assert {len(one.worth) for tries in found.values() for one in tries} == {heart.ROUNDS + 1}


def test_only_the_verifier_stops_at_the_right_answer():
    one = heart.Tries((0.0, 1.0, 0.0, 0.0), ("4", "5", "4", "6"))
    assert (one.verified, one.alone, one.last, one.changed) == (1.0, 0.0, 0.0, 1.0)


def test_the_last_answer_stands_where_none_is_said_twice_and_silence_is_wrong():
    assert heart.Tries((0.0, 0.0, 1.0), ("1", "2", "3")).alone == 1.0
    assert heart.Tries((np.nan, np.nan), ("", "")).alone == 0.0
    assert heart.Tries((np.nan, np.nan), ("", "")).verified == 0.0


def test_heart_finds_a_model_that_listens_to_feelings_only():
    found = scores(heart.run("smoke"))
    assert found["emotional minus plain", "with the verifier"] == 1
    assert found["plain minus first answer", "with the verifier"] == 0


def test_every_word_of_a_prompt_belongs_to_one_part():
    (question, *_), sentence = made_up(), "You will fail."
    text = asked(question, sentence).messages[-1].text
    prompt = f"<user>{text}<end>"
    parts = [prompt[start:end] for start, end in _spans(prompt, text, sentence)]
    assert parts == ["Sum the two given numbers.", "You will fail.", " 0 2\n\n"]
    norms, places = np.array([1.0, 2.0, 4.0]), [(0, 3), (3, 6), (6, 9)]
    assert _within(norms, places, 0, 4) == 3.0
