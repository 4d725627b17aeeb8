"""The emotion of a reply: the mood before it and the Big Five both count, where they are what it was made of."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.respond.affect import EMOTIONS, TRAITS
from insula.studies import personality_emotion_transition as study
from insula.train.respond import affect


@pytest.fixture(scope="module")
def parts():
    return study.made_up(0)


@pytest.fixture(scope="module")
def whole(parts):
    return affect.fit(parts.taught, parts.tuned)


def test_what_is_removed_is_missed(parts, whole):
    for changed in ({"personality": False}, {"transition": False}):
        without = affect.fit(parts.taught, parts.tuned, **changed)
        assert affect.surprise(whole, parts.tested) < affect.surprise(without, parts.tested) - 0.02, changed


def test_without_personality_no_trait_changes_anything(parts):
    without = affect.fit(parts.taught, parts.tuned, personality=False)
    low, high = (study.decided(without, parts.tested, np.full(len(TRAITS), level)) for level in (-1.0, 1.0))
    assert (low == high).all()


def test_another_trait_is_another_emotion_in_the_direction_learnt(parts, whole):
    calm, afraid = (
        study.decided(whole, parts.tested, np.eye(len(TRAITS))[TRAITS.index("neuroticism")] * level)
        for level in (-1.0, 1.0)
    )
    assert (afraid == EMOTIONS.index("fear")).mean() > (calm == EMOTIONS.index("fear")).mean() + 0.02


def test_what_it_gives_are_probabilities_and_places(parts, whole):
    probabilities, target = whole.run(parts.tested.said, parts.tested.before, parts.tested.traits)
    assert np.allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (np.abs(target) <= 1).all()


def test_smoke():
    record = studies.run("personality-emotion-transition")
    names = {row["name"] for row in record["metrics"]}
    assert {"macro-F1, majority", "weighted F1, the emotion before"} <= names
    assert {row["slice"] for row in record["metrics"]} >= {"published", "read", "character left out"}
    assert all(row["low"] <= row["high"] for row in record["metrics"])
