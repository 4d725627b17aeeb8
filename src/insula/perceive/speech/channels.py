"""Whether the two channels of a recording are two people, decided as it comes in.

    channels = Channels(2)
    channels.feed(block) -> [(0, left), (1, right)] where each is a line of its own, else [(None, mean)]

A telephone recording has a person on each side: each is loud while the other is quiet. A room in stereo hears everybody
on both. What comes before that is clear is held back, a minute at most, so that the decision is one for the recording.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
RATE = 16000
CHUNK = 512
AUDIBLE = 1e-6
"""Mean square, -60 dB: below, a channel is silent."""
APART = 10.0
"""A channel is alone where it is so many times as strong as the other: 10 dB, more than a room in stereo gives."""
ALONE = 10
"""Chunks (0.3 s) that each channel has to be alone before they are two lines."""
TOGETHER = 62
"""Chunks (2 s) heard alike on both after which they are one."""
WAIT = 60 * RATE // CHUNK
"""Chunks after which channels that showed nothing are taken as one."""


class Channels:
    """Sound [n, channels] in, lines out: pairs of a channel, None for the mean of all, and float32 [n]."""

    def __init__(self, count: int) -> None:
        self.apart: bool | None = None if count == 2 else False
        self._held = list[Array]()
        self._looked = 0
        self._rest = np.zeros((0, count), np.float32)
        self._alone = np.zeros(2, int)
        self._together = 0

    def feed(self, block: Array) -> list[tuple[int | None, Array]]:
        """What is ready after this block; nothing while it is not clear."""
        if self.apart is None:
            self._held.append(block)
            self._look(block)
            if self.apart is None:
                return []
        return self._lines(block)

    def close(self) -> list[tuple[int | None, Array]]:
        """What was held back."""
        return self._lines(np.zeros((0, self._rest.shape[1]), np.float32)) if self._held else []

    def _lines(self, block: Array) -> list[tuple[int | None, Array]]:
        self.apart = bool(self.apart)
        if self._held:
            block, self._held = np.concatenate(self._held), []
        if self.apart:
            return [(channel, np.ascontiguousarray(block[:, channel])) for channel in range(2)]
        return [(None, block[:, 0] if block.shape[1] == 1 else block.mean(1, dtype=np.float32))]

    def _look(self, block: Array) -> None:
        """Chunk by chunk, so that the decision does not depend on the sizes of blocks."""
        whole = np.concatenate([self._rest, block])
        size = len(whole) - len(whole) % CHUNK
        self._rest = whole[size:]
        for left, right in (whole[:size].reshape(-1, CHUNK, 2) ** 2).mean(1):
            if left > AUDIBLE and left > APART * right:
                self._alone[0] += 1
            elif right > AUDIBLE and right > APART * left:
                self._alone[1] += 1
            elif left > AUDIBLE:
                self._together += 1
            if self._alone.min() >= ALONE and 4 * self._alone.min() > self._together:
                self.apart = True
            elif self._together >= TOGETHER or self._looked >= WAIT:
                self.apart = False
            self._looked += 1
            if self.apart is not None:
                return
