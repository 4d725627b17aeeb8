"""Sentences, whole or in pieces; languages by small words; whom a risk is about."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as some

from insula.guard.sentences import apart, sentences, whole
from insula.guard.small_words import language
from insula.guard.whom import whom


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No. I'm here! ", ["No. ", "I'm here! "]),
        ("Dr. Lee said 3.5 is fine. Ok", ["Dr. Lee said 3.5 is fine. ", "Ok"]),
        ("1. First\n2. Then", ["1. First\n", "2. Then"]),
        ("Well... I see. \u201cYes.\u201d Fine.", ["Well... ", "I see. ", "\u201cYes.\u201d ", "Fine."]),
        ("我在听。你好吗？", ["我在听。", "你好吗？"]),
        ("", []),
        ("no end", ["no end"]),
    ],
)
def test_sentences(text, found):
    assert sentences(text) == found


async def _pieces(pieces):
    for piece in pieces:
        yield piece


async def _all(found):
    return [one async for one in found]


@given(some.text("ab .!?\n。", max_size=40), some.integers(1, 7))
def test_nothing_is_lost_in_pieces_of_any_size(text, size):
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert "".join(asyncio.run(_all(whole(_pieces(pieces))))) == text
    assert "".join(sentences(text)) == text


def test_sentences_without_blanks_get_them():
    assert "".join(asyncio.run(_all(apart(_pieces(["Yes.", "No. ", "Ok."]))))) == "Yes. No. Ok."
    assert "".join(asyncio.run(_all(apart(_pieces(["我在。", "你好。"]))))) == "我在。你好。"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I don't want to be here any more", "en"),
        ("No puedo más con esto", "es"),
        ("Je n'en peux plus de tout ça", "fr"),
        ("Ich kann einfach nicht mehr", "de"),
        ("Já não aguento mais isto, quero desaparecer", "pt"),
        ("Non ce la faccio più con questa vita", "it"),
        ("Ik kan het niet meer aan", "nl"),
        ("我真的很难过", "zh"),
        ("ok", "?"),
        ("😭😭", "?"),
    ],
)
def test_languages(text, found):
    assert language(text, "?") == found


@pytest.mark.parametrize(
    ("shown", "said", "found"),
    [
        ("My sister says she wants to die.", "", "other"),
        ("I want to die.", "", "self"),
        ("My friend killed himself and now I want to die too.", "", "self"),
        ("My boyfriend hit me again.", "", "self"),
        ("My friend cuts herself.", "I want to die.", "self"),
        ("Mi amiga quiere morirse.", "", "other"),
        ("Meine Schwester will nicht mehr.", "", "other"),
        ("It's too much.", "", "self"),
    ],
)
def test_whom(shown, said, found):
    assert whom(shown, said) == found
