"""A text file that grows one conversation at a time, and can be taken up again where a run was cut short."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from insula.conversation import Conversation

_SECONDS_UNFLUSHED = 1.0


class Stream:
    """Writes each conversation as it comes; a format says how (`lines`) and how its records are told apart (`records`).

    With `resume` the file is kept up to its last conversation, which may not be whole and is cut off; `done` holds the
    ids of those that stay. Raises OSError where the path cannot be written.
    """

    def __init__(self, path: Path, resume: bool) -> None:
        self.path = path
        self.done: set[str] = self._keep_whole() if resume and path.exists() else set()
        # a lone surrogate becomes its escape, which in JSON is the very same text
        self._file = path.open("a" if resume else "w", encoding="utf-8", errors="backslashreplace", newline="")
        self._flushed = time.monotonic()

    def lines(self, conversation: Conversation) -> str:
        """What a conversation adds to the file."""
        raise NotImplementedError

    def records(self, path: Path) -> Iterator[tuple[int, str]]:
        """The first byte of each whole record of a file, and the id of its conversation."""
        raise NotImplementedError

    def write(self, conversation: Conversation) -> None:
        """Append one conversation."""
        self._file.write(self.lines(conversation))
        if time.monotonic() - self._flushed > _SECONDS_UNFLUSHED:
            self._file.flush()
            self._flushed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _keep_whole(self) -> set[str]:
        done, end = whole(self.records(self.path))
        with self.path.open("r+b") as file:
            file.truncate(end)
        return done


def whole(records: Iterable[tuple[int, str]]) -> tuple[set[str], int]:
    """The conversations before the last one, and the byte where that one begins."""
    done, last, begin = set[str](), None, 0
    for start, id in records:
        if id != last:
            done |= {last} if last is not None else set()
            last, begin = id, start
    return done - {last}, begin
