"""Clips of speech as numbers: what they are measured by is computed once and kept, as it takes minutes.

    clips("ravdess").functionals.shape -> (1440, 104)

`sound` says what is done to every clip before it is measured: "" nothing, "1 s" and "2 s" leave only so much of it, its
loudest stretch, "phone" is a telephone line, "10 dB" adds noise of the clip's own spectrum. Kept in `INSULA_CACHE` (by
default ~/.cache/insula) under a digest of the corpus' file and of what the measures say of a made-up sound, so that a
change of either is a new entry; in parts, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation, Conversation

RATE = 16000
_PART = 100  # clips kept together
_VERSION = 1  # of `altered`
_FRAME = 160  # samples of a step where the loudest stretch is looked for
Array = NDArray[np.float32]
Names = NDArray[np.str_]


@dataclass(frozen=True)
class Clips:
    """Clips, one a row: who speaks, what was heard by gold, and the measures.

    `functionals` (clips, functionals) are this project's, `states` (clips, layers + 1, 2, width) the mean and deviation
    of an encoder's states, `egemaps` (clips, 88) opensmile's where they lie beside the corpus, else (clips, 0).
    """

    ids: Names
    labels: Names
    speakers: Names
    genders: Names
    statements: Names
    intensities: Names
    functionals: Array
    states: Array
    egemaps: Array

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Clips:
        """Some of the clips."""
        return replace(self, **{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def clips(corpus: str, sound: str = "", encoder: str = "tiny.en") -> Clips:
    """Every clip of a corpus with its measures.

    Raises KeyError for an unknown corpus or sound, insula.data.MissingData for absent files, and LookupError where the
    encoder's weights are not installed.
    """
    return _clips(corpus, sound, encoder, _tar(corpus), _cache())


@lru_cache(maxsize=24)
def _clips(corpus: str, sound: str, encoder: str, tar: Path, _: Path) -> Clips:
    from ..data import load

    del tar
    every = list(load(corpus, "train"))
    functionals = _kept(corpus, every, sound, "functionals", functionals_of)
    states = _kept(corpus, every, sound, encoder, lambda samples: pooled_states(samples, encoder))
    egemaps = _published(corpus, every) if not sound else np.zeros((len(every), 0), np.float32)
    ids, labels, speakers, genders, statements, intensities = _about(every)
    return Clips(ids, labels, speakers, genders, statements, intensities, functionals, states, egemaps)


def joined(several: Iterable[Clips]) -> Clips:
    """The clips of several corpora, one after the other; opensmile's measures only where all have them."""
    every = list(several)
    if not all(one.egemaps.shape[1] for one in every):
        every = [replace(one, egemaps=one.egemaps[:, :0]) for one in every]
    return Clips(*(np.concatenate([getattr(one, field.name) for one in every]) for field in fields(Clips)))


def functionals_of(samples: Array) -> Array:
    """The functionals of prosody of 16 kHz samples, as one row."""
    from ..audio.contours import contours
    from ..audio.functionals import functionals

    return np.array(list(functionals(contours(samples)).values()), np.float32)


def pooled_states(samples: Array, encoder: str) -> Array:
    """Mean and deviation of each layer's states: (layers + 1, 2, width)."""
    from ..network.whisper import Whisper

    states = Whisper.open(encoder).states(samples)
    return np.stack([states.mean(1), states.std(1)], 1)


def altered(samples: Array, sound: str) -> Array:
    """What is left of 16 kHz samples on the way named `sound`; raises KeyError for one nobody wrote."""
    return _SOUNDS[sound](np.asarray(samples, np.float32))


def _loudest(samples: Array, seconds: float) -> Array:
    """The stretch of so many seconds that holds the most energy: what voice activity would leave."""
    length = int(seconds * RATE)
    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, len(samples) - length + 1, _FRAME)
    start = starts[int(np.argmax(energy[starts + length] - energy[starts]))]
    return samples[start : start + length]


def _telephone(samples: Array) -> Array:
    """300 to 3400 Hz in eight bits of mu-law (ITU-T G.711), at 16 kHz again."""
    from scipy.signal import butter, resample_poly, sosfiltfilt

    peak = max(float(np.abs(samples).max()), 1e-6)
    line = resample_poly(sosfiltfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), samples / peak), 1, 2)
    bent = np.sign(line) * np.log1p(255 * np.abs(line).clip(0, 1)) / np.log(256)
    steps = np.round(bent * 127) / 127
    heard = np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255
    return (resample_poly(heard, 2, 1) * peak).astype(np.float32)


