"""Which column of a table means what, and rows as conversations; shared by CSV, Parquet and JSON lines.

    find(("id", "review")).turn(("7", "Lovely."))  ->  Turn("author", "Lovely.", meta={"id": "7"})

A row is a conversation of its own, unless a column says which one it belongs to. Columns without a meaning here are
kept in the turn's `meta`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from insula.conversation import Conversation, Turn

from .source import AUTHOR, People, Source, in_time, seconds

TEXT = (
    *(
        "text",
        "content",
        "message",
        "body",
        "utterance",
        "review",
        "comment",
        "tweet",
        "post",
        "sentence",
        "transcript",
    ),
    *("feedback", "statement", "caption", "subtitle", "document", "dialogue", "headline", "title"),
)
SPEAKER = ("speaker", "speakername", "speakerid", "author", "authorname", "sender", "from", "user", "username", "role")
_PERSON = ("speakerid", "authorid", "senderid", "fromid", "userid")
_HELD_IN = ("conversation", "dialogue", "dialog", "thread", "session", "chat")
CONVERSATION = tuple(f"{kind}{end}" for kind in _HELD_IN for end in ("id", ""))
START = ("start", "starttime", "startseconds", "begin", "begintime")
END = ("end", "endtime", "endseconds")


@dataclass(frozen=True)
class Columns:
    """The positions of the columns that mean something, and the names and positions of the rest.

    `person` is an id beside the speaker's name, by which two people of one name are told apart.
    """

    text: int
    speaker: int | None = None
    conversation: int | None = None
    person: int | None = None
    start: int | None = None
    end: int | None = None
    rest: tuple[tuple[str, int], ...] = ()

    def turn(self, row: Sequence[Any], id: str = "t1") -> Turn:
        """The turn a row holds. Raises IndexError when the row is too short to have a text."""
        text = row[self.text]
        speaker = AUTHOR if self.speaker is None else row[self.speaker]
        times = None if self.start is None or self.end is None else span(row[self.start], row[self.end])
        meta = {name: row[place] for name, place in self.rest}
        return Turn(_string(speaker) or AUTHOR, _string(text), times, id, meta)


def find(names: Sequence[str], text_column: str = "") -> Columns | None:
    """The meaning of columns by their names; None where no column can be told to hold the text."""
    plain = [re.sub(r"[\W_]", "", str(name).lower()) for name in names]
    text = _text(names, plain, text_column)
    if text is None:
        return None
    speaker, conversation, start, end = (_first(plain, known, text) for known in (SPEAKER, CONVERSATION, START, END))
    used = {text, speaker, conversation, start, end}
    person = _first(plain, _PERSON, speaker)
    # "source" is what a table calls the conversation's id
    called = [f"{name}_" if name == "source" else name or f"column {place + 1}" for place, name in enumerate(names)]
    rest = tuple((name, place) for place, name in enumerate(called) if place not in used)
    return Columns(text, speaker, conversation, None if speaker is None else person, start, end, rest)


cached_find = lru_cache(maxsize=256)(find)


def text_columns(names: Sequence[str], source: Source) -> Columns:
    """The meaning of a table's columns; raises Unreadable, with their names, where none is known to hold text."""
    only = names[0] if len(names) == 1 else ""
    if found := find(names, source.text_column or only):
        return found
    there = ", ".join(names) or "none"
    if source.text_column:
        raise source.unreadable(f"has no column {source.text_column!r}; its columns are: {there}")
    raise source.unreadable(
        f"has no column that is known to hold text; its columns are: {there}. "
        "Name one with text_column= (in the shell: --text-column); the first line must be the header"
    )


def assemble(rows: Iterable[tuple[int, Columns, Sequence[Any]]], source: Source) -> Iterator[Conversation]:
    """Rows with their line or row number -> conversations; neighbours in the same conversation are put together."""
    name, seen, turns, people, current = source.name, set[str](), list[Turn](), People(), ""
    for number, columns, row in rows:
        if columns.conversation is None:
            yield Conversation(columns.turn(row), id=f"{name}:{number}")
            continue
        key = _string(row[columns.conversation])
        if key != current and turns:
            yield _joined(turns, _unseen(current, seen, source, number), source)
            turns, people = [], People()
        current = key
        turn = columns.turn(row)
        person = None if columns.person is None else row[columns.person] or None
        turns.append(replace(turn, speaker=people.called(turn.speaker, person)))
    if turns:
        yield _joined(turns, _unseen(current, seen, source, 0), source)


def _joined(turns: list[Turn], id: str, source: Source) -> Conversation:
    ordered = in_time(turns, lambda turn: turn, source, f"conversation {id.removeprefix(source.name + ':')}")
    return Conversation(*(replace(turn, id=f"t{place}") for place, turn in enumerate(ordered, 1)), id=id)


def _unseen(key: str, seen: set[str], source: Source, number: int) -> str:
    id = f"{source.name}:{key}"
    if id in seen:
        source.problem(
            f"before line {number}" if number else "at the end",
            f"conversation {key!r} goes on after others began; "
            "these turns are kept as one of their own (sort the rows by conversation to join them)",
        )
        while id in seen:
            id += "+"
    seen.add(id)
    return id


def span(start: object, end: object) -> tuple[float, float] | None:
    """Two cells as seconds, where both are times and in order."""
    first, last = seconds(start), seconds(end)
    return None if first is None or last is None or last < first else (first, last)


def _text(names: Sequence[str], plain: list[str], chosen: str) -> int | None:
    if chosen:
        return next((place for place, name in enumerate(names) if name == chosen), None)
    exact = _first(plain, TEXT)
    return _ends_like(names) if exact is None else exact


def _ends_like(names: Sequence[str]) -> int | None:
    """The one column whose name ends in a word for texts, as in "reviewText", "modified_comment", "Messages"."""
    last = [re.findall(r"[A-Z]*[^\W\d_A-Z]*", str(name))[::-1] for name in names]
    words = [next(filter(None, parts), "").lower() for parts in last]
    found = [place for place, word in enumerate(words) if word in TEXT or word.removesuffix("s") in TEXT]
    return found[0] if len(found) == 1 else None


def _first(plain: list[str], known: Iterable[str], taken: int | None = None) -> int | None:
    return next((plain.index(name) for name in known if name in plain and plain.index(name) != taken), None)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
