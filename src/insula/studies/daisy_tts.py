"""One space of prosody for primary, mixed, scaled and negated feelings, heard beside the plain reading.

Claim (Chevi & Aji 2024, Daisy-TTS, arXiv:2402.14523): a prosody embedding that separates emotions lets a text-to-speech
model simulate more than it was taught: primary emotions, mixtures of two (Plutchik's dyads), intensity by scaling, and
the polarity of an emotion by negating its embedding.

Ours: the space is that of `insula.speak.delivery`, nine named quantities of prosody (pace, pitch, ...), plain at the
origin; feelings are directions (`plan.toml`), a mixture is their mean, intensity a length, negation the opposite
vector. Heard by the ear, which was taught by people only: is the feeling, or both of a mixture, likelier than plainly
read; does it rise with the length; does arousal move the other way for the negated feeling.
Control: directions drawn at random, as long as those of the feelings, asked the same.

Differs: Daisy's embedding is learnt from speech (ESD, four emotions) inside a diffusion model and was rated by people;
here it is made of quantities by rule, the voice is hibari, and the checks are objective. A form for listeners is
written by `python -m insula.studies.daisy_tts FOLDER`; nobody has filled it in yet.

    insula study daisy-tts --scale full
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ..speak.delivery import QUANTITIES, Delivery
from ..speak.plan import plan
from .measure import measured
from .spoken import AXES, FEELINGS, TEXTS, Array, Spoken, Stage, mean_of, open_stage, sound_in_page, write_all

SYSTEM = "daisy-tts"
STATUS = "works-scaled"

PRIMARY = FEELINGS[:-1]
MIXED = (("joy", "sadness"), ("anger", "fear"), ("anger", "sadness"), ("joy", "calm"), ("sadness", "calm"))
LENGTHS = (0.25, 0.5, 0.75, 1.0)
_PART = "own sentences"


def primary(feeling: str, length: float = 1.0) -> Delivery:
    """A feeling's direction, gone along by a length; below 0 the negated feeling."""
    return plan("", feeling, length, emphasis=())


def mixture(one: str, other: str) -> Delivery:
    """Half of each of two feelings, as long as either: a mean alone would be shorter than its parts."""
    blend = primary(one).mixed(primary(other))
    near = np.linalg.norm(_scaled(blend))
    return blend.scaled(float(np.mean([np.linalg.norm(_scaled(primary(x))) for x in (one, other)]) / max(near, 1e-6)))


def at_random(feeling: str, draw: np.random.Generator) -> Delivery:
    """A direction that means nothing, as long as the feeling's."""
    direction = draw.standard_normal(len(QUANTITIES))
    length = np.linalg.norm(_scaled(primary(feeling)))
    return Delivery().at(list(direction / np.linalg.norm(direction) * length * _units()))


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Primaries, lengths, mixtures and negations, each beside the plain reading and beside random directions."""
    stage = open_stage(scale)
    texts = TEXTS if scale == "full" else TEXTS[:2]
    flat = {text: stage.say(text) for text in texts}
    said = {f: {x: [stage.say(t, primary(f, x)) for t in texts] for x in (*LENGTHS, -1.0)} for f in PRIMARY}
    metrics = [*_primaries(said, flat), *_lengths(said), *_negations(said, flat)]
    metrics += _mixtures(stage, said, flat, texts)
    metrics += _controls(stage, flat, texts, seed)
    notes = [
        f"{len(texts)} sentences of our own, {sum(len(x) for one in said.values() for x in one.values())} deliveries; "
        "intervals draw sentences (and feelings with them).",
        "The ear's probabilities are looked at within six feelings; a plain reading puts the intended feeling first in "
        "one of six whatever it hears.",
        "Synthetic speech throughout; no person has listened. The form for listeners is written by "
        "`python -m insula.studies.daisy_tts FOLDER`.",
    ]
    return {"metrics": metrics, "data": [], "notes": notes}


def _primaries(said: Mapping[str, Any], flat: Mapping[str, Spoken]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for feeling in PRIMARY:
        n = FEELINGS.index(feeling)
        gain = [one.heard[n] - flat[one.text].heard[n] for one in said[feeling][1.0]]
        rows.append(_row(f"probability of {feeling} gained over the plain reading", gain, baseline=0.0))
    first = [float(one.heard.argmax() == FEELINGS.index(f)) for f in PRIMARY for one in said[f][1.0]]
    rows.append(_row("intended feeling first of six, primary", first, len(PRIMARY), baseline=1 / len(FEELINGS)))
    return rows


def _lengths(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whether more is more: in the measured prosody, and for the ear."""
    went: list[float] = []
    heard: list[float] = []
    for feeling in PRIMARY:
        n = FEELINGS.index(feeling)
        for of in zip(*(said[feeling][x] for x in LENGTHS), strict=True):
            went.append(float((np.diff([0.0, *(one.along(primary(feeling)) for one in of)]) > 0).mean()))
            heard.append(float((np.diff([one.heard[n] for one in of]) > 0).mean()))
    return [
        _row("steps of length that go further along the plan, measured", went, len(PRIMARY), baseline=0.5),
        _row("steps of length that raise the intended feeling for the ear", heard, len(PRIMARY), baseline=0.5),
    ]


