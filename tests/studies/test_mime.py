"""MIME: groups by polarity, a mixture of mirroring and not, chance that can be turned off, and a small run."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import studies
from insula.studies import mime

DRAW = np.random.default_rng(0)


def _felt(**shares):
    felt = np.full(len(mime.EMOTIONS), 1e-4)
    for label, share in shares.items():
        felt[mime.EMOTIONS.index(label)] = share
    return felt / felt.sum()


def test_both_groups_are_there():
    pleasant = {label for label, yes in zip(mime.EMOTIONS, mime.PLEASANT, strict=True) if yes}
    assert {"joyful", "grateful", "proud", "hopeful"} <= pleasant
    assert not {"sad", "furious", "lonely", "ashamed", "terrified"} & pleasant
    assert len(pleasant) + (~mime.PLEASANT).sum() == 32


def test_the_mixture_mirrors_as_often_as_counted():
    sad = _felt(sad=0.7, lonely=0.2, joyful=0.05)
    mixture = mime.Mimicry(0.7, 0.9).mixture(sad)
    assert mixture[~mime.PLEASANT].sum() == pytest.approx(0.7)
    assert mixture[mime.PLEASANT].sum() == pytest.approx(0.3)
    said = [mime.Mimicry(0.7, 0.9).stochastic(sad, DRAW) for _ in range(400)]
    assert np.mean(~mime.PLEASANT[said]) == pytest.approx(0.7, abs=0.08)
    assert all(mime.PLEASANT[mime.Mimicry(1.0, 1.0).stochastic(_felt(joyful=0.6, sad=0.3), DRAW)] for _ in range(50))


def test_chance_brings_variety_and_can_be_removed():
    sad, mimicry = _felt(sad=0.4, lonely=0.3, devastated=0.2), mime.Mimicry(0.8, 0.8)
    assert len({mimicry.stochastic(sad, DRAW) for _ in range(50)}) >= 3
    assert {mime.EMOTIONS[mimicry.deterministic(sad, DRAW)] for _ in range(10)} == {"sad"}


def test_counting_finds_how_often_listeners_mirror():
    found = mime.counted(mime.made_up(400, 3))
    assert found.pleasant == pytest.approx(0.8, abs=0.1)
    assert found.unpleasant == pytest.approx(0.8, abs=0.1)


def test_smoke():
    record = studies.run("mime")
    score = {row["name"]: row["score"] for row in record["metrics"]}
    polarity = "accuracy of polarity, by dialogue.encoder, "
    assert score[polarity + "deterministic"] > score[polarity + "flat"]
    variety = "different emotions in 10 choices, "
    assert score[variety + "mime"] > score[variety + "deterministic"] == 1.0
