"""Where a face is in the picture, as few numbers as a script needs to draw it.

boxes(conversation, "face 1") -> [{"start": 0.0, "step": 0.2, "at": [12, 30, 80, 80, 13, 30, 80, 80, ...]}]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from insula.conversation import Conversation

PER_SECOND = 5
"""Boxes a second; between two of them the script goes in a straight line."""


def boxes(conversation: Conversation, face: str) -> list[dict[str, Any]]:
    """x, y, width and height in pixels of the film, one after the other; width 0 where the face was not seen."""
    found = list[dict[str, Any]]()
    for signal in conversation.signals("face"):
        if signal.speaker != face or not len(signal.samples):
            continue
        rate = signal.sampling_rate or 1.0
        every = max(1, round(rate / PER_SECOND))
        at = np.nan_to_num(np.asarray(signal.samples[::every, :4], float)).round().astype(int)
        found.append({"start": round(signal.start, 3), "step": round(every / rate, 4), "at": at.ravel().tolist()})
    return found
