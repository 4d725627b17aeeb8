"""JSON lines: Insula's own log, one addition a line, complete and lossless; or one text, or one chat, a line.

    {"kind": "turn", "id": "t1", "conversation": "chat.txt", "speaker": "ana", "text": "I miss him."}
    {"text": "Lovely.", "stars": 5}                                  a text
    {"messages": [{"role": "user", "content": "Hi"}]}                a chat
    {"dialog": [{"text": "Hi", "speaker": "usr"}]}                   an ESConv dialogue
    {"id": "u1", "conversation_id": "c1", "speaker": "ana", "text": "Hi", "reply-to": null}    a ConvoKit utterance

A line that cannot be read is reported with its number, and the rest is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from insula.conversation import Conversation
from insula.wire import dump, load

from . import columns, convokit, esconv, messages
from .source import Source
from .stream import Stream

_KIND = re.compile(rb'"kind"\s*:\s*"(?:conversation|turn|signal|annotation)"')
_CONVERSATION = re.compile(rb'"conversation"\s*:\s*"((?:[^"\\]|\\.)*)"')


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order of the lines; those whose lines are mixed with others' are gathered first."""
    if convokit.recognised(source.head):
        return convokit.read(source)
    if _KIND.search(source.head):
        return _mixed_log(source) if _mixed(source) else _log(source)
    return _plain(source)


class Writer(Stream):
    """Every addition, one a line. A conversation without an id is given its number, so that it stays one."""

    def __init__(self, path: Path, resume: bool) -> None:
        super().__init__(path, resume)
        self._count = len(self.done)

    def lines(self, conversation: Conversation) -> str:
        """The log of one conversation."""
        self._count += 1
        id = conversation.id or str(self._count)
        about = [conversation.meta] if conversation.meta else []
        return "".join(f"{dump(addition, id)}\n" for addition in (*about, *conversation))

    def records(self, path: Path) -> Iterator[tuple[int, str]]:
        """Each line that is whole."""
        start = 0
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n") and (found := _CONVERSATION.search(line)):
                    yield start, json.loads(b'"%s"' % found[1])
                start += len(line)


def _log(source: Source) -> Iterator[Conversation]:
    conversation = None
    for id, addition, where in _additions(source):
        if conversation is None or id != conversation.id:
            if conversation is not None:
                yield conversation
            conversation = Conversation(id=id)
        _add(conversation, addition, source, where)
    if conversation is not None:
        yield conversation


def _mixed_log(source: Source) -> Iterator[Conversation]:
    found: dict[str, Conversation] = {}
    for id, addition, where in _additions(source):
        _add(found.setdefault(id, Conversation(id=id)), addition, source, where)
    yield from found.values()


def _mixed(source: Source) -> bool:
    """Whether a conversation goes on after another began; only a file can tell before it is read."""
    if not source.file.seekable():
        return False
    seen, last, mixed = set[bytes](), b"", False
    for line in source.file:
        id = found[1] if (found := _CONVERSATION.search(line)) else b""
        if mixed := (id != last and id in seen):
            break
        seen.add(id)
        last = id
    source.file.seek(0)
    return mixed


def _additions(source: Source) -> Iterator[tuple[str, Any, str]]:
    for number, line in enumerate(source.lines(), 1):
        if not line.strip():
            continue
        try:
            addition, id = load(line)
        except ValueError as error:
            source.problem(f"line {number}", f"{error}; left out")
        else:
            yield id or source.name, addition, f"line {number}"


def _add(conversation: Conversation, addition: Any, source: Source, where: str) -> None:
    try:
        if isinstance(addition, Mapping):
            conversation.meta = MappingProxyType({**conversation.meta, **addition})
        else:
            conversation.add(addition)
    except ValueError as error:
        source.problem(where, f"{error}; left out")


def _plain(source: Source) -> Iterator[Conversation]:
    for kind, lines in groupby(source.objects(), key=lambda line: _kind(line[1])):
        if kind == "text":
            yield from columns.assemble(_rows(lines, source), source)
            continue
        for number, record in lines:
            id = f"{source.name}:{number}"
            if kind == "chat":
                yield from messages.chat(record["messages"], id)
            else:
                yield from esconv.dialogue(record, source, f"line {number}", id)


def _kind(record: dict[str, Any]) -> str:
    return "chat" if "messages" in record else "support" if esconv.recognised(record) else "text"


def _rows(lines: Iterable[tuple[int, dict[str, Any]]], source: Source) -> Iterator[tuple[int, columns.Columns, Any]]:
    for number, record in lines:
        if found := columns.cached_find(tuple(record), source.text_column):
            yield number, found, tuple(record.values())
        else:
            source.problem(f"line {number}", f"no field is known to hold text; there are {', '.join(record)}; left out")
