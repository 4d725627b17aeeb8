"""Teach the fusion of words and voice on pairs of a real text and a real clip whose feelings are known.

    train_words_voice(Path("weights"))        # words-voice.json and its card

Texts: GoEmotions' development part, which trained no reader of words. Voices: clips heard by ears that never heard
their speaker (`insula.train.speech.fuse_voices`). What is fitted is a few dozen numbers: each channel's calibration
and weight, how much a mismatch has to be before it is called one, and where each channel puts valence and arousal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from insula.perceive.fuse.affect import Affect, Line
from insula.perceive.fuse.disagreement import Disagreement, trust
from insula.perceive.fuse.pool import Channel, Pool
from insula.perceive.fuse.words_voice import VOICE, WORDS
from insula.train.calibration import label_set_limit

from .fuse_pairs import EMOTIONS, NEUTRAL, PLACES, Pairs, Readings, pairs, read_texts, texts, two_feelings
from .fuse_pool import fit

Array = NDArray[np.float64]
FALSE_ALARMS = 0.1  # of the pairs that express one feeling, or one and nothing, at the threshold
COVERED = 0.9


@dataclass(frozen=True)
class Fusion:
    """Everything that was fitted; `joined` says what it makes of pairs."""

    pool: Pool
    disagreement: Disagreement
    affect: Affect
    keep: float

    def record(self) -> dict[str, Any]:
        """As `insula.perceive.fuse.words_voice` reads it."""
        lines = {name: asdict(line) for name, line in self.affect.lines.items()}
        return {
            "emotion": {name: asdict(channel) for name, channel in self.pool.channels.items()},
            "conflict": asdict(self.disagreement),
            "affect": {"channels": lines, "margin": self.affect.margin},
            "keep": self.keep,
        }


@dataclass(frozen=True)
class Joined:
    """What a fusion says of pairs: opinions (pairs, 7) of each channel and of both, and `conflict` (pairs,).

    `trust_voice` (pairs,) is how likely the voice is the one to go by.
    """

    words: Array
    voice: Array
    product: Array
    fused: Array
    conflict: Array
    trust_voice: Array


def join(fusion: Fusion, words: Readings, voices: Readings, reader: str = WORDS[0]) -> Joined:
    """Readings of pairs, row by row, as `WordsVoice` would fuse them."""
    read = fusion.pool.channels[reader].read(words.emotion), fusion.pool.channels[VOICE].read(voices.emotion)
    conflict = fusion.disagreement.probability(*read, NEUTRAL)
    product = fusion.pool.fuse({reader: words.emotion, VOICE: voices.emotion})
    sure = [fusion.pool.channels[name].reliability(one) for name, one in zip((reader, VOICE), read, strict=True)]
    by = np.array([trust({"words": w, "voice": v})["voice"] for w, v in zip(*sure, strict=True)])
    mixed = (1 - by)[:, None] * read[0] + by[:, None] * read[1]
    fused = (1 - conflict)[:, None] * product + conflict[:, None] * mixed
    return Joined(*read, product, fused, conflict, by)


def fit_fusion(readers: Mapping[str, Readings], voices: Readings, seed: int = 0) -> Fusion:
    """Readings of the same texts by each reader of words, and of clips, to a fusion."""
    channels: dict[str, Channel] = {}
    first, words = next(iter(readers.items()))
    drawn = pairs(words.gold, voices.gold, seed)
    agree = ~drawn.conflict
    for reader, said in readers.items():
        matched = said[drawn.words[agree]], voices[drawn.voices[agree]]
        found = fit({reader: matched[0].emotion, VOICE: matched[1].emotion}, matched[1].gold).channels
        channels = {**found, **channels}  # the voice's weight is the one beside the first reader
    pool = Pool(channels)
    said, heard = words[drawn.words], voices[drawn.voices]
    read = pool.channels[first].read(said.emotion), pool.channels[VOICE].read(heard.emotion)
    fused = pool.fuse({first: said.emotion[agree], VOICE: heard.emotion[agree]})
    present = heard.gold[agree][:, None] == np.arange(len(EMOTIONS))
    keep = label_set_limit(fused.astype(np.float32), present)
    return Fusion(pool, _disagreement(*read, said.gold, heard.gold), fit_affect(said, heard, drawn), keep)


def _disagreement(words: Array, voice: Array, said: NDArray[np.int64], heard: NDArray[np.int64]) -> Disagreement:
    """Weights by likelihood; two feelings count as much as one with itself and one with none together."""
    two, one = two_feelings(said, heard), said == heard
    balance = np.where(two, 0.5 / two.sum(), np.where(one, 0.25 / one.sum(), 0.25 / (~two & ~one).sum()))

    def loss(values: Array) -> float:
        chance = Disagreement(*values, threshold=0.5).probability(words, voice, NEUTRAL)
        return -float((balance * np.log(np.where(two, chance, 1 - chance).clip(1e-9))).sum())

    found = minimize(loss, np.array([0.0, 0.7, 0.5]), method="L-BFGS-B", bounds=[(-9, 9), (0.01, 5), (0.05, 0.95)]).x
    fitted = Disagreement(*found.round(4).tolist(), threshold=0.5)
    quiet = fitted.probability(words, voice, NEUTRAL)[~two]
    return replace(fitted, threshold=round(float(np.quantile(quiet, 1 - FALSE_ALARMS)), 4))


def fit_affect(words: Readings, voices: Readings, drawn: Pairs) -> Affect:
    """A line per channel and dimension toward where the feeling lies, by least squares, labels counted alike."""
    lines = {"words": _line(words), "voice": _line(voices)}
    agree = ~drawn.conflict
    places = {"words": lines["words"].place(words.affect[agree]), "voice": lines["voice"].place(voices.affect[agree])}
    off = np.abs(Affect(lines, (1.0,) * 3).joint(places) - PLACES[voices.gold[agree]])
    return Affect(lines, tuple(np.quantile(off, COVERED, axis=0).round(4).tolist()))


def _line(readings: Readings) -> Line:
    gold = PLACES[readings.gold]
    weight = np.sqrt(1 / np.bincount(readings.gold, minlength=len(EMOTIONS)).clip(1)[readings.gold])
    slope, intercept = np.empty(3), np.empty(3)
    for column in range(3):
        design = np.stack([readings.affect[:, column], np.ones(len(gold))], 1)
        slope[column], intercept[column] = np.linalg.lstsq(
            design * weight[:, None], gold[:, column] * weight, rcond=None
        )[0]
    line = Line(tuple(slope.round(4).tolist()), tuple(intercept.round(4).tolist()), (1.0,) * 3)
    off = np.abs(line.place(readings.affect) - gold)
    return Line(line.slope, line.intercept, tuple(np.quantile(off, COVERED, axis=0).round(4).tolist()))


def train_words_voice(out: Path) -> Path:
    """Fit the fusion that ships, and write `words-voice.json` and its card. Raises MissingData without the corpora."""
    from .fuse_voices import voices

    some = texts("goemotions", "dev")
    fusion = fit_fusion({reader: read_texts(some, reader) for reader in WORDS}, voices().readings)
    out.mkdir(parents=True, exist_ok=True)
    file = out / "words-voice.json"
    file.write_text(json.dumps({"name": "words-voice", **fusion.record()}, indent=1) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.speech") / "fuse.card.md").read_text(encoding="utf-8")
    whole = sha256(file.read_bytes()).hexdigest()
    (out / "words-voice.md").write_text(card.format(revision=whole[:12], sha256=whole), encoding="utf-8")
    return file
