"""Saying things: results to standard output, everything about the work to standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def out() -> Console:
    """Standard output; plain text where it is not a terminal or NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def sentence(error: BaseException) -> str:
    """An error's own words, without the quotes KeyError adds or the number OSError does; and its notes."""
    if isinstance(error, OSError) and error.strerror:
        words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, KeyError) and error.args:
        words = str(error.args[0])
    else:
        words = str(error) or type(error).__name__
    return "; ".join([words, *getattr(error, "__notes__", [])])
