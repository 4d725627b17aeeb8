"""Silence as a feature: speakers apart, a regression that generalises, silence that helps where it says something."""

import numpy as np
import pytest

from insula import studies
from insula.audio.contours import CONTOURS, Contours
from insula.conversation import Annotation, Conversation, Signal, Turn
from insula.studies import silence_ser

RATE = 16000


def _clip(quiet, label="anger", strength="strong", speaker="ana"):
    times = np.arange(RATE) / RATE
    sound = sum(0.2 / n * np.sin(2 * np.pi * 150 * n * times) for n in range(1, 8)) * (times >= quiet)
    gold = (
        Annotation("emotion", {label: 1.0}, scheme="voice9", rater="gold"),
        Annotation("intensity", {strength: 1.0}, scheme="intensity2", rater="gold"),
    )
    turn = Turn(speaker, "", (0.0, 1.0), meta={"gender": "F"})
    return Conversation(Signal("audio", sound.astype(np.float32), RATE), turn, *gold)


def test_clips_become_numbers_and_places():
    some = silence_ser.spoken([_clip(0.2), _clip(0.4, "sadness", "normal", "bo")], "ravdess")
    assert some.plain.shape == (2, 2 * (len(CONTOURS) - 1))
    assert some.functionals.shape == (2, 88)
    at = silence_ser.FACTORS.index(silence_ser.PAPER)
    assert some.silent[:, at] == pytest.approx([0.2, 0.4], abs=0.03)
    anger, sadness = some.targets[:, 0]
    assert anger > 0 > sadness
    assert sadness == pytest.approx(-0.27 * silence_ser.NORMAL)  # normal acting goes less far


def test_silence_that_fills_a_clip_up_is_taken_away():
    values = np.zeros((100, len(CONTOURS)), np.float32)
    values[:, CONTOURS.index("soundLevel")] = np.where(np.arange(100) < 60, -20, -95)
    assert len(silence_ser.ended(Contours(values))) == 60


def test_the_regression_learns_and_keeps_the_spread():
    draw = np.random.default_rng(0)
    known, new = draw.standard_normal((200, 3)), draw.standard_normal((100, 3))
    said = silence_ser.regression(known, np.tanh(known[:, :1]), new)
    assert np.corrcoef(said[:, 0], np.tanh(new[:, 0]))[0, 1] > 0.9
    assert said.std() == pytest.approx(np.tanh(new[:, 0]).std(), rel=0.25)


def test_nobody_is_on_both_sides():
    heard = silence_ser.Heard(some := silence_ser.made_up(64, 0), some.plain, 4, 0)
    everyone = np.ones(64, bool)
    with pytest.raises(AssertionError, match="in training and in test"):
        heard._fitted(everyone, everyone, None)


def test_smoke():
    record = studies.run("silence-ser")
    score = {row["name"]: row["score"] for row in record["metrics"]}
    gain = "CCC arousal, 52 plain, {} less without"
    assert score[gain.format("factor 0.3")] > 0.2
    assert score[gain.format("chosen factor")] > 0.2
    assert abs(score[gain.format("shuffled share")]) < 0.15
    assert score[gain.format("learnt with 0.3, heard with 1.5")] < score[gain.format("factor 0.3")]
    assert len(record["tables"]["concordance by factor"]) == 20
