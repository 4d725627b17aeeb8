"""An explanation that its evidence does not support is a bug."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insula import Anchor, Annotation, Conversation, Turn, scheme
from insula.explain.compose import Composer
from insula.explain.sentences import Sentences, parse
from insula.explain.support import sayable, supported, unsupported
from insula.explain.wording import wording
from insula.llm import LLMError, Scripted
from insula.testing import additions, check_component

CONTEXT = "dialogue.encoder@1"
NAMES = (
    "ana",
    "Ana",
    "Ana Lee",
    "Bo",
    "",
    " ",
    "Joy",
    "anger",
    "Turn 9",
    "Without",
    "3",
    "“x”",
    "may",
    "李",
    "In",
    "A",
)
NAMES += ("ana\n", "depressed", "Is", "likely", "{who}", "\\d+", "Dr. No", "O'Neil", "x" * 60, "speaker", "🙂")
TEXTS = (
    "",
    "I am “fine” in turn 7",
    "you never called me back",
    "99 reasons. 0.5!",
    "anger\nand joy",
    "x",
    "{who} \x00",
)
TEXTS += ("很难过", "word " * 60, "\u202eodd", "He is depressed")
EMOTIONS = ("ekman7", "goemotions28", "emorynlp7", "emocontext4", "empathetic32", "words")


def share(draw, labels) -> dict[str, float]:
    weights = {label: draw(st.floats(0.01, 1.0)) for label in labels}
    return {label: weight / sum(weights.values()) for label, weight in weights.items()}


def some_of(draw, labels):
    return tuple(draw(st.lists(st.sampled_from(list(labels)), unique=True, max_size=3)))


def an_emotion(draw, turn: str) -> Annotation:
    name = draw(st.sampled_from(EMOTIONS))
    rater = draw(st.sampled_from((CONTEXT, "text.encoder@1", "gold", "somebody")))
    if draw(st.integers(0, 5)) == 0:
        reason = draw(
            st.sampled_from(("no words in it", "x", "turn 9 is anger", "novelty 7.1 (limit 6.0)", "“”", "é\n!"))
        )
        return Annotation("emotion", {}, Anchor(turn), name, rater, reason=reason)
    scores = share(draw, scheme(name).labels[:8] or ("quiet pride", "anger 7", "worn-out", "joy"))
    best = max(scores, key=lambda label: scores[label])
    decided = draw(st.sampled_from(((best,), (), tuple(list(scores)[:2]))))
    return Annotation("emotion", scores, Anchor(turn), name, rater, decided, some_of(draw, scores))


def a_span(draw, text: str):
    if not text or draw(st.booleans()):
        return None
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, len(text)))


def causes(draw, talk: Conversation, place: int, felt: Annotation):
    made = []
    for source in draw(st.lists(st.integers(0, place), max_size=3)):
        at = Anchor(talk.turns[source].id, a_span(draw, talk.turns[source].text))
        p = draw(st.floats(0, 1))
        decided = draw(st.sampled_from((("cause",), ())))
        cause = Annotation("cause", {"cause": p}, at, "cause", "explain.causes@1", decided)
        made.append(cause)
        yield cause
        if draw(st.booleans()):
            drop = {"drop": draw(st.floats(-1, 1))}
            yield Annotation(
                "counterfactual", drop, Anchor(at.turn), "counterfactual", "c", because=(cause.id, felt.id)
            )
    link = {felt.top or "": felt.scores[felt.top or ""]}
    because = (felt.id, *(x.id for x in made))
    yield Annotation("cause", link, felt.at, "caused", "explain.causes@1", because=because)


def others(draw, turn: str, felt: list[Annotation]):
    appraisals = {label: draw(st.floats(0, 1)) for label in scheme("appraisal7").labels}
    yield Annotation("appraisal", appraisals, Anchor(turn), "appraisal7", "a", some_of(draw, appraisals))
    empathy = {label: draw(st.floats(0, 2)) for label in scheme("epitome3").labels}
    yield Annotation("empathy", empathy, Anchor(turn), "epitome3", "e")
    yield Annotation("empathy", {"alignment": draw(st.floats(0, 1))}, Anchor(turn), "alignment", "e")
    forecast, margin = {"forecast": draw(st.floats(-1, 1))}, {"forecast": draw(st.floats(0, 1))}
    yield Annotation("trajectory", forecast, Anchor(turn), "trajectory", "t", margin=margin)
    scores = {label: draw(st.floats(0, 1)) for label in scheme("findings").labels}
    because = tuple(x.id for x in felt if draw(st.booleans()))
    yield Annotation("finding", scores, Anchor(turn), "findings", "f", some_of(draw, scores), because=because)


@st.composite
def conversations(draw) -> Conversation:
    talk, felt = Conversation(id="made-up"), list[Annotation]()
    for place in range(draw(st.integers(0, 4))):
        (turn,) = talk.add(Turn(draw(st.sampled_from(NAMES)), draw(st.sampled_from(TEXTS))))
        for _ in range(draw(st.integers(0, 2))):
            felt.append(an_emotion(draw, turn.id))
            talk.add(felt[-1])
            if not felt[-1].abstained:
                talk.add(*causes(draw, talk, place, felt[-1]))
        talk.add(*(x for x in others(draw, turn.id, felt) if draw(st.booleans())))
    return talk


@settings(max_examples=60)
@given(conversations())
def test_every_sentence_is_supported_by_what_it_names(talk):
    known = {x.id: x for x in talk if isinstance(x, Annotation)}
    for one in additions(Sentences(), talk):
        assert set(one.because) <= known.keys()
        if one.top:
            assert one.because
            assert unsupported(one.top, [known[id] for id in one.because], talk) == ()


@settings(max_examples=20)
@given(conversations())
def test_contract_on_any_annotations(talk):
    check_component(Sentences(), [talk])


def talk() -> Conversation:
    """Ana is angry at turn 2 because of what Bo said in turn 1."""
    said = Conversation(Turn("Bo", "I never called you back."), Turn("Ana", "And I waited all night!"))
    scores = {"anger": 0.71, "sadness": 0.2, "neutral": 0.09}
    felt = Annotation("emotion", scores, Anchor("t2"), "ekman7", CONTEXT, ("anger",), ("anger", "sadness"))
    cause = Annotation("cause", {"cause": 0.83}, Anchor("t1", (2, 14)), "cause", "explain.causes@1", ("cause",))
    because = (felt.id, cause.id)
    link = Annotation("cause", {"anger": 0.71}, Anchor("t2"), "caused", "explain.causes@1", because=because)
    drop = Annotation("counterfactual", {"drop": 0.4}, Anchor("t1"), "counterfactual", "c", because=(cause.id, felt.id))
    said.add(felt, cause, link, drop, Turn("Cy", "Oh."))
    return said


def test_what_is_said_in_the_end():
    texts = [x.top for x in additions(Sentences(), talk()) if x.at.turn == "t2"]
    assert texts == [
        "Ana likely expresses anger (0.71), or perhaps sadness, in turn 2.",
        "In turn 2 anger seems to come from what Bo said in turn 1: “never called” (0.83).",
        "Without turn 1, the reading of anger in turn 2 seems to fall by 0.40.",
    ]


def test_a_turn_nobody_looked_at_is_not_explained():
    found = [x for x in additions(Sentences(), talk()) if x.at.turn != "t2"]
    assert [x.at.turn for x in found] == ["t1", "t3"]
    assert all(x.abstained and "nobody looked" in x.reason for x in found)


WRONG = {
    "another feeling": "Ana likely expresses fear (0.71) in turn 2.",
    "another word for another feeling": "Ana likely sounds happy (0.71) in turn 2.",
    "another speaker": "Cy likely expresses anger (0.71) in turn 2.",
    "a speaker from nowhere": "As Robert knows, Ana may express anger in turn 2.",
    "another turn": "Ana likely expresses anger (0.71) in turn 3.",
    "another number": "Ana likely expresses anger (0.91) in turn 2.",
    "a spelled number": "Ana may express anger in turn 2, twice.",
    "a percentage": "Ana may express anger (71 %) in turn 2.",
    "another quote": "In turn 2 anger may come from Bo: “I hate you”.",
    "too sure": "Ana very likely expresses anger (0.71) in turn 2.",
    "certain": "Ana certainly expresses anger in turn 2.",
    "felt, not expressed": "Ana feels anger, it seems, in turn 2.",
    "said to be": "Ana is angry, it seems, in turn 2.",
    "no doubt at all": "Anger in turn 2.",
    "a diagnosis": "Ana may express anger in turn 2, a sign of depression.",
    "a finding nobody made": "Ana may express anger with mixed feelings in turn 2.",
    "the other direction": "Without turn 1, the reading of anger in turn 2 seems to rise by 0.40.",
    "nothing": " ",
}


@pytest.mark.parametrize("sentence", WRONG.values(), ids=WRONG.keys())
def test_what_the_evidence_does_not_hold_is_not_supported(sentence):
    said = talk()
    evidence = [x for x in said if isinstance(x, Annotation)]
    assert not supported(sentence, evidence, said)
    assert all(isinstance(problem, str) for problem in unsupported(sentence, evidence, said))


def test_no_evidence_supports_nothing():
    assert not supported("Turn 1 may be fine.", [], talk())


def test_odd_names_are_not_said():
    assert [name for name in NAMES if sayable(name)] == ["ana", "Ana", "Ana Lee", "Bo", "李", "A", "Dr. No", "O'Neil"]
    said = Conversation(Turn("Joy", "I hate it"))
    said.add(Annotation("emotion", {"anger": 0.95}, Anchor("t1"), "ekman7", CONTEXT, ("anger",)))
    (one,) = additions(Sentences(), said)
    assert one.top == "The speaker of turn 1 very likely expresses anger (0.95) in turn 1."


def test_since_when():
    said = Conversation()
    for number, label in enumerate(("joy", "anger", "anger", "anger"), 1):
        said.add(Turn("Ana", "x"), Turn("Bo", "y"))
        scores = {label: 0.8}
        said.add(Annotation("emotion", scores, Anchor(f"t{2 * number - 1}"), "ekman7", CONTEXT, (label,)))
    found = [x for x in additions(Sentences(), said) if x.at.turn == "t7"]
    assert "as in each of their turns since turn 3" in (found[0].top or "")
    assert len(found[0].because) == 3


def rephrased(answer, said=None):
    said = said or talk()
    model = Scripted(answer)
    part = Sentences(model)
    return [x for x in additions(part, said) if not x.abstained], part


def composed() -> list[str]:
    return [one.text for one in Composer(talk(), talk().turns).sentences(talk().turns[1])]


GOOD = [
    "Ana likely expresses anger (0.71), though it may be sadness, in turn 2.",
    "In turn 2 her anger seems to follow from what Bo wrote in turn 1: “never called” (0.83).",
    "Without turn 1, it seems the reading of anger in turn 2 would fall by 0.40.",
]


def test_a_model_may_say_it_in_other_words():
    found, part = rephrased("Here you are:\n" + json.dumps(GOOD))
    assert [x.top for x in found] == GOOD
    assert part.kept_rate == 1
    before = [x for x in additions(Sentences(), talk()) if not x.abstained]
    assert [x.because for x in found] == [x.because for x in before]
    assert found[0].rater != before[0].rater


@pytest.mark.parametrize("sentence", WRONG.values(), ids=WRONG.keys())
def test_a_model_may_not_add_anything(sentence):
    found, part = rephrased(json.dumps([sentence, *GOOD[1:]]))
    assert found[0].top == composed()[0]
    assert part.kept_rate == pytest.approx(2 / 3)


MEANING = (
    "Ana likely does not express anger (0.71), though it may be sadness, in turn 2.",
    "Ana likely expresses sadness (0.71), though it may be anger, in turn 2.",
    "Ana likely expresses anger (0.71) in turn 2.",
)


@pytest.mark.parametrize("sentence", MEANING)
def test_a_model_may_not_change_the_meaning(sentence):
    found, _ = rephrased(json.dumps([sentence, *GOOD[1:]]))
    assert found[0].top == composed()[0]


@pytest.mark.parametrize("answer", ["", "No.", "[1, 2, 3]", '["only one"]', '{"a": [}', "[[[[", "null"])
def test_an_answer_that_cannot_be_read_leaves_the_composed_sentences(answer):
    found, part = rephrased(answer)
    assert [x.top for x in found] == composed()
    assert part.kept_rate == 0


def test_a_model_that_is_away_is_an_error():
    def away(_):
        raise LLMError("cannot reach it")

    async def run():
        return [x async for x in Sentences(Scripted(away))(talk())]

    with pytest.raises(LLMError):
        asyncio.run(run())


def test_contract_with_a_model():
    def echo(messages):
        return messages[-1].text

    check_component(Sentences(Scripted(echo)), [talk(), Conversation(), Conversation(Turn("a", ""))])


def test_a_reply_is_parsed_or_left():
    assert parse('x ["a", 2] y', 2) == ["a", ""]
    assert parse("", 2) == ["", ""]


def test_no_template_claims_to_know():
    said = [*wording()["sentence"].values(), *wording()["part"].values()]
    words = {word for text in said for word in text.lower().split()}
    assert words.isdisjoint({"is", "are", "was", "feels", "feel", "depressed", "disorder"})


def test_what_was_decided_is_said_even_where_another_label_scores_higher():
    """Decisions weigh rare labels up; the sentence and its words for doubt go by the decided one."""
    said = Conversation(Turn("Ana", "x"))
    scores = {"neutral": 0.7, "fear": 0.25, "anger": 0.05}
    said.add(Annotation("emotion", scores, Anchor("t1"), "ekman7", CONTEXT, ("fear",)))
    (one,) = additions(Sentences(), said)
    assert one.top == "Ana may express fear (0.25) in turn 1."
    assert not supported("Ana likely expresses fear (0.25) in turn 1.", said.read("emotion"), said)


def test_a_reply_is_told_only_where_it_answers_a_feeling():
    levels = {"emotional-reactions": 1.9, "interpretations": 0.1, "explorations": 1.1}
    said = Conversation(Turn("Ana", "x"), Turn("Bo", "y"), Turn("Ana", "z"))
    for turn, label in (("t1", "sadness"), ("t2", "neutral"), ("t3", "neutral")):
        said.add(Annotation("emotion", {label: 0.95}, Anchor(turn), "ekman7", CONTEXT, (label,)))
        said.add(Annotation("empathy", levels, Anchor(turn), "epitome3", "explain.empathy@1"))
    told = [x.top for x in additions(Sentences(), said) if "answer" in (x.top or "")]
    words = "much warmth, no understanding and some exploring"
    assert told == [f"In turn 2 Bo seems to answer sadness, expressed in turn 1, with {words}."]
