"""Seconds and turns of faces: means of good frames, abstentions that say why, the turn of whose face speaks."""

from __future__ import annotations

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Signal, Turn
from insula.perceive.face.expression import FaceExpression
from insula.testing import check_component
from insula.vision.columns import AT, blank

GOOD = {"x": 10, "y": 10, "w": 100, "h": 120, "size": 120, "visible": 0.99, "blur": 0.3, "light": 0.5}
GOOD |= {"contrast": 0.2, "yaw": 3.0, "pitch": -2.0, "still": 0.5}
HAPPY = {"neutral": 0.1, "happiness": 0.8, "surprise": 0.04, "sadness": 0.02, "anger": 0.01, "disgust": 0.01}
HAPPY |= {"fear": 0.01, "contempt": 0.01, "valence": 0.6, "arousal": 0.4, "AU12": 3.0, "AU01": 0.2}


@pytest.fixture(scope="module")
def expression():
    return FaceExpression()


def face(count=10, rate=10.0, start=0.0, speaker="face 1", **values) -> Signal:
    rows = blank(count)
    for name, value in {**GOOD, **HAPPY, **values}.items():
        rows[:, AT[name]] = value
    return Signal("face", rows, rate, speaker, start)


def judged(expression, *additions):
    conversation = Conversation(*additions)
    conversation.add(*expression(conversation))
    return conversation


def test_every_second_has_an_emotion_an_affect_and_action_units(expression):
    found = judged(expression, face(30))
    emotions = found.read("emotion")
    assert [(one.at.seconds, one.at.speaker, one.scheme) for one in emotions] == [
        ((n, n + 1), "face 1", "fer8") for n in (0.0, 1.0, 2.0)
    ]
    assert emotions[0].top == "happiness"
    assert emotions[0].labels == ("happiness",)
    assert sum(emotions[0].scores.values()) == pytest.approx(1, abs=1e-3)
    assert found.read("affect")[0].scores["valence"] == pytest.approx(0.6)
    units = found.read("action_unit")[0]
    assert (units.labels, units.scores["AU12"]) == (("AU12",), 3.0)
    assert "AU14" not in units.scores


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"size": 16}, "too small: 16 pixels high"),
        ({"light": 0.02}, "too dark"),
        ({"contrast": 0.01}, "too flat"),
        ({"blur": 0.95}, "too blurred"),
        ({"yaw": -70}, "turned aside by 70 degrees"),
        ({"pitch": 50}, "tilted up or down by 50"),
        ({"visible": 0.2}, "covered or cut off"),
        ({"still": 20}, "a picture of somebody"),
    ],
)
def test_a_face_that_cannot_be_read_is_an_abstention_that_says_why(expression, values, why):
    found = judged(expression, face(**values))
    for layer in ("emotion", "affect", "action_unit"):
        (one,) = found.read(layer)
        assert one.abstained
        assert why in one.reason


def test_a_face_that_flickers_is_not_read(expression):
    signal = face(10)
    signal.samples[2:9] = np.nan
    (one,) = judged(expression, signal).read("emotion")
    assert "seen in 30% of the frames" in one.reason


def test_bad_frames_are_left_out_of_the_mean(expression):
    signal = face(10)
    signal.samples[:3, AT["yaw"]] = 80
    signal.samples[:3, AT["happiness"]] = 0.0
    signal.samples[:3, AT["anger"]] = 0.81
    (one,) = judged(expression, signal).read("emotion")
    assert one.scores["anger"] < 0.02


def test_seconds_in_which_nobody_was_seen_are_left_alone(expression):
    signal = face(30)
    signal.samples[10:20] = np.nan
    assert [one.at.seconds for one in judged(expression, signal).read("emotion")] == [(0.0, 1.0), (2.0, 3.0)]


def test_blocks_and_people_do_not_mix(expression):
    found = judged(expression, face(20), face(20, start=2.0), face(20, start=1.0, speaker="face 2", valence=-0.5))
    by = {(one.at.speaker, one.at.seconds[0]): one.scores["valence"] for one in found.read("affect")}
    assert {key for key in by if key[0] == "face 1"} == {("face 1", float(n)) for n in range(4)}
    assert by["face 2", 1.0] == pytest.approx(-0.5)


def test_a_turn_is_read_once_it_is_known_whose_face_speaks(expression):
    turn = Turn("speaker 1", "Lovely!", (1.0, 3.0), "t1")
    said = Annotation("speaker_face", {"face 1": 0.9, "face 2": 0.05}, Anchor("t1"), rater="x")
    unsure = Turn("speaker 1", "Hm.", (3.0, 4.0), "t2")
    doubt = Annotation("speaker_face", {"face 1": 0.3}, Anchor("t2"), rater="x")
    found = judged(expression, face(50), turn, said, unsure, doubt)
    (one,) = [one for one in found.read("emotion") if one.at.turn]
    assert (one.at.turn, one.top, one.because) == ("t1", "happiness", (said.id,))


def test_measured_quality_is_believed(expression):
    at = Anchor(seconds=(0.0, 1.0), speaker="face 1")
    told = Annotation("quality", {"seen": 1.0, "size": 9.0}, at, "face-quality", "somebody")
    (one,) = judged(expression, face(), told).read("emotion")
    assert "too small: 9 pixels" in one.reason


def test_action_units_of_other_tools_are_read_without_expressions(expression):
    rows = blank(10)
    rows[:, AT["w"]], rows[:, AT["AU12"]] = 0.0, 2.0
    found = judged(expression, Signal("face", rows, 10.0, "face 1"))
    assert found.read("action_unit")[0].labels == ("AU12",)
    assert "nobody looked" in found.read("emotion")[0].reason


def test_it_keeps_the_contract(expression):
    turn = Turn("speaker 1", "Lovely!", (1.0, 3.0), "t1")
    said = Annotation("speaker_face", {"face 1": 0.9}, Anchor("t1"), rater="x")
    check_component(expression, [Conversation(), Conversation(face(30)), Conversation(face(30), turn, said)])
