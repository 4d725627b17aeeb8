"""How conversations become questions, and what is read as the answer to each."""

from dataclasses import replace

import numpy as np
import pytest
from talks import cause, one_of, talk

from insula import Anchor, Annotation, Conversation, Turn
from insula.evaluate import benchmark
from insula.evaluate.items import ITEMS, felt_cause, linked, linked_cause
from insula.evaluate.split import levels, outer_quarters, split_of


def test_pairs_are_one_per_annotated_cause_and_one_per_other_turn_up_to_the_target():
    found = list(ITEMS["pairs"].of(0, talk(1, "a/test/1")))
    asked = [
        (item.target.id if item.target else "", item.turn.id, item.gold["cause"].scores["cause"]) for item in found
    ]
    assert asked == [
        *(("t3", "t3", 0.0), ("t3", "t2", 0.0), ("t3", "t1", 1.0)),
        *(
            ("t6", "t6", 1.0),
            ("t6", "t5", 0.0),
            ("t6", "t4", 1.0),
            ("t6", "t3", 0.0),
            ("t6", "t2", 0.0),
            ("t6", "t1", 0.0),
        ),
    ]
    assert [item.distance for item in found] == [0, 1, 2, 0, 1, 2, 3, 4, 5]


def test_two_stretches_of_one_turn_are_two_positive_pairs():
    told = Conversation(Turn("ana", "the bus was late and I lost my keys", id="t1"), Turn("ana", "damn", id="t2"))
    causes = [cause("t1", (0, 16)), cause("t1", (21, 35))]
    told.add(*causes, one_of("ekman7", "anger", Anchor("t2"), tuple(one.id for one in causes)))
    found = list(ITEMS["pairs"].of(0, told))
    assert [(item.turn.id, item.gold["cause"].at.chars) for item in found] == [
        ("t2", None),
        ("t1", (0, 16)),
        ("t1", (21, 35)),
    ]


def test_neutral_turns_are_not_asked_about():
    told = Conversation(Turn("ana", "hello", id="t1"))
    told.add(one_of("ekman7", "neutral", Anchor("t1")))
    assert not list(ITEMS["pairs"].of(0, told))


@pytest.fixture
def linked_talk():
    told = Conversation(Turn("ana", "it broke", id="t1"), Turn("bo", "no!", id="t2"))
    told.add(one_of("ekman7", "anger", Anchor("t2"), (cause("t1").id,)), cause("t1"))
    return told


def link(label: str, because: tuple[str, ...]) -> Annotation:
    return Annotation("cause", {label: 0.6}, Anchor("t2"), "caused", "machine@1", because=because)


def test_the_surest_linked_cause_is_the_answer(linked_talk):
    (_, item) = ITEMS["pairs"].of(0, linked_talk)
    bare = Conversation(*linked_talk.turns)
    weak, strong = cause("t1", (0, 2), "machine@1", 0.3), cause("t1", (3, 8), "machine@1", 0.8)
    bare.add(weak, strong, cause("t1", None, "machine@1", 0.9), link("anger", (weak.id, strong.id)))
    assert linked_cause(bare, item, ())["cause"] is strong, "a cause nobody linked to this turn is none of its"
    assert [one.id for one in linked(bare, bare.turn("t2"))] == [weak.id, strong.id]


def test_no_link_is_no_cause_and_an_empty_link_is_an_abstention(linked_talk):
    (_, item) = ITEMS["pairs"].of(0, linked_talk)
    bare = Conversation(*linked_talk.turns)
    assert linked_cause(bare, item, ())["cause"].scores["cause"] == 0
    bare.add(replace(link("anger", ()), scores={}, reason="hardly a word it knows"))
    assert linked_cause(bare, item, ()) == {}


def test_what_a_pipeline_calls_neutral_it_does_not_explain(linked_talk):
    (_, item) = ITEMS["pairs"].of(0, linked_talk)
    bare = Conversation(*linked_talk.turns)
    calm = Annotation("emotion", {"neutral": 0.7, "anger": 0.3}, Anchor("t2"), "ekman7", "machine@1")
    strong = cause("t1", None, "machine@1", 0.8)
    bare.add(calm, strong, link("anger", (calm.id, strong.id)))
    assert linked_cause(bare, item, ())["cause"] is strong
    assert felt_cause(bare, item, ())["cause"].scores["cause"] == 0


def test_a_speakers_feeling_is_asked_at_their_last_turn_or_their_first():
    told = talk(1, "a/test/1")
    (last,) = ITEMS["last turn"].of(0, told)
    (first,) = ITEMS["first turn"].of(0, told)
    assert (last.turn.id, first.turn.id) == ("t5", "t1")
    assert last.text == " ".join(turn.text for turn in told.turns[:5])
    assert first.text == told.turns[0].text


def test_the_shortest_quarter_and_what_is_far():
    split = split_of([talk(number, f"a/test/{number}") for number in range(4)], "pairs")
    entailment = benchmark("reccon-entailment").slices[0]
    far = split.where(replace(entailment, where="far"))
    assert [item.distance >= 2 for item in split.items] == far.tolist()
    assert split.groups.tolist() == [item.conversation for item in split.items]
    short = split_of([talk(number, f"a/test/{number}") for number in range(4)]).where(
        replace(entailment, where="shortest")
    )
    assert short.tolist() == [False, True, True, False, True, True] * 4, "five words rather than seven"


def test_levels_and_quarters_by_hand():
    shares = levels(np.array([0.0, 1.3, 2.4, np.nan], np.float32), 3)
    assert shares[:3] == pytest.approx(np.array([[1, 0, 0], [0, 0.7, 0.3], [0, 0, 1]]))
    assert np.isnan(shares[3]).all()
    quarters = outer_quarters(np.arange(8, dtype=np.float32)[:, None])[:, 0]
    assert quarters[:2].tolist() == [0, 0]
    assert quarters[-2:].tolist() == [1, 1]
    assert np.isnan(quarters[2:6]).all()
