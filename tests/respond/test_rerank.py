"""Drafts that are made up, weighed by the shipped readers."""

from __future__ import annotations

import pytest

from insula import Conversation, Turn
from insula.respond.evidence import Evidence
from insula.respond.prompt import Plan
from insula.respond.rerank import Aim, Draft, Weigher, faults_of, settings
from insula.respond.strategies import strategies

AIM = Aim(Plan(("question",)), Evidence("sadness", valence=-0.5))


@pytest.fixture(scope="module")
def weigher() -> Weigher:
    return Weigher()


def lost() -> Conversation:
    return Conversation(
        Turn("ana", "Hi"),
        Turn("companion", "Hello, how are you today?"),
        Turn("ana", "I lost my job and my wife Mia left."),
    )


def weighed(weigher: Weigher, *texts: str, aim: Aim = AIM) -> list[Draft]:
    return weigher.weigh(lost(), [Draft(text, "local") for text in texts], aim)


def test_the_planned_strategy_wins(weigher: Weigher) -> None:
    ask, tell = "How has that been for you? What happened?", "You could update your resume and call a friend."
    assert weighed(weigher, tell, ask)[0].text == ask
    suggest = Aim(Plan(("suggestion",)), AIM.evidence)
    assert (
        weighed(weigher, tell, ask, aim=suggest)[0].parts["strategy"] > weighed(weigher, tell, ask)[1].parts["strategy"]
    )


def test_parts_explain_the_score_and_are_bounded(weigher: Weigher) -> None:
    for draft in weighed(weigher, "I'm so sorry. That must hurt a lot.", "Okay.", "x", ""):
        assert set(draft.parts) == set(settings()["weights"])
        assert all(0 <= value <= 1 for value in draft.parts.values())
        assert 0 <= draft.score <= 1


def test_what_was_said_before_and_parroting_cost(weigher: Weigher) -> None:
    again, parrot, own = (
        "Hello, how are you today?",
        "I lost my job and my wife Mia left.",
        "That is a lot to lose at once. What is hardest?",
    )
    by_text = {draft.text: draft for draft in weighed(weigher, again, parrot, own)}
    assert by_text[again].parts["fresh"] == 0
    assert by_text[parrot].parts["own-words"] == 0
    assert by_text[own].score == max(draft.score for draft in by_text.values())


def test_equal_texts_count_once(weigher: Weigher) -> None:
    assert len(weighed(weigher, "I see.", "I see.")) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("I lost my father last year, too.", "claims a human life"),
        ("I know exactly how you feel.", "claims a human life"),
        ("As an AI language model I cannot assist with that.", "refuses"),
        ("User: I am sad.", "leaks its making"),
        ("You should call a lawyer.", "gives advice unasked"),
        ("You have depression.", "diagnoses"),
        ("Everything will be fine.", "promises"),
        ("I am so sorry that", "unfinished"),
        ("Has your mother died, too?", "brings in what nobody mentioned"),
        ("What did Robert say?", "names somebody nobody named"),
        ("我很抱歉，这很难受。", "another language"),
    ],
)
def test_faults_are_seen(text: str, fault: str) -> None:
    assert fault in list(faults_of(Draft(text, "local"), lost(), AIM))


@pytest.mark.parametrize(
    "text",
    [
        "That sounds hard. What did Mia say?",
        "I'm here. Would you like to tell me more?",
        "Your life has been turned upside down.",
        "I can hear how much this hurts.",
        "It makes sense that you feel lost on a Monday.",
    ],
)
def test_plain_kind_replies_have_no_fault(text: str) -> None:
    assert not list(faults_of(Draft(text, "local"), lost(), AIM))


def test_advice_is_no_fault_where_it_is_planned() -> None:
    aim = Aim(Plan(("suggestion",)), AIM.evidence)
    assert not list(faults_of(Draft("You could try to call her.", "local"), lost(), aim))


def test_every_strategy_has_its_mechanism() -> None:
    assert set(settings()["mechanism"]) == set(strategies())
