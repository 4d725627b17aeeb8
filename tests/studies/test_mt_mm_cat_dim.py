"""Bridge tokens: what the arms are, pairs near in feeling, a silenced channel that says nothing, and a small run."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.studies import mt_mm_cat_dim as study


def test_sentences_beside_a_clip_lie_nearest_to_its_feeling():
    train, test, clips = study.made_up(0)
    learnt = np.flatnonzero(clips.speaker != "speaker 0")
    first, second = study.lessons(train, clips, learnt, 2, 0)
    assert (train.nearest[first.words] == clips.gold[learnt]).all()
    assert (first.words != second.words).any()
    assert (test.nearest[study.asked_of(test, clips, 0)] == clips.gold).all()


def test_rows_are_drawn_evenly():
    labels = np.array([0] * 50 + [1] * 2 + [2] * 50)
    kept = labels[study.evenly(labels, 70, np.random.default_rng(0))]
    assert np.bincount(kept).tolist() == [10, 2, 10]


def test_a_silenced_channel_says_nothing():
    _, test, _ = study.made_up(0)
    silent = study._silenced(test.states, True)
    assert {one.shape for one in silent.rows} == {(1, study.STATES)}
    assert not any(one.any() for one in silent.rows)


def test_smoke():
    record = studies.run("mt-mm-cat-dim")
    score = {row["name"]: row["score"] for row in record["metrics"]}
    assert {f"unweighted recall, {name}" for name, arm in study.ARMS.items() if "emotion" in arm.tasks} <= set(score)
    assert score["unweighted recall, both tasks, bridges"] > 0.4
    assert score["concordance of valence, both tasks, bridges"] > 0.1
