"""A recording as a picture: its mel spectrum as a small PNG, computed while the page is written.

spectrogram(signal, 60.0) -> "data:image/png;base64,..."  25 columns a second, low tones below
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from insula.conversation import Signal

COLUMNS = 25
"""Columns of the picture a second."""
_INK = (13, 110, 110)


def spectrogram(signal: Signal, seconds: float) -> str:
    """The first seconds of a recording, darker where louder; "" where it has no sound that can be read here.

    It is as wide as `seconds` say; where the sound ends before, as in some films, the rest is empty.
    """
    from insula.audio.decode import Inaudible

    try:
        samples = _samples(signal, seconds)
    except (Inaudible, OSError, ImportError):
        return ""
    return _drawn(samples, seconds) if len(samples) > 16000 // COLUMNS else ""


def _samples(signal: Signal, seconds: float) -> Any:
    import numpy as np

    from insula.audio.decode import Audio, resample

    if isinstance(signal.samples, str):
        found, count = list[Any](), 0
        for block in Audio.open(signal.samples).blocks():
            found.append(block.mean(1))
            count += len(block)
            if count >= 16000 * seconds:
                break
        return np.concatenate(found)[: round(16000 * seconds)] if found else np.zeros(0, np.float32)
    whole = np.asarray(signal.samples, np.float32)[: round(signal.sampling_rate * seconds)]
    mono = whole if whole.ndim == 1 else whole.mean(1)
    return mono if signal.sampling_rate == 16000 else resample(mono, signal.sampling_rate, 16000)


def _drawn(samples: Any, seconds: float) -> str:
    import numpy as np

    from insula.audio.spectrum import bands, decibels, frames, power

    framed = frames(samples)
    step = 100 // COLUMNS
    # in pieces, so that an hour takes no more memory than a minute
    pieces = [bands(power(framed[at : at + 1000])) for at in range(0, len(framed) // step * step, 1000)]
    mel = np.concatenate(pieces)[: len(framed) // step * step]
    loud = decibels(mel.reshape(-1, step, mel.shape[1]).mean(1))
    low, high = np.quantile(loud, (0.3, 0.995))
    grey = np.clip((loud - low) / max(float(high - low), 1.0), 0, 1)
    empty = np.zeros((max(0, round(seconds * COLUMNS) - len(grey)), grey.shape[1]))
    levels = (np.concatenate([grey, empty]).T[::-1] * 255).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(png(levels)).decode()


def png(levels: Any) -> bytes:
    """uint8 (rows, columns) as a PNG of one ink, transparent at 0 and solid at 255, so that it suits any background."""
    rows, columns = levels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in levels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(_INK) * 256),
        (b"tRNS", bytes(range(256))),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
