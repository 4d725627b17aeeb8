"""Prosody frame by frame as openSMILE writes it, separated by semicolons: 100 rows a second.

file;frameTime;speaker;F0semitoneFrom27.5Hz;voicing;...
call.wav;0.500;speaker 1;31.25;0.93;...                    the `prosody` signals
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insula.conversation import Conversation

from .functionals import file_of, put


def write(conversations: list[Conversation], path: Path) -> None:
    """Write any number of conversations. Where nothing was measured, that is a warning, and the table has no rows."""
    put(_rows(conversations), path)


def contour_names(width: int) -> tuple[str, ...]:
    """What the columns of a `prosody` signal are called; numbered where they are not those measured here."""
    from insula.audio.contours import CONTOURS

    return tuple(CONTOURS) if len(CONTOURS) == width else tuple(f"contour {n}" for n in range(1, width + 1))


def _rows(conversations: list[Conversation]) -> Iterator[list[Any]]:
    found = [(one, signal) for one in conversations for signal in one.signals("prosody") if len(signal.samples)]
    width = max((signal.samples.shape[1] for _, signal in found), default=0)
    yield ["file", "frameTime", "speaker", *contour_names(width)]
    for conversation, signal in found:
        file = file_of(conversation)
        for number, frame in enumerate(signal.samples):
            time = f"{signal.start + number / signal.sampling_rate:.3f}"
            yield [file, time, signal.speaker or "", *(f"{value:.6g}" for value in frame)]
