"""What pictures bring about: on the shipped weights, with made-up pictures."""

import numpy as np
import pytest

from insula.conversation import Conversation, Signal
from insula.network.scene import Scene as Network
from insula.perceive.image.scene import Scene


def beach(count: int = 1) -> np.ndarray:
    """Blue above, sand below, with some noise."""
    picture = np.zeros((count, 90, 120, 3), np.uint8)
    picture[:, :50], picture[:, 50:] = (90, 160, 240), (230, 210, 150)
    return picture + np.random.default_rng(0).integers(0, 12, picture.shape).astype(np.uint8)


def test_every_still_is_judged_once():
    scene = Scene()
    conversation = Conversation(Signal("video", beach(3), 0.0))
    found = list(scene(conversation))
    assert [one.at.seconds for one in found] == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
    assert {one.at.speaker for one in found} == {"viewer"}
    for one in found:
        assert set(one.scores) == {"valence", "arousal"} == set(one.margin)
        assert all(-1 <= score <= 1 for score in one.scores.values())
    conversation.add(*found)
    assert list(scene(conversation)) == []


def test_a_film_is_looked_at_now_and_then():
    (first, second) = Scene(every=2.0)(Conversation(Signal("video", beach(40), 10.0)))
    assert (first.at.seconds, second.at.seconds) == ((0.0, 2.0), (2.0, 4.0))
    with pytest.raises(ValueError, match="more than 0"):
        Scene(every=0)


def test_what_cannot_be_seen_is_said(tmp_path):
    broken = tmp_path / "x.jpg"
    broken.write_bytes(b"\xff\xd8 no picture")
    for given, why in ((str(broken), "decoded"), (np.zeros((1, 60, 60, 3), np.uint8), "nothing to see")):
        (one,) = Scene()(Conversation(Signal("video", given, 0.0)))
        assert one.abstained
        assert why in one.reason


def test_readings_do_not_depend_on_neighbours_nor_size():
    network = Network.open()
    many = [*beach(3), np.repeat(np.repeat(beach()[0], 2, 0), 2, 1)]
    alone, together = network.read(many[:1])[0].affect, network.read(many)
    assert together[0].affect == pytest.approx(alone, abs=1e-4)
    assert together[3].affect["valence"] == pytest.approx(alone["valence"], abs=0.1)
