"""EmotionIC: who sees whom, exact filtering and decoding where they can be checked, and a dialogue of one's own."""

import dataclasses
from itertools import product

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

import torch

from insula import studies
from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.studies import emotionic
from insula.studies.identity_networks import PARTS, DialogueCell, EmotionIC, IdentityAttention, SkipField
from insula.studies.talk_corpora import made_up
from insula.studies.talks import Batch, Talk, predict

NAMES = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")


def _field(outputs=3, seed=0):
    torch.manual_seed(seed)
    field = SkipField(outputs)
    field.transitions.data = torch.randn(2, outputs, outputs)
    return field


def _talk(speakers, width=3, seed=0):
    draw = np.random.default_rng(seed)
    count = len(speakers)
    return Talk(draw.normal(size=(count, width)).astype(np.float32), np.array(speakers), np.zeros(count, int))


def _score(field, emissions, before, labels):
    """The unnormalised log-score of a label sequence, spelled out."""
    total = 0.0
    for turn, label in enumerate(labels):
        total += float(emissions[turn, label])
        for kind in (0, 1):
            if before[kind, turn] >= 0:
                total += field.transitions[kind, labels[before[kind, turn]], label].item()
    return total


def test_filtering_a_monologue_is_exact():
    field, talk = _field(), _talk([0, 0, 0, 0])
    emissions = torch.from_numpy(talk.vectors)
    beliefs, normalisers = field.filtered(emissions[None], torch.from_numpy(talk.before)[None])
    every = list(product(range(3), repeat=4))
    scores = torch.tensor([_score(field, emissions, talk.before, labels) for labels in every])
    assert float(normalisers.sum()) == pytest.approx(float(scores.logsumexp(0)), abs=1e-4)
    last = [float(scores[[s[-1] == k for s in every]].logsumexp(0) - scores.logsumexp(0)) for k in range(3)]
    assert np.allclose(beliefs[0, -1].detach().numpy(), last, atol=1e-4)


def test_the_best_sequence_is_the_best_of_all():
    field, talk = _field(seed=1), _talk([0, 1, 0, 2, 1], seed=1)
    every = list(product(range(3), repeat=5))
    best = max(every, key=lambda labels: _score(field, talk.vectors, talk.before, labels))
    assert tuple(field.best(talk.vectors, talk.before)) == best


def test_the_loss_is_the_negative_log_likelihood_of_a_monologue():
    field, talk = _field(), _talk([0, 0, 0])
    emissions = torch.from_numpy(talk.vectors)
    every = torch.tensor([_score(field, emissions, talk.before, s) for s in product(range(3), repeat=3)])
    gold = _score(field, emissions, talk.before, (0, 0, 0))
    loss = field.loss(emissions[None], Batch.of([talk]))
    assert float(loss) == pytest.approx(float(every.logsumexp(0) - gold) / 3, abs=1e-4)


def test_half_the_heads_see_oneself_and_half_the_others():
    torch.manual_seed(0)
    attention = IdentityAttention(8, heads=2)
    attention.out = torch.nn.Identity()
    attention.norm = torch.nn.Identity()
    turns, speakers = torch.randn(1, 4, 8), torch.tensor([[0, 1, 0, 1]])
    changed = turns.clone()
    changed[0, 0] += 3
    difference = (attention(changed, speakers) - attention(turns, speakers))[0].abs() > 1e-6
    own, others = difference[:, :4].any(1), difference[:, 4:].any(1)
    assert own.tolist() == [True, False, True, False]
    assert others.tolist() == [True, True, False, True]  # a turn itself changes in all its numbers


def test_the_cell_mixes_new_own_and_other():
    torch.manual_seed(0)
    cell = DialogueCell(4)
    cell.gates.weight.data.zero_()
    cell.gates.bias.data = torch.tensor([-50.0] * 4 + [50.0] * 4 + [-50.0] * 4)
    own = torch.randn(2, 4)
    assert torch.allclose(cell(torch.randn(2, 4), own, torch.randn(2, 4)), own, atol=1e-5)


