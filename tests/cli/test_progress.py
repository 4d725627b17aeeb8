import io

import pytest
from rich.console import Console

from insula.cli import progress


@pytest.fixture
def drawn(monkeypatch):
    """drawn(terminal, quiet, hidden) -> what is drawn while a thousand texts come in."""
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "EVERY", 0)

    def draw(terminal=True, quiet=False, hidden=False):
        console = Console(file=io.StringIO(), force_terminal=terminal)
        with progress.Progress(console, quiet) as counted:
            for _ in range(1000):
                counted.add(1, hidden)
        assert counted.texts == 1000
        return console.file.getvalue()

    return draw


def test_it_counts_and_says_how_fast(drawn):
    said = drawn()
    assert "1,000 texts" in said
    assert "a second" in said


@pytest.mark.parametrize("how", [{"terminal": False}, {"quiet": True}, {"hidden": True}])
def test_it_draws_nothing_where_it_would_be_in_the_way(drawn, how):
    assert drawn(**how) == ""


def test_it_says_how_far_a_recording_is_heard(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "EVERY", 0)
    console = Console(file=io.StringIO(), force_terminal=True)
    with progress.Progress(console, quiet=False) as shown:
        shown.hear("emotion", 75.4, 3600.0)
    assert "emotion: 1:15 of 60:00" in console.file.getvalue()
