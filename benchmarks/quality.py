"""What a voice can be read through: noise, clipping, rooms, cuts and a telephone, built from real clips.

    python -m benchmarks.quality [--json] [--limit CLIPS]

Clips of eight RAVDESS actors are spoiled in known ways, and read by a logistic regression on Whisper tiny.en states of
clean clips of the other sixteen actors: unweighted average recall with an interval over actors, beside what
`insula.audio.quality` measures. The floors of `quality.toml` come from here: where half of what is above chance is
left. Also how many clips of each corpus, as they are, lie below them. Needs INSULA_DATA and scikit-learn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.audio.decode import resample
from insula.audio.quality import quality, reason
from insula.data import load
from insula.evaluate.bootstrap import interval
from insula.evaluate.metrics import unweighted_recall
from insula.network.whisper import Whisper

from .measure import machine

RATE = 16000
CORPORA = ("ravdess", "emovo", "emodb-2s", "urdu", "baved")
LEARNT = 500  # clean clips of the actors learnt from
Array = NDArray[Any]
Spoil = Callable[[Array], Array]


def main() -> None:
    most = int(sys.argv[sys.argv.index("--limit") + 1]) if "--limit" in sys.argv else 160
    clips = [(_trimmed(np.asarray(one.signals("audio")[0].samples)), one) for one in load("ravdess", "train")]
    actors = np.array([one.turns[0].speaker for _, one in clips])
    spoken = np.array([str(one.read("emotion")[0].top) for _, one in clips])
    strange = np.isin(actors, np.unique(actors)[::3])
    draw = np.random.default_rng(0)
    learnt = draw.choice(np.flatnonzero(~strange), min(LEARNT, int((~strange).sum())), replace=False)
    heard = draw.choice(np.flatnonzero(strange), min(most, int(strange.sum())), replace=False)
    assert not set(actors[learnt]) & set(actors[heard])
    said = _reader([clips[at][0] for at in learnt], spoken[learnt])
    sounds = [clips[at][0] for at in heard]
    result = {
        "machine": machine(),
        "clips": len(heard),
        "spoiled": [
            {"how": how, **_judged([spoil(one) for one in sounds], said, spoken[heard], actors[heard])}
            for how, spoil in spoiling(draw, np.concatenate(sounds))
        ],
        "as_they_are": {corpus: as_they_are(corpus, most) for corpus in CORPORA},
    }
    print(json.dumps(result) if "--json" in sys.argv else report(result))


def spoiling(draw: np.random.Generator, others: Array) -> Iterator[tuple[str, Spoil]]:
    """What is done to every clip, and its name."""
    yield "as it is", lambda one: one
    kinds: dict[str, Callable[[int], Array]] = {
        "white": lambda size: draw.standard_normal(size),
        "pink": lambda size: _pink(draw, size),
        "babble": lambda size: sum(np.resize(np.roll(others, draw.integers(len(others))), size) for _ in range(6)),  # type: ignore[return-value]
    }
    for kind, noise in kinds.items():
        for decibels in (20, 15, 10, 5, 0, -5):
            yield f"{kind} noise {decibels} dB", lambda one, n=noise, d=decibels: _mixed(one, n(len(one)), d)
    for share in (0.03, 0.1, 0.2, 0.4, 0.6):
        yield f"clipped {share:.0%}", lambda one, s=share: np.clip(one, *_ceiling(one, s))
    for seconds in (0.2, 0.4, 0.8, 1.2, 2.0, 3.0):
        yield f"room {seconds} s", lambda one, s=seconds: _in_room(draw, one, s)
    for seconds in (1.2, 0.8, 0.5, 0.3, 0.2):
        yield (
            f"cut to {seconds} s",
            lambda one, s=seconds: one[max(0, len(one) // 2 - int(s * RATE / 2)) :][: int(s * RATE)],
        )
    yield "telephone", lambda one: resample(resample(one, RATE, 8000), 8000, RATE)


def as_they_are(corpus: str, most: int) -> dict[str, Any]:
    """The share of a corpus' clips that are refused, and the tenth and the middle of their signal to noise."""
    every = list(load(corpus, "train"))
    sounds = [np.asarray(one.signals("audio")[0].samples) for one in every[:: max(1, len(every) // most)]]
    start = time.process_time()
    found = [quality(one) for one in sounds]
    took = time.process_time() - start
    refused = [bool(reason(one, len(sound) / RATE)) for one, sound in zip(found, sounds, strict=True)]
    return {
        "clips": len(sounds),
        "refused": round(float(np.mean(refused)), 3),
        "snr": [round(float(np.percentile([one["snr"] for one in found], part)), 1) for part in (10, 50)],
        "real_time_factor": round(took * RATE / sum(map(len, sounds)), 4),
    }


def _judged(sounds: list[Array], said: Callable[[list[Array]], Array], spoken: Array, actors: Array) -> dict[str, Any]:
    labels = np.unique(spoken)
    gold, told = ((one[:, None] == labels).astype(np.float32) for one in (spoken, said(sounds)))
    groups = np.unique(actors, return_inverse=True)[1]
    score = interval(lambda weights: unweighted_recall(gold, told, weights), len(gold), groups=groups)
    measured = [quality(one) for one in sounds]
    return {
        "recall": [round(x, 3) for x in (score.score, score.low, score.high)],
        **{name: round(float(np.median([one[name] for one in measured])), 3) for name in measured[0]},
        "refused": round(
            float(np.mean([bool(reason(q, len(x) / RATE)) for q, x in zip(measured, sounds, strict=True)])), 3
        ),
    }


def _reader(sounds: list[Array], spoken: Array) -> Callable[[list[Array]], Array]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    whisper = Whisper.open()

    def features(some: list[Array]) -> Array:
        states = (whisper.states(one.astype(np.float32)) for one in some)
        return np.array([np.stack([one.mean(1), one.std(1)]).ravel() for one in states])

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.002, max_iter=300)).fit(features(sounds), spoken)
    return lambda some: model.predict(features(some))


def _trimmed(sound: Array) -> Array:
    """From a tenth of a second before the voice to a tenth after it, as a detector cuts it, peak at 0.2."""
    level = np.convolve(sound**2, np.ones(400) / 400, "same")
    loud = np.flatnonzero(level > level.max() * 1e-3)
    found = sound[max(0, loud[0] - RATE // 10) : loud[-1] + RATE // 10]
    return found * (0.2 / np.abs(found).max())


def _mixed(sound: Array, noise: Array, decibels: float) -> Array:
    """Noise so many dB below the voice where there is voice."""
    level = np.convolve(sound**2, np.ones(400) / 400, "same")
    power = np.mean(sound[level > level.max() * 1e-2] ** 2)
    return (sound + noise * np.sqrt(power / 10 ** (decibels / 10) / np.mean(noise**2))).astype(np.float32)


def _pink(draw: np.random.Generator, size: int) -> Array:
    spectrum = np.fft.rfft(draw.standard_normal(size))
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), size)


def _ceiling(sound: Array, share: float) -> tuple[float, float]:
    top = float(np.quantile(np.abs(sound), 1 - share))
    return -top, top


def _in_room(draw: np.random.Generator, sound: Array, seconds: float) -> Array:
    """After a direct sound as strong as the whole tail is twice, noise that falls by 60 dB in so many seconds."""
    time_ = np.arange(int(1.2 * seconds * RATE)) / RATE
    tail = draw.standard_normal(len(time_)) * 10 ** (-3 * time_ / seconds)
    tail *= 0.5 / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    padded = np.pad(sound, (0, RATE // 2))
    size = len(padded) + len(tail)
    heard = np.fft.irfft(np.fft.rfft(padded, size) * np.fft.rfft(tail, size), size)
    return heard[: len(padded) + int(seconds * RATE / 2)].astype(np.float32)


def report(result: dict[str, Any]) -> str:
    """The same as tables."""
    columns = ("recall", "snr", "clipped", "reverberation", "speech", "bandwidth", "refused")
    lines = [f"| {result['clips']} clips | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row['how']} | {' | '.join(str(row[name]) for name in columns)} |" for row in result["spoiled"]]
    return "\n".join([*lines, "", *(f"{corpus}: {found}" for corpus, found in result["as_they_are"].items())])


if __name__ == "__main__":
    main()
