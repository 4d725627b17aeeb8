"""What the annotations say of a turn."""

from __future__ import annotations

from insula import Annotation, Conversation, Turn
from insula.conversation import Anchor
from insula.respond.evidence import evidence
from insula.respond.persona import persona
from insula.respond.prompt import Plan, full_prompt, short_prompt

LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


def emotion(turn: str, decided: str, **scores: float) -> Annotation:
    rest = (1 - sum(scores.values())) / (len(LABELS) - len(scores))
    return Annotation(
        "emotion",
        {x: scores.get(x, rest) for x in LABELS},
        Anchor(turn),
        "ekman7",
        "test",
        (decided,) if decided else (),
    )


def test_what_was_decided_counts_and_fine_emotions_are_of_its_kind() -> None:
    talk = Conversation(Turn("ana", "I got it!", id="t1"))
    fine = {"afraid": 0.5, "joyful": 0.3, "grateful": 0.1, "proud": 0.05, "sad": 0.05}
    talk.add(
        emotion("t1", "joy", joy=0.3, neutral=0.4),
        Annotation("emotion", fine, Anchor("t1"), "empathetic32", "test"),
        Annotation("affect", {"valence": 0.4, "arousal": 0.0, "dominance": 0.0}, Anchor("t1"), "vad", "test"),
    )
    found = evidence(talk, talk.turn("t1"))
    assert (found.primary, found.fine, found.valence) == ("joy", ("joyful", "grateful"), 0.4)
    assert set(found.ids) == {x.id for x in talk.read("emotion")} | {x.id for x in talk.read("affect")}


def test_causes_are_the_persons_own_words() -> None:
    talk = Conversation(
        Turn("ana", "He left me, and", id="t1"), Turn("bo", "He is gone.", id="t2"), Turn("ana", "Yes.", id="t3")
    )
    own = Annotation("cause", {"cause": 0.7}, Anchor("t1", (0, 11)), "cause", "test", ("cause",))
    other = Annotation("cause", {"cause": 0.9}, Anchor("t2"), "cause", "test", ("cause",))
    link = Annotation("cause", {"sadness": 0.8}, Anchor("t3"), "caused", "test", because=(own.id, other.id))
    talk.add(own, other, link)
    assert evidence(talk, talk.turn("t3")).causes == ("He left me",)


def test_a_turn_nobody_could_read_says_why() -> None:
    talk = Conversation(Turn("ana", "我很难过", id="t1"))
    talk.add(Annotation("emotion", {}, Anchor("t1"), "ekman7", "test", reason="not a script it knows"))
    found = evidence(talk, talk.turn("t1"))
    assert (found.primary, found.unread) == ("", "not a script it knows")
    assert found.valence is None


def test_the_short_prompt_holds_the_evidence_and_the_plan_and_few_words() -> None:
    turns = [Turn("ana", "word " * 500), Turn("companion", "Yes?"), Turn("ana", "He left."), Turn("ana", "Why?")]
    found = evidence(Conversation(Turn("ana", "", id="t1")), Turn("ana", "", id="t1"))
    system, first, own, last = short_prompt(turns, "companion", "question", found)
    assert "question" in system.text
    assert len(first.text.split()) == 60
    assert (own.role, last.role, last.text) == ("assistant", "user", "He left. Why?")


def test_the_full_prompt_names_everything_it_was_given() -> None:
    plan = Plan(("reflection", "question"), "exploration", "sadness", {"valence": -0.2})
    system = full_prompt(
        [Turn("ana", "He left.")], "companion", plan, evidence(*_lost()), persona(), {"e7": "We met in May."}
    )[0].text
    for part in (
        "sadness",
        "put their feeling into words and then ask one gentle",
        "exploration",
        "[episode e7] «We met in May.»",
    ):
        assert part in system
    assert "{" not in system


def _lost() -> tuple[Conversation, Turn]:
    talk = Conversation(Turn("ana", "He left.", id="t1"))
    talk.add(emotion("t1", "sadness", sadness=0.8))
    return talk, talk.turn("t1")
