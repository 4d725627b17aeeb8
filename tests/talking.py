"""Made-up speech that a detector of voices takes for speech, and files of every kind to put it in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

RATE = 16000
# a, i, u, e: frequency and bandwidth of four resonances each
VOWELS = (
    ((730, 80), (1090, 90), (2440, 120), (3400, 200)),
    ((270, 60), (2290, 100), (3010, 150), (3700, 200)),
    ((300, 60), (870, 90), (2240, 120), (3400, 200)),
    ((530, 70), (1840, 90), (2480, 120), (3500, 200)),
)


def talk(seconds=1.5, hertz=120.0, loud=0.3):
    """Vowels of 0.18 s one after the other, on a pitch that moves: float32 [n] at 16 kHz."""
    count = max(1, round(seconds / 0.18))
    said = [_vowel(hertz * (1 + 0.1 * (n % 3)), VOWELS[n % 4], seconds / count + 1e-4) for n in range(count)]
    return np.resize(loud * np.concatenate(said), int(seconds * RATE)).astype(np.float32)


def quiet(seconds=1.0, height=1e-4):
    """A room in which nobody speaks."""
    return (height * np.random.default_rng(0).standard_normal(int(seconds * RATE))).astype(np.float32)


def noise(seconds=1.0, height=0.1):
    return quiet(seconds, height)


def music(seconds=2.0):
    """A chord struck twice a second."""
    time = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 277, 330, 440, 660))
    return (0.1 * chord * np.exp(-3 * ((2 * time) % 1))).astype(np.float32)


def at(rate, seconds=2.0, channels=1):
    """A tone that begins at 1.0 s, [n, channels] at any rate, to see where it is found."""
    time = np.arange(round(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 1000 * time) * (time >= 1.0)
    return np.repeat(tone[:, None], channels, 1).astype(np.float32)


def encode(path: Path, samples, rate, codec, start=0.0, container=None):
    """Write [n, channels] with a codec of FFmpeg; the sound begins `start` seconds into the file."""
    import av

    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.open()
        fifo, place = av.AudioFifo(), round(start * rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate)
        for one in (*resampler.resample(frame), *resampler.resample(None)):
            one.pts = None
            fifo.write(one)
        while piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True):
            piece.pts, piece.time_base = place, Fraction(1, rate)
            place += piece.samples
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return path


def mute_video(path: Path):
    """A film without sound."""
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        file.mux(stream.encode(None))
    return path


def _vowel(hertz, resonances, seconds):
    """A glottal pulse train through resonances, faded in and out."""
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    phase = np.cumsum(hertz * (1 + 0.06 * np.sin(6 * np.pi * time))) / RATE
    source = np.diff(np.floor(phase), prepend=0.0) + 0.02 * np.random.default_rng(0).standard_normal(count)
    spectrum = np.fft.rfft(source, 2 * count)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(2 * count))
    spectrum /= 1 - 0.97 * turn
    for centre, width in resonances:
        radius = np.exp(-np.pi * width / RATE)
        spectrum /= 1 - 2 * radius * np.cos(2 * np.pi * centre / RATE) * turn + radius**2 * turn**2
    sound = np.fft.irfft(spectrum)[:count] * np.sqrt(np.sin(np.pi * np.arange(count) / count))
    return sound / np.abs(sound).max()
