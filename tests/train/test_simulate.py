"""Fitting seekers: the ranker tells given replies from exchanged ones, constants are those of the talks."""

import math

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'insula[train]'")

from insula.conversation import Conversation, Turn
from insula.simulate.appraise import fit
from insula.train.simulate.ranker import fit_ranker, unseen
from insula.train.simulate.seeker import fit_constants
from simulated import appraisal


def states(number, seed):
    """Contexts and replies that share what they are about, which is what is to be found."""
    about, random = np.random.default_rng(99), np.random.default_rng(seed)
    topic = random.normal(size=(number, 8))
    sides = [topic @ about.normal(size=(8, size)) + random.normal(size=(number, size)) for size in (768, 384)]
    return tuple(one.astype(np.float32) for one in sides)


def test_the_ranker_knows_given_from_exchanged_replies_of_talks_it_never_saw():
    train, dev, test = (states(size, seed) for size, seed in ((600, 0), (200, 1), (200, 2)))
    table = fit_ranker(train, dev)
    given, exchanged = fit(table, *test), fit(table, test[0], np.roll(test[1], 1, 0))
    assert given.mean() > 0.6 > 0.4 > exchanged.mean()
    assert unseen(train, dev).shape == (600,)


def test_constants_are_those_of_the_talks():
    def talk(number, before, after):
        turns = [Turn(who, "one two three four") for _ in range(4) for who in ("seeker", "supporter")]
        survey = {"initial_emotion_intensity": before, "final_emotion_intensity": after}
        return Conversation(*turns, id=str(number), meta={"survey_score": {"seeker": survey}})

    talks = [talk(1, "4", "2"), talk(2, "5", "1"), talk(3, "4", None)]
    found = fit_constants(talks, [[appraisal()] * 4] * 3)
    assert found["ordinary"]["fit"] == 0.6
    assert found["intensities"] == {"4": pytest.approx(2 / 3), "5": pytest.approx(1 / 3)}
    assert found["stays"] == [pytest.approx(math.log(4), abs=1e-3), 0]
    change = (math.log(3.5 / 1.5) + math.log(4.5 / 0.5)) / 2
    assert found["relief"] == pytest.approx(change / 4, rel=0.01)
