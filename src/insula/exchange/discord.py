"""Channels exported by DiscordChatExporter as JSON.

{"type": "Default", "timestamp": "2024-03-01T09:41:00+00:00", "content": "hi", "author": {"name": "ana"}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insula.conversation import Conversation, Turn

from .source import People, dialogue

_SAID = ("Default", "Reply")


def chat(export: dict[str, Any], id: str) -> Iterator[Conversation]:
    """The messages with words in them, one conversation; `meta["time"]` is when each was sent."""
    found = [one for one in export["messages"] if isinstance(one, dict) and one.get("type", _SAID[0]) in _SAID]
    people = People()
    return dialogue([_turn(one, people) for one in found if str(one.get("content") or "").strip()], id)


def _turn(message: dict[str, Any], people: People) -> Turn:
    author = message.get("author") or {}
    name = str(author.get("nickname") or author.get("name") or "unknown")
    meta = {"time": message["timestamp"]} if message.get("timestamp") else {}
    return Turn(people.called(name, author.get("id")), str(message["content"]), meta=meta)
