"""Causes and empathy, on the weights that ship."""

import pytest

from insula import Conversation, Pipeline, Turn, presets
from insula.explain.causes import Causes
from insula.explain.empathy import Empathy
from insula.explain.graph import edges
from insula.testing import check_component

QUARREL = [
    ("ana", "It is raining again."),
    ("ben", "I crashed your car into a tree last night."),
    ("ana", "You did what? I am furious with you!"),
]


def read(pipeline: Pipeline, *said: tuple[str, str]) -> Conversation:
    return pipeline.run(Conversation(*(Turn(speaker, text) for speaker, text in said)))


@pytest.fixture(scope="module")
def reader() -> Pipeline:
    return presets.pipeline("dialogue.encoder+explain.causes")


def test_the_cause_of_anger_is_what_made_angry(reader: Pipeline) -> None:
    conversation = read(reader, *QUARREL)
    found = {edge.source: edge for edge in edges(conversation) if edge.target == "t3"}
    assert "t2" in found
    assert "t1" not in found
    assert found["t2"].emotion == "anger"
    start, end = found["t2"].spans[0]
    assert "crashed" in QUARREL[1][1][start:end]


def test_every_turn_is_looked_at_once(reader: Pipeline) -> None:
    conversation = read(reader, *QUARREL)
    links = conversation.read("cause", scheme="caused")
    assert sorted(x.at.turn or "" for x in links) == ["t1", "t2", "t3"]
    before = len(conversation)
    reader.run(conversation)
    assert len(conversation) == before


def test_a_neutral_turn_has_nothing_to_explain_unless_asked() -> None:
    said = ("ana", "The meeting is at three on Monday.")
    (link,) = read(presets.pipeline("dialogue.encoder+explain.causes"), said).read("cause", scheme="caused")
    assert link.abstained
    assert "neutral" in link.reason
    asked = Pipeline(presets.pipeline("dialogue.encoder"), Causes(targets="all"))
    (link,) = read(asked, said).read("cause", scheme="caused")
    assert not link.abstained
    assert "neutral" not in link.scores


def test_keeps_the_contract() -> None:
    check_component(Pipeline(presets.pipeline("dialogue.encoder"), Causes()))
    check_component(Empathy())


def test_empathy_is_of_replies() -> None:
    conversation = read(
        Pipeline(Empathy()),
        ("ana", "I failed my exam again and I feel like giving up."),
        ("ana", "I do not know what to do."),
        ("ben", "I am so sorry to hear that, that must be really hard. What happened?"),
        ("ben", "ok"),
    )
    first, second, reply, flat = (conversation.read("empathy", turn=f"t{k}")[0] for k in range(1, 5))
    assert first.abstained
    assert second.abstained
    assert reply.scores["emotional-reactions"] > flat.scores["emotional-reactions"]
    assert round(reply.scores["explorations"]) >= 1
    words = {x.id: x for x in conversation.read("evidence")}
    assert set(reply.because) <= set(words)
    assert reply.because
