"""Emotional RAG: where mood is what tells two situations apart, recalling by mood finds the right line."""

import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import Conversation, Turn
from insula.data.gold import one_of
from insula.studies import emotional_rag


def test_smoke_finds_that_mood_helps_where_it_decides():
    scores = {row["name"]: row for row in emotional_rag.run("smoke")["metrics"]}
    for way in ("combined", "meaning-first"):
        assert scores[f"accuracy of emotion, {way} minus meaning"]["low"] > 0
        assert scores[f"valence missed by, {way} minus meaning"]["high"] < 0
    random = scores["accuracy of emotion, memories at random"]
    assert random["score"] < scores["accuracy of emotion, meaning"]["score"]
    assert random["baseline"] == pytest.approx(0.5, abs=0.1)


def test_a_scene_is_a_line_to_somebody_else():
    talk = Conversation(
        Turn("Ross", "Hi."), Turn("Joey", "Hey!"), Turn("Joey", "Pizza?"), Turn("Waiter", "Yes?"), Turn("Ross", " ")
    )
    talk.add(*(one_of("ekman7", "joy", turn=turn.id) for turn in talk.turns))
    assert [(one.before, one.line) for one in emotional_rag.scenes([talk])] == [("Hi.", "Hey!")]
