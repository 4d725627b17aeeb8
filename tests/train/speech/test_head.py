"""A head fitted on made-up voices: speakers differ more than feelings do, and are never mixed up with them."""

import numpy as np
import pytest

from insula.network.voice import Machine, Person, features
from insula.train.speech.head import balance, fit, folds

LABELS = 3


def voices(speakers=8, clips=24, seed=0, apart=3.0):
    """Clips whose feeling moves some numbers a little, and whose speaker moves all of them more."""
    draw = np.random.default_rng(seed)
    feeling = np.random.default_rng(1).standard_normal((LABELS, 3 * 2 * 8))
    rows, truth, whose = [], [], []
    for speaker in range(speakers):
        own = draw.standard_normal(48) * apart
        for clip in range(clips):
            rows.append(own + feeling[clip % LABELS] + draw.standard_normal(48) * 0.7)
            truth.append(clip % LABELS)
            whose.append(f"s{seed}-{speaker}")
    pooled = np.array(rows, np.float32).reshape(-1, 3, 2, 8)
    layers = np.concatenate([np.zeros_like(pooled[:, :1]), pooled], 1)
    prosody = pooled[:, 0, 0, :5].copy()
    return layers, prosody, np.eye(LABELS, dtype=np.float32)[truth], np.array(whose)


@pytest.fixture(scope="module")
def head():
    return fit(*voices(), seed=0)


def right(found, targets):
    return float((found.argmax(1) == targets.argmax(1)).mean())


def test_it_hears_speakers_it_never_met(head):
    pooled, prosody, targets, _ = voices(seed=5, apart=1.0)
    found = head.predict(pooled, prosody)
    assert found.shape == targets.shape
    assert found.dtype == np.float32
    assert right(found, targets) > 0.6
    assert ((found >= 0) & (found <= 1)).all()


def test_against_their_own_voice_it_hears_them_better(head):
    pooled, prosody, targets, whose = voices(seed=6)
    one = whose == whose[0]
    baseline = Person.of(features(pooled[one], prosody[one]))
    without = right(head.predict(pooled[one], prosody[one]), targets[one])
    with_it = right(head.predict(pooled[one], prosody[one], baseline), targets[one])
    assert with_it > max(without, 0.9)


def test_a_person_heard_piece_by_piece_is_the_same(head):
    pooled, prosody, _, whose = voices(seed=6)
    rows = features(pooled[whose == whose[0]], prosody[whose == whose[0]])
    person = Person.of(rows[:1])
    for row in rows[1:]:
        person = person.heard(row[None])
    one, other = (head.machine.logits(rows, who)[0] for who in (person, Person.of(rows)))
    assert np.allclose(one, other, atol=1e-4)


def test_probabilities_are_calibrated(head):
    pooled, prosody, targets, _ = voices(seed=7)
    found = head.predict(pooled, prosody)
    assert abs(float(found.mean()) - float(targets.mean())) < 0.08


def test_prosody_may_be_left_out():
    pooled, _, targets, whose = voices()
    assert fit(pooled, None, targets, whose, seed=0).predict(pooled[:2]).shape == (2, LABELS)


def test_what_is_unknown_teaches_nothing():
    """A column known of half of the speakers is learnt from those."""
    pooled, prosody, targets, whose = voices(apart=0.5)
    partly = targets.copy()
    partly[: len(partly) // 2, 2] = np.nan
    found = fit(pooled, prosody, partly, whose, seed=0).predict(pooled, prosody)
    assert np.isfinite(found).all()
    assert right(found, targets) > 0.8


def test_one_speaker_teaches_nothing():
    pooled, prosody, targets, whose = voices(speakers=1)
    with pytest.raises(ValueError, match="two speakers"):
        fit(pooled, prosody, targets, whose, seed=0)


def test_the_same_seed_gives_the_same_head():
    learnt = voices(speakers=3)
    one, other = (fit(*learnt, seed=3).predict(*learnt[:2]) for _ in range(2))
    assert np.array_equal(one, other)


def test_saved_in_eight_bits_it_says_the_same(head, tmp_path):
    pooled, prosody, _, _ = voices(seed=8, apart=1.0)
    head.machine.save(tmp_path / "m.safetensors")
    again = Machine.load(tmp_path / "m.safetensors", head.machine.prosody)
    rows = features(pooled, prosody)
    assert np.abs(again.logits(rows)[0] - head.machine.logits(rows)[0]).max() < 0.2


def test_folds_share_no_speaker():
    whose = np.array(["a", "b", "c", "a", "d", "b"])
    parts = list(folds(whose, 3))
    assert sum(int(rest.sum()) for _, rest in parts) == len(whose)
    for learnt, rest in parts:
        assert not set(whose[learnt]) & set(whose[rest])


def test_a_rare_label_weighs_as_much_as_a_common_one():
    targets = np.eye(2, dtype=np.float32)[[0, 0, 0, 1]]
    shares = balance(targets)
    assert shares[:3].sum() == pytest.approx(shares[3])
    assert shares.mean() == pytest.approx(1)
