"""A line on standard error that counts texts and their rate; only in a terminal, and only once it takes a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

PATIENCE = 1.0
"""Seconds before anything is drawn."""
EVERY = 0.2
"""Seconds between two updates: drawing must not slow the reading."""


class Progress:
    """Counts texts; draws while they come, unless told to hide. A context manager."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self.texts = 0
        self._console = console
        self._drawn = console.is_terminal and not quiet
        self._bar: Bar | None = None
        self._started = time.monotonic()
        self._next = self._started + PATIENCE

    def add(self, texts: int, hidden: bool = False) -> None:
        """So many more texts; `hidden` while something else is being printed."""
        self.texts += texts
        if self._drawn and not hidden and (now := time.monotonic()) >= self._next:
            self._next = now + EVERY
            self._draw(now - self._started)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def _draw(self, seconds: float) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn

        if not self._bar:
            columns = (SpinnerColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.add_task("", total=None)
            self._bar.start()
        said = f"{self.texts:,} texts in {seconds:.0f} s, {self.texts / max(seconds, 1e-9):,.0f} a second"
        self._bar.update(self._bar.task_ids[0], description=said)
