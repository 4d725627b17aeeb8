"""What studies of speech say, hear and measure: a voice, an ear, and every number beside the plain reading.

    stage = open_stage("smoke")
    stage.say("Well.", plan("Well.", "joy")).heard      # (6,) probabilities over FEELINGS

At scale "full" the voice is the built-in one and the ear `insula.network.voice`, taught by people only. At scale
"smoke" both are made up: a voice of tones, and an ear that knows the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..speak.delivery import QUANTITIES, Delivery
from ..speak.listen_back import CLOSE, Prosody, at_16k, measure
from ..speak.plan import plan
from ..speak.sentences import sentences
from ..speak.voices import Sound, Voice, joined, voice

FEELINGS = ("joy", "sadness", "anger", "fear", "calm", "neutral")
AXES = ("valence", "arousal", "dominance")
TEXTS = (
    "The keys are on the shelf beside the radio.",
    "They asked us to come back on the ninth of May.",
    "A man from the museum rang while you were out.",
    "I walked home along the river after the concert.",
    "The road to the village is closed until the spring.",
    "Her cousin has taken a room on the top floor.",
    "We looked at the pictures for most of the evening.",
    "The bread was still warm when he cut it open.",
    "Nobody told me that the office had moved.",
    "There are two more boxes in the back of the car.",
)
"""Own sentences that say nothing of a feeling; none is among those the rules were made with."""
Array = NDArray[np.float64]
Ear = Callable[[NDArray[np.float32], Prosody, Prosody | None], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Spoken:
    """One thing said: quantities beside the plain reading, what the ear hears (6,), and valence, arousal, dominance."""

    text: str
    delivery: Delivery
    sound: Sound
    measured: Mapping[str, float]
    heard: Array
    affect: Array

    def along(self, delivery: Delivery) -> float:
        """How far the sound went along a plan: 0 as the plain reading, 1 all the way."""
        wanted, got = _vector(delivery), _vector(self.measured)
        return float(got @ wanted / (wanted @ wanted))


@dataclass
class Stage:
    """A voice and an ear; plain readings are made once."""

    voice: Voice
    ear: Ear
    _plain: dict[str, tuple[Sound, Prosody]] = field(default_factory=dict[str, tuple[Sound, Prosody]])

    def say(self, text: str, delivery: Delivery | None = None) -> Spoken:
        """A text with a delivery, heard; without one it is read plainly."""
        _, plain = self._read(text)
        sound = joined(self.voice.say(text, delivery)) if delivery else self._read(text)[0]
        samples = at_16k(sound)
        found = measure(samples)
        heard, affect = self.ear(samples, found, plain)
        return Spoken(text, delivery or Delivery(), sound, found.beside(plain), heard, affect)

    def _read(self, text: str) -> tuple[Sound, Prosody]:
        if text not in self._plain:
            sound = joined(self.voice.say(text, Delivery()))
            self._plain[text] = sound, measure(at_16k(sound))
        return self._plain[text]


def open_stage(scale: str, speaker: str = "builtin") -> Stage:
    """The stage of a scale; at "full" raises ImportError or LookupError naming what to install."""
    if scale == "full":
        return Stage(voice(speaker), Hearing())
    return Stage(Tones(), by_rule)


class Hearing:
    """The shipped ear, made to choose among the six feelings; where it would abstain it is asked all the same."""

    @cached_property
    def _ear(self) -> Any:
        from ..network.voice import Voice as Shipped

        return Shipped.open()

    def __call__(self, samples: NDArray[np.float32], _found: Prosody, _plain: Prosody | None) -> tuple[Array, Array]:
        logits, _ = self._ear.machine.logits(self._ear.hear(samples).features()[None], None)
        head, affect = self._ear.heads["voice9"], self._ear.heads["vad"]
        six = head.calibrated(logits)[0][[head.kind.labels.index(label) for label in FEELINGS]].astype(float)
        return six / six.sum(), affect.calibrated(logits)[0].astype(float)


def by_rule(_: NDArray[np.float32], found: Prosody, plain: Prosody | None) -> tuple[Array, Array]:
    """A made-up ear: the nearer the measured prosody is to a feeling's rule, the likelier the feeling."""
    got = _vector(found.beside(plain or found))
    places = np.stack([_vector(plan("", feeling, 0.8)) for feeling in FEELINGS])
    near = np.exp(-np.linalg.norm(places - got, axis=1) / 4)
    return near / near.sum(), np.array([0.0, math.tanh(got.sum() / 20), 0.0])


class Tones:
    """A made-up voice: a hum of some harmonics that moves as the delivery says, as long as the text."""

    name = "tones"
    follows = frozenset({"pace", "pitch", "range", "energy"})

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A hum for each sentence."""
        for sentence in sentences(text):
            seconds = max(1.0, len(sentence) / 18) / delivery.pace
            at = np.arange(int(16000 * seconds)) / 16000
            moved = 2.5 * delivery.range * np.sin(2 * np.pi * at / seconds * 3)
            phase = 2 * np.pi * np.cumsum(190 * 2 ** ((delivery.pitch + moved) / 12)) / 16000
            hum = sum(np.sin(n * phase) / n for n in range(1, 9)) * 0.05 * 10 ** (delivery.energy / 20)
            yield Sound(np.pad(hum, (800, 4000)).astype(np.float32), 16000, sentence)


def rank_correlation(gold: Array, found: Array) -> float:
    """Spearman's correlation of two series (items,) or (items, 1); 0 where one does not move."""
    one, other = _ranks(np.ravel(gold)), _ranks(np.ravel(found))
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def mean_of(_: Array, values: Array) -> float:
    """The mean of what was measured, as a statistic of `measured`."""
    return float(np.mean(values))


def sound_in_page(sound: Sound) -> str:
    """An HTML player that holds its sound."""
    import base64
    import io

    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", sound.rate, 1, format="OGG", subtype="VORBIS") as out:
        for at in range(0, len(sound.samples), sound.rate):  # libvorbis puts a whole write on the stack
            out.write(sound.samples[at : at + sound.rate])
    data = base64.b64encode(file.getvalue()).decode()
    return f'<audio controls src="data:audio/ogg;base64,{data}"></audio>'


def write_all(folder: Path, files: Mapping[str, str]) -> Sequence[Path]:
    """Write text files into a folder that is made where it is not there; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def _vector(of: Delivery | Mapping[str, float]) -> Array:
    """The quantities that are measured, in units of what is near enough."""
    get: Callable[[str], float] = of.__getitem__ if isinstance(of, Mapping) else lambda name: getattr(of, name)
    return np.array([(math.log(get(x)) if QUANTITIES[x].ratio else get(x)) / near for x, near in CLOSE.items()])


def _ranks(values: Array) -> Array:
    _, same, counts = np.unique(np.round(values, 9), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts - 1) / 2)[same]
