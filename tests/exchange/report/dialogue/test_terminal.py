import io

import pytest
from rich.console import Console

from conversations import farewell, long_talk
from insula.exchange.report.terminal import MOST_OF_LONG, Timeline


@pytest.fixture
def printed():
    def show(talk):
        file = io.StringIO()
        with Timeline(Console(file=file, width=140)) as timeline:
            timeline.show(talk)
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())

    return show


def test_under_each_turn_stand_causes_empathy_findings_and_the_explanation(talk, printed):
    out = printed(talk)
    assert "↳ because of turn 4, Nora: “they saw it in March” .86; without it surprise falls by .51" in out
    assert "↳ because of its own words: “I should have asked” .44; without it anger falls by .12" in out
    assert "↳ as a reply: warmth weak, understanding strong, asking on none, answers it .83" in out
    assert "⚑ hidden emotion: the words are calm, what came before is not .70" in out
    assert "Nora seems happy because Sam will bring the salmon." in out


def test_at_the_end_it_adds_up(talk, printed):
    out = printed(talk)
    assert "−.52 → +.62" in out
    assert "3 of 11 steps of one person stay in the same emotion (inertia)" in out
    assert "met   Ida → Nora 2 replies" in out
    assert "ahead Nora's next turn: pleasant, darker than now; it may as well go the other way (+.31 ±.42)" in out


def test_a_long_one_is_compact_and_says_what_is_left_out(printed):
    out = printed(long_talk(2000))
    assert out.count("− ──") + out.count("− ─━") >= MOST_OF_LONG / 2
    assert f"{MOST_OF_LONG} of 2,000 texts are shown" in out
    assert "more turns, counted, not shown: sadness" in out
    assert "found turning-point" in out
    assert len(out.splitlines()) < 300


def test_personality_with_its_accuracy_on_the_screen(printed):
    assert "weak guess" in printed(farewell(personality=True))
    assert "weak guess" not in printed(farewell())
