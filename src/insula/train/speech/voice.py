"""Train what hears feelings in voices, and write it with its record and card.

    train_voice(Path("runs")) -> runs/voice.json, voice.safetensors, voice.md

Clips of RAVDESS, EMOVO, EMO-DB (2 s), URDU and BAVED, those of RAVDESS also cut to one and two seconds, by telephone
and in noise. A feeling a corpus does not know is unknown where a clip may express it too (a sad clip may sound bored)
and absent elsewhere. Valence, arousal and dominance are not rated by anybody here: they are the published coordinates
of the feeling, by how strongly it was acted, and BAVED's level of arousal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.audio.contours import CONTOURS, HERTZ, Contours
from insula.audio.functionals import functionals
from insula.evaluate.clips import SOUNDS, Clips, clips
from insula.network.calibrate import Head
from insula.network.text import digest
from insula.network.voice import Machine, features
from insula.scheme import scheme
from insula.train.calibration import calibrate, quality_of

from .head import DIRECTIONS, LANDMARKS, balance, learn

Array = NDArray[np.float32]
LABELS = scheme("voice9").labels
CORPORA = ("ravdess", "emovo", "emodb-2s", "urdu", "baved")
SHORTEST = 0.8  # seconds; see the card for what is right at 1 s
STRANGE = 0.005  # share of voices never heard that may be taken for no voice at all
QUIET = ("neutral", "calm", "sadness", "boredom")  # what sounds alike: a clip of one may be heard as another
WEAK = 0.7  # of the coordinates: acted at normal intensity
# Russell & Mehrabian 1977 as in the maps to the scheme vad; bored: Mehrabian 1996; calm: ours, neutral but less aroused
COORDINATES: Mapping[str, tuple[float, float, float]] = {
    "neutral": (0.0, 0.0, 0.0),
    "calm": (0.0, -0.4, 0.0),
    "joy": (0.76, 0.48, 0.35),
    "sadness": (-0.63, -0.27, -0.33),
    "anger": (-0.51, 0.59, 0.25),
    "fear": (-0.64, 0.6, -0.43),
    "disgust": (-0.6, 0.35, 0.11),
    "surprise": (0.4, 0.67, -0.13),
    "boredom": (-0.65, -0.62, -0.33),
}
AROUSAL = {"low": -0.5, "neutral": 0.0, "high": 0.6}  # of BAVED's levels: ours


def train_voice(out: Path, note: Callable[[str], None] = lambda _: None) -> Path:
    """Train, write, and return the path of the `.json`.

    Raises insula.data.MissingData where a corpus is not here, and LookupError where Whisper's weights are not.
    """
    parts = list(_lessons(note))
    note("learning")
    some = [part for part, _ in parts]
    wide = np.concatenate([features(part.states, part.functionals) for part in some])
    speakers = np.concatenate([part.speakers for part in some])
    voices = np.concatenate([np.char.add(part.speakers, f" {sound}") for part, sound in parts])
    targets = np.concatenate([wanted(part) for part in some])
    names = functional_names()
    settings = {"seed": 0, "landmarks": LANDMARKS, "directions": DIRECTIONS}
    shares = balance(targets[:, : len(LABELS)])
    made, scores, near = learn(wide, len(names), targets, shares, speakers, voices, **settings)
    made = replace(made, neutral=neutral(made, wide, voices, targets[:, 0] == 1))
    heads, quality = judged(scores, np.concatenate([targets, targets]))
    record = {
        "name": "voice",
        "functionals": names,
        "shortest": SHORTEST,
        "nearest": round(float(np.quantile(near, STRANGE)), 4),
        "heads": [asdict(head) for head in heads],
    }
    return write(out, made, record, quality, {part: len(one) for one, part in zip(some, _names(parts), strict=True)})


def _lessons(note: Callable[[str], None]) -> Any:
    for corpus in CORPORA:
        for sound in SOUNDS if corpus == "ravdess" else ("",):
            note(f"{corpus} {sound}".strip())
            part = clips(corpus, sound)
            # neutral is one speaker's alone in URDU: it would teach that speaker
            yield part.only(part.labels != "neutral") if corpus == "urdu" else part, sound


def _names(parts: Sequence[tuple[Clips, str]]) -> list[str]:
    return [f"{part.ids[0].split('/')[0]} {sound}".strip() for part, sound in parts]


def functional_names() -> list[str]:
    """The names of the functionals in the order of `Clips.functionals`."""
    return list(functionals(Contours(np.zeros((HERTZ, len(CONTOURS)), np.float32))))


def wanted(part: Clips) -> Array:
    """Targets [clips, labels of voice9, then valence, arousal, dominance]; NaN is unknown."""
    found = np.full((len(part), len(LABELS) + 3), np.nan, np.float32)
    known = set(part.labels)
    for row, (label, strength) in enumerate(zip(part.labels, part.intensities, strict=True)):
        if label in AROUSAL and known <= set(AROUSAL):
            found[row, len(LABELS) + 1] = AROUSAL[label]
            continue
        for column, other in enumerate(LABELS):
            sure = other in known or label not in QUIET or other not in QUIET
            found[row, column] = float(other == label) if sure else np.nan
        found[row, len(LABELS) :] = np.array(COORDINATES[label]) * (WEAK if strength == "normal" else 1.0)
    return found


def neutral(machine: Machine, wide: Array, voices: NDArray[np.str_], plainly: NDArray[np.bool_]) -> Array:
    """How far each person's neutral clips are from all of that person's, in deviations, on average over persons."""
    standard = machine.standard(wide)
    own = [
        standard[(voices == voice) & plainly].mean(0) - standard[voices == voice].mean(0)
        for voice in np.unique(voices[plainly])
    ]
    return np.mean(own, 0).astype(np.float32)


def judged(scores: Array, targets: Array) -> tuple[list[Head], list[dict[str, Any]]]:
    """Both schemes' heads from scores of speakers left out, and how good they are there."""
    heads, quality = [], []
    for name, columns in (("voice9", (0, len(LABELS))), ("vad", (len(LABELS), len(LABELS) + 3))):
        mine = targets[:, slice(*columns)]
        rows = ~np.isnan(mine).all(1)
        head = calibrate(name, columns, scores[rows], mine[rows])
        heads.append(head)
        quality.append({"scheme": name, **quality_of(head, scores[rows], mine[rows])})
    return heads, quality


def write(
    out: Path, made: Machine, record: dict[str, Any], quality: Sequence[Mapping[str, Any]], learnt: Mapping[str, int]
) -> Path:
    """Weights, record and card into the folder."""
    out.mkdir(parents=True, exist_ok=True)
    weights = out / "voice.safetensors"
    made.save(weights)
    revision = digest(weights)
    (out / "voice.json").write_text(json.dumps({**record, "revision": revision}, indent=1) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.speech") / "voice.card.md").read_text(encoding="utf-8")
    figures = "\n".join(
        f"- {one['scheme']}: " + ", ".join(f"{k} {v}" for k, v in one.items() if k != "scheme") for one in quality
    )
    filled = card.format(
        revision=revision,
        sha256=sha256(weights.read_bytes()).hexdigest(),
        quality=figures,
        learnt=", ".join(f"{name} {count}" for name, count in learnt.items()),
        shortest=record["shortest"],
    )
    (out / "voice.md").write_text(filled, encoding="utf-8")
    return out / "voice.json"
