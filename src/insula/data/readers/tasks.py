"""Talk about tasks, in which next to no feeling is shown: a control for detectors that see feelings everywhere.

    "How do I locate my card?", card_arrival -> one turn by "author", meta["category"] = "card_arrival"

There are no gold labels. That nothing is felt is what nearly all of these turns have in common, not a judgement
somebody gave turn by turn: customers do complain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation, Turn
from ..files import objects, records
from ..gold import short_text


def tickets(split: str, path: Path) -> Iterator[Conversation]:
    """Taskmaster-3: a user buys cinema tickets from an agent. A speaker may have several turns in a row."""
    del split
    for dialogue in objects(path):
        yield Conversation(*(Turn(speaker, text) for speaker, text in dialogue["turns"]), id=dialogue["id"])


def banking(split: str, path: Path) -> Iterator[Conversation]:
    """Banking77 (Casanueva et al. 2020): one question of a customer; the id is the row."""
    source = "test" if split == "test" else "train"
    for row, said in enumerate(records(path, "text", "category"), 1):
        yield short_text(f"{source}-{row}", said["text"], category=said["category"])


def assistants(split: str, path: Path) -> Iterator[Conversation]:
    """NLU++ (Casanueva et al. 2022): one request to a bank or a hotel, with its intents; the id is the row."""
    del split
    for row, said in enumerate(objects(path), 1):
        meta = {"domain": said["domain"], "fold": said["fold"], "intents": tuple(said.get("intents", ()))}
        yield short_text(str(row), said["text"], **meta)
