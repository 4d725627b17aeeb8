"""Speech out: does the voice do what its plan says, is the feeling heard in it, and are the words still clear?

    python -m benchmarks.speak [--json] [--page speak.html] [--development]

Twenty sentences that say nothing of a feeling, each with six feelings at three intensities, and once plainly. What is
measured in the sound (`insula.speak.listen_back`) stands beside what was planned; the ear is `insula.network.voice`,
taught by people only. Its probabilities are looked at within the six feelings. Sizes of the rules were chosen on twenty
other sentences (speak.development.txt). Intervals are over sentences.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.evaluate.bootstrap import interval
from insula.network.words import transcriber, word_error_rate
from insula.speak.delivery import QUANTITIES, Delivery
from insula.speak.listen_back import CLOSE, Ears, Heard, at_16k, measure, settle
from insula.speak.plan import plan
from insula.speak.text import Line
from insula.speak.voices import Sound, Voice, joined, voice

from .measure import machine

FEELINGS = ("joy", "sadness", "anger", "fear", "calm", "neutral")
INTENSITIES = (0.33, 0.67, 1.0)
MEASURED = tuple(CLOSE)
CORRECTED = 5  # sentences that are also heard and said again, to see what correcting brings
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clip:
    """One thing said: `measured` beside the plain reading, `ears` -> probabilities within the six feelings."""

    number: int
    feeling: str
    intensity: float
    delivery: Delivery
    sound: Sound
    measured: Mapping[str, float]
    ears: Mapping[str, Array]
    wrong: float


def sentences(development: bool = False) -> list[str]:
    """The twenty sentences of the test, or those the rules were made with."""
    name = "speak.development.txt" if development else "speak.test.txt"
    return (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()


class Listener:
    """The ear, as it is for a voice nobody has heard before ("ear") and for one it knows ("known")."""

    def __init__(self, speaker: Voice, threads: int = 1) -> None:
        from insula.network.voice import Person
        from insula.network.voice import Voice as Hearing

        self.hearing = Hearing.open(threads=threads)
        head = self.hearing.heads["voice9"]
        self.head, self.columns = head, [head.kind.labels.index(label) for label in FEELINGS]
        plain = (joined(speaker.say(text, Delivery())) for text in sentences(development=True))
        self.person = Person.of(np.stack([self.hearing.hear(at_16k(sound)).features() for sound in plain]))

    def __call__(self, samples: NDArray[np.float32]) -> dict[str, Array]:
        """Probabilities (6,) that sum to 1, by each ear; an ear that would rather abstain is asked all the same."""
        features = self.hearing.hear(samples).features()[None]
        found: dict[str, Array] = {}
        for name, person in {"ear": None, "known": self.person}.items():
            logits, _ = self.hearing.machine.logits(features, person)
            six = self.head.calibrated(logits)[0][self.columns].astype(float)
            found[name] = six / six.sum()
        return found


def spoken(texts: Sequence[str], speaker: Voice) -> tuple[list[Clip], list[Clip]]:
    """The plain readings, and every feeling and intensity of each."""
    listener, words = Listener(speaker), transcriber()
    flat: list[Clip] = []
    said: list[Clip] = []
    for number, text in enumerate(texts):

        def clip(feeling: str, intensity: float, delivery: Delivery, beside: Any = None) -> tuple[Clip, Any]:
            sound = joined(speaker.say(text, delivery))  # noqa: B023 - called at once
            samples = at_16k(sound)
            found = measure(samples)
            # what is clear at full intensity is clear below it
            clear = intensity in (0.0, 1.0)
            wrong = word_error_rate(text, words(samples).text) if clear else math.nan  # noqa: B023
            measured = found.beside(beside or found)
            return Clip(number, feeling, intensity, delivery, sound, measured, listener(samples), wrong), found  # noqa: B023

        first, plain = clip("", 0.0, Delivery())
        flat.append(first)
        for feeling in FEELINGS:
            said += [clip(feeling, x, plan(text, feeling, x, emphasis=()), plain)[0] for x in INTENSITIES]
        print(f"{number + 1} of {len(texts)} sentences", file=sys.stderr)
    return flat, said


def numbers(flat: Sequence[Clip], said: Sequence[Clip]) -> dict[str, Any]:
    """Everything that is claimed, with intervals."""
    groups = np.array([clip.number for clip in said])
    return {
        "sentences": len(flat),
        "clips": len(said),
        "rank_correlation": {name: _follows(said, groups, name) for name in MEASURED},
        "typical_error": {name: _error(said, name) for name in MEASURED},
        "monotone": _monotone(said),
        **{f"heard_by_{ear}": _heard(flat, said, ear) for ear in said[0].ears},
        "words": _words(flat, said),
    }


def _follows(said: Sequence[Clip], groups: NDArray[np.intp], name: str) -> dict[str, float]:
    planned = _ranks([getattr(clip.delivery, name) for clip in said])
    found = _ranks([clip.measured[name] for clip in said])
    return _interval(lambda w: _correlation(planned, found, w), groups)


def _error(said: Sequence[Clip], name: str) -> float:
    """Median of how far the sound is from the plan, in the quantity's unit; for ratios as a ratio."""
    wanted = np.array([getattr(clip.delivery, name) for clip in said])
    found = np.array([clip.measured[name] for clip in said])
    if QUANTITIES[name].ratio:
        return round(float(np.exp(np.median(np.abs(np.log(found / wanted))))), 3)
    return round(float(np.median(np.abs(found - wanted))), 3)


