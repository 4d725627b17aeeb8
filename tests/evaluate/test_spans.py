"""Stretches of text against numbers worked out by hand."""

import pytest

from insula import Anchor, Annotation
from insula.evaluate import rationales
from insula.evaluate.spans import _cut, contained_f1, exact_match, normalised, squad_match, token_f1


def test_normalised_has_no_case_marks_or_articles():
    assert normalised("The cat,  a dog — and AN owl!") == "cat dog — and owl"


def test_matches_as_written_and_normalised():
    assert exact_match("we lost the flat", " we lost the flat ") == 1
    assert exact_match("we lost the flat", "We lost the flat.") == 0
    assert squad_match("we lost the flat", "We lost a flat.") == 1


def test_token_f1_by_hand():
    # gold: we lost flat; answer: lost flat yesterday -> 2 shared of 3 and 3
    assert token_f1("we lost the flat", "lost the flat yesterday") == pytest.approx(2 * 2 / 6)
    assert token_f1("no no no", "no") == pytest.approx(2 * 1 / 4), "a word counts as often as both have it"
    assert token_f1("", "") == 1
    assert token_f1("flat", "") == token_f1("", "flat") == 0


def test_overlap_without_containment_counts_nothing():
    assert contained_f1("we lost the flat", "lost the flat yesterday") == 0
    assert contained_f1("we lost the flat", "lost the flat") == pytest.approx(2 * 2 / 5)
    assert contained_f1("we lost the flat", "") == 0
    assert contained_f1("", "") == 1


@pytest.mark.parametrize("text", ["one, two. three", "...", "", "no marks at all", "Oh! , really ? yes ."])
def test_clauses_join_to_the_text(text: str):
    assert "".join(_cut(text)) == text


def test_marked_words_by_hand():
    gold, said = frozenset({0, 1, 2}), frozenset({1, 2, 3})
    assert rationales.token_f1(gold, said) == pytest.approx(2 * 2 / 6)
    assert rationales.overlap(gold, said) == pytest.approx(2 / 4)
    assert rationales.token_f1(gold, frozenset()) == rationales.overlap(gold, frozenset()) == 0


def test_a_mark_covers_the_words_it_touches():
    marks = [Annotation("evidence", {"x": 1.0}, Anchor("t1", chars), "words", "gold") for chars in ((5, 8), (14, 18))]
    assert rationales._words("that must hurt, so", marks) == {1, 3}
    assert rationales._words("that must hurt, so", marks[:1]) == {1}, "the end of a mark is not in it"
