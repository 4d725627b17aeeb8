"""Numbers for named things are read however they are written down, and all of them or none."""

import pytest

from insula.evaluate.asking.intensities import intensities

NAMES = ("Calm", "Angry", "Sad")
WHOLE = {"Calm": 2.0, "Angry": 7.0, "Sad": 0.0}


@pytest.mark.parametrize(
    "text",
    [
        "Calm: 2\nAngry: 7\nSad: 0",
        "calm - 2/10\n**Angry**: 7.0\n- Sad: 0 (not at all)",
        "Calm: <2>\nAngry: <7>\nSad: <0>",
        "Calm: 1\nAngry: 1\nSad: 1\nNo, rather:\nCalm: 2\nAngry: 7\nSad: 0",
        "Sad: 0, Angry: 7, Calm: 2",
    ],
)
def test_ways_to_write_the_same(text):
    assert intensities(text, NAMES, 0, 10) == (WHOLE, "")


@pytest.mark.parametrize("text", ["1. 2\n2. 7\n3. 0", "2\n7\n0", "2, 7, 0", "Ruhig: 2\nWütend: 7\nTraurig: 0"])
def test_numbers_without_the_names_count_in_order_if_they_may(text):
    assert intensities(text, NAMES, 0, 10, in_order=True) == (WHOLE, "")
    assert intensities(text, NAMES, 0, 10)[0] is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("Calm: <score>\nAngry: <score>\nSad: <score>", "nothing"),
        ("I would rather not say.", "nothing"),
        ("Calm: 2\nAngry: 7", "2 of 3"),
        ("Calm: 2\nAngry: 70\nSad: 0", "between 0 and 10"),
        ("Calm: 2\nAngry: -7\nSad: 0", "between 0 and 10"),
        ("平静：很\n生气：非常\n难过：不", "nothing"),
        ("2 7", "nothing"),
    ],
)
def test_what_is_not_whole_is_not_guessed(text, why):
    found, said = intensities(text, NAMES, 0, 10)
    assert found is None
    assert why in said


def test_numbered_names_are_no_ratings():
    assert intensities("1. Calm\n2. Angry\n3. Sad", NAMES, 0, 10)[0] is None
    assert intensities("1. Calm: 2\n2. Angry: 7\n3. Sad: 0", NAMES, 0, 10)[0] == WHOLE


def test_an_endless_answer_is_read_quickly():
    assert intensities("Calm 1 and " * 20_000, NAMES, 0, 10) == (None, "it rates 1 of 3")
