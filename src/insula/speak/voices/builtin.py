"""The built-in voice: hibari, whose pitch, harmonics and noise are changed before they become sound.

    sound = next(Builtin().say("Hello there.", plan("Hello there.", "joy", 0.7)))

hibari-tts (Apache-2.0, 14 MB, one American voice distilled from Kokoro, its own grapheme-to-phoneme tables) turns a
sentence into spectra and pitch about a hundred times faster than it is spoken. English only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..delivery import Delivery
from ..sentences import pause, sentences
from .frames import VOICED, Frames, Span, deliver
from .graph import with_output
from .protocol import Samples, Sound, VoiceError

INSTALL = "pip install --no-deps hibari-tts (it needs numpy and onnxruntime, which insula brings)"
DURATIONS = "/Clip_output_0"  # of each phoneme in frames, inside hibari's network
EXACT = "/Div_40_output_0"  # the same before it is rounded
LEVEL = 0.8  # of hibari's own loudness, so that a shout fits
MARKS = frozenset(",;:—…")


def available() -> str:
    """Empty when the built-in voice can speak here, else what to install."""
    return "" if find_spec("hibari") else f"the built-in voice is not installed: {INSTALL}"


class Builtin:
    """Follows every quantity of a delivery. `seed` makes the noise in the voice, so that it says the same thing alike.

    Raises ImportError, saying what to install; the network is opened at the first word.
    """

    name = "builtin"
    rate = 24000
    follows = frozenset({"pace", "pitch", "range", "contour", "energy", "tilt", "breath", "tremor", "pauses"})

    def __init__(self, threads: int = 1, seed: int = 0) -> None:
        if missing := available():
            raise ImportError(missing)
        self.threads = threads
        self.seed = seed
        self._lock = threading.Lock()

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A sound for each sentence; raises VoiceError for words the voice cannot read (other alphabets)."""
        for sentence in sentences(text):
            samples = self._spoken(sentence, delivery)
            silence = np.zeros(int(self.rate * pause(sentence) * delivery.pauses), np.float32)
            yield Sound(np.concatenate([samples, silence]), self.rate, sentence)

    @cached_property
    def _hibari(self) -> Any:
        import hibari  # pyright: ignore[reportMissingTypeStubs]

        return hibari.Hibari(threads=self.threads)

    @cached_property
    def _network(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = self.threads
        options.log_severity_level = 3
        model = with_output(with_output(Path(self._hibari.model_path).read_bytes(), DURATIONS), EXACT)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def _spoken(self, sentence: str, delivery: Delivery) -> Samples:
        from hibari import dsp  # pyright: ignore[reportMissingTypeStubs]

        def sound(frames: Frames) -> Samples:
            parts = (frames.voiced, frames.turn, frames.noise, frames.rest, frames.phase, frames.pitch)
            return dsp.synth(*parts, np.random.default_rng(self.seed))

        with self._lock:
            plain = self._frames(sentence, delivery.pace)
        planned = deliver(plain, delivery)
        spoken = sound(planned)
        # neither brightness nor breath nor a high voice is loudness: what they add or take is given back
        gain = 10 ** (delivery.energy / 20) * _level(sound(plain), plain) / max(_level(spoken, planned), 1e-9)
        return _limited((LEVEL * gain * spoken).astype(np.float32))

    def _frames(self, sentence: str, pace: float) -> Frames:
        phonemes, words = self._phonemes(sentence)
        vocabulary = self._hibari.vocab
        known = [n for n, phoneme in enumerate(phonemes) if phoneme in vocabulary]
        if not known:
            raise VoiceError(f"the built-in voice reads English, and knows no sound for {sentence[:60]!r}")
        ids = np.array([[0, *(vocabulary[phonemes[n]] for n in known), 0]], np.int64)
        *parts, lasting, exact = self._network.run(None, {"ids": ids, "speed": np.array([pace], np.float32)})
        ends = np.cumsum(lasting.reshape(-1)).astype(int)
        place = {n: at + 1 for at, n in enumerate(known)}
        spans: list[Span] = []
        for text, start, end in words:
            inside = [place[n] for n in range(start, end) if n in place]
            if inside:
                mark = all(letter in MARKS for letter in phonemes[start:end])
                spans.append(Span(int(ends[inside[0] - 1]), int(ends[inside[-1]]), text, mark))
        lh, theta, ln, lr, phi, pitch = (part[0] for part in parts)
        longer = 1.0 if pace == 1 else float(exact.sum() / lasting.sum())
        return Frames(lh, theta, ln, lr, phi, pitch, tuple(spans), longer)

    def _phonemes(self, sentence: str) -> tuple[str, list[tuple[str, int, int]]]:
        """All phonemes, and of each word its text and where its phonemes are."""
        from hibari.g2p import normalize  # pyright: ignore[reportMissingTypeStubs]

        reader = self._hibari.g2p
        words: list[tuple[str, int, int]] = []
        said = ""
        for token in reader.phonemize_tokens(reader.tokenize(normalize(sentence))):
            piece = token.phonemes or ""
            words.append((token.text, len(said), len(said) + len(piece)))
            said += piece + (" " if token.whitespace else "")
        return said, words


def _level(samples: Samples, frames: Frames) -> float:
    """Root mean square of what is voiced; of everything where nothing is."""
    power = (samples.reshape(len(frames.pitch), -1) ** 2).mean(1)
    voiced = frames.pitch > VOICED
    return float(np.sqrt(power[voiced].mean() if voiced.any() else power.mean()))


def _limited(samples: Samples) -> Samples:
    """Nothing over full scale: peaks above 0.9 are bent, not cut."""
    size = np.abs(samples)
    bent = 0.9 + 0.1 * np.tanh((size - 0.9) / 0.1)
    return np.where(size > 0.9, np.sign(samples) * bent, samples).astype(np.float32)
