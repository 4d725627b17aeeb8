"""Chats with language models: OpenAI-style `messages`, and the tree of a ChatGPT export.

    [{"role": "user", "content": "I miss him."}]  ->  Turn("user", "I miss him.")

Only what people and assistants say to each other is read: system prompts and tool calls are not part of the
conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from insula.conversation import Conversation, Turn

from .source import dialogue

_NOT_SAID = ("system", "developer", "tool", "function")


def recognised(found: object) -> bool:
    """Whether this is a list of messages with roles."""
    return isinstance(found, list) and bool(found) and all(isinstance(one, Mapping) and "role" in one for one in found)


def chat(messages: object, id: str) -> Iterator[Conversation]:
    """A list of messages as one conversation; none where nobody says anything."""
    found = [one for one in messages if isinstance(one, Mapping)] if isinstance(messages, list) else []
    said = [
        (one.get("name") or one["role"], _text(one.get("content"))) for one in found if one.get("role") not in _NOT_SAID
    ]
    return dialogue([Turn(str(speaker), text) for speaker, text in said if text.strip()], id)


def tree(export: Mapping[str, Any], id: str) -> Iterator[Conversation]:
    """A ChatGPT conversation: the branch that leads to its current message."""
    nodes, key, branch = export["mapping"], export.get("current_node"), list[Any]()
    key = key or next(reversed(nodes), None)
    while key in nodes and len(branch) < len(nodes):
        if message := nodes[key].get("message"):
            branch.insert(0, {"role": message["author"]["role"], "content": message.get("content")})
        key = nodes[key].get("parent")
    return chat(branch, id)


def _text(content: object) -> str:
    """The words of a message, whatever it is packed in: a text, a list of parts, or an object with parts."""
    if isinstance(content, Mapping):
        content = content.get("text") or content.get("parts")
    if isinstance(content, list):
        return "\n".join(filter(None, map(_text, content)))
    return content if isinstance(content, str) else ""
