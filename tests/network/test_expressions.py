"""Networks of one's own: made here, a dozen numbers each, of every layout."""

import json

import numpy as np
import pytest

from insula.network.expressions import Expressions, plain_head
from insula.scheme import scheme

SMILING, ANGRY = np.full((60, 60, 3), 40, np.uint8), np.full((60, 60, 3), 40, np.uint8)
SMILING[::2], ANGRY[::2] = (240, 60, 60), (60, 60, 240)
BOTH = np.stack([SMILING, ANGRY])
RECIPE = {"labels": ["angry", "", "happy"], "std": [0.05]}


def test_labels_are_matched_to_fer8_by_name(save_network):
    network = Expressions(save_network(), RECIPE)
    assert (network.side, network.reach, network.labels) == (16, 1.0, ["anger", "", "happiness"])
    happy, angry = network.read(BOTH)
    assert (happy.labels, angry.labels) == (("happiness",), ("anger",))
    scheme("fer8").check(happy.emotion)
    assert sum(happy.emotion.values()) == pytest.approx(1)
    assert happy.emotion["fear"] == 0
    assert happy.affect["valence"] > 0 > angry.affect["valence"]
    assert network.read(BOTH[1:])[0].emotion == pytest.approx(angry.emotion)
    assert network.read(BOTH[:0]) == []


@pytest.mark.parametrize(
    ("made", "more"),
    [({"last": True}, {}), ({"side": "side"}, {"side": 16}), ({"count": 1}, {}), ({}, {"order": "rgb", "mean": [0.0]})],
)
def test_layouts_sizes_and_single_pictures_change_nothing(save_network, made, more):
    whole = [one.emotion for one in Expressions(save_network(), RECIPE).read(BOTH)]
    found = [one.emotion for one in Expressions(save_network(**made), {**RECIPE, **more}).read(BOTH)]
    for ours, theirs in zip(whole, found, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_blue_first_turns_them_round(save_network):
    happy, angry = Expressions(save_network(), {**RECIPE, "order": "bgr"}).read(BOTH)
    assert (happy.labels, angry.labels) == (("anger",), ("happiness",))


def test_probabilities_are_taken_as_they_are(save_network):
    recipe = {"labels": ["anger", "neutral", "happiness"], "output": "probabilities"}
    (one,) = Expressions(save_network(), recipe).read(BOTH[:1])
    red, green, blue = BOTH[0].reshape(-1, 3).mean(0) / 255
    assert one.emotion["happiness"] == pytest.approx(red / (red + green + blue), abs=0.01)


def test_the_recipe_may_lie_beside_the_network(save_network):
    path = save_network()
    with pytest.raises(FileNotFoundError, match=r"write network\.json beside it"):
        Expressions(path)
    path.with_suffix(".json").write_text(json.dumps(RECIPE))
    assert Expressions(path).read(BOTH)[0].labels == ("happiness",)


def test_a_face_of_one_grey_is_not_read(save_network):
    (one,) = Expressions(save_network(), RECIPE).read(np.full((1, 60, 60, 3), 90, np.uint8))
    assert (one.emotion, one.reason) == ({}, "nothing to see: all of one grey")


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        ({}, "in order: labels"),
        ({**RECIPE, "classes": 3}, "a recipe has no classes"),
        ({"labels": ["angry", "bored", "happy"]}, "'bored' is no expression of fer8"),
        ({"labels": ["angry", "happy"]}, "the recipe has 2 labels"),
        ({**RECIPE, "order": "grb"}, "order is rgb or bgr"),
        ({**RECIPE, "side": 20}, "say how many pixels"),
        ({**RECIPE, "mean": [0.1, 0.2]}, "mean and std"),
    ],
)
def test_a_recipe_that_does_not_fit_is_one_sentence(save_network, recipe, why):
    with pytest.raises(ValueError, match=why):
        Expressions(save_network(), recipe)


def test_what_is_no_network(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no network"):
        Expressions(tmp_path / "a.onnx", RECIPE)
    (tmp_path / "a.onnx").write_bytes(b"not a network")
    with pytest.raises(ValueError, match=r"a\.onnx is no ONNX network"):
        Expressions(tmp_path / "a.onnx", RECIPE)


def test_nothing_fitted_leaves_probabilities_as_they_are():
    scores = np.log(np.array([[0.3, 0.4, 0.1, 0.04, 0.04, 0.04, 0.04, 0.04]], np.float32))
    assert plain_head().calibrated(scores)[0] == pytest.approx(np.exp(scores[0]), abs=1e-5)
    assert not plain_head().keep