@pytest.mark.parametrize("parts", emotionic.ARMS.values())
def test_no_arm_sees_a_later_turn(parts):
    torch.manual_seed(0)
    network, talk = EmotionIC(16, 7, parts).eval(), made_up(2).test[0]
    cut = dataclasses.replace(talk, vectors=talk.vectors[:3], speakers=talk.speakers[:3], labels=talk.labels[:3])
    assert np.allclose(predict(network, [talk])[0][:3], predict(network, [cut])[0], atol=1e-5)
    assert (network.attention is None) == ("attention" not in parts)
    assert (network.field is None) == ("random field" not in parts)


def test_kappa_is_one_for_repetition_and_nought_for_chance():
    assert emotionic.kappa(None, np.array([[0, 0], [1, 1]])) == 1
    assert emotionic.kappa(None, np.array([[0, 0], [0, 1], [1, 0], [1, 1]])) == 0


def _read_dialogue():
    conversation = Conversation(*(Turn(speaker, "hm") for speaker in ("ana", "bo", "ana", "bo")))
    for turn, label in zip(("t1", "t2", "t3"), ("joy", "anger", "joy"), strict=True):
        scores = {name: 0.9 if name == label else 0.02 for name in NAMES}
        conversation.add(Annotation("emotion", scores, Anchor(turn), "ekman7", "me"))
    return conversation


def _table(**changed):
    nothing = np.zeros((7, 7)).tolist()
    return {
        "labels": list(NAMES), "weigh": np.eye(7).tolist(), "bias": [0.0] * 7, "same speaker": nothing,
        "other speaker": nothing, **changed,
    }  # fmt: skip


def test_a_dialogue_of_ones_own_shows_how_feelings_passed_on():
    passing = emotionic.of_dialogue(_read_dialogue(), _table())
    assert passing.felt.shape == (4, 7)
    assert passing.felt[3].std() < 1e-6  # nobody read the last turn and nothing is carried over
    assert passing.counts.sum((1, 2)) == pytest.approx([2, 3], abs=1e-4)
    assert passing.counts[0, 3, 3] > 0.5  # from joy to joy, by ana
    assert passing.counts[1, 3, 0] > 0.5  # from ana's joy to bo's anger
    assert "from same speaker, to" in str(passing)


def test_learned_inertia_carries_a_feeling_into_an_unread_turn():
    keeps = (4 * np.eye(7)).tolist()
    passing = emotionic.of_dialogue(_read_dialogue(), _table(**{"same speaker": keeps}))
    assert passing.labels[int(passing.felt[3].argmax())] == "anger"


def test_what_is_missing_is_said(monkeypatch):
    with pytest.raises(ValueError, match='run the pipeline "text"'):
        emotionic.of_dialogue(Conversation(Turn("ana", "hm")), _table())
    monkeypatch.setattr(emotionic, "result", lambda name: None)
    with pytest.raises(LookupError, match="no full run"):
        emotionic.of_dialogue(_read_dialogue())


def test_the_table_on_file_reads_a_dialogue():
    if studies.result("emotionic") is None:
        pytest.skip("no full run on file")
    assert emotionic.of_dialogue(_read_dialogue()).felt.sum(1) == pytest.approx(np.ones(4), abs=1e-3)


def test_smoke_has_every_arm_control_and_matrix():
    found = emotionic.run("smoke")
    names = {row["name"] for row in found["metrics"]}
    assert {f"weighted F1, {arm}" for arm in (*emotionic.ARMS, emotionic.VITERBI, emotionic.BLIND)} <= names
    assert {f"weighted F1, all three minus {part} removed" for part in PARTS} <= names
    matrix = np.array(found["tables"]["network, made-up"]["same speaker"])
    assert matrix.shape == (7, 7)
    shown = matrix[np.ix_((0, 3, 6), (0, 3, 6))]
    assert np.diag(shown).mean() > shown.mean()  # made-up feelings last
