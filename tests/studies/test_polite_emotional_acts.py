"""Polite emotional acts: differences at equal length, labels dealt out anew, and claims that made-up talk bears out."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="studies need scikit-learn: pip install 'insula[train]'")

from insula.studies import polite_emotional_acts as study
from insula.studies.politeness_tables import Turns

JOY_OVER_ANGER = (("joy",), ("anger",))


def _turns(politeness, emotion, words, dialogue):
    count = len(politeness)
    return Turns(
        np.array(politeness),
        np.array(emotion),
        np.array(["inform"] * count),
        np.array(words),
        np.array(dialogue),
        (0, 1),
    )


def test_a_difference_that_is_one_of_length_is_gone_at_equal_length():
    turns = _turns([1.0, 0.0, 1.0, 0.0, 1.0, 0.0], ["joy", "anger", "joy", "joy", "anger", "anger"],
                   [30, 1, 30, 1, 30, 1], [0, 0, 0, 1, 1, 1])  # fmt: skip
    plain, equal = (study._sums(turns, JOY_OVER_ANGER, by_length) for by_length in (False, True))
    assert plain.shape[0] == 2
    assert study.difference(None, plain) > 0.5
    assert study.difference(None, equal) == pytest.approx(0)


def test_a_difference_that_is_one_of_dialogues_is_gone_within_them():
    turns = _turns(
        [1.0, 1.0, 1.0, 0.0, 0.0, 0.0], ["joy", "joy", "anger", "joy", "anger", "anger"], [3] * 6, [0] * 3 + [1] * 3
    )
    sums = study._sums(turns, JOY_OVER_ANGER, by_length=False)
    assert study.difference(None, sums) > 0.5
    assert study.within(None, sums) == pytest.approx(0)


def test_labels_dealt_out_anew_stay_in_their_dialogue():
    draw = np.random.default_rng(0)
    emotion = draw.choice(["joy", "anger", "neutral"], 60)
    turns = _turns(draw.normal(size=60), emotion, [3] * 60, draw.permutation(np.repeat([0, 1, 2], 20)))
    dealt = study._dealt(turns, draw)
    assert (dealt.emotion != turns.emotion).any()
    for number in range(3):
        mine = turns.dialogue == number
        assert sorted(dealt.emotion[mine]) == sorted(turns.emotion[mine])
        assert (dealt.politeness[mine] == turns.politeness[mine]).all()


def test_smoke_bears_out_what_was_made_up():
    found = study.run("smoke")
    rows = {row["name"]: row for row in found["metrics"]}
    claim = "happiness and sadness more polite than anger and disgust"
    assert rows[claim]["low"] > 1
    assert rows[f"{claim}, at equal length"]["low"] > 1
    assert rows[f"{claim}, within dialogues"]["low"] > 1
    dealt = rows[f"{claim}, within dialogues, labels dealt out anew"]
    assert dealt["low"] < 0 < dealt["high"]
    assert rows["Pearson's r on requests, TF-IDF ridge"]["score"] > 0.9
    assert set(found["tables"]["TF-IDF ridge"]["emotion"]["levels"]) == {"anger", "joy", "neutral"}
    assert found == study.run("smoke")
