"""Other people's checkpoints: labels find their scheme, numbers fit it, and nothing is fetched unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insula import Annotation, Conversation, Turn, scheme
from insula.perceive.text.checkpoint import Checkpoint, match_labels
from insula.perceive.text.language import EMPTY
from insula.testing import check_component

Save = Callable[..., Path]
EKMAN = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]


def judge(reader: Checkpoint, text: str) -> Annotation:
    return next(iter(reader(Conversation(Turn("ana", text)))))


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (list(scheme("goemotions28").labels), "goemotions28"),
        (EKMAN, "ekman7"),
        (["Sad", "Happy", "angry", "fear", "surprised", "disgust", "neutral"], "ekman7"),
        (["sadness", "joy", "love", "anger", "fear", "surprise"], "carer6"),
        (["Negative", "Neutral", "Positive"], "sentiment3"),
        (["valence", "arousal", "dominance"], "vad"),
        (["toxic", "fine"], "words"),
    ],
)
def test_labels_find_their_scheme(labels: list[str], name: str) -> None:
    found, ours = match_labels(labels, "", {})
    assert found.name == name
    assert len(ours) == len(labels)


def test_numbered_labels_need_a_scheme() -> None:
    numbered = [f"LABEL_{i}" for i in range(3)]
    with pytest.raises(ValueError, match="scheme"):
        match_labels(numbered, "", {})
    assert match_labels(numbered, "sentiment3", {})[1] == ["negative", "neutral", "positive"]


def test_labels_may_be_said() -> None:
    assert match_labels(["non_irony", "irony"], "sarcasm", {"irony": "sarcasm"})[1] == ["", "sarcasm"]
    with pytest.raises(ValueError, match="non_irony"):
        match_labels(["non_irony", "irony"], "sarcasm", {})
    with pytest.raises(ValueError, match="no label ironic"):
        match_labels(["non_irony", "irony"], "sarcasm", {"ironic": "sarcasm"})


def test_contract_of_softmax_and_sigmoid(save_checkpoint: Save) -> None:
    check_component(Checkpoint(save_checkpoint("one", EKMAN, "single_label_classification")))
    check_component(Checkpoint(save_checkpoint("many", EKMAN, "multi_label_classification")))
    check_component(Checkpoint(save_checkpoint("three", None, count=3), scheme="sentiment3"))
    check_component(Checkpoint(save_checkpoint("vad", ["valence", "arousal", "dominance"], "regression")))


def test_scores_are_what_transformers_says(save_checkpoint: Save) -> None:
    folder = save_checkpoint("one", EKMAN)
    transformers = pytest.importorskip("transformers")
    pipe = transformers.pipeline("text-classification", model=str(folder), top_k=None)
    expected = {row["label"]: row["score"] for row in pipe(["i miss him"])[0]}
    found = judge(Checkpoint(folder), "i miss him")
    assert found.scheme == "ekman7"
    assert dict(found.scores) == pytest.approx(expected, abs=1e-4)
    assert found.labels == (found.top,)


def test_sigmoid_decides_each_label_alone(save_checkpoint: Save) -> None:
    found = judge(Checkpoint(save_checkpoint("many", EKMAN, "multi_label_classification")), "i miss him")
    assert sum(found.scores.values()) != pytest.approx(1, abs=1e-3)
    assert set(found.labels) == {label for label, score in found.scores.items() if score >= 0.5}


def test_a_batch_and_a_long_text(save_checkpoint: Save) -> None:
    reader = Checkpoint(save_checkpoint("one", EKMAN))
    texts = ["a b c", "", "a b c " * 50, "so sad", "a b d"] * 10
    many = reader.batch([Conversation(Turn("ana", text)) for text in texts])
    for text, found in zip(texts, many, strict=True):
        assert dict(found[0].scores) == pytest.approx(dict(judge(reader, text).scores), abs=1e-4)
    assert many[1][0].reason == EMPTY


def test_revision_follows_the_weights(save_checkpoint: Save) -> None:
    first, second = (save_checkpoint(name, EKMAN, kind) for name, kind in (("a", None), ("b", "regression")))
    assert Checkpoint(first).rater == Checkpoint(first).rater
    assert Checkpoint(first).rater != Checkpoint(second, scheme="ekman7").rater


def test_a_missing_checkpoint_is_not_fetched(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the transformers extra is not installed")
    for name in ("someone/some-model", str(tmp_path / "nowhere")):
        with pytest.raises(FileNotFoundError, match="allow_download"):
            Checkpoint(name)
