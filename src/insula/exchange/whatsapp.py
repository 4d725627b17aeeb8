"""Chats exported by WhatsApp as text, in the date formats of many countries.

    31/12/2023, 21:41 - Ana: Happy new year!              Android
    [12/31/23, 9:41:05 PM] Ana: Happy new year!           iPhone
    31.12.23 21:41 - Ana: Prosit!

A message may run over several lines. Notices without a speaker, and placeholders for pictures and deleted messages, are
left out. `meta["time"]` is when a message was sent, where day and month can be told apart in the file as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from insula.conversation import Conversation, Turn

from .source import Source, dialogue

_DATE = r"(\d{1,4})[./-] ?(\d{1,2})[./-] ?(\d{2,4})\.?"
_HALF = r"(?:[ap]\.?\s?m\.?|上午|下午|오전|오후)"
_TIME = rf"({_HALF})?\s?(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?\s?({_HALF})?"
_BEGINS = re.compile(rf"\[?{_DATE},?\s(?:(?:um|at|à|om)\s)?{_TIME}(?:\]|\s[-–]|:)\s(.*)", re.IGNORECASE | re.DOTALL)
_SAYS = re.compile(r"([^:]{1,80}): (.*)", re.DOTALL)
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\ufeff]")
_PLACEHOLDER = re.compile(
    r"<[^<>]+>|(?:image|video|audio|sticker|gif|document|contact card|video note) omitted|null"
    r"|(?:this message was deleted|you deleted this message|missed (?:voice|video) call)\.?",
    re.IGNORECASE,
)
_AFTERNOON = ("p", "下午", "오후")


def recognised(text: str) -> bool:
    """Whether the first line that says something is a message with its date."""
    first = next((line for line in _MARKS.sub("", text).split("\n") if line.strip()), "")
    return bool(_BEGINS.fullmatch(first.strip().replace("\u202f", " ")))


def read(source: Source) -> Iterator[Conversation]:
    """One conversation."""
    messages = list(_messages(source.text()))
    order = _order([found.groups()[:3] for found, _ in messages])
    turns = list[Turn]()
    for found, more in messages:
        said = _SAYS.fullmatch("\n".join((found[9], *more)).strip())
        if said and not _PLACEHOLDER.fullmatch(said[2].strip()) and said[2].strip():
            time = _time(found, order)
            turns.append(Turn(said[1].strip(), said[2].strip(), meta={"time": time} if time else {}))
    if not turns:
        raise source.unreadable("is a WhatsApp export in which nobody says anything")
    return dialogue(turns, source.name)


def _messages(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """The first line of each message, taken apart, and the lines that follow it."""
    found: re.Match[str] | None = None
    more = list[str]()
    for line in _MARKS.sub("", text).split("\n"):
        if begins := _BEGINS.fullmatch(line.replace("\u202f", " ")):
            if found:
                yield found, more
            found, more = begins, []
        else:
            more.append(line)
    if found:
        yield found, more


def _order(dates: list[tuple[str, ...]]) -> str:
    """How the dates of a file are written: "ymd", "dmy", "mdy", or "" where a file leaves it open."""
    if any(len(first) == 4 for first, _, _ in dates):
        return "ymd"
    if any(int(first) > 12 for first, _, _ in dates):
        return "dmy"
    return "mdy" if any(int(second) > 12 for _, second, _ in dates) else ""


def _time(found: re.Match[str], order: str) -> str:
    if not order:
        return ""
    parts = dict(zip(order, map(int, found.groups()[:3]), strict=True))
    year = parts["y"] + 2000 if parts["y"] < 100 else parts["y"]
    half, hour = (found[4] or found[8] or "").lower(), int(found[5])
    if half:
        hour = hour % 12 + 12 * half.startswith(_AFTERNOON)
    try:
        return datetime(year, parts["m"], parts["d"], hour, int(found[6]), int(found[7] or 0)).isoformat()
    except ValueError:
        return ""
