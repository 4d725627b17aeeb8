"""What the dialogue network reads for a turn: earlier turns only, nearest first, within reach and budget."""

import pytest
from tokenizers import Tokenizer

from insula import Turn
from insula.network.exchange import BUDGET, HISTORY, LONGEST, REACH, Exchange, exchange, tokenised
from insula.network.text import open_tokenizer, weights_folder


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return open_tokenizer(weights_folder() / "text-open.tokenizer.json")


def of(tokenizer: Tokenizer, *said: tuple[str, str]) -> Exchange:
    turns = [Turn(speaker, text, id=f"t{number}") for number, (speaker, text) in enumerate(said, 1)]
    return exchange(turns, tokenised((turn.text for turn in turns), tokenizer))


def test_the_turn_comes_first_then_the_nearest(tokenizer: Tokenizer) -> None:
    found = of(tokenizer, ("ana", "He left."), ("ben", "Good."), ("ana", "Do not say that."))
    assert [one.turn for one in found] == ["t3", "t2", "t1"]
    assert [one.distance for one in found] == [0, 1, 2]
    assert [one.same for one in found] == [True, False, True]


def test_turns_without_words_are_passed_over_but_count_as_distance(tokenizer: Tokenizer) -> None:
    found = of(tokenizer, ("ana", "He left."), ("ben", ""), ("ana", "Yes."))
    assert [(one.turn, one.distance) for one in found] == [("t3", 0), ("t1", 2)]


def test_reach_and_budget_hold(tokenizer: Tokenizer) -> None:
    short = of(tokenizer, *[("ana", "yes")] * 30)
    assert len(short) == REACH + 1
    long = of(tokenizer, *[("ana", "word " * 400)] * 4)
    assert len(long[0].words.ids) == LONGEST
    assert len(long) == 2  # however long a turn is, what it answers is read
    middle = of(tokenizer, *[("ana", "word " * 100)] * 3, ("ben", "why"))
    assert all(len(one.words.ids) <= HISTORY for one in middle[1:])
    assert sum(len(one.words.ids) + 2 for one in middle[1:]) <= BUDGET


def test_spans_are_characters_of_the_turn(tokenizer: Tokenizer) -> None:
    (only,) = of(tokenizer, ("ana", "  Oh no!"))
    assert [("  Oh no!"[a:b]) for a, b in only.words.spans] == ["Oh", "no", "!"]
