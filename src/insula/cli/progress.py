"""A line on standard error: texts and their rate, seconds of sound; only in a terminal, only once it takes a while."""

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
    """Counts texts, or what else `of` says; draws while they come, unless told to hide. A context manager."""

    def __init__(self, console: Console, quiet: bool, of: str = "texts") -> None:
        self.texts = 0
        self._of = of
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
            seconds = now - self._started
            each = self.texts / max(seconds, 1e-9)
            self._draw(f"{self.texts:,} {self._of} in {seconds:.0f} s, {each:,.{0 if each > 3 else 1}f} a second")

    def hear(self, stage: str, second: float, total: float) -> None:
        """How far a recording is heard, in one of its stages."""
        if self._drawn and (now := time.monotonic()) >= self._next:
            self._next = now + EVERY
            of = f" of {_clock(total)}" if total else ""
            self._draw(f"{stage}: {_clock(second)}{of}, after {now - self._started:.0f} s")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def _draw(self, said: str) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn

        if not self._bar:
            columns = (SpinnerColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.add_task("", total=None)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], description=said)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
