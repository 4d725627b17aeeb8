"""Coherence across turns: transitions beyond chance, unread turns, controls that keep readings, a small run."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.studies import emo_reasoning as study
from insula.studies.emo_reasoning import SEVEN, Felt


def felt(speaker, label, *place):
    return Felt(speaker, np.eye(7)[SEVEN.index(label)], np.array(place or (0.0, 0.0)))


def test_a_transition_counts_only_beyond_how_common_its_ends_are():
    talk = [felt("AB"[n % 2], label) for n, label in enumerate(["sadness", "sadness", "joy", "joy"] * 40)]
    table = study.transitions([talk[n : n + 2] for n in range(0, len(talk), 2)])
    sad, glad = SEVEN.index("sadness"), SEVEN.index("joy")
    assert table[sad, sad] > 0.5
    assert table[sad, glad] < -0.5
    assert abs(table[SEVEN.index("fear"), SEVEN.index("fear")]) < 0.3


def test_coherence_of_the_same_and_of_opposites():
    one, other = felt("A", "joy", 0.5, 0.5), felt("B", "anger", -0.5, 0.5)
    assert study.alike(one, one) == study.near(one, one) == 1.0
    assert study.alike(one, other) == pytest.approx(0.0)
    assert study.near(one, other) == 0.75


def test_no_pair_is_made_across_a_turn_that_could_not_be_read_or_within_a_speaker():
    a, b = felt("A", "joy"), felt("B", "joy")
    assert study.pairs([a, None, b, a, a]) == [(b, a)]


@pytest.mark.parametrize("control", study.CONTROLS)
def test_controls_only_move_replies(control):
    talks = [study.pairs(talk) for talk in study.made_up(6, 3)]
    drawn = study._control(talks, control, seed=0)
    assert len(drawn) == study.ROUNDS * 6
    for n, one in enumerate(drawn[:6]):
        assert [first for first, _ in one] == [first for first, _ in talks[n]]
        own = {id(reply) for _, reply in talks[n]}
        here = [id(reply) in own for _, reply in one]
        assert all(here) if control == study.CONTROLS[0] else not any(here)
        assert all(reply is not true for (_, reply), (_, true) in zip(one, talks[n], strict=True))


def test_smoke_falls_where_replies_do_not_belong():
    record = studies.run("emo-reasoning")
    low = {(row["name"], row["slice"]): row["low"] for row in record["metrics"]}
    for measure in ("cross-turn score (bits)", "categorical coherence", "continuous coherence"):
        assert low[f"{measure}, fall with replies of other talks", "made up"] > 0
        assert low[f"{measure}, fall with replies of other talks", "built and heard"] > 0
