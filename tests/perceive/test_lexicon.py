"""The lexicon tier: rules, numbers that fit their schemes, evidence, passages of long texts, and honest abstention."""

from __future__ import annotations

from itertools import pairwise

import pytest

from insula import Annotation, Conversation, Turn
from insula.perceive.text.language import LANGUAGE, NO_WORDS
from insula.perceive.text.lexicon import PASSAGE, Lexicon, passages
from insula.perceive.text.rules import units
from insula.testing import check_component


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


def judged(lexicon: Lexicon, text: str) -> dict[str, Annotation]:
    found = list(lexicon(Conversation(Turn("ana", text))))
    return {x.layer: x for x in found if x.at.chars is None}


def weights(text: str) -> dict[str, float]:
    return {unit.name: unit.weight for unit in units(text)}


def test_contract(lexicon: Lexicon) -> None:
    check_component(lexicon)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I'm so happy for you!", "joy"),
        ("thank you so much", "gratitude"),
        ("I'm scared of tomorrow", "fear"),
        ("LOL that is hilarious", "amusement"),
        ("I am so sorry, I apologize", "remorse"),
        ("😡😡😡", "anger"),
    ],
)
def test_plain_feelings(lexicon: Lexicon, text: str, label: str) -> None:
    emotion = judged(lexicon, text)["emotion"]
    assert emotion.top == label
    assert label in emotion.labels
    assert label in emotion.possible


def test_negation_takes_the_joy_out(lexicon: Lexicon) -> None:
    assert judged(lexicon, "I am happy")["emotion"].scores["joy"] > 0.5
    assert judged(lexicon, "I am not happy")["emotion"].scores["joy"] < 0.2


def test_valence_has_a_sign(lexicon: Lexicon) -> None:
    assert judged(lexicon, "what a wonderful day, I love it")["affect"].scores["valence"] > 0.15
    assert judged(lexicon, "a terrible, horrible death")["affect"].scores["valence"] < -0.15


def test_evidence_names_the_words(lexicon: Lexicon) -> None:
    text = "The train was late and I was scared."
    found = list(lexicon(Conversation(Turn("ana", text))))
    evidence = {x.id: x for x in found if x.layer == "evidence"}
    emotion = next(x for x in found if x.layer == "emotion")
    assert set(emotion.because) == set(evidence)
    spans = [x.at.chars for x in evidence.values()]
    assert "scared" in [text[span[0] : span[1]] for span in spans if span]
    assert all(set(x.scores) == {"fear"} for x in evidence.values())


@pytest.mark.parametrize(
    ("text", "reason"),
    [("??", NO_WORDS), ("zxqv", "no word it knows"), ("No me lo puedo creer, estoy triste", LANGUAGE)],
)
def test_cannot_tell_is_said(lexicon: Lexicon, text: str, reason: str) -> None:
    found = judged(lexicon, text)
    assert set(found) == {"emotion", "sentiment", "affect"}
    assert all(x.abstained and x.reason == reason for x in found.values())


def test_long_text_is_read_in_passages(lexicon: Lexicon) -> None:
    text = "I love this so much. " * 30 + "Then I got scared and everything was terrifying. " * 20
    found = [x for x in lexicon(Conversation(Turn("ana", text))) if x.layer == "emotion"]
    spans = [x.at.chars for x in found if x.at.chars]
    assert found[0].at.chars is None
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert found[1].top == "love"
    assert found[-1].top == "fear"


def test_passages_cover_any_text() -> None:
    for text in ("x" * 1000, "word " * 500, "\n" * 900, "A sentence. " * 100):
        spans = passages(text)
        assert "".join(text[a:b] for a, b in spans) == text
        assert max(b - a for a, b in spans) <= 2 * PASSAGE or not text.strip()


def test_rules_weigh_words() -> None:
    assert weights("happy")["happy"] == 1
    assert weights("not happy")["happy"] == 0
    assert weights("very happy")["happy"] > 1 > weights("slightly happy")["happy"]
    assert weights("HAPPY")["happy"] > 1
    contrast = weights("nice food but rude staff")
    assert contrast["rude"] > 1 > contrast["nice"]


def test_rules_end_with_the_sentence() -> None:
    assert weights("No. Happy now")["happy"] == 1
    assert "no happy" not in weights("No. Happy now")


def test_rules_know_signs() -> None:
    assert set(weights("sooooo good :-) ❤️ 👍🏽 !!!!")) == {"soo", "good", "soo good", ":)", "❤", "👍", "!!"}


def test_units_know_where_they_are() -> None:
    text = "I’m GLAD :)"
    assert [text[unit.start : unit.end] for unit in units(text)] == ["I’m", "GLAD", ":)", "I’m GLAD"]
