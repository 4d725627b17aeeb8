"""CoMPM: two tracks that can be removed, nothing of the future, and the same numbers live."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

import torch

from insula.studies import compm
from insula.studies.talk_corpora import made_up
from insula.studies.talks import predict


def _network(**parts):
    torch.manual_seed(0)
    return compm.Tracks(16, 7, **parts).eval()


@pytest.mark.parametrize(("context", "memory"), compm.ARMS.values())
def test_live_says_what_reading_at_once_says(context, memory):
    network = _network(context=context, memory=memory)
    (whole,) = predict(network, [talk := made_up(1).test[0]])
    live = compm.Live(network)
    fed = [live.hear(str(speaker), vector) for speaker, vector in zip(talk.speakers, talk.vectors, strict=True)]
    assert np.allclose(np.stack(fed), whole, atol=1e-5)


def test_later_turns_change_nothing_and_neighbours_neither():
    network = _network(context=True, memory=True)
    talk, *others = made_up(1).test
    cut = dataclasses.replace(talk, vectors=talk.vectors[:2], speakers=talk.speakers[:2], labels=talk.labels[:2])
    (whole,), (start,) = predict(network, [talk]), predict(network, [cut])
    assert np.allclose(whole[:2], start, atol=1e-5)
    assert np.allclose(predict(network, [*others, talk])[-1], whole, atol=1e-5)


def test_memory_is_of_the_same_speaker_alone():
    network, talk = _network(context=False, memory=True), made_up(1).test[0]
    talk = dataclasses.replace(talk, speakers=np.arange(len(talk.labels)) % 2)
    changed = talk.vectors.copy()
    changed[0] += 5
    (before,), (after,) = predict(network, [talk]), predict(network, [dataclasses.replace(talk, vectors=changed)])
    assert np.allclose(before[1::2], after[1::2])
    assert not np.allclose(before[2], after[2], atol=1e-4)


def test_with_both_removed_a_turn_stands_alone():
    network, talk = _network(context=False, memory=False), made_up(1).test[0]
    assert network.context is None
    alone = dataclasses.replace(talk, vectors=talk.vectors[3:4], speakers=np.array([0]), labels=talk.labels[3:4])
    assert np.allclose(predict(network, [talk])[0][3], predict(network, [alone])[0][0], atol=1e-5)


def test_smoke_finds_that_memory_helps_where_feelings_last():
    found = compm.run("smoke")
    scores = {row["name"]: row for row in found["metrics"]}
    assert scores["weighted F1, context and memory minus both removed"]["score"] > 0
    assert scores["weighted F1, context and memory"]["baseline"] < scores["weighted F1, context and memory"]["score"]
    assert scores["log-probability, turn by turn minus at once, at most"]["score"] < 1e-4
    assert found["data"] == []
