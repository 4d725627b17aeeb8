"""Windows of a minute every ten seconds over each person's signals, and which of them were judged already."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from insula.body.person import Body, people
from insula.conversation import Anchor, Conversation

WINDOW, STEP = 60.0, 10.0  # seconds
SHORTEST = 10.0  # seconds: a recording shorter than a window is one window

READS = tuple(f"signal.{name}" for name in ("eda", "ppg", "ecg", "rsp", "temperature", "acceleration"))


# what was found in a conversation's signals, so that three readers look for beats once
_known: WeakKeyDictionary[Conversation, tuple[int, dict[str | None, Body]]] = WeakKeyDictionary()


def bodies(conversation: Conversation) -> Iterator[tuple[str | None, Body]]:
    """Everybody whose signals are here."""
    signals = sum(len(conversation.signals(layer.removeprefix("signal."))) for layer in READS)
    count, found = _known.get(conversation, (0, {}))
    if count != signals:
        found = {speaker: Body.of(conversation, speaker) for speaker in people(conversation)}
        _known[conversation] = (signals, found)
    yield from found.items()


def windows(body: Body, window: float = WINDOW, step: float = STEP) -> list[tuple[float, float]]:
    """From when to when: whole windows from the first sample on; all of a recording that is shorter than one."""
    start, end = body.seconds
    if end - start < window:
        return [(start, end)] if end > start else []
    starts = start + np.arange(0, end - start - window + 1e-6, step)
    return [(round(float(at), 3), round(float(at) + window, 3)) for at in starts]


def judged(conversation: Conversation, layer: str, rater: str) -> set[Anchor]:
    """Where this rater has judged already."""
    return {one.at for one in conversation.read(layer, rater=rater)}
