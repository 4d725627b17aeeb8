"""A server that fails, hangs, babbles or never ends: the run finishes, goes on later, and says what is missing."""

import pytest
from misbehaving import answer, body, endless, silent

from insula.evaluate.asking.caps import Caps
from insula.evaluate.asking.choices import picked
from insula.evaluate.asking.run import examine, questions
from insula.evaluate.asking.statistics import scores
from insula.llm.openai_compatible import OpenAICompatible

OPTIONS = ("Tell them", "Keep quiet", "Ask a friend", "Walk away")


def model(server, **how):
    return OpenAICompatible("m", server.url, **{"retries": 0, "timeout": 0.5} | how)


def test_a_server_that_misbehaves_in_every_way_is_survived(emobench, server):
    """Only the application items: one call each, and each fails in a way of its own."""
    server.script = [
        answer("B"),
        body({"error": {"message": "out of memory"}}, 500),
        body(b"<html>garbage"),
        silent,
        answer("I am sorry, I cannot help with that."),
        answer(""),
        body({"choices": []}),
        answer("Die Antwort ist C."),
    ]
    sheet = examine(emobench, model(server), only={"part": "application"}, caps=Caps(timeout=5))
    errors = [row.error for row in sheet.rows if row.error]
    whys = [row.why for row in sheet.rows if row.why]
    assert len(server.requests) == 8
    assert [sum(x in error for error in errors) for x in ("out of memory", "no whole JSON", "no reply within")] == [
        1,
        1,
        1,
    ]
    assert len(errors) == 4
    assert sorted(whys) == ["it names no option", "it refuses"]
    (found, *_) = scores([sheet], slices=False)
    assert (found.asked, found.unasked, found.parse) == (4, 4, 0.5)


def test_an_answer_that_never_ends_is_cut_off(emobench, server):
    server.script = [endless]
    sheet = examine(emobench, model(server), limit=1, caps=Caps(timeout=0.6))
    assert [row.error for row in sheet.rows] == ["no whole answer within 0.6 s"]


def test_a_server_that_is_away_is_said_and_nothing_is_scored(emobench):
    pytest.importorskip("openai", reason="needs insula[eval]")
    away = OpenAICompatible("m", "http://127.0.0.1:9/v1", retries=0)
    sheet = examine(emobench, away, limit=2)
    assert all("cannot reach http://127.0.0.1:9/v1" in row.error for row in sheet.rows)
    (found, *_) = scores([sheet], slices=False)
    assert found.asked == 0
    assert str(found.score) == "nan"


def test_the_same_command_goes_on_where_it_stopped(emobench, server, tmp_path):
    """What was answered is never asked again, and what failed is."""
    how = {"only": {"part": "application"}, "cache": tmp_path / "answers.sqlite"}
    server.script = [answer("B")] * 3 + [body({"error": {"message": "no"}}, 400)] * 5
    first = examine(emobench, f"m@{server.url}", **how)
    assert sum(row.asked for row in first.rows) == 3
    server.script = [answer("B")]
    second = examine(emobench, f"m@{server.url}", **how)
    assert len(server.requests) == 8 + 5
    assert all(row.parsed for row in second.rows)
    third = examine(emobench, f"m@{server.url}", **how)
    assert len(server.requests) == 13
    assert [row.reply for row in third.rows] == [row.reply for row in second.rows]


def test_a_capped_run_goes_on_where_it_stopped(emobench, server, tmp_path):
    """What was kept costs nothing: each run asks as much as the first, until all is asked."""
    how = {"only": {"part": "application"}, "cache": tmp_path / "answers.sqlite"}
    server.script = [answer("B")]
    one = len(questions(emobench, only=how["only"]))
    asked = []
    for _ in range(9):
        caps = Caps(tokens=120)
        sheet = examine(emobench, f"m@{server.url}", caps=caps, **how)
        asked.append(sum(row.asked for row in sheet.rows))
    assert 0 < asked[0] < asked[1] <= one
    assert asked[-1] == one == len(server.requests)
    assert (caps.read, caps.written) == (0, 0)
    assert all(row.tokens for row in sheet.rows)
    spent = examine(emobench, f"m@{server.url}", caps=Caps(seconds=0), **how)
    assert all(row.asked for row in spent.rows), "what is known may be told when nothing may be asked any more"


def test_a_model_of_a_provider_is_asked_each_question_once(emobench, server, tmp_path, monkeypatch):
    """By its whole name and where it is asked; what failed is asked again."""
    monkeypatch.setenv("MADE_UP_API_KEY", "none")
    monkeypatch.setenv("MADE_UP_BASE_URL", server.url)
    how = {"limit": 4, "only": {"part": "application"}, "cache": tmp_path / "answers.sqlite"}
    server.script = [answer("B")] * 3 + [body({"error": {"message": "no"}}, 400)]
    first = examine(emobench, "openai-api/made-up/m", **how)
    assert [sum(row.asked for row in first.rows), len(server.requests)] == [3, 4]
    server.script = [answer("B")]
    caps = Caps()
    second = examine(emobench, "openai-api/made-up/m", caps=caps, **how)
    assert [sum(row.asked for row in second.rows), len(server.requests)] == [4, 5]
    assert 0 < caps.written < sum(row.tokens for row in second.rows)
    examine(emobench, "openai-api/made-up/m", **how | {"cache": False})
    assert len(server.requests) == 9
    examine(emobench, f"m@{server.url}", **how)
    assert len(server.requests) == 13


@pytest.mark.parametrize(
    "reply",
    [
        "La respuesta es B.",
        "答案：B",
        "答案是B。",
        "Die Antwort ist B.",
        "La réponse est B",
        "**B**",
        "(B)",
        "B. Keep quiet",
        "Keep quiet.",
    ],
)
def test_answers_in_other_languages_and_forms(reply):
    assert picked(reply, OPTIONS) == (1, "")


@pytest.mark.parametrize(
    "reply", ["A, B, C, D", "A and B", "Ich weiß es nicht.", "我不知道", "E", "Tell them or keep quiet", ""]
)
def test_what_names_no_one_option_is_not_guessed(reply):
    place, why = picked(reply, OPTIONS)
    assert place is None
    assert why


def test_a_very_long_answer_is_read_in_no_time():
    place, why = picked("and then I felt A bit odd, so B " * 40_000, OPTIONS)
    assert (place is None) == bool(why)
