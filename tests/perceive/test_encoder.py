"""The encoder tier, on the weights that ship."""

from itertools import pairwise

import pytest

from insula import Conversation, Pipeline, Turn
from insula.perceive.text.encoder import Encoder
from insula.testing import check_component


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def read(encoder: Encoder, *texts: str) -> Conversation:
    return Pipeline(encoder).run(Conversation(*(Turn("ana", text) for text in texts)))


def test_keeps_the_contract(encoder: Encoder) -> None:
    check_component(encoder)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Thank you so much, this is exactly what I needed!", "gratitude"),
        ("This is the worst service ever, I am furious with you people.", "anger"),
        ("lol that is hilarious", "amusement"),
        ("How did you learn to play the piano like that?", "curiosity"),
    ],
)
def test_reads_plain_feelings(encoder: Encoder, text: str, label: str) -> None:
    emotion = read(encoder, text).read("emotion", scheme="goemotions28")[0]
    assert emotion.top == label
    assert label in emotion.labels
    assert set(emotion.labels) <= set(emotion.possible)


def test_valence_has_the_right_sign(encoder: Encoder) -> None:
    texts = "I love my new home, we are so happy.", "My dog died and I can't stop crying."
    good, bad = read(encoder, *texts).read("affect")
    assert good.scores["valence"] > 0.1 > -0.1 > bad.scores["valence"]
    assert all(width > 0 for width in good.margin.values())


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("???", "no words"), ("我今天很难过", "script"), ("Ich bin heute so traurig", "language")],
)
def test_says_that_it_cannot_tell_and_why(encoder: Encoder, text: str, reason: str) -> None:
    found = [x for x in read(encoder, text) if not isinstance(x, Turn)]
    assert found
    assert all(x.abstained and reason in x.reason for x in found)


def test_keys_hit_at_random_are_not_a_feeling(encoder: Encoder) -> None:
    assert read(encoder, "asdkjh qwoeiu zxmcnb wqpoei").read("emotion")[0].abstained


def test_evidence_points_at_the_words(encoder: Encoder) -> None:
    conversation = read(encoder, "The parcel came on Tuesday and I am absolutely thrilled with it.")
    emotion = conversation.read("emotion", scheme="goemotions28")[0]
    evidence = {x.id: x for x in conversation.read("evidence")}
    assert emotion.because
    assert set(emotion.because) <= set(evidence)
    words = {conversation.turns[0].text[slice(*evidence[id].at.chars)] for id in emotion.because}
    assert "thrilled" in words


def test_taking_the_evidence_away_moves_the_emotion_more_than_other_words(encoder: Encoder) -> None:
    texts = [
        "The parcel came on Tuesday and I am absolutely thrilled with it.",
        "We moved to the new flat in March and honestly I am terrified of the neighbours.",
        "She read the letter twice and then said she was so grateful for everything.",
        "He left the keys on the table again, which makes me really angry every morning.",
    ]
    drops = []
    for text in texts:
        conversation = read(encoder, text)
        emotion = conversation.read("emotion", scheme="goemotions28")[0]
        spans = [x.at.chars for x in conversation.read("evidence")]
        first = " ".join(text.split()[:3])
        without = "".join(c for k, c in enumerate(text) if not any(a <= k < b for a, b in spans))
        cut, other = (read(encoder, t).read("emotion")[0].scores for t in (without, text.replace(first, "")))
        drops.append(other.get(emotion.top, 0) - cut.get(emotion.top, 0))
    assert sum(drops) / len(drops) > 0.1


def test_a_long_text_comes_back_as_a_trajectory(encoder: Encoder) -> None:
    happy = "I am so happy and grateful for this lovely day with you. "
    text = happy * 12 + "Then my father died and I am heartbroken. " * 14
    affect = read(encoder, text).read("affect")
    whole, *parts = affect
    assert whole.at.chars is None
    assert len(parts) > 3
    assert parts[0].at.chars[0] == 0
    assert parts[-1].at.chars[1] == len(text.rstrip())
    assert all(a.at.chars[1] <= b.at.chars[0] for a, b in pairwise(parts))
    assert parts[0].scores["valence"] > whole.scores["valence"] > parts[-1].scores["valence"]


def test_neighbours_in_a_batch_do_not_change_the_numbers(encoder: Encoder) -> None:
    texts = ["I am so proud of her.", "No.", "What a dreadful, boring film, I want my money back!", "ok then, bye"] * 5
    together = read(encoder, *texts).read("emotion", scheme="goemotions28")
    alone = [read(encoder, text).read("emotion", scheme="goemotions28")[0] for text in texts]
    assert [dict(x.scores) for x in together] == [dict(x.scores) for x in alone]
