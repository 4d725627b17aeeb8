"""Talks as numbers: who spoke last, no number depends on a neighbour, the best pass is kept."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

import torch

from insula.conversation import Conversation, Turn
from insula.data.gold import one_of
from insula.studies import talk_corpora, talks
from insula.studies.measure import weighted_f1


def test_before_names_the_last_turn_of_oneself_and_of_anybody_else():
    talk = talks.Talk(np.zeros((5, 2), np.float32), np.array([0, 1, 1, 2, 0]), np.zeros(5, int))
    assert talk.before.tolist() == [[-1, -1, 1, -1, 0], [-1, 0, 0, 2, 3]]


def test_a_conversation_becomes_a_talk_with_speakers_numbered_by_first_word():
    conversation = Conversation(
        Turn("bo", "No."), Turn("ana", "Yes!"), Turn("bo", "Hm."), one_of("ekman7", "joy", turn="t2")
    )
    talk = talk_corpora.talk(conversation, list(np.eye(3, dtype=np.float32)), "ekman7")
    assert talk.speakers.tolist() == [0, 1, 0]
    assert talk.labels.tolist() == [-1, 3, -1]


def test_a_batch_fills_up_with_turns_nobody_judged():
    short, long = (talks.Talk(np.ones((n, 2), np.float32), np.zeros(n, int), np.ones(n, int)) for n in (1, 3))
    batch = talks.Batch.of([short, long])
    assert batch.labels.tolist() == [[1, -1, -1], [1, 1, 1]]
    assert batch.vectors[0].sum() == 2
    assert batch.before[1, 0].tolist() == [-1, 0, 1]


def test_a_state_never_reached_is_zeros():
    states = [torch.full((2, 3), 1.0), torch.full((2, 3), 2.0)]
    assert talks.at(states, torch.tensor([1, -1]), 3).tolist() == [[2.0] * 3, [0.0] * 3]
    assert talks.at([], torch.tensor([-1]), 3).tolist() == [[0.0] * 3]


def test_the_weight_of_neutral_is_tuned_on_judged_turns_only():
    said = [np.log(np.array([[0.4, 0.6], [0.45, 0.55], [0.1, 0.9], [0.01, 0.99]], np.float32))]
    gold = np.array([0, 0, 1, -1])
    assert talks.decided(said, 1, 0.0).tolist() == [1, 1, 1, 1]
    best, bias = talks.tuned(weighted_f1, gold, said, 1)
    assert best == 1.0
    assert talks.decided(said, 1, bias)[:3].tolist() == [0, 0, 1]


def test_nothing_is_worked_out_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path))
    made = iter([np.ones(2, np.float32)])
    assert talk_corpora.kept("a", lambda: next(made)).tolist() == [1, 1]
    assert talk_corpora.kept("a", lambda: next(made)).tolist() == [1, 1]
    assert [path.suffix for path in (tmp_path / "turn-vectors").iterdir()] == [".npy"]


def test_the_blind_answer_is_the_commonest_label_of_training():
    material = talk_corpora.made_up(0)
    assert set(material.commonest.tolist()) == {6}
    assert len(material.commonest) == sum(len(one.labels) for one in material.test)
