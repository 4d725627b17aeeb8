"""Any voice made to follow the whole of a delivery: its sound taken apart into pitch, spectrum and noise, and changed.

    voice("world:kokoro:jf_alpha").say("Hello.", Delivery(pitch=-2, range=0.6))

WORLD (Morise, Yokomori & Ozawa 2016, https://doi.org/10.1587/transinf.2015EDP7457) as `pyworld` (MIT) has it. The voice
is asked for what it follows itself; pitch, range, contour, tremor, tilt and breath are seen to here. It sounds less
clean than a voice that is changed before its vocoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..delivery import QUANTITIES, Delivery
from .frames import DECIBEL, PIVOT, intone
from .protocol import Samples, Sound, Voice

INSTALL = "pip install pyworld 'setuptools<81' (it is compiled where no wheel fits)"
FRAME = 5.0  # milliseconds
HERE = frozenset({"pitch", "range", "contour", "tremor", "tilt", "breath", "energy"})


class World:
    """`voice` with what it cannot do itself added. Raises ImportError saying what to install."""

    def __init__(self, voice: Voice) -> None:
        if not find_spec("pyworld"):
            raise ImportError(f"changing the sound of a voice needs pyworld: {INSTALL}")
        self._voice = voice
        self.name = f"world:{voice.name}"
        self.follows = voice.follows | HERE

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A sound for each sentence; raises VoiceError as the voice does."""
        asked = {name: getattr(delivery, name) for name in QUANTITIES if name in self._voice.follows - {"energy"}}
        ours = replace(delivery, **{name: about.plain for name, about in QUANTITIES.items() if name in asked})
        for sound in self._voice.say(text, Delivery(delivery.feeling, **asked, emphasis=delivery.emphasis)):
            samples = sound.samples if ours.plain else _changed(sound.samples, sound.rate, ours)
            yield Sound(samples, sound.rate, sound.text)


def _changed(samples: Samples, rate: int, delivery: Delivery) -> Samples:
    pyworld: Any = import_module("pyworld")

    wave = samples.astype(np.float64)
    hertz, at = pyworld.dio(wave, rate, f0_floor=65, f0_ceil=600, frame_period=FRAME)
    hertz = pyworld.stonemask(wave, hertz, at, rate)
    spectra, noise = pyworld.cheaptrick(wave, hertz, at, rate), pyworld.d4c(wave, hertz, at, rate)
    bins = np.linspace(0, rate / 2, spectra.shape[1])
    tilt = 2 * delivery.tilt * DECIBEL * np.log2(np.maximum(bins, 125.0) / PIVOT)
    pitch = intone(hertz, delivery, np.zeros(len(hertz), np.float32), 1000 / FRAME).astype(np.float64)
    made = pyworld.synthesize(pitch, spectra * np.exp(tilt), _breathed(noise, bins, delivery.breath), rate, FRAME)
    made = np.pad(made, (0, max(0, len(wave) - len(made))))[: len(wave)]
    voiced = np.repeat(hertz > 0, int(rate * FRAME / 1000))[: len(wave)]
    sung = np.pad(voiced, (0, len(wave) - len(voiced)))
    gain = 10 ** (delivery.energy / 20) * _level(wave, sung) / max(_level(made, sung), 1e-9)
    return (made * gain).clip(-1, 1).astype(np.float32)


def _breathed(noise: NDArray[Any], bins: NDArray[Any], breath: float) -> NDArray[Any]:
    """Shares of noise 0..1 (frames, bins): more above 1 kHz where there is breath, less where the voice is pressed."""
    high = np.clip(np.log2(np.maximum(bins, 125.0) / 250.0) / 3, 0, 1)
    if breath >= 0:
        return noise + (1 - noise) * 0.7 * breath * high
    return noise * (1 + 0.8 * breath * high)


def _level(wave: NDArray[Any], sung: NDArray[np.bool_]) -> float:
    part = wave[sung] if sung.any() else wave
    return float(np.sqrt(np.mean(part**2)))
