"""JSON documents: chats exported from Telegram and Discord, chats with language models, lists of texts.

{"name": "Ana", "type": "personal_chat", "messages": [...]}     Telegram Desktop (one chat, or the whole account)
{"guild": {...}, "channel": {...}, "messages": [...]}           DiscordChatExporter
{"messages": [{"role": "user", "content": "Hi"}]}               OpenAI-style, one or a list; ChatGPT's export
{"tr_1": [[{"turn": 1, "utterance": "Hi", "emotion": ...}]]}    RECCON
[{"dialog": [{"text": "Hi", "speaker": "usr"}], ...}]           ESConv
[{"source": {...}, "results": {"predictions": [...]}}]           Hume, or its event logs
[{"text": "Lovely.", "stars": 5}] or ["Lovely."]                texts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insula.conversation import Conversation

from . import columns, discord, esconv, hume, messages, reccon, telegram
from .source import Source


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order of the document. Raises Unreadable where it is not whole JSON."""
    document = source.document()
    for known in (reccon, esconv, hume):
        if known.recognised(document):
            return known.dialogues(document, source)
    chats = _chats(document)
    if chats is None:
        return _texts(document, source)
    ids = (source.name,) if len(chats) == 1 else (f"{source.name}:{number}" for number in range(1, len(chats) + 1))
    return (found for chat, id in zip(chats, ids, strict=False) for found in _chat(chat, id))


def _chats(document: Any) -> list[Any] | None:
    """The chats of a document; None where it holds none."""
    if isinstance(document, dict) and isinstance(document.get("chats"), dict):
        return document["chats"].get("list", [])
    if messages.recognised(document):
        return [{"messages": document}]
    found = document if isinstance(document, list) else [document]
    if found and all(messages.recognised(one) for one in found):
        return [{"messages": one} for one in found]
    chats = [one for one in found if isinstance(one, dict) and ("messages" in one or "mapping" in one)]
    return chats or None


def _chat(chat: dict[str, Any], id: str) -> Iterator[Conversation]:
    if "mapping" in chat:
        return messages.tree(chat, id)
    if messages.recognised(chat["messages"]):
        return messages.chat(chat["messages"], id)
    return discord.chat(chat, id) if "channel" in chat else telegram.chat(chat, id)


def _texts(document: Any, source: Source) -> Iterator[Conversation]:
    found = document if isinstance(document, list) else [document]
    rows = list[tuple[int, columns.Columns, Any]]()
    for number, one in enumerate(found, 1):
        if isinstance(one, str):
            rows.append((number, columns.Columns(0), (one,)))
        elif isinstance(one, dict) and (known := columns.cached_find(tuple(one), source.text_column)):
            rows.append((number, known, tuple(one.values())))
        else:
            there = f"; there are {', '.join(one)}" if isinstance(one, dict) else ""
            source.problem(
                f"item {number}", f"neither a chat nor a text, and no field is known to hold text{there}; left out"
            )
    return columns.assemble(rows, source)
