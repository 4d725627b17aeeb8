"""Teach the fusion of a person's channels on texts, clips and faces whose feelings are known, put together.

    train_person(Path("weights"))        # person.json and its card

Texts: the development parts of GoEmotions and MELD; no reader of words was trained on them. Voices: clips heard by ears
that never heard their speaker (`insula.train.speech.fuse_voices`). Faces: FER+'s public test part
(`insula.train.speech.fuse_faces`). What is fitted is a few dozen numbers: each channel's calibration and weight, how
much a mismatch has to be before it is called one, for every set of channels, and where each channel puts valence and
arousal. Words and voice are fitted first; a face is fitted beside them, with either of them missing or none (modality
dropout).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from insula.perceive.fuse.affect import Affect, Line
from insula.perceive.fuse.disagreement import Disagreement
from insula.perceive.fuse.fusion import NEUTRAL, READERS, Fusion, named
from insula.perceive.fuse.pool import Channel, Pool
from insula.train.calibration import label_set_limit

from .fuse_pairs import EMOTIONS, PLACES, Pairs, Readings, development, pairs, several, together
from .fuse_pool import beside, calibrated, fit

Array = NDArray[np.float64]
VOICE, FACE, BODY = "speech.voice", "face.expression", "body.stress"
WORDS = tuple(reader for reader, channel in READERS.items() if channel == "words")
FALSE_ALARMS = 0.1  # of what expresses one feeling, or one and nothing, at the threshold
COVERED = 0.9
# no corpus holds a body beside other channels: how it is read is set by hand in `insula.perceive.fuse.channels`
BY_HAND = Channel(1.0, (0.0,) * len(EMOTIONS), weight=0.4, doubt=0.0, sure=(-1.0, 0.5))


def fit_fusion(
    readers: Mapping[str, Readings], voices: Readings, faces: Readings | None = None, seed: int = 0
) -> Fusion:
    """Readings of the same texts by each reader of words, of clips, and of faces, to a fusion."""
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
    apart = {"words voice": _disagreement(read, np.stack([said.gold, heard.gold]))}
    fusion = Fusion(pool, apart, fit_affect(said, heard, drawn), keep)
    return fusion if faces is None else with_faces(fusion, {first: words, VOICE: voices, FACE: faces}, seed)


def with_faces(fusion: Fusion, readings: Mapping[str, Readings], seed: int = 0) -> Fusion:
    """A fusion of words and voice, with faces beside them; what was fitted before stays as it is."""
    rows = together([one.gold for one in readings.values()], seed)
    put = {reader: one[rows[:, place]] for place, (reader, one) in enumerate(readings.items())}
    golds = {reader: one.gold for reader, one in put.items()}
    faces = readings[FACE]
    counts = np.bincount(faces.gold, minlength=len(EMOTIONS)).clip(1)
    channel = calibrated(faces.emotion, faces.gold, 1 / counts[faces.gold] / len(EMOTIONS))
    agree = np.all([gold == golds[VOICE] for gold in golds.values()], axis=0)
    gold = golds[VOICE][agree]
    balance = 1 / np.bincount(gold, minlength=len(EMOTIONS))[gold] / len(EMOTIONS)
    scores = {reader: one.emotion[agree] for reader, one in put.items()}
    pool = beside(Pool({**fusion.pool.channels, FACE: channel, BODY: BY_HAND}), FACE, scores, gold, balance)
    apart = dict(fusion.disagreements)
    for some in _sets_with(FACE, tuple(put)):
        read = [pool.channels[reader].read(put[reader].emotion) for reader in some]
        found = _disagreement(read, np.stack([golds[reader] for reader in some]))
        apart[named(READERS[reader] for reader in some)] = found
    lines = {**fusion.affect.lines, "face": _line(faces)}
    return replace(fusion, pool=pool, disagreements=apart, affect=Affect(lines, fusion.affect.margin))


def _sets_with(reader: str, readers: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every set of two or more that holds this one."""
    others = [one for one in readers if one != reader]
    for size in range(1, len(others) + 1):
        yield from ((*some, reader) for some in combinations(others, size))


def _disagreement(read: Sequence[Array], golds: NDArray[np.int64]) -> Disagreement:
    """Opinions (n, 7) and feelings (channels, n), by likelihood.

    Two feelings count as much as one with itself and one with none together.
    """
    two, one = several(golds), (golds == golds[0]).all(0)
    balance = np.where(two, 0.5 / two.sum(), np.where(one, 0.25 / one.sum(), 0.25 / (~two & ~one).sum()))

    def loss(values: Array) -> float:
        chance = Disagreement(*values, threshold=0.5).probability(read, NEUTRAL)
        return -float((balance * np.log(np.where(two, chance, 1 - chance).clip(1e-9))).sum())

    found = minimize(loss, np.array([0.0, 0.7, 0.5]), method="L-BFGS-B", bounds=[(-9, 9), (0.01, 5), (0.05, 0.95)]).x
    fitted = Disagreement(*found.round(4).tolist(), threshold=0.5)
    quiet = fitted.probability(read, NEUTRAL)[~two]
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


def train_person(out: Path) -> Path:
    """Fit the fusion that ships, and write `person.json` and its card. Raises MissingData without the corpora."""
    from .fuse_faces import faces
    from .fuse_voices import voices

    words = {reader: development(reader) for reader in WORDS}
    fusion = fit_fusion(words, voices().readings, faces("dev"))
    out.mkdir(parents=True, exist_ok=True)
    file = out / "person.json"
    file.write_text(json.dumps({"name": "person", **fusion.record()}, indent=1) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.speech") / "fuse.card.md").read_text(encoding="utf-8")
    whole = sha256(file.read_bytes()).hexdigest()
    (out / "person.md").write_text(card.format(revision=whole[:12], sha256=whole), encoding="utf-8")
    return file
