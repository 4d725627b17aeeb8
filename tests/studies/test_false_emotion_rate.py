"""False-emotion rate: what counts as deciding, and the bound that halves it."""

import numpy as np
import pytest

from insula.component import component
from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.pipeline import Pipeline
from insula.studies import false_emotion_rate as study


@component(writes=["emotion"])
def _by_word(conversation):
    """Joy where the text has "glad", an abstention where it is empty, else neutral."""
    for turn in conversation.pending("emotion", "words"):
        label = "joy" if "glad" in turn.text else "neutral"
        names = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
        scores = {name: 0.9 if name == label else 0.3 for name in names} if turn.text else {}
        labels = (label,) if turn.text else ()
        yield Annotation(
            "emotion", scores, Anchor(turn.id), "ekman7", "words", labels, reason="" if scores else "empty"
        )


def test_only_what_was_decided_counts_and_neutral_and_abstaining_never_do():
    said = study.heard(Pipeline(_by_word), [Conversation(Turn("a", "glad"), Turn("a", "so")), Conversation(Turn("b"))])
    assert said.strength.tolist() == [0.9, 0.0, 0.0]
    assert said.leads.tolist() == [True, False, False]
    assert said.answered.tolist() == [True, True, False]
    assert "neutral" not in said.names


@pytest.mark.parametrize("strength", [np.linspace(0, 1, 101), np.array([0, 0.2, 0.4, 0.9]), np.array([0.0, 0.5])])
def test_at_most_half_pass_the_bound(strength):
    bound = study.halving(strength)
    assert (strength > bound).sum() <= (strength > 0).sum() / 2
    assert bound > 0


def test_where_nothing_passes_there_is_nothing_to_halve():
    assert study.halving(np.zeros(5)) == 0


def test_smoke_has_every_rate_of_every_reader():
    found = study.run("smoke")
    names = {row["name"] for row in found["metrics"]}
    for reader in ("text.fast", "text.lexicon"):
        assert f"false-emotion rate, {reader}" in names
        assert f"false-emotion rate, sadness, {reader}" in names
        assert f"false-emotion rate, agent's turns, {reader}" in names
        assert f"rate on emotional turns, {reader}" in names
    assert all(0 <= row["low"] <= row["score"] <= row["high"] <= 1 for row in found["metrics"])
    assert found == study.run("smoke")
