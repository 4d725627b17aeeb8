"""The table has the same shape whatever goes in: one row per turn and rater, scores as columns."""

import pandas

from insula import Anchor, Annotation, Conversation, Turn
from insula.table import COLUMNS, INDEX


def test_empty():
    table = Conversation().table()
    assert list(table.index.names) == INDEX
    assert list(table.columns) == COLUMNS
    assert len(table) == 0


def test_a_turn_nobody_judged_has_its_row():
    table = Conversation(Turn("ana", "hi"), Turn("bo", "hello"), id="chat").table()
    assert list(table.index) == [("chat", 0.0, 1.0), ("chat", 1.0, 2.0)]
    assert list(table["speaker"]) == ["ana", "bo"]
    assert table["rater"].isna().all()


def test_one_row_per_turn_and_rater_with_scores_as_columns():
    conversation = Conversation(Turn("ana", "I miss him", seconds=(3.0, 4.5)), Turn("bo", "oh"), id="chat")
    conversation.add(
        Annotation(
            "emotion", {"joy": 0.1, "sadness": 0.8}, Anchor("t1"), "ekman6", "me", ("sadness",), ("sadness", "joy")
        ),
        Annotation("affect", {"valence": -0.5}, Anchor("t1"), "vad", "me"),
        Annotation("emotion", {}, Anchor("t2"), "ekman6", "me", reason="too short"),
        Annotation("evidence", {"sadness": 0.6}, Anchor("t1", chars=(2, 6)), "words", "me"),
    )
    table = conversation.table()
    assert list(table.columns) == [*COLUMNS, "joy", "sadness", "valence"]
    assert list(table.index) == [("chat", 3.0, 4.5), ("chat", 3.0, 4.5), ("chat", 1.0, 2.0)]
    first, affect, silent = (row for _, row in table.iterrows())
    assert (first["label"], first["labels"], first["possible"]) == ("sadness", "sadness", "sadness joy")
    assert affect["valence"] == -0.5
    assert pandas.isna(affect["label"]), "a dimension is no winner"
    assert silent["reason"] == "too short"
    assert pandas.isna(silent["label"])


def test_a_stretch_shows_its_own_words():
    conversation = Conversation(Turn("ana", "good then bad"))
    conversation.add(Annotation("sentiment", {"negative": 1.0}, Anchor("t1", chars=(10, 13)), rater="me"))
    assert list(conversation.table()["text"]) == ["bad"]


def test_a_free_word_does_not_take_the_place_of_a_column():
    conversation = Conversation(Turn("ana", "hi"))
    conversation.add(Annotation("emotion", {"text": 0.5, "start": 0.5, "tense": 0.5}, Anchor("t1"), "words", "me"))
    table = conversation.table()
    assert list(table["text"]) == ["hi"]
    assert list(table.index) == [("", 0.0, 1.0)]
    assert list(table["tense"]) == [0.5]
