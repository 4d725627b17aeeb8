"""Label words are hidden, whole and in every form, and nothing else."""

import pytest

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.data.masking import label_words, mask_labels, masked
from insula.scheme import scheme


def test_every_label_has_words_and_is_one_of_them():
    assert set(label_words()) == set(scheme("empathetic32").labels)
    for label in label_words():
        assert masked(f"so {label}, truly") == "so [MASK], truly"


@pytest.mark.parametrize(
    "word",
    [
        "anger",
        "Angrily",
        "angered",
        "PRIDE",
        "proudly",
        "devastating",
        "annoys",
        "anxiety",
        "gratitude",
        "hopefully",
        "unprepared",
        "shameful",
        "disappointment",
        "nostalgia",
        "saddened",
        "terrifying",
        "joy",
        "furiously",
        "jealousy",
        "cared",
        "trustworthy",
        "excitement",
    ],
)
def test_inflections_and_derivations_are_hidden(word: str):
    assert masked(f"What {word}!") == "What [MASK]!"


@pytest.mark.parametrize(
    "word", ["angel", "car", "careful", "contents", "terrific", "furniture", "sadist", "impression", "career"]
)
def test_words_that_begin_alike_stay(word: str):
    assert masked(f"The {word}.") == f"The {word}."


def test_own_words_can_be_given():
    assert masked("tea and Teas and teapot", ["tea", "teas"]) == "[MASK] and [MASK] and teapot"
    assert masked("nothing to hide, sad as it is", []) == "nothing to hide, sad as it is"


def evidence(turn: str, *chars: int) -> Annotation:
    return Annotation("evidence", {"cue": 1.0}, Anchor(turn, chars=(chars[0], chars[1])), "words", "gold")


def test_a_masked_conversation_keeps_ids_and_what_still_fits():
    gold = Annotation("emotion", {"sad": 1.0}, Anchor(speaker="ana"), "empathetic32", "gold")
    before, on, after = evidence("t1", 0, 4), evidence("t1", 10, 13), evidence("t1", 14, 18)
    whole = Conversation(
        *(Turn("ana", "They made sad pies", id="t1"), Turn("ben", "Pies?", id="t2")),
        *(gold, before, on, after, evidence("t2", 0, 4)),
        id="made/up/1",
        meta={"situation": "sad"},
    )
    hidden = mask_labels(whole)
    assert (hidden.id, hidden.meta) == (whole.id, whole.meta)
    assert [(turn.id, turn.text) for turn in hidden.turns] == [("t1", "They made [MASK] pies"), ("t2", "Pies?")]
    assert [one.id for one in hidden.read("emotion")] == [gold.id]
    kept = [(x.at.turn, x.at.chars) for x in hidden.read("evidence")]
    assert kept == [("t1", (0, 4)), ("t2", (0, 4))], "neither what was hidden nor what moved"
    assert [turn.text for turn in whole.turns] == ["They made sad pies", "Pies?"], "the original is as it was"
