"""The cause graph reads people's and machines' causes alike and answers where a feeling comes from."""

from __future__ import annotations

import os

import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.data.gold import many_of, one_of
from insula.explain.graph import CauseGraph, Edge, cause_graph, edges


def cause(turn: str, chars=None, p: float = 1.0, rater: str = "gold", labels=("cause",)) -> Annotation:
    return Annotation("cause", {"cause": p}, Anchor(turn, chars), "cause", rater, labels)


def gold() -> Conversation:
    """t1 (ana) -> t2 (bo) -> t3 (ana, also because of t1 and of itself)."""
    talk = Conversation(Turn("ana", "You never called."), Turn("bo", "I was ill!"), Turn("ana", "I am so sorry, bo."))
    first, second, own = cause("t1", (4, 16)), cause("t2"), cause("t3", (10, 15))
    talk.add(first, second, own)
    for turn, label, because in (("t2", "anger", [first]), ("t3", "sadness", [second, first, own])):
        felt = one_of("ekman7", label, turn=turn)
        talk.add(Annotation(felt.layer, felt.scores, felt.at, felt.scheme, "gold", felt.labels, because=ids(because)))
    return talk


def ids(some) -> tuple[str, ...]:
    return tuple(x.id for x in some)


def test_peoples_causes_are_edges():
    graph = cause_graph(gold())
    assert [(e.source, e.target, e.emotion, e.role) for e in graph.edges] == [
        ("t1", "t2", "anger", "inter-personal"),
        ("t2", "t3", "sadness", "inter-personal"),
        ("t1", "t3", "sadness", "self-contagion"),
        ("t3", "t3", "sadness", "no-context"),
    ]
    assert graph.edges[0].spans == ((4, 16),)
    assert graph.edges[1].spans == ()
    assert all(edge.rater == "gold" and edge.drop is None for edge in graph.edges)


def test_what_is_asked_of_a_graph():
    graph = cause_graph(gold())
    assert {e.source for e in graph.causes("t3")} == {"t1", "t2", "t3"}
    assert {e.target for e in graph.effects("t1")} == {"t2", "t3"}
    assert graph.roots("t3") == ("t1",)
    assert graph.roots("t1") == ("t1",)
    ways = [tuple(edge.source for edge in chain) for chain in graph.chains("t3")]
    assert sorted(ways) == [("t1",), ("t1", "t2")]
    assert graph.kinds("t3") == ("no-context", "hybrid")
    assert graph.kinds("t2") == ("inter-personal",)
    assert graph.kinds("t1") == ()


def machine(**other) -> Conversation:
    talk = Conversation(Turn("ana", "You never called."), Turn("bo", "I am angry."))
    felt = Annotation(
        "emotion", {"anger": 0.7, "neutral": 0.3}, Anchor("t2"), "ekman7", "dialogue.encoder@1", ("anger",)
    )
    weak = cause("t2", p=0.2, rater="explain.causes@1", labels=())
    spans = [cause("t1", (0, 3), 0.6, "explain.causes@1"), cause("t1", (10, 16), 0.9, "explain.causes@1")]
    talk.add(felt, weak, *spans)
    because = ids([felt, weak, *spans])
    talk.add(Annotation("cause", {"anger": 0.7}, Anchor("t2"), "caused", "explain.causes@1", because=because))
    return talk


def test_a_machines_links_are_edges_of_decided_causes_only():
    (edge,) = edges(machine())
    assert (edge.source, edge.target, edge.emotion, edge.probability) == ("t1", "t2", "anger", 0.9)
    assert edge.spans == ((0, 3), (10, 16))
    assert edge.rater == "explain.causes@1"


def test_the_counterfactual_of_an_edge_is_its_drop():
    talk = machine()
    felt, strongest = talk.read("emotion")[0], talk.read("cause")[2]
    drop = Annotation(
        "counterfactual", {"drop": 0.4}, Anchor("t1"), "counterfactual", "x", because=ids([strongest, felt])
    )
    talk.add(drop)
    (edge,) = edges(talk)
    assert edge.drop == 0.4
    assert edge.because[:2] == ids([felt, strongest])
    assert drop.id in edge.because
    assert '"anger 0.90, -0.40 without it"' in cause_graph(talk).to_dot()


def test_raters_stay_apart():
    talk = machine()
    assert edges(talk, "explain.causes") == edges(talk)
    assert edges(talk, "gold") == ()
    assert edges(gold(), "gold", targets=["t2"]) == edges(gold())[:1]


def test_an_emotion_that_was_withheld_has_no_edges():
    talk = Conversation(Turn("ana", "You."), Turn("bo", "Me."))
    why = cause("t1")
    talk.add(why, Annotation("emotion", {}, Anchor("t2"), "ekman7", "gold", because=(why.id,), reason="torn"))
    assert edges(talk) == ()
    assert cause_graph(Conversation()).strongest() == ()


def test_the_strongest_edges_come_first():
    def edge(p: float, drop: float | None) -> Edge:
        return Edge("t2", "t1", "anger", p, (), "inter-personal", "x", ("a",), drop)

    weak, tried, sure = edge(0.5, None), edge(0.9, 0.3), edge(0.9, None)
    assert CauseGraph((weak, sure, tried)).strongest(2) == (tried, sure)


def test_odd_names_do_not_break_the_drawing():
    talk = Conversation(Turn("a", "x", id='t"1\\'), Turn("b", "y", id="t2"))
    why = cause('t"1\\')
    talk.add(why, many_of("ekman7", ["joy"], turn="t2"))
    felt = talk.read("emotion")[0]
    talk.add(Annotation("cause", {"joy": 0.5}, Anchor("t2"), "caused", "m", because=(felt.id, why.id)))
    assert '"t\\"1\\\\" -> "t2"' in cause_graph(talk).to_dot()


@pytest.mark.skipif("INSULA_DATA" not in os.environ, reason="INSULA_DATA is not set")
def test_kinds_are_those_people_gave():
    """The kinds published for every turn of RECCON, "latent" apart, follow from who said the cause."""
    from insula.data import load

    wrong = []
    for split in ("dev", "test"):
        for talk in load("reccon", split):
            graph = cause_graph(talk)
            for turn in talk.turns:
                if "cause_types" in turn.meta:
                    published = sorted(set(turn.meta["cause_types"]) - {"latent"})
                    wrong += [turn.id] if sorted(graph.kinds(turn.id)) != published else []
    assert not wrong
