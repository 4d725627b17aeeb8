"""Chats exported by Telegram Desktop as JSON.

{"type": "message", "from": "Ana", "date": "2024-03-01T09:41:00", "text": ["see ", {"type": "link", "text": "this"}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insula.conversation import Conversation, Turn

from .source import People, dialogue


def chat(export: dict[str, Any], id: str) -> Iterator[Conversation]:
    """The messages with words in them, one conversation; `meta["time"]` is when each was sent."""
    found = [one for one in export["messages"] if isinstance(one, dict) and one.get("type", "message") == "message"]
    people = People()
    return dialogue([_turn(one, people) for one in found if _text(one.get("text")).strip()], id)


def _turn(message: dict[str, Any], people: People) -> Turn:
    name = str(message.get("from") or "deleted account")
    meta = {"time": message["date"]} if message.get("date") else {}
    return Turn(people.called(name, message.get("from_id")), _text(message["text"]), meta=meta)


def _text(text: Any) -> str:
    """Telegram splits a message with links or bold words into parts."""
    if isinstance(text, list):
        return "".join(map(_text, text))
    return _text(text.get("text")) if isinstance(text, dict) else text if isinstance(text, str) else ""
