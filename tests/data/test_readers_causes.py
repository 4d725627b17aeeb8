"""Readers of what rests on words: causes of emotions and rationales of empathy, on made-up files."""

import json
from pathlib import Path

import pytest
from published import write

from insula.conversation import Conversation
from insula.data import corpus, load
from insula.scheme import scheme


def test_reccon_emotions_name_their_causes(root: Path):
    said = [
        {"turn": 1, "speaker": "A", "utterance": "We got the flat !", "emotion": "happines"},
        {"turn": 2, "speaker": "B", "utterance": "At last .", "emotion": "neutral"},
    ]
    said[0] |= {
        "expanded emotion cause evidence": [1],
        "expanded emotion cause span": ["got the flat"],
        "type": ["no-context"],
    }
    later = {"turn": 3, "speaker": "A", "utterance": "So good !", "emotion": "happiness"}
    later |= {
        "expanded emotion cause evidence": [1, "b"],
        "expanded emotion cause span": ["got the flat"],
        "type": ["self-contagion"],
    }
    write(root, "reccon", {"dailydialog_valid.json": json.dumps({"va_1": [[*said, later]]})})
    (one,) = load("reccon", "dev")
    (cause,) = one.read("cause")
    assert cause.at.chars is not None
    assert one.turn("t1").text[slice(*cause.at.chars)] == "got the flat"
    assert [(x.labels[0], x.because) for x in one.read("emotion")] == [
        ("joy", (cause.id,)),
        ("neutral", ()),
        ("joy", (cause.id,)),
    ]
    assert [turn.meta.get("cause_elsewhere") for turn in one.turns] == [False, None, True]


def reccon(root: Path, *causes: tuple[list[object], list[str]]) -> Conversation:
    """Turns that all say the same, each with these causes and their words."""
    said = [
        {"turn": k, "speaker": "AB"[k % 2], "utterance": "Yes . We won , yes !", "emotion": "happiness"}
        | {"expanded emotion cause evidence": turns, "expanded emotion cause span": words, "type": []}
        for k, (turns, words) in enumerate(causes, 1)
    ]
    write(root, "reccon", {"dailydialog_test.json": json.dumps({"te_1": [said]})})
    (one,) = load("reccon", "test")
    return one


def named(one: Conversation, turn: str) -> list[tuple[str | None, tuple[int, int] | None]]:
    """Where the causes of a turn's emotion are, as often as they are named."""
    causes = {x.id: x.at for x in one.read("cause")}
    (gold,) = one.read("emotion", turn=turn)
    return [(causes[id].turn, causes[id].chars) for id in gold.because]


def test_reccon_words_belong_to_the_turn_at_their_place(root: Path):
    one = reccon(root, ([1], ["We won"]), ([1, 2], ["We won", "Yes"]))
    assert named(one, "t1") == [("t1", (6, 12))]
    assert named(one, "t2") == [("t1", (6, 12)), ("t2", (0, 3))], "the same words elsewhere are no cause"
    assert len(one.read("cause")) == 2, "a shared cause is there once"


def test_reccon_causes_are_named_as_often_as_published_and_are_there_once(root: Path):
    one = reccon(root, ([1, 1], ["We won", "We won"]), (["b", 2], ["b", "We lost"]))
    assert named(one, "t1") == [("t1", (6, 12)), ("t1", (6, 12))]
    assert named(one, "t2") == [("t2", None)], "words that are not in the turn: all of it"
    assert one.turn("t2").meta["cause_elsewhere"]
    assert len(one.read("cause")) == 2


@pytest.mark.skipif(not corpus("reccon").here, reason="INSULA_DATA does not hold reccon")
def test_reccon_pairs_are_those_published():
    positive, negative, different = 0, 0, 0
    for one in load("reccon", "test"):
        for place, turn in enumerate(one.turns, 1):
            (gold,) = one.read("emotion", turn=turn.id)
            if gold.top != "neutral":
                causes = named(one, turn.id)
                positive += len(causes)
                different += len(set(causes))
                negative += place - len({source for source, _ in causes})
    assert (positive, negative, different) == (1894, 5330, 1888)


def test_epitome_levels_rest_on_their_rationales(root: Path):
    header = "sp_id,rp_id,seeker_post,response_post,level,rationales\n"
    pair = 's1,r1,Made-up post,"I am sorry.\n\nWhat  happened?"'
    levels = {
        "emotional-reactions": ("2", "I am sorry.|"),
        "interpretations": ("0", ""),
        "explorations": ("1", "I am sorry. What happened?|Not said|"),
    }
    files = {f"{name}-reddit.csv": f"{header}{pair},{level},{words}\n" for name, (level, words) in levels.items()}
    write(root, "epitome", files)
    (one,) = [x for split in ("train", "dev", "test") for x in load("epitome", split)]
    (gold,) = one.read("empathy")
    assert gold.scores == {"emotional-reactions": 2, "interpretations": 0, "explorations": 1}
    assert gold.at.turn == "t2"
    scheme("epitome3").check(gold.scores)
    evidence = {x.id: x for x in one.read("evidence")}
    assert set(gold.because) == set(evidence)
    assert {x.at.chars for x in evidence.values()} == {(0, 11), (0, 28)}
    assert one.id.endswith("/s1-r1")
