import re
import sys
from pathlib import Path

import pytest

from conversations import farewell, long_talk
from insula import Anchor, Annotation, Conversation, Turn
from insula.exchange.report.dialogue.words import Mark, layered
from insula.exchange.report.html import MOST_OF_LONG, write

sys.path.insert(0, str(Path(__file__).parents[1]))

from pages import Checker


@pytest.fixture
def page(tmp_path):
    """page(conversation) -> the parsed report, and its source; every link must arrive."""

    def make(talk):
        write([talk], tmp_path / "report.html")
        source = (tmp_path / "report.html").read_text(encoding="utf-8")
        parsed = Checker()
        parsed.feed(source)
        assert parsed.open == []
        assert len(parsed.ids) == len(set(parsed.ids))
        assert all(link.startswith("#") and link[1:] in parsed.ids for link in parsed.links)
        assert not re.search(r"https?://|@import|url\(", source)
        return parsed, source

    return make


def test_why_with_the_words_the_probability_and_what_would_be_without(talk, page):
    _, source = page(talk)
    assert "turn 4, Nora" in source
    assert "<q>they saw it in March</q>" in source
    assert "without it surprise falls by 0.51" in source
    assert "without it sadness rises by 0.03" in source


def test_without_a_script_causes_are_numbered_marks_that_lead_to_what_they_caused(talk, page):
    _, source = page(talk)
    assert re.search(r'<mark class="cause"[^>]* data-for="[^"]*\b5\b', source)
    section = re.search(r'<section id="(c\w+)"', source)[1]
    assert f'<sup class="effect"><a href="#{section}-5">→5</a></sup>' in source


def test_every_sentence_leads_to_what_it_rests_on(talk, page):
    parsed, source = page(talk)
    told = re.search(r"Nora seems happy because Sam will bring the salmon.*?</div>", source)[0]
    names = re.findall(r'<a href="#([\w-]+)"><sup>(\d)</sup>([^<]+)</a>', told)
    assert [(number, name) for _, number, name in names] == [("1", "joy, turn 14"), ("2", "cause, turn 13")]
    assert all(to in parsed.ids for to, _, _ in names)
    assert not any(re.fullmatch(r"c\w+-\d{1,2}", to) for to, _, _ in names), "to the turn, not to what it rests on"
    assert all(told.count(f'href="#{to}"') == 2 for to, _, _ in names)


def test_all_layers_are_on_the_page(talk, page):
    _, source = page(talk)
    for words in (
        "mixed feelings",
        "hidden emotion",
        "turning point",
        "Where it is heading",
        "may as well go the other way",
    ):
        assert words in source
    for words in ("warmth", "asking on", "answers it", "polite +0.60", "question", "sympathizing", "above all"):
        assert words in source
    for words in (
        "What follows in the same person",
        "What follows in the other person",
        "Sam → Nora",
        "own words +0.88",
        "inertia",
    ):
        assert words in source
    assert "cannot tell: no words in it" in source
    assert "What is expressed is not what is felt" in source
    assert "text.encoder@made-up:" in source, "who reads the words alone is shown on demand"


def test_personality_is_shown_with_its_weak_accuracy_and_only_if_it_is_there(talk, page):
    assert "conscientiousness" not in page(talk)[1]
    _, source = page(farewell(personality=True))
    assert "conscientiousness" in source
    assert "weak guess" in source


def test_a_long_conversation_is_folded_and_says_so(page):
    _, source = page(long_talk(10_000))
    assert f"{10_000 - MOST_OF_LONG:,} more turns" in source
    assert "folded:" in source
    assert len(source) < 1_000_000
    assert source.count('class="bubble') == MOST_OF_LONG


def test_odd_conversations_are_pages_too(page):
    page(Conversation(Turn("ana", "hello"), Turn("bo", ""), Turn("ana", "x" * 9000)))
    page(Conversation(Turn("", "I"), Turn('"><b>', "you")))
    lonely = Conversation(*(Turn("ana", f"line {i}") for i in range(12)))
    _, source = page(lonely)
    assert "What follows in the other person" not in source


def test_ids_from_a_file_cannot_break_out_of_an_attribute(page):
    talk = Conversation(Turn("ana", "I am so angry"), Turn("bo", "why"))
    emotion = Annotation("emotion", {"anger": 0.9}, Anchor("t1"), "ekman7", "x@1", ("anger",))
    emotion.__dict__["id"] = '"><script>alert(1)</script>'
    told = Annotation("explanation", {"Ana is angry.": 0.9}, Anchor("t1"), "sentences", "x@1", because=(emotion.id,))
    talk.add(emotion, told)
    parsed, source = page(talk)
    assert parsed.tags.count("script") == 1
    assert "anger, turn 1" in source


def test_marks_may_overlap():
    words = layered("one two three", [Mark(0, 7, "a", "first"), Mark(4, 13, "b", "second", id="x", note="!")])
    assert words == (
        '<mark class="a" title="first">one </mark>'
        '<mark class="b" title="second" id="x"><mark class="a" title="first">two</mark></mark>'
        '<mark class="b" title="second"> three</mark>!'
    )
