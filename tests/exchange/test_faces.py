"""Faces as OpenFace and py-feat write them: read, written, and recognised among other tables."""

from __future__ import annotations

import numpy as np
import pytest

from insula.conversation import Conversation, Signal
from insula.exchange import Unreadable, conversations, writer
from insula.vision.columns import AT, EXPRESSIONS, blank, column

ANGLES = ("pitch", "yaw", "roll", "gaze_x", "gaze_y")


@pytest.fixture
def film() -> Conversation:
    rows = blank(45)
    noise = np.random.default_rng(0)
    for name in ("x", "y", "w", "h", *ANGLES):
        rows[:, AT[name]] = noise.uniform(5, 30, 45)
    for name in ("AU01", "AU12", "AU25", "AU45"):
        rows[:, AT[name]] = noise.uniform(0, 5, 45)
    rows[:, AT["confidence"]] = 0.9
    for name in EXPRESSIONS:
        rows[:, AT[name]] = 1 / 8
    rows[20:30] = np.nan
    later = np.array(rows[:15])
    return Conversation(
        Signal("face", rows, 15.0, "face 1"), Signal("face", later, 15.0, "face 2", start=2.0), id="call.mp4"
    )


@pytest.mark.parametrize("name", ["a.openface.csv", "a.pyfeat.csv"])
def test_what_is_written_is_read_again(read, tmp_path, film, name):
    with writer(tmp_path / name) as out:
        out.write(film)
    (found,) = read(tmp_path / name)
    ours, theirs = film.signals("face"), found.signals("face")
    assert [(one.speaker, round(one.start, 2)) for one in theirs] == [("face 1", 0.0), ("face 2", 2.0)]
    for mine, other in zip(ours, theirs, strict=True):
        assert other.sampling_rate == pytest.approx(15, abs=0.01)
        for each in (*ANGLES, "AU01", "AU12", "AU25", "confidence"):
            np.testing.assert_allclose(column(other.samples, each), column(mine.samples, each), rtol=1e-3, atol=1e-3)


def test_py_feat_keeps_boxes_and_expressions(read, tmp_path, film):
    with writer(tmp_path / "a.pyfeat.csv") as out:
        out.write(film)
    (found,) = read(tmp_path / "a.pyfeat.csv")
    rows = found.signals("face")[0].samples
    for name in ("x", "h", "happiness", "anger"):
        np.testing.assert_allclose(column(rows, name), column(film.signals("face")[0].samples, name), rtol=1e-4)


OPENFACE = """frame, timestamp, confidence, success, {turned}, {x}, {y}, {x3}, AU12_r, AU12_c
1, 0, 0.95, 1, 0.1, -0.2, 0.05, 0.1, -0.1, {across}, {down}, {far}, 2.5, 1
2, 0.04, 0.95, 1, 0.1, -0.2, 0.05, 0.1, -0.1, {across}, {down}, {far}, 2.6, 1
3, 0.08, 0.1, 0, 0, 0, 0, 0, 0, {across}, {down}, {far}, 0, 0
4, 0.12, 0.95, 1, 0.1, -0.2, 0.05, 0.1, -0.1, {across}, {down}, {far}, 2.8, 1
""".format(
    x=", ".join(f"x_{n}" for n in range(68)),
    y=", ".join(f"y_{n}" for n in range(68)),
    x3=", ".join(f"X_{n}" for n in range(68)),
    turned="pose_Rx, pose_Ry, pose_Rz, gaze_angle_x, gaze_angle_y",
    across=", ".join(str(100 + n) for n in range(68)),
    far=", ".join(str(-n) for n in range(68)),
    down=", ".join(str(50 + 2 * n) for n in range(68)),
)


