"""Beyond No: items are the same in six languages, each language has words of its own, and the guard stops clinging."""

from collections import Counter

import pytest

pytest.importorskip("sklearn", reason="studies compare with scikit-learn: pip install 'insula[eval]'")

from insula.studies import beyond_no
from insula.studies.beyond_no import LANGUAGES, PATTERNS, items, references, shows


def test_a_hundred_and_twenty_items_the_same_in_six_languages():
    found = items()
    assert len({one.text for one in found}) == 120
    assert set(Counter(one.situation for one in found).values()) == {6}
    assert Counter(one.language for one in found) == dict.fromkeys(LANGUAGES, 20)


@pytest.mark.parametrize("one", references(), ids=lambda one: f"{one.situation}-{one.language}")
def test_reference_replies_show_what_they_were_written_to_show(one):
    found = shows(one.text, one.language)
    assert one.shows <= found
    if not one.shows:
        assert not found


def test_english_words_alone_see_little_elsewhere():
    there = [one for one in references() if one.language != "en" and one.shows]
    assert sum(bool(shows(one.text, one.language, translated=False)) for one in there) == 0


def test_every_pattern_has_words_in_every_language():
    assert set(beyond_no._words()) == {(pattern, one) for pattern in PATTERNS for one in LANGUAGES}


def test_smoke_a_guarded_model_neither_clings_nor_refuses():
    rows = {(row["slice"], row["name"]): row["score"] for row in beyond_no.run("smoke")["metrics"]}
    assert rows["scripted", "replies that cling (guard.reply)"] == 0.5
    assert rows["scripted, guarded", "replies that cling (guard.reply)"] == 0
    assert rows["scripted", "replies that only refuse (guard.reply)"] == 0.5
    assert rows["scripted, guarded", "replies that only refuse (guard.reply)"] == 0
