"""Replies people judged or wrote: DiaSafety (Sun et al. 2022) and counsel-chat (Bertagnolli 2020).

    context, response, "Risk Ignorance", "Unsafe" -> turns "user" and "bot", diasafety5 {"risk-ignorance": 1.0, ...}

Every item of DiaSafety belongs to a category, whether its reply is unsafe in that way or not: it is the reply's `meta`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation, Turn
from ..files import MalformedData, document, records
from ..gold import many_of

_SPLITS = {"val": "dev"}


def diasafety(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation of two turns per item, in published order."""
    items = document(path)
    if not isinstance(items, list):
        raise MalformedData(f"{path}: expected a list of items")
    for number, item in enumerate(items, 1):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        category = str(item["category"]).lower().replace(" ", "-")
        if item["label"] not in ("Safe", "Unsafe"):
            raise MalformedData(f"{path}: item {number}: label {item['label']!r} is neither Safe nor Unsafe")
        yield Conversation(
            Turn("user", str(item["context"]), id="t1"),
            Turn("bot", str(item["response"]), id="t2", meta={"category": category}),
            many_of("diasafety5", [category] if item["label"] == "Unsafe" else [], turn="t2"),
            id=f"{split}{number}",
        )


def counsel_chat(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation of a "client" and a "counsellor" per answer; answers to one question are of one group."""
    answers: Counter[str] = Counter()
    for row in records(path, "questionID", "questionTitle", "questionText", "topic", "answerText", "split"):
        if _SPLITS.get(row["split"], row["split"]) != split:
            continue
        question = row["questionID"]
        answers[question] += 1
        asked = "\n".join(filter(None, (row["questionTitle"].strip(), row["questionText"].strip())))
        yield Conversation(
            Turn("client", asked, id="t1"),
            Turn("counsellor", row["answerText"], id="t2"),
            id=f"{question}-{answers[question]}",
            meta={"group": question, "topic": row["topic"]},
        )
