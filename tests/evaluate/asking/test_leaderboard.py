"""A leaderboard tells a difference from noise."""

import numpy as np
import pytest

from insula.evaluate.asking.exam import Exam, mean
from insula.evaluate.asking.leaderboard import Board
from insula.evaluate.asking.question import Mark
from insula.evaluate.asking.sheet import Row, Sheet

EXAM = Exam(
    "made-up",
    "A <made-up> exam",
    "nobody",
    "own",
    "all",
    lambda _: [],
    None,
    lambda *_: Mark(None),
    {"accuracy": mean("accuracy")},
    {},
)


def sheet(name, share, kind="model", items=200):
    """Right on so many of 200 items, the same for everybody."""
    hits = np.random.default_rng(5).permutation(items) < share * items
    rows = [Row(str(k), str(k), 0, values={"accuracy": float(hit)}) for k, hit in enumerate(hits)]
    return Sheet(EXAM, name, "base", tuple(rows), kind)


def test_ranks_are_ranges_where_the_difference_may_be_chance():
    board = Board([sheet("poor", 0.2), sheet("good", 0.81), sheet("as good", 0.80), sheet("blind", 0.25, "blind")])
    found = {place.number.answerer: (place.best, place.worst) for place in board.places("made-up")}
    assert next(iter(found)) == "good"
    assert found["good"] == (1, 2)
    assert found["as good"] == (1, 2)
    assert found["poor"] == (4, 4)
    assert found["blind"] == (3, 3)


@pytest.mark.parametrize(("items", "ranks"), [(1, (1, 2)), (5, (1, 2)), (6, (1, 1))])
def test_nothing_is_clear_on_a_handful_of_questions(items, ranks):
    board = Board([sheet("right", 1, items=items), sheet("wrong", 0, items=items)])
    assert (board.places("made-up")[0].best, board.places("made-up")[0].worst) == ranks


def test_who_gave_no_readable_answer_stands_last_and_could_be_anywhere():
    mute = Sheet(EXAM, "mute", "base", tuple(Row(str(k), str(k), 0, why="it names no option") for k in range(9)))
    places = Board([mute, sheet("good", 0.8)]).places("made-up")
    assert [place.number.answerer for place in places] == ["good", "mute"]
    assert (places[1].best, places[1].worst) == (1, 2)


def test_the_page_needs_nothing_and_escapes_names(tmp_path):
    pytest.importorskip("pyarrow")
    Board([sheet("<b>bold</b>", 0.5), sheet("poor", 0.1)]).write(tmp_path / "board.html")
    page = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold" in page
    assert "A &lt;made-up&gt; exam" in page
    assert "http" not in page
