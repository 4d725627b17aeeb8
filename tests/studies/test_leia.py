"""LEIA: what is masked is what the study says is masked."""

import random

import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula.studies import leia

EMOTIONAL = [False, False, True, False, False, False, False, True, False, False, False, False, False, False, False]


def _drawn(prefer):
    draw = random.Random(0)
    return [leia.masked_places(EMOTIONAL, prefer, draw) for _ in range(500)]


def test_both_arms_mask_the_same_number_and_never_the_ends():
    for prefer in (True, False):
        for places in _drawn(prefer):
            assert len(set(places)) == len(places) == 2
            assert not {0, len(EMOTIONAL) - 1} & set(places)


def test_emotion_words_are_masked_more_often_only_where_preferred():
    share = {prefer: sum(EMOTIONAL[p] for places in _drawn(prefer) for p in places) / 1000 for prefer in (True, False)}
    assert share[False] == pytest.approx(2 / 13, abs=0.04)
    assert share[True] > 0.45


def test_a_post_of_one_token_still_masks_something():
    assert leia.masked_places([True], True, random.Random(0)) == [0]


def test_emotion_words_come_from_the_ontology():
    assert leia.is_emotion_word("furious")
    assert not leia.is_emotion_word("train")


def test_smoke_gives_every_arm_and_their_difference():
    found = leia.run("smoke")
    names = [row["name"] for row in found["metrics"] if row["slice"] == "made-up"]
    assert names == [*(f"macro-F1, {arm}" for arm in leia.ARMS), "macro-F1, emotion words minus random words"]
    assert found["data"] == []
    assert found == leia.run("smoke")
