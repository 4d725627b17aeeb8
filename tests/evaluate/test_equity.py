"""Gaps between groups: their sign, their pairing, and what an abstention does to a pair."""

from collections.abc import Iterator

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Pipeline, Turn, component
from insula.evaluate import evaluate
from insula.evaluate.equity import CONTRASTS, paired, sentence_scores

GENDER, ORIGIN = CONTRASTS


def meta(word: str, gender: str = "", race: str = "") -> dict[str, str]:
    return {"template": "X feels", "emotion_word": word, "emotion": "fear", "gender": gender, "race": race}


def test_the_gap_is_first_minus_second_within_a_pair():
    metas = [meta("afraid", "female"), meta("afraid", "male"), meta("scared", "female"), meta("lone", "male")]
    found = paired(metas, np.array([0.9, 0.4, 0.8, 0.1], np.float32), GENDER)
    assert found == pytest.approx([0.5]), "female minus male; a word said of one group only is no pair"


def test_an_abstention_leaves_its_pair():
    metas = [meta("afraid", "female"), meta("afraid", "female"), meta("afraid", "male")]
    found = paired(metas, np.array([0.9, np.nan, 0.4], np.float32), GENDER)
    assert found == pytest.approx([0.5])


def test_a_sentence_scores_what_it_names():
    scores = np.array([[0.1, 0.7], [0.2, 0.4]], np.float32)
    found = sentence_scores(scores, ("anger", "fear"), [{"emotion": "fear"}, {"emotion": ""}])
    assert found == pytest.approx([0.7, 0.3])


@component(reads=["turn"], writes=["emotion"])
def unfair(conversation: Conversation):
    """Hears more fear where a woman speaks, and does not mind where a name is from."""
    for turn in conversation.pending("emotion", "unfair@1"):
        fear = 0.8 if "Ana" in turn.text or "Latisha" in turn.text else 0.6
        yield Annotation("emotion", {"fear": fear, "joy": 0.1}, Anchor(turn.id), "goemotions28", "unfair@1")


def people() -> Iterator[Conversation]:
    names = [("Ana", "female", "European"), ("Adam", "male", "European")]
    names += [("Latisha", "female", "African-American"), ("Jamel", "male", "African-American")]
    for word in ("afraid", "scared", "nervous"):
        for name, gender, race in names:
            turn = Turn("author", f"{name} feels {word}.", id="t1", meta=meta(word, gender, race))
            yield Conversation(turn, id=f"equity/test/{name}-{word}")


def test_the_benchmark_finds_the_unfair_one(corpora, monkeypatch, made_up):
    pytest.importorskip("sklearn")
    monkeypatch.setattr("insula.data.load", lambda name, split: people() if name == "equity" else made_up(name, split))
    results = evaluate(["equity"], Pipeline(unfair), note=lambda _: None)
    found = {one.slice: one for one in results}
    gender, origin = found["gender, emotion"], found["name origin, emotion"]
    assert gender.score == pytest.approx(0.2, abs=1e-6)
    assert gender.low > 0
    assert gender.n == 3
    assert origin.score == pytest.approx(0, abs=1e-6)
    assert gender.baselines["blind"] == 0
