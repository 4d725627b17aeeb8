"""The sound of a turn, or of any anchor with seconds, as 16 kHz mono.

    samples(conversation, turn) -> float32 [n]

Turns are read one after the other, so a file is decoded once, forwards, and only its last two minutes are held. A
conversation that is going on has no file: its signal is a `Tape`.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Anchor, Conversation, Signal, Turn

from .decode import RATE, Audio, resample

Array = NDArray[np.float32]
HELD = 120.0
"""Seconds of a recording that are kept, so that what overlaps need not be decoded again."""
OPEN = 4
"""Recordings that are read at the same time."""


def samples(conversation: Conversation, where: Turn | Anchor) -> Array:
    """float32 [n] at 16 kHz: the turn's channel (`meta["channel"]`), or the mean of all.

    Raises LookupError where there is no sound: no seconds, no signal, no file, or none of those seconds; Inaudible
    where the file does not decode.
    """
    turn = where if isinstance(where, Turn) else conversation.turn(where.turn) if where.turn else None
    seconds = where.seconds or (turn.seconds if turn else None)
    if seconds is None:
        raise LookupError("has no times, so that no sound belongs to it")
    speaker = turn.speaker if turn else where.speaker if isinstance(where, Anchor) else None
    signal = _covering(conversation, seconds[0], speaker)
    start, end = (max(0, round((second - signal.start) * RATE)) for second in seconds)
    found = cut(signal, start, end)
    if not len(found):
        raise LookupError(f"no sound is there between {seconds[0]:.2f} and {seconds[1]:.2f} s")
    channel = turn.meta.get("channel") if turn else None
    return mono(found, channel)


def mono(wide: Array, channel: int | None = None) -> Array:
    """[n, channels] -> [n]: one channel, or the mean of all."""
    if wide.ndim == 1 or wide.shape[1] == 1:
        return np.ascontiguousarray(wide.reshape(len(wide)))
    return np.ascontiguousarray(wide[:, channel]) if channel is not None else wide.mean(1, dtype=np.float32)


def cut(signal: Signal, start: int, end: int) -> Array:
    """Samples [start, end) of a signal at 16 kHz, float32 [n, channels]; fewer where it ends earlier."""
    if isinstance(signal.samples, Tape):
        return signal.samples.cut(start, end)
    if isinstance(signal.samples, str | Path):
        return _reader(str(signal.samples)).cut(start, end)
    return _of_array(signal)[start:end]


class Tape:
    """The last two minutes of a sound that is still going on: 16 kHz, float32 [n, channels]."""

    def __init__(self, channels: int = 1, held: float = HELD) -> None:
        self.end = 0
        self._pieces, self._held, self._count = list[Array](), round(held * RATE), 0
        self._channels = channels

    def add(self, piece: Array) -> None:
        """What comes next, [n, channels]."""
        self._pieces.append(piece)
        self.end += len(piece)
        self._count += len(piece)
        while self._count - len(self._pieces[0]) >= self._held:
            self._count -= len(self._pieces.pop(0))

    def cut(self, start: int, end: int) -> Array:
        """Samples [start, end); raises LookupError for what is no longer held."""
        first = self.end - self._count
        if start < first:
            raise LookupError(f"the sound before {first / RATE:.1f} s is not held any more")
        found, at = [np.zeros((0, self._channels), np.float32)], first
        for piece in self._pieces:
            if at < end and at + len(piece) > start:
                found.append(piece[max(0, start - at) : end - at])
            at += len(piece)
        return np.concatenate(found)

    def __str__(self) -> str:
        return "a sound that was heard and not kept"


class _Reader:
    """A file read forwards; from its beginning again where something earlier is asked for."""

    def __init__(self, path: str) -> None:
        self._audio = Audio.open(path)
        self._lock = Lock()
        self._rewind()

    def _rewind(self) -> None:
        self._tape, self._blocks = Tape(self._audio.channels), self._audio.blocks(RATE)

    def cut(self, start: int, end: int) -> Array:
        with self._lock:
            try:
                return self._cut(start, end)
            except LookupError:
                self._rewind()
                return self._cut(start, end)

    def _cut(self, start: int, end: int) -> Array:
        while self._tape.end < end and (block := next(self._blocks, None)) is not None:
            self._tape.add(block)
        return self._tape.cut(start, end)


_readers: OrderedDict[tuple[Any, ...], _Reader] = OrderedDict()
_arrays: OrderedDict[int, tuple[Any, Array]] = OrderedDict()
_lock = Lock()


def _reader(path: str) -> _Reader:
    """The reader of a path, or a new one where the file has changed."""
    try:
        known = Path(path).stat()
        key = (path, known.st_mtime_ns, known.st_size)
        reader = _readers.get(key) or _Reader(path)
    except OSError as error:
        raise LookupError(f"the recording {path} cannot be read: {error.strerror}") from None
    with _lock:
        _readers.pop(key, None)
        _readers[key] = reader
        if len(_readers) > OPEN:
            _readers.popitem(last=False)
    return reader


def _of_array(signal: Signal) -> Array:
    """The whole array at 16 kHz, [n, channels]; resampled once, not for every turn."""
    array = signal.samples
    with _lock:
        known = _arrays.pop(id(array), None)
        if known is None or known[0] is not array:
            wide = np.asarray(array, np.float32)
            wide = wide if wide.ndim == 2 else wide[:, None]
            known = (array, resample(np.nan_to_num(wide, posinf=0.0, neginf=0.0), signal.sampling_rate, RATE))
        _arrays[id(array)] = known
        if len(_arrays) > OPEN:
            _arrays.popitem(last=False)
    return known[1]


def _covering(conversation: Conversation, second: float, speaker: str | None) -> Signal:
    """The signal of this second: the speaker's own before everybody's, the one that began last before others."""
    signals = conversation.signals("audio")
    if not signals:
        raise LookupError("the conversation has no sound")
    fit = [s for s in signals if s.speaker in (None, speaker) and s.start <= second + 1 / RATE < _end(s)]
    if not fit:
        raise LookupError(f"no sound is there at {second:.2f} s")
    return max(fit, key=lambda signal: (signal.speaker is not None, signal.start))


def _end(signal: Signal) -> float:
    shape = getattr(signal.samples, "shape", None)
    return signal.start + shape[0] / signal.sampling_rate if shape else float("inf")
