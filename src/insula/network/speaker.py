"""Whose voice it is, as 256 numbers: near to each other for one person, apart for two.

    Speaker.open().embed(samples)              # float32 [256], of length 1
    Speaker.open().windows(samples)            # the same for each 1.6 s, every 0.4 s: float32 [windows, 256]

The GE2E speaker encoder (Wan et al. 2018, Generalized end-to-end loss for speaker verification,
https://arxiv.org/abs/1710.10467) with the weights that Resemblyzer publishes, and its front end, 40 mel bands of power;
sound is brought to one loudness, not only
raised to -30 dB as there, and steady noise is taken off.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.network.mel import RATE, WINDOW, mel_power
from insula.network.text import session, weights_folder

Array = NDArray[np.float32]
HOP, BANDS = 160, 40  # samples, mel bands: a frame each 10 ms
FRAMES = 160  # of a window, 1.6 s: what the network learnt on
STEP = 40  # frames from one window to the next
LOUDNESS = 10 ** (-24 / 20)  # root mean square that all sound is brought to: a shout is no other person
SHORTEST = 0.1  # seconds with a voice to speak of
BATCH = 32


class Speaker:
    """The network and its front end."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = session(path, threads)

    @staticmethod
    def open(path: Path | None = None, threads: int = 1) -> Speaker:
        """The shipped network, or that of a file; one per process. Raises FileNotFoundError."""
        found = path or Speaker.shipped()
        if not found.is_file():
            raise FileNotFoundError(f"no speaker network: {found} is not there; `insula train speaker` makes it")
        return _open(found, threads)

    @staticmethod
    def shipped() -> Path:
        """Where the shipped network lies."""
        return weights_folder() / "speaker.onnx"

    def embed(self, samples: Array) -> Array:
        """Mono samples at 16 kHz -> [256], of length 1: the mean of the windows.

        Raises ValueError for less than a tenth of a second, and for silence.
        """
        whole = self.windows(samples).mean(0)
        return whole / np.linalg.norm(whole)

    def windows(self, samples: Array, step: int = STEP) -> Array:
        """[windows, 256], each of length 1: window k begins `step` frames of 10 ms after the one before.

        What is shorter than a window is heard alone, as long as it is. Raises ValueError as `embed` does.
        """
        if len(samples) < SHORTEST * RATE:
            raise ValueError(f"{len(samples) / RATE * 1000:.0f} ms are too short to tell a voice: 100 ms at least")
        frames = cleaned(mel(levelled(np.asarray(samples, np.float32))))
        if len(frames) <= FRAMES:
            return self._run(frames[None])
        pieces = np.lib.stride_tricks.sliding_window_view(frames, FRAMES, axis=0)[::step].transpose(0, 2, 1)
        return np.concatenate([self._run(pieces[k : k + BATCH]) for k in range(0, len(pieces), BATCH)])

    def _run(self, frames: Array) -> Array:
        out: Any = self._session.run(["voice"], {"mel": np.ascontiguousarray(frames)})[0]
        return out


def levelled(samples: Array) -> Array:
    """The samples, all at one loudness. Raises ValueError for silence."""
    loud = float(np.sqrt(np.mean(samples**2)))
    if loud < 1e-6:
        raise ValueError("there is no voice in silence")
    return samples * (LOUDNESS / loud)


def cleaned(frames: Array) -> Array:
    """Mel power less twice what each band has at its quietest (10th percentile): noise makes all voices alike."""
    return np.maximum(frames - 2 * np.percentile(frames, 10, axis=0), 0).astype(np.float32)


def mel(samples: Array) -> Array:
    """Samples at 16 kHz -> power in mel bands [frames, 40], 100 frames a second; not logarithmic.

    As librosa's `melspectrogram` with n_fft=400 and hop_length=160: periodic Hann window, zeros beyond both ends.
    """
    padded = np.pad(samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return mel_power(frames, BANDS)


@cache
def _open(path: Path, threads: int) -> Speaker:
    return Speaker(path, threads)