def _monotone(said: Sequence[Clip]) -> dict[str, float]:
    """Share of sentences and feelings in which more intensity is more of it: step by step, all three steps."""
    steps: list[float] = []
    whole: list[float] = []
    for feeling in FEELINGS[:-1]:
        full = np.array(_vector(plan("", feeling, 1.0)))
        for number in {clip.number for clip in said}:
            of = [clip for clip in said if clip.number == number and clip.feeling == feeling]
            along = [0.0, *(float(np.array(_vector(clip.measured)) @ full / (full @ full)) for clip in of)]
            rises = np.diff(along) > 0
            steps.append(float(rises.mean()))
            whole.append(float(rises.all()))
    return {"steps": round(float(np.mean(steps)), 3), "all_three": round(float(np.mean(whole)), 3)}


def _vector(of: Delivery | Mapping[str, float]) -> list[float]:
    """The measured quantities in units of what is near enough."""
    get: Callable[[str], float] = of.__getitem__ if isinstance(of, Mapping) else lambda name: getattr(of, name)
    return [(math.log(get(x)) if QUANTITIES[x].ratio else get(x)) / CLOSE[x] for x in MEASURED]


def _heard(flat: Sequence[Clip], said: Sequence[Clip], ear: str) -> dict[str, Any]:
    """How often the intended feeling comes first of six, and how much likelier than plainly read it is."""
    found: dict[str, Any] = {"flat_first": round(1 / len(FEELINGS), 3)}
    for intensity in INTENSITIES:
        some = [clip for clip in said if clip.intensity == intensity]
        groups = np.array([clip.number for clip in some])
        at = [FEELINGS.index(clip.feeling) for clip in some]
        first = np.array([clip.ears[ear].argmax() == n for clip, n in zip(some, at, strict=True)], float)
        before = np.array([flat[clip.number].ears[ear].argmax() == n for clip, n in zip(some, at, strict=True)], float)
        gain = np.array([clip.ears[ear][n] - flat[clip.number].ears[ear][n] for clip, n in zip(some, at, strict=True)])
        found[f"intensity {intensity:g}"] = {
            "first": _mean(first, groups),
            "more_often_than_flat": _mean(first - before, groups),
            "probability_gained": _mean(gain, groups),
            "rises_most": _rises(some, flat, ear),
            "first_by_feeling": {
                feeling: round(float(first[[clip.feeling == feeling for clip in some]].mean()), 3)
                for feeling in FEELINGS
            },
        }
    return found


def _rises(some: Sequence[Clip], flat: Sequence[Clip], ear: str) -> dict[str, float]:
    """How often the intended feeling is the one whose odds rise most beside the plain reading; neutral has no part."""
    felt = [clip for clip in some if clip.feeling != "neutral"]
    rises = [np.log(clip.ears[ear][:-1] / flat[clip.number].ears[ear][:-1]).argmax() for clip in felt]
    most = [float(FEELINGS[n] == clip.feeling) for n, clip in zip(rises, felt, strict=True)]
    return {**_mean(np.array(most), np.array([clip.number for clip in felt])), "chance": 0.2}


