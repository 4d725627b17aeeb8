"""Channels exported by DiscordChatExporter as JSON.

{"type": "Default", "timestamp": "2024-03-01T09:41:00+00:00", "content": "hi", "author": {"name": "ana"}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insula.conversation import Conversation, Turn

from .source import dialogue

_SAID = ("Default", "Reply")


def chat(export: dict[str, Any], id: str) -> Iterator[Conversation]:
    """The messages with words in them, one conversation; `meta["time"]` is when each was sent."""
    found = [one for one in export["messages"] if isinstance(one, dict) and one.get("type", _SAID[0]) in _SAID]
    return dialogue([_turn(one) for one in found if str(one.get("content") or "").strip()], id)


def _turn(message: dict[str, Any]) -> Turn:
    author = message.get("author") or {}
    meta = {"time": message["timestamp"]} if message.get("timestamp") else {}
    return Turn(str(author.get("nickname") or author.get("name") or "unknown"), str(message["content"]), meta=meta)
