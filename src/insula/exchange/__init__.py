"""The exchange: any source as Conversations, and Conversations as files that other people's tools open.

    for conversation in conversations("reviews.csv"): ...
    with writer("out.jsonl", resume=True) as out:
        for conversation in found:
            if conversation.id not in out.done:
                out.write(conversation)

Ids are stable: "chat.txt" for a file that is one conversation, "reviews.csv:12" for the text that begins on line 12.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Collection, Iterator
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from insula.conversation import Conversation, Turn
from insula.reading import Problem, Report
from insula.reading import Source as Anything

from . import audio, empatica
from .document import Document
from .formats import Format, by_suffix, formats, recognise
from .source import AUTHOR, Source, Unreadable, buffered

__all__ = ["Format", "Missing", "Unreadable", "Writer", "conversations", "formats", "writer"]

_BUFFER = 1 << 16
# files whose conversations are still being drawn: writing to one would lose what is not read yet
_being_read: set[Path] = set()


class Missing(FileNotFoundError, ValueError):
    """A path that does not exist, or a text that looks like one."""


class Writer(Protocol):
    """A file that takes conversations. `done` holds the ids that a resumed file already has."""

    @property
    def done(self) -> Collection[str]: ...

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def conversations(
    source: Anything,
    report: Report | None = None,
    *,
    text_column: str = "",
) -> Iterator[Conversation]:
    """What a source holds, lazily: a path, a folder, "-" for standard input, a text, a list of these, a Conversation.

    "camera:0" is the first camera, looked through until Ctrl-C, and "camera:0@60" for a minute.
    In a list every string is a text. What cannot be read goes to `report` (by default a warning each). `text_column`
    names the column of a table that holds the text. Raises Unreadable, a ValueError, when nothing could be read, and
    Missing, a FileNotFoundError and ValueError, for a path that is not there.
    """
    problems = list[Problem]()

    def tell(problem: Problem) -> None:
        problems.append(problem)
        (report or _warn)(problem)
        del problems[3:]

    nothing = True
    for conversation in _any(source, tell, text_column):
        nothing = False
        yield conversation
    if nothing:
        called = str(source) if isinstance(source, str | Path) else "the source"
        what = "; ".join(f"{p.where}: {p.what}" if p.where else str(p) for p in problems) or "holds nothing to read"
        raise Unreadable(Problem(called, "", what))


def writer(path: str | Path, resume: bool = False) -> Writer:
    """A file to write conversations to, in the format of its ending.

    JSON lines and CSV grow as they are written, and can be resumed: what a run that was cut short left whole is kept,
    and its ids are in `done`. Other formats are put in place when they are whole. Raises ValueError for an ending that
    is not known or cannot be resumed, and OSError where the path cannot be written, both before any work is done.
    """
    path = Path(path)
    found = by_suffix(path.name)
    if found is None or not found.writes:
        known = ", ".join(suffix for one in formats() if one.writes for suffix in one.suffixes)
        raise ValueError(f"{path.name}: no format that can be written ends like this; there are {known}")
    if path.resolve() in _being_read:
        raise ValueError(f"{path} is being read: give the output another name")
    if resume and not found.resumes:
        raise ValueError(f"{path.name}: only .jsonl and .csv can be resumed; write one of these, then convert it")
    try:
        return _open(path, found, resume)
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {_why(error, path)}") from None


def _open(path: Path, found: Format, resume: bool) -> Writer:
    if path.is_dir() and not found.folder:
        raise IsADirectoryError(f"it is a folder; give a file, like {path.name}/out{path.suffix}")
    module = import_module(f"{__package__}.{found.module}")
    if found.resumes:
        return module.Writer(path, resume)
    if found.streams:
        return module.Writer(path)
    return Document(path, module.write, many=found.many)


def _any(source: Any, report: Report, text_column: str) -> Iterator[Conversation]:
    if isinstance(source, Conversation):
        yield source
    elif isinstance(source, Path):
        yield from _path(source, report, text_column)
    elif source == "-":
        yield from _opened(Source("stdin", buffered(sys.stdin.buffer), report, text_column))
    elif isinstance(source, str):
        yield from _path_or_text(source, report, text_column)
    else:
        for number, one in enumerate(source, 1):
            if isinstance(one, str):
                yield Conversation(Turn(AUTHOR, one, id="t1"), id=f"text:{number}")
            else:
                yield from _any(one, report, text_column)


def _path_or_text(text: str, report: Report, text_column: str) -> Iterator[Conversation]:
    if not text.strip():
        return
    try:
        there = Path(text).exists()
    except (OSError, ValueError):
        there = False
    if there:
        yield from _path(Path(text), report, text_column)
    elif audio.is_camera(text):
        yield audio.live(text)
    elif _looks_like_path(text):
        raise Missing(
            f"there is no file {text!r}; if this is a text to be read, pass it in a list or by standard input"
        )
    else:
        yield Conversation(Turn(AUTHOR, text, id="t1"), id="text")


def _looks_like_path(text: str) -> bool:
    """One line that ends like a file, or a single word with a slash."""
    if "\n" in text or len(text) > 255:
        return False
    word = not any(letter.isspace() for letter in text)
    return by_suffix(text) is not None or (word and ("/" in text or "\\" in text))


def _path(path: Path, report: Report, text_column: str) -> Iterator[Conversation]:
    if not path.exists():
        raise Missing(f"there is no file {str(path)!r}")
    if path.is_dir():
        yield from _folder(path, report, text_column)
    else:
        yield from _file(path, path.name, report, text_column)


def _folder(folder: Path, report: Report, text_column: str) -> Iterator[Conversation]:
    from .convokit import FILE

    if (folder / FILE).exists():
        yield from _file(folder / FILE, folder.resolve().name, report, text_column)
        return
    for path in _walk(folder, report):
        name = path.relative_to(folder).as_posix()
        session = path.is_dir()
        if not session and ((found := by_suffix(path.name)) is None or not found.reads):
            report(Problem(name, "", "not a format known here by its ending; left out"))
            continue
        try:
            if session:
                yield from empatica.read_folder(path, folder.resolve().name if path == folder else name, report)
            else:
                yield from _file(path, name, report, text_column)
        except Unreadable as error:
            report(error.problem)


def _walk(folder: Path, report: Report) -> Iterator[Path]:
    """Every file below a folder, by name; of a corpus its utterances, a session of a wristband as the folder it is.

    Hidden ones are left alone.
    """
    from .convokit import FILE

    def unreadable(error: OSError) -> None:
        report(Problem(str(error.filename), "", f"cannot be opened: {error.strerror}"))

    for here, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if empatica.is_session(Path(here)):
            yield Path(here)
            files = [name for name in files if name not in empatica.KNOWN]
        names = [FILE] if FILE in files else sorted(files)
        yield from (Path(here, name) for name in names if not name.startswith("."))


def _file(path: Path, name: str, report: Report, text_column: str) -> Iterator[Conversation]:
    try:
        file = path.open("rb", _BUFFER)
    except OSError as error:
        raise Unreadable(Problem(name, "", f"cannot be opened: {error.strerror}")) from None
    _being_read.add(real := path.resolve())
    try:
        with file:
            yield from _opened(Source(name, buffered(file), report, text_column))
    finally:
        _being_read.discard(real)


def _opened(source: Source) -> Iterator[Conversation]:
    if not source.head:
        raise source.unreadable("is empty")
    found = recognise(source.name, source.head)
    if not found.reads:
        raise source.unreadable(f"is {found.title}, which is written and not read")
    try:
        yield from found.read(source)
    except Unreadable:
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise source.unreadable(f"is not built like {found.title} ({type(error).__name__}: {error})") from error


def _why(error: OSError, path: Path) -> str:
    if not path.parent.exists():
        return f"the folder {str(path.parent)!r} does not exist"
    return error.strerror or str(error)


def _warn(problem: Problem) -> None:
    warnings.warn(str(problem), stacklevel=2)
