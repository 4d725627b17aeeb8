"""The fast tier, on the weights that ship."""

import time

import pytest

from insula import Conversation, Pipeline, Turn
from insula.perceive.text.encoder import Encoder
from insula.perceive.text.fast import Fast, grams
from insula.testing import check_component

TEXTS = [
    "Thank you so much, this is great!",
    "I hate this, it makes me so angry",
    "lol that was hilarious",
    "I am so sad today, I miss my mom",
    "What is the name of that song?",
    "wow I did not expect that at all",
]


@pytest.fixture(scope="module")
def fast() -> Fast:
    return Fast()


def test_keeps_the_contract(fast: Fast) -> None:
    check_component(fast)


def test_words_and_pairs() -> None:
    assert grams("I can't, OK?!") == [
        *("i", "can't", ",", "ok", "?", "!"),
        *("i can't", "can't ,", ", ok", "ok ?", "? !"),
    ]


def test_agrees_with_the_encoder_that_taught_it(fast: Fast) -> None:
    conversation = Conversation(*(Turn("ana", text) for text in TEXTS))
    Pipeline(fast, Encoder()).run(conversation)
    found = conversation.read("emotion", scheme="goemotions28")
    student = [x.top for x in found if x.rater == fast.rater]
    teacher = [x.top for x in found if x.rater != fast.rater]
    assert len(student) == len(teacher) == len(TEXTS)
    assert sum(a == b for a, b in zip(student, teacher, strict=True)) >= len(TEXTS) - 1


def test_a_text_without_a_known_word_is_not_neutral(fast: Fast) -> None:
    emotion = Pipeline(fast).run(Conversation(Turn("ana", "Zzyzxq vlorptk"))).read("emotion")[0]
    assert emotion.abstained
    assert emotion.reason


def test_is_fast(fast: Fast) -> None:
    conversations = [Conversation(Turn("ana", TEXTS[k % len(TEXTS)])) for k in range(2000)]
    spent: list[float] = []
    for _ in range(3):
        start = time.process_time()
        fast.batch(conversations)
        spent.append(time.process_time() - start)
    # a fifth of what it does on a quiet machine, and the best of three, so that a busy one passes
    assert 2000 / min(spent) > 4000
