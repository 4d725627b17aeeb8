"""What faces express, on the shipped weights and on made-up faces."""

import json

import numpy as np
import pytest

from insula.network.face import SIDE, Face, affect, pixels
from insula.scheme import scheme


@pytest.fixture(scope="module")
def face() -> Face:
    return Face.open()


def drawn(mouth: float, side: int = SIDE) -> np.ndarray:
    """A drawn face, uint8 [side, side]: mouth corners go up (1) or down (-1)."""
    y, x = np.mgrid[0:side, 0:side] / side * 48
    light = 190 - 3.0 * np.hypot(x - 24, (y - 24) * 0.8)
    for eye in (15, 33):
        light -= 120 * np.exp(-((x - eye) ** 2 / 9 + (y - 18) ** 2 / 4))
        light -= 70 * np.exp(-((x - eye) ** 2 / 20 + (y - 12) ** 2 / 2))
    line = 36 - mouth * ((x - 24) / 9) ** 2 * 4
    light -= 110 * np.exp(-((y - line) ** 2) / 3) * (np.abs(x - 24) < 10)
    return light.clip(0, 255).astype(np.uint8)


def test_a_reading_is_whole(face):
    (one,) = face.read(drawn(0.0)[None])
    assert not one.reason
    scheme("fer8").check(one.emotion)
    assert sum(one.emotion.values()) == pytest.approx(1, abs=1e-3)
    assert one.labels == (max(one.emotion, key=one.emotion.__getitem__),)
    assert set(one.labels) <= set(one.possible)
    assert set(one.affect) == {"valence", "arousal"}


def test_a_smile_is_happier_than_its_opposite(face):
    up, down = face.read(np.stack([drawn(1.0), drawn(-1.0)]))
    assert up.emotion["happiness"] > down.emotion["happiness"]
    assert up.affect["valence"] > down.affect["valence"]


def test_neighbours_and_mirrors_change_nothing(face):
    faces = np.stack([drawn(mouth) for mouth in np.linspace(-1, 1, 40)])
    together, alone = face.read(faces), face.read(faces[7:8])[0]
    assert together[7].emotion == alone.emotion
    (mirrored,) = face.read(faces[7:8, :, ::-1])
    assert mirrored.emotion == pytest.approx(alone.emotion, abs=1e-3)


def test_faces_come_in_any_size_and_colour(face):
    grey = drawn(1.0)
    same = [grey[None, :, :, None], np.repeat(grey[None, :, :, None], 3, 3)]
    for given in same:
        assert np.array_equal(pixels(given), grey[None])
    assert pixels(drawn(1.0, 200)[None]).shape == (1, SIDE, SIDE)
    assert face.read(np.zeros((0, 60, 60, 3), np.uint8)) == []
    assert face.embed(grey[None]).shape == (1, 192)
    for wrong in (
        grey,
        grey[None].astype(np.float32),
        np.zeros((1, 48, 48, 2), np.uint8),
        np.zeros((1, 0, 9), np.uint8),
    ):
        with pytest.raises(ValueError, match="faces are uint8"):
            face.read(wrong)


def test_where_there_is_no_face_it_says_why(face):
    noise = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE)).astype(np.uint8)
    for given, why in ((np.full((1, SIDE, SIDE), 80, np.uint8), "nothing to see"), (noise, "unlike the faces")):
        (one,) = face.read(given)
        assert why in one.reason
        assert not one.emotion
        assert not one.affect
        assert not one.labels


def test_valence_is_where_expressions_lie():
    assert affect({"happiness": 1.0})["valence"] > 0.7
    assert affect({"anger": 1.0})["valence"] < 0 < affect({"anger": 1.0})["arousal"]
    assert affect({"neutral": 1.0}) == {"valence": 0.0, "arousal": 0.0}


def test_missing_weights_say_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="insula train face"):
        Face.open("nobody")
    (tmp_path / "mine.json").write_text(json.dumps({}))
    with pytest.raises(KeyError):
        Face.open(str(tmp_path / "mine.json"))
