"""Findings are probabilities of stated events, known at their turn, and as frequent as people's labels show them."""

from __future__ import annotations

import itertools
import os

import pytest

from insula import Anchor, Annotation, Conversation, Pipeline, Turn
from insula.explain.findings import Findings
from insula.testing import check_component

CONTEXT, WORDS = "dialogue.encoder@1", "text.encoder@1"


def emotion(turn: str, rater: str, possible: tuple[str, ...] = (), **scores: float) -> Annotation:
    best = max(scores, key=lambda label: scores[label])
    return Annotation("emotion", scores, Anchor(turn), "ekman7", rater, (best,), possible)


def sentiment(turn: str, positive: float, negative: float) -> Annotation:
    scores = {"positive": positive, "negative": negative, "ambiguous": 0.0, "neutral": 0.1}
    return Annotation("sentiment", scores, Anchor(turn), "sentiment4", WORDS)


def last(*additions) -> Annotation:
    talk = Conversation(*additions)
    talk.add(*Findings()(talk))
    return talk.read("finding")[-1]


def test_mixed_feelings_need_both_signs():
    both, one, none = (
        last(Turn("ana", "x"), sentiment("t1", *pair)) for pair in ((0.8, 0.8), (0.9, 0.02), (0.05, 0.05))
    )
    assert both.labels == ("mixed-feelings",)
    assert one.labels == none.labels == ()
    assert both.scores["mixed-feelings"] > 0.3 > one.scores["mixed-feelings"] > none.scores["mixed-feelings"]


def test_a_hidden_emotion_needs_calm_words_and_a_feeling_they_rule_out():
    calm = emotion("t1", WORDS, ("neutral", "surprise"), neutral=0.9, sadness=0.02)
    hurt = emotion("t1", CONTEXT, sadness=0.7, neutral=0.2, surprise=0.1)
    found = last(Turn("ana", "It's fine."), calm, hurt)
    assert found.labels == ("hidden-emotion",)
    assert found.scores["hidden-emotion"] == 0.7
    assert set(found.because) == {calm.id, hurt.id}
    open_words = emotion("t1", WORDS, ("sadness",), sadness=0.8, neutral=0.1)
    assert last(Turn("ana", "x"), open_words, hurt).scores["hidden-emotion"] == 0
    allowed = emotion("t1", WORDS, ("neutral", "sadness"), neutral=0.6, sadness=0.3)
    assert not last(Turn("ana", "x"), allowed, hurt).labels


def feel(speaker: str, *feelings: tuple[str, dict[str, float]]) -> Conversation:
    talk = Conversation()
    for number, (who, scores) in enumerate(feelings, 1):
        talk.add(Turn(who, "x"), emotion(f"t{number}", CONTEXT, **scores))
    return talk


def test_the_chance_of_a_turning_point_is_that_of_all_ways_it_can_come_about():
    """The forward pass against the sum over every sequence of signs."""
    steps = [(0.6, 0.1), (0.2, 0.3), (0.1, 0.8), (0.5, 0.5)]
    talk = feel("a", *(("a", {"joy": p, "sadness": n, "neutral": round(1 - p - n, 6)}) for p, n in steps))
    found = [x.scores["turning-point"] for x in Findings()(talk)]
    for turn in range(len(steps)):
        total = 0.0
        for signs in itertools.product((1, -1, 0), repeat=turn + 1):
            chance = 1.0
            for sign, (p, n) in zip(signs, steps, strict=False):
                chance *= {1: p, -1: n, 0: 1 - p - n}[sign]
            before = next((s for s in reversed(signs[:-1]) if s), 0)
            total += chance if signs[-1] * before < 0 else 0.0
        assert found[turn] == pytest.approx(total, abs=1e-4)


def test_a_turning_point_is_the_speakers_own():
    glad, sad = {"joy": 0.95, "neutral": 0.05}, {"sadness": 0.95, "neutral": 0.05}
    own = feel("a", ("a", sad), ("b", {"neutral": 1.0}), ("a", glad))
    own.add(*Findings()(own))
    assert own.read("finding")[-1].labels == ("turning-point",)
    assert set(own.read("finding")[-1].because) == {own.read("emotion")[0].id, own.read("emotion")[2].id}
    apart = feel("a", ("b", sad), ("a", glad))
    assert all(not x.labels for x in Findings()(apart))


def test_what_was_not_looked_at_gets_no_score():
    found = last(Turn("ana", "x"))
    assert found.abstained
    assert found.reason
    torn = Annotation("emotion", {}, Anchor("t1"), "ekman7", CONTEXT, reason="no words in it")
    assert last(Turn("ana", ""), torn).abstained


def test_contract_and_stream(made_up, reader):
    words = made_up.Reader("text.encoder", context=False)
    talk = made_up.live(reader, words)
    check_component(Findings(), [talk, Conversation()])
    streamed = made_up.live(reader, made_up.Reader("text.encoder", context=False), Findings())
    talk.add(*Findings()(talk))
    assert [x.id for x in streamed.read("finding")] == [x.id for x in talk.read("finding")]


@pytest.mark.skipif("INSULA_DATA" not in os.environ, reason="INSULA_DATA is not set")
def test_mixed_feelings_are_as_frequent_as_people_find_them():
    """GoEmotions test, the first 1,500 comments: people give labels of both signs to 1 to 2 %, so does the finding."""
    from insula.catalogue import build
    from insula.data import load
    from insula.scheme import mapping

    groups = mapping("goemotions28", "sentiment4").table
    gold = list(itertools.islice(load("goemotions", "test"), 1500))
    signs = [{sign for label in talk.read("emotion")[0].labels for sign in groups[label]} for talk in gold]
    people = [{"positive", "negative"} <= some for some in signs]
    engine = Pipeline(build("text.encoder", evidence=0), Findings())
    read = engine.run_many((Conversation(*talk.turns) for talk in gold), size=1500)
    found = ["mixed-feelings" in talk.read("finding")[0].labels for talk in read]
    assert sum(people) / 2 < sum(found) < 2.5 * sum(people)
    both = sum(a and b for a, b in zip(people, found, strict=True))
    assert both / sum(found) > 10 * sum(people) / len(people)  # ten times chance and more