def _noisy(samples: Array, ratio: float) -> Array:
    """With noise of the same spectrum, `ratio` dB below the clip: its own phases, drawn anew."""
    draws = np.random.default_rng(len(samples))
    spectrum = np.abs(np.fft.rfft(samples))
    noise = np.fft.irfft(spectrum * np.exp(2j * np.pi * draws.random(len(spectrum))), len(samples))
    scale = np.sqrt(np.mean(samples**2) / max(float(np.mean(noise**2)), 1e-12)) * 10 ** (-ratio / 20)
    return (samples + scale * noise).astype(np.float32)


_SOUNDS: dict[str, Callable[[Array], Array]] = {
    "": lambda samples: samples,
    "1 s": lambda samples: _loudest(samples, 1.0),
    "2 s": lambda samples: _loudest(samples, 2.0),
    "phone": _telephone,
    "10 dB": lambda samples: _noisy(samples, 10.0),
}
SOUNDS = tuple(_SOUNDS)


def _about(every: Sequence[Conversation]) -> Iterator[Names]:
    turns = [one.turns[0] for one in every]
    yield np.array([one.id for one in every])
    yield np.array([_gold(one).top for one in every])
    yield np.array([turn.speaker for turn in turns])
    for name in ("gender", "statement", "intensity"):
        yield np.array([turn.meta.get(name, "") for turn in turns])


def _gold(conversation: Conversation) -> Annotation:
    """What was expressed; how strongly is another question."""
    return next(one for layer in ("emotion", "arousal") for one in conversation.read(layer, rater="gold"))


def _kept(
    corpus: str, every: Sequence[Conversation], sound: str, name: str, measure: Callable[[Array], Array]
) -> Array:
    """A measure of every clip, from the cache as far as it is there."""
    key = f"{corpus}-{name}-{sound or 'whole'}-{_digest(corpus, sound, name, measure)}".replace(" ", "")
    folder = _cache() / "clips" / key
    starts = range(0, len(every), _PART)
    return np.concatenate(
        [
            _part(folder / f"{start:06}.npy", every[start : start + _PART], sound, measure)
            for start in _shown(
                starts, f"{corpus} {sound} {name}", all((folder / f"{s:06}.npy").exists() for s in starts)
            )
        ]
    )


def _part(file: Path, some: Sequence[Conversation], sound: str, measure: Callable[[Array], Array]) -> Array:
    if file.exists():
        return np.load(file)
    found = np.stack([measure(altered(np.asarray(one.signals("audio")[0].samples), sound)) for one in some])
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as out:
        np.save(out, found)
    partial.replace(file)
    return found


def _digest(corpus: str, sound: str, name: str, measure: Callable[[Array], Array]) -> str:
    digest = blake2b(repr((_VERSION, sound, name)).encode(), digest_size=8)
    digest.update(_file_digest(_tar(corpus)))
    said = np.nan_to_num(measure(_probe()))
    digest.update(np.array([f"{number:.2e}" for number in said.ravel()]).tobytes())
    return digest.hexdigest()


def _probe() -> Array:
    """A sound that a measure is known by: silence, a buzz that rises, noise, and silence."""
    time = np.arange(RATE // 2) / RATE
    buzz = sum(np.sin(2 * np.pi * (120 + 60 * time) * k * time) / k for k in range(1, 6))
    noise = np.random.default_rng(0).standard_normal(RATE // 4)
    parts = [np.zeros(RATE // 5), 0.2 * buzz, 0.05 * noise, np.zeros(RATE // 10)]
    return np.concatenate(parts).astype(np.float32)


def _tar(corpus: str) -> Path:
    from ..data import corpus as record

    return record(corpus).paths("train")[0]


@cache
def _file_digest(path: Path) -> bytes:
    return blake2b(path.read_bytes(), digest_size=16).digest()


def _published(corpus: str, every: Sequence[Conversation]) -> Array:
    """opensmile's functionals, from the file beside the tar; no columns where there is none."""
    file = _tar(corpus).with_name(f"{_tar(corpus).stem}_egemaps.npz")
    if not file.is_file():
        return np.zeros((len(every), 0), np.float32)
    kept = np.load(file)
    place = {str(name): row for row, name in enumerate(kept["name"])}
    return kept["X"][[place[one.id.split("/", 2)[2]] for one in every]].astype(np.float32)


def _cache() -> Path:
    return Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")


def _shown(steps: Sequence[Any], what: str, quiet: bool) -> Iterable[Any]:
    """The steps, with a bar on standard error in a terminal while they take their time."""
    if quiet or not sys.stderr.isatty():
        return steps
    from rich.console import Console
    from rich.progress import track

    return track(steps, f"measuring {what}", console=Console(stderr=True), transient=True)
