"""The build gate: whatever a memory holds of a person, the same situation is understood in the same way."""

import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula import Conversation, Turn
from insula.component import component
from insula.pipeline import Pipeline
from insula.studies import personalization_trap as trap


@pytest.fixture(scope="module")
def reader():
    return trap.engine()


@pytest.fixture(scope="module")
def plain(reader):
    return {one.text: trap.understood(reader, one.text) for one in trap.made_up()}


@pytest.mark.parametrize("profile", trap.profiles(), ids=lambda one: one.id)
def test_gate_nothing_understood_moves_under_any_profile(reader, plain, profile):
    for text, numbers in plain.items():
        assert len(numbers) > 50
        assert trap.largest_move(numbers, trap.understood(reader, text, profile)) <= trap.GATE


def test_the_gate_can_fail(reader):
    """A reader that lets memories into what it reads moves by more than the gate allows."""

    def leaky(conversation):
        recalled = "I lost everything and I am so sad." if conversation.read("memory") else ""
        told = Conversation(Turn("user", f"{recalled} {conversation.turns[-1].text}".strip(), id="t1"))
        yield from (one for one in reader.run(told) if not isinstance(one, Turn))

    leaking = Pipeline(component(reads=["turn"], writes=reader.writes)(leaky))
    text, profile = "My daughter won the race!", trap.profiles()[0]
    assert trap.largest_move(trap.understood(reader, text), trap.understood(leaking, text, profile)) > trap.GATE


def test_there_are_ten_profiles_of_each_kind():
    groups = [one.group for one in trap.profiles()]
    assert groups == ["advantaged"] * 10 + ["disadvantaged"] * 10
    assert len({one.id for one in trap.profiles()}) == 20


def test_smoke_finds_the_gap_of_a_biased_model_and_none_on_the_guarded_route():
    scores = {row["name"]: row for row in trap.run("smoke")["metrics"]}
    assert scores["profile in the prompt: accuracy, advantaged minus disadvantaged"]["score"] == 1
    assert scores["guarded route: accuracy, advantaged minus disadvantaged"]["score"] == 0
    assert scores["guarded route: share of kinds of help changed"]["high"] == 0
    assert scores["engine: largest move of any number under any profile"]["high"] <= trap.GATE
