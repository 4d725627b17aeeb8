"""Problems in a source, told as they come; after a few they are only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insula.exchange.report.view import visible

from .say import sentence

if TYPE_CHECKING:
    from rich.console import Console

    from insula.reading import Problem

MOST = 5


class Problems:
    """Prints each of the first few problems, and how many more there were when closed; a context manager."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.count = 0
        self.lost = 0

    def __call__(self, problem: Problem) -> None:
        self.count += 1
        if self.count <= MOST:
            self._say(str(problem))

    def lose(self, error: Exception) -> None:
        """A whole source could not be read."""
        self.lost += 1
        self._say(sentence(error))

    def close(self) -> None:
        """Say how many were not told."""
        if self.count > MOST:
            self._say(f"{self.count - MOST:,} more problems like these; the rest was read")
        self.count = 0

    def __enter__(self) -> Problems:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _say(self, words: str) -> None:
        self.console.print(f"insula: {visible(words)}", soft_wrap=True)
