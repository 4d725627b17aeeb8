"""The face whose mouth goes with the voice speaks; a still or chewing one does not, nor does anybody unseen."""

import numpy as np

from insula import Conversation, Signal, Turn
from insula.catalogue import build
from insula.testing import check_component
from insula.vision.columns import AT, blank

RATE, FRAMES = 16000, 15.0


def _syllables(seconds, seed):
    """The strength of a voice at 15 a second, as syllables come and go."""
    draw = np.random.default_rng(seed)
    return np.clip(np.convolve(draw.random(round(seconds * FRAMES)) > 0.6, np.ones(3) / 2, "same"), 0, 1)


def _face(name, opening):
    samples = blank(len(opening))
    samples[:, AT["mouth"]] = opening
    return Signal("face", samples, FRAMES, name, 0.0)


def _voice(strength):
    times = np.arange(len(strength) * round(RATE / FRAMES)) / RATE
    loud = np.interp(times, np.arange(len(strength)) / FRAMES, strength)
    return Signal("audio", (0.2 * loud * np.sin(2 * np.pi * 180 * times)).astype(np.float32), RATE)


def _talk(*faces, seconds=4.0, seed=0):
    strength = _syllables(seconds, seed)
    mouths = {
        "speaks": 0.02 + 0.25 * np.roll(strength, 1),
        "still": np.full(len(strength), 0.02),
        "chews": 0.02 + 0.2 * _syllables(seconds, seed + 100),
        "away": np.full(len(strength), np.nan),
    }
    noise = np.random.default_rng(9).normal(0, 0.005, len(strength))
    shown = [_face(name, mouths[name] + noise) for name in faces]
    return Conversation(_voice(strength), *shown, Turn("speaker 1", "…", (0.0, seconds)))


def _found(conversation):
    return next(iter(build("face.speaking")(conversation)))


def test_contract():
    check_component(build("face.speaking"), [Conversation(), _talk("speaks", "still"), _talk("away"), _talk()])


def test_the_mouth_that_goes_with_the_voice_is_found():
    right = [_found(_talk("still", "speaks", "chews", seed=seed)).labels == ("speaks",) for seed in range(10)]
    assert sum(right) >= 8


def test_nobody_seen_speaks():
    quiet = _found(_talk("still"))
    assert not quiet.labels
    assert quiet.scores["still"] < 0.3
    assert sum(bool(_found(_talk("chews", seed=seed)).labels) for seed in range(10)) <= 4


def test_who_is_not_seen_is_not_judged():
    assert "no face" in _found(_talk("away")).reason
    assert "no face" in _found(_talk()).reason
    silent = Conversation(Turn("speaker 1", "…", (0.0, 2.0)))
    assert "no voice" in _found(silent).reason
