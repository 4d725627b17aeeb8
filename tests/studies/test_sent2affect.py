"""sent2affect: the arms start from where they should, and the network can learn."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")
pytest.importorskip("sklearn", reason="its baseline is scikit-learn's: pip install 'insula[eval]'")

import torch

from insula.studies import sent2affect
from insula.studies.sent2affect import SMOKE, Texts


@pytest.fixture(scope="module")
def found():
    return sent2affect.run("smoke")


def test_every_arm_has_a_score_beside_the_classical_one(found):
    scores = {row["name"]: row for row in found["metrics"]}
    for arm in sent2affect.ARMS:
        assert scores[f"macro-F1, {arm}"]["baseline"] is not None
    assert scores["macro-F1, no transfer"]["score"] > 0.8  # four feelings named by four words: chance is .25
    assert "macro-F1, transfer minus transfer, shuffled sentiment" in scores


def test_arms_start_from_the_same_weights_and_only_the_transferred_have_learnt():
    sentiment, _ = sent2affect._made_up(SMOKE, 0)
    starts = sent2affect._starts(sentiment, 0)
    weights = {arm: starts[arm].words.weight.detach() for arm in sent2affect.ARMS}
    assert torch.equal(weights["no transfer"], weights["no transfer, unweighted loss"])
    assert not torch.equal(weights["no transfer"], weights["transfer"])
    assert not torch.equal(weights["transfer"], weights["transfer, shuffled sentiment"])
    untouched = sent2affect._starts(sentiment, 0)["no transfer"].words.weight
    assert torch.equal(untouched, weights["no transfer"])


def test_tuning_leaves_the_start_as_it_was():
    sentiment, targets = sent2affect._made_up(SMOKE, 0)
    starts = sent2affect._starts(sentiment, 0)
    before = starts["transfer"].words.weight.clone()
    sent2affect._tune("transfer", starts, *targets["made-up"], SMOKE, 0)
    assert torch.equal(before, starts["transfer"].words.weight)


def test_many_labels_may_be_none_or_several():
    said = ["red", "blue", "red blue", "green"] * 8
    labels = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 8, np.float32)
    network = sent2affect._fit(sent2affect.RecurrentEncoder(), Texts(said, labels), 20, 0)
    scores = sent2affect.predict(network, sent2affect.hashed(said[:4]))
    assert ((scores > 0) == labels[:4].astype(bool)).all()
