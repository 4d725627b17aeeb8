"""Faces picture by picture: the same expressions, second by second, as of the same pictures as a film."""

import numpy as np
from films import background, faces, needs_networks, paste

from insula.conversation import Conversation, Signal
from insula.perceive.face.expression import FaceExpression
from insula.perceive.face.live import LiveFaces
from insula.perceive.face.tracks import FaceTracks


def test_what_is_seen_live_is_what_is_seen_in_a_film():
    needs_networks()
    (picture, *_) = faces(40, 0, 9)
    shown = [paste(background((240, 320), step), picture, 150 + step, 120, 140) for step in range(12)]
    film = Conversation(Signal("video", np.array(shown, np.uint8), 4.0))
    for part in (FaceTracks(4.0), FaceExpression()):
        film.add(*part(film))
    live, found = LiveFaces(4.0), []
    for place, one in enumerate(shown):
        found += live.see(one, place / 4.0)
    found += live.close()
    told = {one.at: dict(one.scores) for one in found if getattr(one, "layer", "") == "emotion"}
    whole = {one.at: dict(one.scores) for one in film.read("emotion")}
    assert told.keys() == whole.keys()
    assert len(told) == 3
    for at, scores in told.items():
        assert scores == whole[at] or all(abs(scores[label] - whole[at][label]) < 1e-4 for label in scores)
