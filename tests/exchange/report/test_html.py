import re
import sys
from pathlib import Path

import pytest

from insula import Conversation, Turn
from insula.exchange.report.html import MOST_OF_LONG, Writer, write
from insula.exchange.report.markup import tag

sys.path.insert(0, str(Path(__file__).parent))

from pages import Checker


@pytest.fixture
def page(tmp_path):
    """page(conversations) -> the parsed report, and its source."""

    def make(conversations):
        write(conversations, tmp_path / "report.html")
        source = (tmp_path / "report.html").read_text(encoding="utf-8")
        parsed = Checker()
        parsed.feed(source)
        assert parsed.open == []
        return parsed, source

    return make


def test_it_says_what_is_expressed_how_surely_and_why(talk, page):
    _, source = page([talk])
    assert "speaks for gratitude: 0.90" in source
    assert "could also be annoyance" in source
    assert "cannot tell: too short" in source
    assert "⚑ sarcasm .71" in source
    assert "made_up.reader@1" in source
    assert "What is expressed is not what is felt" in source
    assert "No output is a diagnosis" in source


def test_nothing_is_fetched_and_every_link_leads_somewhere(talk, table, page):
    parsed, source = page([talk, *table(30)])
    assert not re.search(r"https?://|@import|url\(", source)
    assert all(link.startswith("#") and link[1:] in parsed.ids for link in parsed.links)
    assert len(parsed.ids) == len(set(parsed.ids))


def test_everything_people_typed_is_escaped(talk, page):
    nasty = '"><img src=x onerror=alert(1)>\x00\x1b\ud800'
    other = Conversation(Turn(nasty, nasty), Turn("b", "I"), id=nasty)
    parsed, source = page([talk, other])
    assert "img" not in parsed.tags
    assert parsed.tags.count("script") == 1
    assert "&lt;script&gt;alert(1)" in source
    assert "bo &amp; co" in source


def test_markup_is_escaped_unless_it_is_markup():
    assert tag("p", "1 < 2", tag("b", "&"), title='"') == '<p title="&quot;">1 &lt; 2<b>&amp;</b></p>'
    assert tag("circle", cx=1.50, hidden=None) == '<circle cx="1.5"/>'


def test_texts_of_a_table_get_a_distribution_extremes_and_rows(table, page):
    parsed, source = page(table(40))
    assert "40 texts" in source
    assert "Most pleasant" in parsed.words
    assert "How pleasant" in parsed.words
    assert parsed.tags.count("tr") == 41


def test_a_long_text_has_its_parts_and_a_curve_over_them(essay, page):
    parsed, source = page([essay])
    assert "part 1" in parsed.words
    assert source.count('class="stretch"') == 3


def test_ten_thousand_turns_are_counted_and_some_are_drawn(page):
    talk = Conversation(*(Turn("ab"[i % 2], f"turn {i}") for i in range(10_000)), id="long.txt")
    _, source = page([talk])
    assert "10,000" in source
    assert f"{10_000 - MOST_OF_LONG:,} more turns" in source
    assert len(source) < 1_000_000


def test_many_sources_stay_few_sections(table, page):
    texts = [Conversation(*text.log, id=f"source{i}") for i, text in enumerate(table(300))]
    parsed, _ = page(texts)
    assert "other sources" in parsed.words
    assert parsed.tags.count("section") <= 52


def test_nothing_judged_and_nothing_said_are_pages_too(page):
    page([Conversation(Turn("ana", "hello"), Turn("bo", ""))])
    page([Conversation()])
    page([])


def test_a_failure_midway_leaves_a_partial_page_and_what_was_there(talk, tmp_path):
    (tmp_path / "report.html").write_text("yesterday's")

    def half(report):
        with report:
            report.write(talk)
            raise RuntimeError

    with pytest.raises(RuntimeError) as caught:
        half(Writer(tmp_path / "report.html"))
    assert "report.partial.html" in caught.value.__notes__[0]
    assert "anger" in (tmp_path / "report.partial.html").read_text()
    assert (tmp_path / "report.html").read_text() == "yesterday's"
