"""Deliveries: bounds, and the arithmetic of their space."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insula.speak.delivery import QUANTITIES, Delivery
from insula.speak.plan import feelings, heavy, plan

SLOW_AND_LOW = Delivery(feeling={"sadness": 0.7}, pace=0.8, pitch=-2, breath=0.4)


def test_a_plain_reading_is_the_origin():
    assert not any(Delivery().vector())
    assert Delivery().plain
    assert not SLOW_AND_LOW.plain


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"pace": 3}, "pace is 3; it goes from 0.5 to 2"),
        ({"pitch": math.nan}, "no number"),
        ({"energy": "loud"}, "no number"),
        ({"intensity": 1.2}, "intensity is 1.2"),
        ({"feeling": {"joy": 2}}, "feeling joy is 2"),
    ],
)
def test_a_value_outside_is_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        Delivery(**wrong)


def test_the_opposite_pole_is_the_other_way_and_back():
    other = SLOW_AND_LOW.opposite()
    assert other.pace == pytest.approx(1.25)
    assert (other.pitch, other.breath, other.feeling) == (2, -0.4, {"sadness": -0.7})
    assert other.opposite() == SLOW_AND_LOW


def test_mixing_lies_between():
    mixed = plan("", "joy").mixed(plan("", "sadness"), 0.5)
    low, high = sorted((plan("", "joy").pitch, plan("", "sadness").pitch))
    assert low < mixed.pitch < high
    assert mixed.feeling == {"joy": 0.5, "sadness": 0.5}
    assert plan("", "joy").mixed(plan("", "sadness"), 0.0) == plan("", "joy")


@given(st.floats(0, 1), st.sampled_from(feelings()[1:]))
def test_intensity_goes_along_one_direction(intensity, feeling):
    whole, part = plan("", feeling).vector(), plan("", feeling, intensity).vector()
    assert part == pytest.approx([intensity * x for x in whole], abs=2e-4)


@given(st.lists(st.floats(-50, 50), min_size=9, max_size=9))
def test_every_place_in_the_space_is_a_delivery(vector):
    moved = Delivery().at(vector)
    assert all(about.low <= getattr(moved, name) <= about.high for name, about in QUANTITIES.items())


def test_directions_are_those_of_the_literature():
    joy, sadness, anger, fear = (plan("", one) for one in ("joy", "sadness", "anger", "fear"))
    assert joy.pitch > 0 > sadness.pitch
    assert joy.range > 1 > sadness.range
    assert anger.energy > joy.energy > 0 > sadness.energy
    assert min(anger.pace, joy.pace, fear.pace) > 1 > sadness.pace
    assert anger.tilt > 0 > sadness.tilt


def test_negative_weight_and_negative_intensity_are_the_opposite():
    assert plan("", {"joy": -1}).vector() == plan("", "joy", -1).vector() == plan("", "joy").opposite().vector()


def test_a_place_works_like_a_name():
    assert plan("", affect={"arousal": 0.8}).pace > 1 > plan("", affect={"arousal": -0.8}).pace


def test_labels_of_other_schemes_lead_to_their_broader_feeling():
    assert plan("", "gratitude").vector() == plan("", "joy").vector()


def test_what_nobody_knows_is_said_with_near_names():
    with pytest.raises(KeyError, match="no feeling 'sadnes' to speak with; did you mean 'sadness'"):
        plan("", "sadnes")
    with pytest.raises(KeyError, match="no dimension 'arusal'"):
        plan("", affect={"arusal": 1})
    with pytest.raises(ValueError, match="intensity is 2"):
        plan("", "joy", 2)


def test_emphasis_is_sparing():
    assert heavy("I am so very sorry, it really was NOT you.") == ("so", "very")
    assert heavy("WE ARE ALL SHOUTING HERE") == ()
    assert heavy("") == ()
    assert plan("I am so sorry.", "sadness", emphasis=["sorry"]).emphasis == ("sorry",)