def _negations(said: Mapping[str, Any], flat: Mapping[str, Spoken]) -> list[dict[str, Any]]:
    """Arousal beside the plain reading, of a feeling and of its negation: whether they lie on opposite sides."""
    at = AXES.index("arousal")
    flips: list[float] = []
    less: list[float] = []
    for feeling in PRIMARY:
        n = FEELINGS.index(feeling)
        for one, turned in zip(said[feeling][1.0], said[feeling][-1.0], strict=True):
            plain = flat[one.text]
            flips.append(float((one.affect[at] - plain.affect[at]) * (turned.affect[at] - plain.affect[at]) < 0))
            less.append(float(turned.heard[n] < one.heard[n]))
    return [
        _row("arousal heard on the other side of the plain reading, negated", flips, len(PRIMARY), baseline=0.5),
        _row("negated feeling heard less than the feeling", less, len(PRIMARY), baseline=0.5),
    ]


def _mixtures(
    stage: Stage, said: Mapping[str, Any], flat: Mapping[str, Spoken], texts: Sequence[str]
) -> list[dict[str, Any]]:
    both: list[float] = []
    between: list[float] = []
    for one, other in MIXED:
        a, b = FEELINGS.index(one), FEELINGS.index(other)
        for at, text in enumerate(texts):
            blend = stage.say(text, mixture(one, other)).heard
            plain = flat[text].heard
            both.append(float(blend[a] + blend[b] - plain[a] - plain[b]))
            pure, far = said[one][1.0][at].heard, said[other][1.0][at].heard
            # the mixture has more of each than the other feeling alone has
            between.append(float(blend[a] > far[a] and blend[b] > pure[b]))
    return [
        _row("probability of both feelings of a mixture gained over the plain reading", both, len(MIXED), baseline=0.0),
        _row("mixture has more of each feeling than the other feeling alone", between, len(MIXED), baseline=0.25),
    ]


def _controls(stage: Stage, flat: Mapping[str, Spoken], texts: Sequence[str], seed: int) -> list[dict[str, Any]]:
    draw = np.random.default_rng(seed)
    first: list[float] = []
    gain: list[float] = []
    for feeling in PRIMARY:
        n = FEELINGS.index(feeling)
        for text in texts:
            heard = stage.say(text, at_random(feeling, draw)).heard
            first.append(float(heard.argmax() == n))
            gain.append(float(heard[n] - flat[text].heard[n]))
    return [
        _row("intended feeling first of six, random directions", first, len(PRIMARY), baseline=1 / len(FEELINGS)),
        _row("probability gained over the plain reading, random directions", gain, len(PRIMARY), baseline=0.0),
    ]


def _row(name: str, values: Sequence[float], times: int = 1, baseline: float | None = None) -> dict[str, Any]:
    """A mean with its interval; `values` run over the sentences `times` times."""
    series = np.array(values, float)
    groups = np.tile(np.arange(len(series) // times), times)
    return measured(name, _PART, mean_of, series, series[None], baseline=baseline, groups=groups)


def _units() -> Array:
    """What counts as one step in each quantity: the mean size of it over the feelings."""
    return np.mean([np.abs(primary(feeling).vector()) for feeling in PRIMARY], axis=0) + 1e-6


def _scaled(delivery: Delivery) -> Array:
    return np.array(delivery.vector()) / _units()


def write_form(folder: Path, scale: str = "full", seed: int = 0) -> Sequence[Path]:
    """A listening form (HTML), its answer sheet and its key (CSV) for twelve clips in random order, raters blind."""
    stage = open_stage(scale)
    dice = random.Random(seed)
    clips = [(f, primary(f)) for f in PRIMARY] + [(f"{a}+{b}", mixture(a, b)) for a, b in MIXED]
    clips += [("-joy", primary("joy", -1.0)), ("plain", Delivery())]
    dice.shuffle(clips)
    options = "".join(f"<option>{label}</option>" for label in ("", *FEELINGS, "something else"))
    parts, key = [], ["clip,meant"]
    for number, (meant, delivery) in enumerate(clips, 1):
        text = TEXTS[number % len(TEXTS)]
        key.append(f"{number},{meant}")
        player = sound_in_page(stage.say(text, delivery).sound)
        select = f"<select name=KIND{number}>{options}</select>".replace
        parts.append(
            f"<fieldset><legend>Clip {number}</legend>{player}<p>“{escape(text)}”</p>"
            f"<label>Mostly {select('KIND', 'first')}</label> <label>and also {select('KIND', 'second')}</label> "
            f"<label>how strongly, 0 to 10 <input type=number min=0 max=10 name=strength{number}></label> "
            f"<label>natural, 1 to 5 <input type=number min=1 max=5 name=natural{number}></label></fieldset>"
        )
    page = (
        "<!doctype html><meta charset=utf-8><title>What do you hear?</title><h1>What do you hear?</h1><p>The voice is "
        "synthetic. Listen to each clip and say what it expresses to you; there is no right answer. Write your answers "
        "here and print the page, or fill in answers.csv.</p>" + "\n".join(parts)
    )
    sheet = "clip,first,second,strength,natural\n" + "".join(f"{n},,,,\n" for n in range(1, len(clips) + 1))
    return write_all(folder, {"listen.html": page, "answers.csv": sheet, "key.csv": "\n".join(key) + "\n"})


if __name__ == "__main__":
    print(*write_form(Path(sys.argv[1] if len(sys.argv) > 1 else "listening")), sep="\n")
