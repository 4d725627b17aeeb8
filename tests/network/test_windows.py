"""Windows cover the text, in order, and fit the encoder."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insula.network.text import open_tokenizer, weights_folder
from insula.network.windows import LONGEST, WINDOW, pieces_per_word, windows


@pytest.fixture(scope="module")
def tokenizer():
    return open_tokenizer(weights_folder() / "text-open.tokenizer.json")


def test_a_short_text_is_one_window(tokenizer) -> None:
    (window,) = windows("I miss him. Every day.", tokenizer)
    assert (window.start, window.end) == (0, 22)


def test_nothing_gives_nothing(tokenizer) -> None:
    assert windows("", tokenizer) == windows("  \n ", tokenizer) == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["I was glad. ", "Why?! ", "withoutend", " a", "日本 ", "\n", "🙂"]), max_size=400))
def test_windows_are_in_order_and_fit(tokenizer, parts) -> None:
    text = "".join(parts)
    found = windows(text, tokenizer)
    assert all(len(window.ids) <= (LONGEST if len(found) == 1 else WINDOW) for window in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= w.start < w.end <= len(text) for w in found)
    assert all(len(w.ids) == len(w.spans) for w in found)


def test_long_texts_are_cut_between_sentences(tokenizer) -> None:
    sentence = "This sentence has exactly nine words in all of it."
    found = windows(" ".join([sentence] * 60), tokenizer)
    assert len(found) > 5
    text = " ".join([sentence] * 60)
    assert all(text[w.start : w.end].startswith("This") and text[w.start : w.end].endswith(".") for w in found)


def test_random_keys_fall_to_pieces(tokenizer) -> None:
    assert pieces_per_word(windows("asdkjh qwoeiu zxmcnb", tokenizer)[0]) > 2.5
    assert pieces_per_word(windows("I am fine thanks", tokenizer)[0]) == 1


def test_five_megabytes(tokenizer) -> None:
    found = windows("It rained again today. " * 220_000, tokenizer)
    assert found[-1].end > 5_000_000
