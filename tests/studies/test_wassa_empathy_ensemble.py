"""Empathy of essay writers: no writer on both sides, stratified batches, every part is switched off."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula.studies import wassa_empathy_ensemble as study
from insula.studies.essay_features import lexicon_features


@pytest.fixture(scope="module")
def found():
    return {(row["name"], row["slice"]): row["score"] for row in study.run("smoke")["metrics"]}


def test_every_part_is_switched_off(found):
    off = [*study.EMBEDDINGS, "lexicons", "stratified batches"]
    for target in study.TARGETS:
        for part in ("held-out essays", "across writers"):
            for name in off:
                assert (f"Pearson r, without {name}", f"{target}, {part}") in found
                assert (f"Pearson r, ensemble minus without {name}", f"{target}, {part}") in found
            assert (f"Pearson r, ensemble minus {study.SINGLE}", f"{target}, {part}") in found


def test_it_learns_and_the_mean_of_networks_is_better_than_one(found):
    for target in study.TARGETS:
        where = f"{target}, held-out essays"
        assert found["Pearson r, ensemble", where] > 0.5
        assert found["Pearson r, ensemble", where] > found["Pearson r, single networks", where]


def test_a_writer_is_in_one_part():
    writers = np.repeat([f"w{k}" for k in range(30)], 3)
    parts = study._parts(writers, 5, seed=0)
    assert {len(set(parts[writers == who])) for who in set(writers)} == {1}
    assert set(parts) == set(range(5))
    assert 0 < study._held_back(writers, 0).mean() < 0.3


def test_crossed_networks_never_saw_the_writer(monkeypatch):
    known, _ = study._made_up(0)
    seen = []

    def arms(one, other, size, seed):
        seen.append((set(one.writers), set(other.writers)))
        return {"constant": np.zeros((len(other.said), 2))}

    monkeypatch.setattr(study, "_arms", arms)
    assert study._crossed(known, study.SMOKE, 0)["constant"].shape == (len(known.said), 2)
    assert all(not one & other for one, other in seen)
    assert set().union(*(other for _, other in seen)) == set(known.writers)


def test_stratified_batches_draw_every_unit_equally_often():
    target = np.array([1.5] * 90 + [6.5] * 10)
    draw = np.random.default_rng(0)
    rows = np.concatenate([row for _ in range(20) for row in study.batches(target, 16, True, draw)])
    assert 0.4 < (rows >= 90).mean() < 0.6
    plain = np.concatenate([*study.batches(target, 16, False, draw)])
    assert sorted(plain) == list(range(100))


def test_correlation_of_nothing_is_zero():
    assert study.pearson(np.ones(4), np.arange(4)) == 0.0
    assert study.mean_pearson(np.arange(4.0), np.stack([np.arange(4), -np.arange(4)], 1)) == pytest.approx(0.0)


def test_lexicon_features_are_means_over_known_words():
    table = {"rain": {"valence": -0.5}, "sun": {"valence": 1.0}}
    one, other = lexicon_features(["I saw rain and sun", "nothing"], {"made-up": table})
    assert one[1] == pytest.approx(1 / 5)
    assert one[2] == pytest.approx(0.25)
    assert other[2] == 0.0
    assert one.shape == other.shape
