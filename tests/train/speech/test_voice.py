"""What the voice head is taught: what a corpus does not know is unknown, and nothing is made up about ratings."""

import json

import numpy as np
import pytest

from insula.evaluate.clips import Clips
from insula.network.voice import Machine
from insula.train.speech.head import fit
from insula.train.speech.voice import LABELS, functional_names, judged, neutral, wanted, write


def part(labels, intensities=None):
    labels = np.array(labels)
    nothing = np.array([""] * len(labels))
    empty = np.zeros((len(labels), 0), np.float32)
    strengths = np.array(intensities) if intensities else nothing
    return Clips(nothing, labels, nothing, nothing, nothing, strengths, empty, empty, empty)


def column(name):
    return LABELS.index(name)


def test_a_label_the_corpus_lacks_is_unknown_only_where_it_could_be_heard():
    found = wanted(part(["sadness", "anger", "neutral"]))
    assert found[1, column("anger")] == 1
    assert found[0, column("anger")] == 0
    assert np.isnan(found[0, column("boredom")])
    assert np.isnan(found[2, column("calm")])
    assert found[1, column("boredom")] == 0
    assert found[1, column("calm")] == 0


def test_coordinates_go_with_how_strongly_it_was_acted():
    weak, strong = wanted(part(["anger", "anger"], ["normal", "strong"]))[:, len(LABELS) :]
    assert strong.tolist() == pytest.approx([-0.51, 0.59, 0.25])
    assert weak.tolist() == pytest.approx([0.7 * value for value in strong])


def test_a_level_of_arousal_says_nothing_of_feelings():
    found = wanted(part(["low", "neutral", "high"]))
    assert np.isnan(found[:, : len(LABELS)]).all()
    assert np.isnan(found[:, [-3, -1]]).all()
    assert found[:, -2].tolist() == pytest.approx([-0.5, 0.0, 0.6])


def test_a_trained_head_is_written_with_its_card(tmp_path):
    """On made-up numbers: record, weights and card are whole, and the machine comes back as it was."""
    draw = np.random.default_rng(0)
    truth = np.arange(270) % len(LABELS)
    targets = wanted(part([LABELS[k] for k in truth]))
    middles = draw.standard_normal((len(LABELS), 32))
    rows = (middles[truth] + draw.standard_normal((270, 32))).astype(np.float32)
    speakers = np.array([f"s{k // 30}" for k in range(270)])
    pooled = np.concatenate([np.zeros((270, 1, 2, 8), np.float32), rows.reshape(270, 2, 2, 8)], 1)
    machine = fit(pooled, None, targets[:, : len(LABELS)], speakers, seed=0).machine
    heads, quality = judged(np.concatenate([machine.logits(rows)[0], targets[:, len(LABELS) :]], 1), targets)
    assert [head.scheme for head in heads] == ["voice9", "vad"]
    record = {"name": "voice", "functionals": [], "shortest": 0.8, "nearest": 0.1, "heads": []}
    path = write(tmp_path, machine, record, quality, {"made up": 270})
    card = (tmp_path / "voice.md").read_text()
    assert "insula train voice" in card
    assert "made up 270" in card
    assert json.loads(path.read_text())["revision"] in card
    again = Machine.load(tmp_path / "voice.safetensors", 0)
    assert np.corrcoef(again.logits(rows)[0].ravel(), machine.logits(rows)[0].ravel())[0, 1] > 0.999


def test_what_is_neutral_about_a_voice():
    """Persons differ, but each one's neutral clips are one deviation above the rest: that is what is found."""
    draw = np.random.default_rng(1)
    voices = np.repeat(["a", "b", "c"], 40)
    plainly = np.tile(np.arange(40) < 20, 3)
    rows = np.repeat(draw.standard_normal((3, 1, 16)) * 5, 40, 1).reshape(120, 16) + plainly[:, None] * 1.0
    rows = (rows + 0.1 * draw.standard_normal(rows.shape)).astype(np.float32)
    ones, none = np.ones(16, np.float32), np.zeros(16, np.float32)
    machine = Machine(none, ones, ones, np.eye(16, dtype=np.float32), rows[:4], ones, ones, ones, none, 0)
    assert np.allclose(neutral(machine, rows, voices, plainly), 0.5, atol=0.1)


def test_functionals_have_names():
    names = functional_names()
    assert len(names) == len(set(names)) > 88
