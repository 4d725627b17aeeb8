"""ConvoKit corpora: a folder with `utterances.jsonl`, an utterance a line, linked by what they reply to.

    {"id": "u2", "conversation_id": "u1", "speaker": "bo", "text": "Oh no.", "reply-to": "u1", "timestamp": 1577836800}

The lines stand in any order, so all are held at once. A conversation is read by time where every utterance has one,
else along its replies (Chang et al. 2020, "ConvoKit: A Toolkit for the Analysis of Conversations").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from insula.conversation import Conversation, Turn

from .source import Source, dialogue

FILE = "utterances.jsonl"
_REPLY = re.compile(rb'"reply[-_]to"\s*:')
_OWN = ("id", "text", "speaker", "user", "conversation_id", "root", "reply-to", "reply_to", "timestamp", "meta")


def recognised(head: bytes) -> bool:
    """Whether these lines are utterances that say what they reply to."""
    return bool(_REPLY.search(head.split(b"\n", 1)[0]))


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order in which they first appear."""
    found: dict[str, list[dict[str, Any]]] = {}
    for number, record in source.objects():
        if isinstance(record.get("text"), str) and "id" in record:
            found.setdefault(str(_either(record, "conversation_id", "root")), []).append(record)
        else:
            source.problem(f"line {number}", "an utterance needs an id and a text; left out")
    for key, records in found.items():
        yield from dialogue([_turn(record) for record in _in_order(records)], f"{source.name}:{key}")


def _turn(record: dict[str, Any]) -> Turn:
    speaker = _either(record, "speaker", "user")
    speaker = speaker.get("id") if isinstance(speaker, dict) else speaker
    meta = {**(record.get("meta") or {}), **{k: v for k, v in record.items() if k not in _OWN}}
    if record.get("timestamp") is not None:
        meta["time"] = record["timestamp"]
    return Turn(str(speaker), record["text"], id=str(record["id"]), meta=meta)


def _in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    try:
        return sorted(records, key=lambda record: float(record["timestamp"]))
    except (KeyError, TypeError, ValueError):
        pass
    answers: dict[Any, list[dict[str, Any]]] = {}
    here = {record["id"] for record in records}
    for record in records:
        above = _either(record, "reply-to", "reply_to")
        answers.setdefault(above if above in here else None, []).append(record)
    ordered, waiting = list[dict[str, Any]](), answers.pop(None, [])[::-1]
    while waiting:
        ordered.append(record := waiting.pop())
        waiting += answers.pop(record["id"], [])[::-1]
    # replies that go round in a circle have no beginning: they follow as they stand
    return ordered + [record for rest in answers.values() for record in rest]


def _either(record: dict[str, Any], name: str, older: str) -> Any:
    return record.get(name, record.get(older))