def test_openface_as_it_writes_it(read, file, problems):
    (found,) = read(file("ana.csv", OPENFACE))
    (signal,) = found.signals("face")
    rows = signal.samples
    assert (signal.speaker, signal.sampling_rate, len(rows)) == ("face 1", 25.0, 4)
    assert list(column(rows, "AU12")) == pytest.approx([2.5, 2.6, np.nan, 2.8], nan_ok=True)
    first = {name: round(float(rows[0, AT[name]]), 2) for name in (*ANGLES, "x", "y", "w", "h")}
    # its pitch is positive downwards, its yaw towards the left of the picture
    assert first == {
        **{"pitch": -5.73, "yaw": 11.46, "roll": 2.86, "gaze_x": 5.73, "gaze_y": 5.73},
        **{"x": 100.0, "y": 50.0, "w": 67.0, "h": 134.0},
    }
    assert not problems


BEFORE = "frame,FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,AU01,AU12,anger,disgust,fear,happiness,sadness,"
PYFEAT_1 = """surprise,neutral
0,200,80,140,220,0.1,0.9,0,0,0,0.7,0,0.1,0.2
0,20,80,140,220,0.1,0.0,0.7,0,0,0.1,0,0,0.2
10,201,80,140,220,0.1,0.8,0,0,0,0.7,0,0.1,0.2
"""


def test_py_feat_as_it_wrote_before(read, file, problems):
    (found,) = read(file("ana.csv", BEFORE + PYFEAT_1))
    one, two = found.signals("face")
    assert (one.speaker, two.speaker) == ("face 1", "face 2")
    assert one.sampling_rate == pytest.approx(3)
    assert list(column(one.samples, "AU12")) == pytest.approx([4.5, 4.0])
    assert column(two.samples, "anger")[0] == pytest.approx(0.7)
    assert "30 a second" in problems[0].what


def test_py_feat_2_has_radians_and_other_names(read, file):
    text = "FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,Pitch,Roll,Yaw,X,Y,Z,AU12,Neutral,Happy,Sad,"
    text += "Surprise,Fear,Disgust,Anger,valence,arousal,gaze_pitch,gaze_yaw,input,frame,approx_time,Identity\n"
    text += "".join(
        f"235,216,655,655,0.99,0.08,0.05,-0.02,0,0,5,0.98,0.01,0.97,0,0,0,0,0,0.7,0.07,0.03,-0.06,a.mp4,{n},"
        f"00:{n // 30:02},Person_0\n"
        for n in range(0, 300, 30)
    )
    (found,) = read(file("fex.csv", text))
    (signal,) = found.signals("face")
    assert (signal.speaker, len(signal.samples)) == ("Person_0", 10)
    assert signal.sampling_rate == pytest.approx(1, abs=0.01)
    assert column(signal.samples, "pitch")[0] == pytest.approx(4.58, abs=0.01)
    assert column(signal.samples, "happiness")[0] == pytest.approx(0.97)


def test_a_short_row_is_left_out_and_said(read, file, problems):
    (found,) = read(file("ana.csv", OPENFACE + "5, 0.16, 0.9\n"))
    assert len(found.signals("face")[0].samples) == 4
    assert "left out" in problems[0].what


def test_a_table_without_a_face_says_so(file):
    with pytest.raises(Unreadable, match="no row with a face"):
        list(conversations(file("a.csv", OPENFACE.split("\n")[0] + "\n"), lambda _: None))


def test_times_that_are_no_seconds_are_no_day_of_empty_rows(file):
    with pytest.raises(Unreadable, match="times are seconds"):
        list(conversations(file("a.csv", OPENFACE.replace("4, 0.12", "4, 1700000000")), lambda _: None))


def test_a_table_of_texts_is_still_one(read, file):
    (found,) = read(file("a.csv", "frame,text\n1,Lovely.\n"))
    assert found.last.text == "Lovely."


@pytest.mark.parametrize("name", ["a.openface.csv", "a.pyfeat.csv"])
def test_without_a_face_that_is_said(tmp_path, name):
    with pytest.warns(UserWarning, match=r"face\.tracks"), writer(tmp_path / name) as out:
        out.write(Conversation(id="x"))