def _words(flat: Sequence[Clip], said: Sequence[Clip]) -> dict[str, Any]:
    """Share of wrong words, plainly read and at full intensity."""
    full = [clip for clip in said if not math.isnan(clip.wrong)]
    groups = np.array([clip.number for clip in full])
    more = np.array([clip.wrong - flat[clip.number].wrong for clip in full])
    return {
        "flat": round(float(np.mean([clip.wrong for clip in flat])), 4),
        "delivered": round(float(np.mean([clip.wrong for clip in full])), 4),
        "more_than_flat": _mean(more, groups),
        "by_feeling": {
            feeling: round(float(np.mean([x.wrong for x in full if x.feeling == feeling])), 4) for feeling in FEELINGS
        },
    }


def correcting(texts: Sequence[str], speaker: Voice) -> dict[str, Any]:
    """How far sounds are from their plans, in units of near enough, before and after they were heard and said again."""
    before: list[float] = []
    after: list[float] = []
    near: list[float] = []
    for text in texts:
        for feeling in FEELINGS[:-1]:
            line = Line(text, plan(text, feeling, 0.67, emphasis=()))
            once, twice = (settle(speaker, line, Ears(), rounds)[1] for rounds in (0, 2))
            before += _far(once)
            after += _far(twice)
            near.append(not twice.misses())
    found = {"before": np.median(before), "after": np.median(after), "wholly_near": np.mean(near)}
    return {name: round(float(x), 3) for name, x in found.items()} | {"clips": len(near)}


def _far(heard: Heard) -> list[float]:
    return [abs(error) / CLOSE[name] for name, error in heard.errors().items()]


def latency() -> dict[str, float]:
    """Milliseconds from a short sentence to its sound: the first since the voice was opened, and later ones."""
    found: dict[str, float] = {}
    for threads in (1, 2):
        speaker, delivery = voice("builtin", threads=threads), plan("", "joy", 0.6)
        times: list[float] = []
        for _ in range(12):
            start = time.perf_counter()
            sound = next(speaker.say("I am glad you told me.", delivery))
            times.append(1000 * (time.perf_counter() - start))
        found[f"first_{threads}_threads"] = round(times[0], 1)
        found[f"later_{threads}_threads"] = round(float(np.median(times[1:])), 1)
        found[f"real_time_factor_{threads}_threads"] = round(float(np.median(times[1:])) / 1000 / sound.seconds, 4)
    return found


def _ranks(values: Sequence[float]) -> Array:
    """Ranks, equal values sharing theirs."""
    _, same, counts = np.unique(np.round(values, 9), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[same].astype(float)


def _correlation(one: Array, other: Array, weights: NDArray[Any]) -> NDArray[Any]:
    total = weights.sum(1)

    def mean(values: Array) -> Array:
        return (weights * values).sum(1) / total

    both = mean(one * other) - mean(one) * mean(other)
    return both / np.sqrt((mean(one**2) - mean(one) ** 2) * (mean(other**2) - mean(other) ** 2))


def _mean(values: Array, groups: NDArray[np.intp]) -> dict[str, float]:
    return _interval(lambda w: (w * values).sum(1) / w.sum(1), groups)


def _interval(statistic: Callable[[NDArray[Any]], NDArray[Any]], groups: NDArray[np.intp]) -> dict[str, float]:
    found = interval(statistic, len(groups), groups=groups)
    return {name: round(getattr(found, name), 3) for name in ("score", "low", "high")}


def main() -> None:
    """Say, listen, count, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", type=Path, help="write a page with players, plots and numbers")
    parser.add_argument("--development", action="store_true", help="the sentences the rules were made with")
    parser.add_argument("--sentences", type=int, default=20)
    chosen = parser.parse_args()
    speaker, texts = voice("builtin"), sentences(chosen.development)[: chosen.sentences]
    flat, said = spoken(texts, speaker)
    record = {**numbers(flat, said), "corrected": correcting(texts[:CORRECTED], speaker), "latency_ms": latency()}
    record["machine"] = machine()
    if chosen.page:
        from .speak_page import page

        chosen.page.write_text(page(texts, flat, said, record), encoding="utf-8")
    print(json.dumps(record, indent=None if chosen.json else 1))


if __name__ == "__main__":
    main()
