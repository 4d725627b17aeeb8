"""The bytes of one source, as text: encodings are recognised, and what does not decode is reported.

Source("chat.txt", file, report).lines() -> "Ana: hi\\n", ...
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar, cast

from insula.conversation import Conversation, Turn
from insula.reading import Problem, Report

AUTHOR = "author"
"""Who speaks where a source does not say."""

Said = TypeVar("Said")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b"))
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")


class Unreadable(ValueError):
    """Nothing could be read from a source; `problem` says what was wrong and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """An open file: `name` begins the ids of its conversations, `text_column` is the caller's choice in a table."""

    name: str
    file: io.BufferedReader
    report: Report
    text_column: str = ""
    _reported: set[str] = field(default_factory=set[str])

    @property
    def head(self) -> bytes:
        """The first bytes, up to 64 kB, without moving on."""
        return self.file.peek(1 << 16)

    def problem(self, where: str, what: str) -> None:
        """Report something that could not be read; the rest is."""
        self.report(Problem(self.name, where, what))

    def unreadable(self, what: str, where: str = "") -> Unreadable:
        """The error to raise when nothing can be read."""
        return Unreadable(Problem(self.name, where, what))

    def lines(self) -> Iterator[str]:
        """Lines with their ends, lazily. Bytes that are not UTF-8 are read as Windows-1252, and reported once."""
        self._refuse_binary()
        if (encoding := marked(self.head)) and encoding != "utf-8-sig":
            yield from io.TextIOWrapper(self.file, encoding, "replace", newline="")
            return
        self.file.read(len(codecs.BOM_UTF8) if encoding else 0)
        for number, line in enumerate(self.file, 1):
            try:
                yield line.decode()
            except UnicodeDecodeError:
                self._fallback(number)
                yield line.decode("cp1252", "replace")

    def text(self) -> str:
        """Everything at once, every line ending in a plain newline."""
        return "".join(self.lines()).replace("\r\n", "\n").replace("\r", "\n")

    def document(self) -> Any:
        """What a JSON document holds. Raises Unreadable where it is not whole."""
        try:
            return parse(self.text())
        except json.JSONDecodeError as error:
            raise self.unreadable(f"is not whole JSON ({error.msg})", f"line {error.lineno}") from None
        except RecursionError:
            raise self.unreadable("is nested too deeply") from None

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The JSON object of each line, with the line's number; lines that hold none are reported."""
        for number, line in enumerate(self.lines(), 1):
            if not line.strip():
                continue
            try:
                record = parse(line)
            except (json.JSONDecodeError, RecursionError) as error:
                self.problem(f"line {number}", f"not a whole JSON object ({error}); left out")
                continue
            if isinstance(record, dict) and record:
                yield number, record
            else:
                self.problem(f"line {number}", "holds no JSON object; left out")

    def _fallback(self, number: int) -> None:
        if "encoding" not in self._reported:
            self._reported.add("encoding")
            self.problem(f"line {number}", "not UTF-8 from here on; such lines are read as Windows-1252 (Latin 1)")

    def _refuse_binary(self) -> None:
        if not self.head:
            raise self.unreadable("is empty")
        if looks_binary(self.head):
            raise self.unreadable(
                "is not text (many control characters); save it as UTF-8 text, or name it by its format"
            )


def parse(text: str) -> Any:
    """What a JSON text holds. Halves of characters, left by tools that cut texts at a length, become question marks."""
    found = json.loads(text)
    if "\\ud" in text or "\\uD" in text:
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    return found


def marked(head: bytes) -> str:
    """The encoding that a byte order mark announces, or ""."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


def looks_binary(head: bytes) -> bool:
    """Whether these bytes can hardly be text; a few stray control characters are allowed."""
    sample = b"" if marked(head) else head[: 1 << 13]
    return len(sample) - len(sample.translate(None, _CONTROL)) > max(8, len(sample) // 20)


def buffered(file: BinaryIO) -> io.BufferedReader:
    """A file whose head can be looked at without moving on."""
    return file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", file), 1 << 16)


def seconds(value: object) -> float | None:
    """A number of seconds, or a clock like 1:02:03.5 or 00:01,250, as seconds; None for anything else."""
    text = str(value).strip()
    if found := _CLOCK.fullmatch(text):
        hours, minutes, rest = found.groups()
        return 3600 * int(hours or 0) + 60 * int(minutes) + float(rest.replace(",", "."))
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def named(speaker: object) -> str:
    """Who speaks, as a name: AUTHOR where a source leaves it open with null, nothing or spaces."""
    return AUTHOR if speaker is None or not str(speaker).strip() else str(speaker)


class People:
    """What to call those who speak, where a source has ids: two of one name are "Kim" and "Kim #2"."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def called(self, name: str, id: object) -> str:
        """The name of the person with this id; without one, people of one name are the same."""
        if id is None:
            return name
        key = (name, str(id))
        if key not in self._names:
            number = 1 + sum(1 for known, _ in self._names if known == name)
            self._names[key] = name if number == 1 else f"{name} #{number}"
        return self._names[key]


def in_time(said: list[Said], turn: Callable[[Said], Turn], source: Source, where: str = "") -> list[Said]:
    """What was said by when it began, where all of it has times; that it stood out of order is reported."""
    spans = [turn(one).seconds for one in said]
    starts = [span[0] for span in spans if span]
    late = next((place for place in range(1, len(starts)) if starts[place] < starts[place - 1]), 0)
    if not late or len(starts) < len(said):
        return said
    before, after = starts[late - 1 : late + 1]
    what = (
        f"turn {late + 1} begins at {after:g} s, after one that begins at {before:g} s; turns are read by their times"
    )
    source.problem(where, what)
    return [one for _, one in sorted(zip(starts, said, strict=True), key=lambda pair: pair[0])]


def dialogue(turns: list[Turn], id: str) -> Iterator[Conversation]:
    """One conversation, or none where nobody says anything."""
    if turns:
        yield Conversation(*turns, id=id)
