import io

import pytest
from rich.console import Console

from insula.exchange.report.glyphs import bar, gauge, number, spark
from insula.exchange.report.terminal import Timeline


@pytest.fixture
def printed():
    """printed(conversations, limit) -> what the timeline prints."""

    def show(conversations, limit=60):
        file = io.StringIO()
        with Timeline(Console(file=file, width=110), limit) as timeline:
            for conversation in conversations:
                timeline.show(conversation)
        return file.getvalue()

    return show


def test_who_said_what_and_what_is_expressed(talk, printed):
    out = printed([talk])
    assert "bo & co" in out
    assert "anger █████░ .82" in out
    assert "could also be annoyance" in out
    assert "−.70 ±.30" in out
    assert "⚑ sarcasm .71" in out
    assert "cannot tell: too short" in out


def test_a_curve_for_each_speaker(talk, printed):
    out = printed([talk])
    assert "−.70 → +.60" in out


def test_a_long_text_is_shown_as_its_parts(essay, printed):
    out = printed([essay])
    assert out.index("At first I was glad") < out.index("joy") < out.index("disappointment")
    assert "valence over the text  ▇▃▂" in out
    assert "all of it" in out


def test_after_the_limit_it_only_counts(table, printed):
    out = printed(table(500), limit=10)
    assert "text number 9\n" in out.replace(" \n", "\n").replace("  ", "")
    assert "text number 10" not in out
    assert "10 of 500 texts are shown" in out
    assert "500  100% of texts" in out


def test_nothing_read_prints_nothing(printed):
    assert printed([]) == ""


def test_numbers_and_drawings():
    assert [number(0.82), number(1.0), number(-0.4, True), number(0.05, True)] == [".82", "1.00", "−.40", "+.05"]
    assert gauge(0, 0) == "──────●──────"
    assert gauge(-1, 0) == "●─────┼──────"
    assert gauge(0.5, 0.2, 13).count("━") == 2
    assert spark([-1, 0, 1]) == "▁▅█"
    assert len(spark([0.0] * 1000)) == 60
    assert bar(0.5) == "███░░░"
