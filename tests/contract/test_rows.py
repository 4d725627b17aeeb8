"""What every catalogue row must pass: the same `check_component` that guests run on their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from insula import Conversation, Turn, scheme
from insula.catalogue import NotForCommercialUse, Row, build, find, register, rows
from insula.component import Component, component
from insula.llm import Scripted
from insula.testing import check_component

SCORES = '{"anger": 0.1, "disgust": 0, "fear": 0.2, "joy": 0, "sadness": 0.9, "surprise": 0, "neutral": 0.05}'


@pytest.fixture
def given(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """What whoever builds a row must bring, made up; a need without a stand-in here fails the row's test."""

    def checkpoint() -> Path:
        return request.getfixturevalue("save_checkpoint")("ekman", list(scheme("ekman7").labels))

    def network() -> Path:
        path = request.getfixturevalue("save_network")()
        path.with_suffix(".json").write_text('{"labels": ["anger", "neutral", "happiness"]}')
        return path

    made = {"network": network, "llm": lambda: Scripted(SCORES), "checkpoint": checkpoint, "responder": lambda: answers}
    return lambda need: made[need]()


@component(reads=["turn"], writes=["turn"])
def answers(conversation: Conversation) -> Iterator[Turn]:
    """A responder: it answers whoever spoke last."""
    if conversation.last is not None and conversation.last.speaker != "companion":
        yield Turn("companion", "Tell me more.", id=f"t{len(conversation.turns) + 1}")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_contract(row: Row, given: Callable[[str], Any]) -> None:
    needs = {need: given(need) for need in row.needs}
    try:
        made = build(row.name, **needs)
    except ImportError as error:
        if not row.extra:
            raise
        pytest.skip(str(error))
    assert isinstance(made, Component)
    assert set(made.reads) <= set(row.reads)
    # a row whose scheme is chosen by its user states every layer it may write
    assert set(made.writes) <= set(row.writes)
    assert row.needs or set(made.writes) == set(row.writes)
    check_component(made)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_row_is_a_whole_public_record(row: Row) -> None:
    assert row.summary
    assert row.licence
    assert row.writes
    assert row.needs or row.schemes
    layers = {scheme(name).layer for name in row.schemes}
    assert layers <= set(row.writes)


@pytest.mark.parametrize("row", [row for row in rows() if not row.commercial_ok], ids=lambda row: row.name)
def test_commercial_use_is_refused_where_it_must_be(row: Row, given: Callable[[str], Any]) -> None:
    with pytest.raises(NotForCommercialUse, match=row.name):
        build(row.name, commercial_ok=True, **{need: given(need) for need in row.needs})


def test_the_research_row_is_not_for_commercial_use() -> None:
    assert not find("text.research").commercial_ok
    assert find("text.lexicon").commercial_ok


def test_a_guest_row_is_built_and_checked_like_ours() -> None:
    guest = Row(
        name="guest.words",
        target="insula.perceive.text.lexicon:Lexicon",
        params={"name": "guest.words"},
        summary="The lexicon under a guest's name",
        licence="CC-BY-SA-4.0",
        commercial_ok=True,
        writes=("emotion", "sentiment", "affect", "evidence"),
        schemes=("goemotions28", "sentiment4", "vad"),
    )
    register(guest)
    register(guest)
    made = build("guest.words", commercial_ok=True)
    assert made.rater.startswith("guest.words@")
    check_component(made)
    with pytest.raises(ValueError, match="already called"):
        register(Row(name="guest.words", target="x:y", summary="", licence="", commercial_ok=True))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match=r"insula\[transformers\]"):
        build("text.checkpoint", checkpoint="anything")
