"""Numbers of generated text, against examples worked by hand."""

import math

import pytest

from insula.evaluate.generation import bleu2, distinct2, perplexity, rouge_l, tokens

SAID, GOLD = "I am so sorry.", "I am sorry for you."


def test_tokens_are_words_and_single_marks():
    assert tokens("Don’t GO, you're…") == ["don't", "go", ",", "you're", "…"]


def test_bleu2():
    """4 of 5 tokens are in gold; of 4 pairs only "i am", smoothed (1 + 1) / (4 + 1); one token too short."""
    assert bleu2(SAID, GOLD) == pytest.approx(math.sqrt(4 / 5 * 2 / 5) * math.exp(1 - 6 / 5))


def test_bleu2_counts_no_word_more_often_than_gold_does():
    """1 of 3 tokens, no pair of 2, nothing too short."""
    assert bleu2("the the the", "the cat") == pytest.approx(math.sqrt(1 / 3 * 1 / 3))


def test_rouge_l():
    """ "i am sorry ." is common: 4 of 5 and 4 of 6 tokens."""
    assert rouge_l(SAID, GOLD) == pytest.approx(2 * (4 / 5) * (4 / 6) / (4 / 5 + 4 / 6))


def test_the_same_and_nothing_in_common():
    assert bleu2(GOLD, GOLD) == rouge_l(GOLD, GOLD) == 1
    assert bleu2("no", GOLD) == rouge_l("no", GOLD) == bleu2("", GOLD) == rouge_l("", "") == 0


def test_distinct2():
    """ "a b", "b a", "a b" and "a b": two of four differ; one word alone is no pair."""
    assert distinct2(["a b a b", "a b", "a"]) == 2 / 4
    assert distinct2(["a"]) == 0


def test_perplexity_is_over_tokens_not_replies():
    assert perplexity([math.log(2) * 1, math.log(8) * 3], [1, 3]) == pytest.approx(2 ** (10 / 4))
