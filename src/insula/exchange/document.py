"""Formats that are one document: what is to go in is held until the end, then written beside the path and put there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

from insula.conversation import Conversation

Write = Callable[[list[Conversation], Path], None]


class Document:
    """Takes in conversations and writes them when closed; what was there before stays until then.

    When the work fails midway, what was done is written to a partial file whose name is added to the error's notes.
    Raises OSError at once where the path cannot be written, ValueError for a second conversation where the format holds
    one.
    """

    done: frozenset[str] = frozenset()

    def __init__(self, path: Path, write: Write, many: bool) -> None:
        self.path, self._partial = path, partial(path)
        self._write, self._many = write, many
        self._found = list[Conversation]()
        self._partial.touch()

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        if self._found and not self._many:
            raise ValueError(
                f"{self.path.name}: a {self.path.suffix} file describes one recording, and here is a second "
                f"conversation, {conversation.id!r}: read one source at a time, or write .jsonl, .csv or .html"
            )
        self._found.append(conversation)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if error is not None and not self._found:
            self._partial.unlink()
            return
        self._write(self._found, self._partial)
        if error is not None:
            error.add_note(f"what was done until then is in {self._partial}")
            return
        self._partial.replace(self.path)


def partial(path: Path) -> Path:
    """Where a file is written before it is whole; it keeps its ending, so that it can be opened all the same."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")
