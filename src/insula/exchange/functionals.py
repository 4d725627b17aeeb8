"""Functionals of prosody as openSMILE writes them, separated by semicolons: a row per turn.

    file;start;end;speaker;F0semitoneFrom27.5Hz_sma3nz_amean;...
    call.wav;0.5;4.5;speaker 1;31.25;...                             the `prosody` annotations, times in seconds

A turn that could not be measured has no numbers. `file` is the recording where there is one, else the conversation.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from insula.conversation import Conversation

from .media import recordings


def write(conversations: list[Conversation], path: Path) -> None:
    """Write any number of conversations. Where nothing was measured, that is a warning, and the table has no rows."""
    put(_rows(conversations), path)


def put(rows: Iterable[list[Any]], path: Path) -> None:
    """A table whose first row is its header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";", lineterminator="\n")
        count = sum(1 for row in rows if table.writerow(row))
    if count == 1:
        warnings.warn("no prosody was measured here: read a recording, with speech.prosody", stacklevel=2)


def file_of(conversation: Conversation) -> str:
    """The recording, or the name of the conversation where its sound is no file."""
    return next((path.as_posix() for path in recordings(conversation)), conversation.id)


def _rows(conversations: list[Conversation]) -> Iterator[list[Any]]:
    found = [(one, judged) for one in conversations for judged in one.read("prosody") if judged.at.turn]
    names = list(dict.fromkeys(name for _, judged in found for name in judged.scores))
    yield ["file", "start", "end", "speaker", *names]
    for conversation, judged in found:
        turn = conversation.turn(judged.at.turn or "")
        start, end = judged.at.seconds or turn.seconds or ("", "")
        numbers = (f"{judged.scores[name]:.6g}" if name in judged.scores else "" for name in names)
        yield [file_of(conversation), start, end, turn.speaker, *numbers]
