"""Who speaks when: recordings built from real clips, whose speakers are known, and dialogues of two synthetic voices.

    python -m benchmarks.speakers [--json FILE] [--only likeness,built,dialogues] [--each 20]

"likeness": how often one person is below the cosine at which a voice is a new one, by feeling. "built": recordings of
twelve clips by two, or by three to five, people in turn (80 % change), 0.3 to 1 second of silence between them, in any
feelings or calm only, with white noise at 10 dB, through a telephone's band, or with no pause above 0.2 s. Their
stretches are found by `speech.turns`' own voice activity; "one name a stretch" is what these turns say, "parts" cuts
stretches where voices change. RAVDESS is of actors 13 to 24, since thresholds were chosen on 1 to 12; nothing was
chosen on EMOVO and BAVED. Diarisation error: the share of spoken time that is missed, invented or given to the wrong
speaker under the best one-to-one naming, without 0.25 s around each change (the collar); no two people speak at once.
"one": everybody is one speaker; "alternate": the two change at every pause. "dialogues": DeepDialogue's demo
(Orpheus voices); whom a word is given to, where the transcribed words fit the known texts. Intervals: 1000 resamplings
of recordings, for "likeness" of people.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.signal import butter, resample_poly, sosfiltfilt

from benchmarks.words import Clip, deepdialogue, speech
from insula.evaluate.bootstrap import Interval, interval
from insula.network.speaker import Speaker
from insula.network.words import plain, transcriber
from insula.perceive.speech.speakers import THRESHOLD, Speakers
from insula.perceive.speech.stretches import Stretch, Stretches

Array = NDArray[np.float32]
Named = tuple[float, float, str]
RATE, FRAME, COLLAR = 16000, 160, 0.25
TURNS = 12
CALM = ("neutral", "calm", "low")
CONDITIONS = {
    "ravdess, two, calm": ("ravdess", (2,), "calm"),
    "ravdess, two": ("ravdess", (2,), ""),
    "ravdess, two, noise": ("ravdess", (2,), "noise"),
    "ravdess, two, telephone": ("ravdess", (2,), "telephone"),
    "ravdess, two, no pauses": ("ravdess", (2,), "hurried"),
    "ravdess, three to five": ("ravdess", (3, 4, 5), ""),
    "emovo, two": ("emovo", (2,), ""),
    "emovo, three to five": ("emovo", (3, 4, 5), ""),
    "baved, two": ("baved", (2,), ""),
}


@dataclass(frozen=True)
class Built:
    """A recording and, for each 10 ms, who speaks: 0, 1, ..., or -1 for nobody; `scored` leaves the collar out."""

    samples: Array
    who: NDArray[np.intp]
    scored: NDArray[np.bool_]


def main() -> None:
    """Measure, print, and write what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--only", default="likeness,built,dialogues")
    asked.add_argument("--each", type=int, default=20, help="recordings of each kind")
    asked.add_argument("--kinds", default="", help="only kinds of recordings that begin so")
    options = asked.parse_args()
    parts: dict[str, Callable[[], Any]] = {
        "likeness": likeness,
        "built": lambda: built(options.each, options.kinds),
        "dialogues": dialogues,
    }
    found = dict[str, Any]()
    for name in options.only.split(","):
        found[name] = parts[name]()
        if options.json:
            options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def likeness(most: int = 24) -> dict[str, Any]:
    """The share of pairs of clips below the threshold, of one person and of two; `most` clips a person."""
    found = dict[str, Any]()
    for corpus in ("ravdess", "emovo", "baved"):
        clips = [clip for clips in _tested(corpus).values() for clip in clips[:: max(1, len(clips) // most)][:most]]
        voices = np.stack([Speaker.open().embed(_spoken(clip.samples)) for clip in clips])
        cosine = voices @ voices.T
        speakers, feelings = (np.array([getattr(clip, name) for clip in clips]) for name in ("speaker", "style"))
        one, alike = speakers[:, None] == speakers, feelings[:, None] == feelings
        other = ~np.eye(len(clips), dtype=bool)
        loud = np.isin(feelings, ("anger", "high"))
        calm = np.isin(feelings, CALM)
        pairs = {
            "one person, same feeling": one & alike & other,
            "one person, other feelings": one & ~alike,
            "one person, calm and angry": one & calm[:, None] & loud,
            "two people": ~one,
        }
        below = cosine < THRESHOLD
        found[corpus] = {name: _share(below & which, which, speakers) for name, which in pairs.items() if which.any()}
        print(corpus, {name: f"{x.score:.3f} ({x.low:.3f} to {x.high:.3f})" for name, x in found[corpus].items()})
    return {corpus: {name: vars(x) for name, x in some.items()} for corpus, some in found.items()}


def built(each: int, kinds: str = "") -> dict[str, Any]:
    """Diarisation error, and how many speakers were found, beside what needs no ear."""
    found = dict[str, Any]()
    for name, (corpus, counts, how) in CONDITIONS.items():
        if not name.startswith(kinds):
            continue
        recordings = list(_recordings(corpus, counts, how, each))
        errors: dict[str, list[tuple[float, float]]] = {}
        confused, numbers = list[tuple[float, float]](), list[int]()
        for recording in recordings:
            ears = Stretches()
            stretches = [*ears.feed(recording.samples), *ears.close()]
            people = len(set(recording.who[recording.who >= 0].tolist()))
            for system, names in _systems(stretches, people).items():
                heard = _frames(names, len(recording.who))
                missed, invented, wrong, spoken = _errors(recording, heard)
                errors.setdefault(system, []).append((missed + invented + wrong, spoken))
                if system == "one name a stretch":
                    confused.append((wrong, spoken))
                    numbers.append(len({who for *_, who in names}) - people)
        row: dict[str, Any] = {system: vars(_ratio(pairs)) for system, pairs in errors.items()}
        row["of these, the wrong speaker"] = vars(_ratio(confused))
        row["number of speakers right"] = vars(_ratio([(float(x == 0), 1.0) for x in numbers]))
        row["too many, on average"] = float(np.mean(numbers))
        found[name] = row
        print(
            name, {x: f"{y['score']:.3f}" if isinstance(y, dict) else round(y, 2) for x, y in row.items()}, flush=True
        )
    return found


def dialogues() -> dict[str, Any]:
    """The share of words given to the right one of two voices, under the best naming of each dialogue."""
    hear, scores, numbers = transcriber(), dict[str, list[tuple[float, float]]](), list[float]()
    for samples, said in deepdialogue():
        ears, rows = Stretches(), list[tuple[Stretch, list[str]]]()
        for stretch in (*ears.feed(samples), *ears.close()):
            rows.append((stretch, plain(hear(stretch.samples).text)))
        truth = [(word, who) for who, text in said for word in plain(text)]
        for system, names in _systems([stretch for stretch, _ in rows], 2).items():
            if system.startswith("parts"):
                continue
            heard = [(word, who) for (*_, who), (_, words) in zip(names, rows, strict=True) for word in words]
            scores.setdefault(system, []).append(_right(truth, heard))
            if system == "one name a stretch":
                numbers.append(float(len({who for *_, who in names}) == 2))
    found: dict[str, Any] = {name: vars(_ratio(pairs)) for name, pairs in scores.items()}
    found["number of speakers right"] = vars(_ratio([(x, 1.0) for x in numbers]))
    print("dialogues", {name: f"{x['score']:.3f} ({x['low']:.3f} to {x['high']:.3f})" for name, x in found.items()})
    return found


def _systems(stretches: Sequence[Stretch], people: int) -> dict[str, list[Named]]:
    """Seconds and a name, by each system."""
    found: dict[str, list[Named]] = {}
    for system, ears in (("parts", Speakers()), ("parts, number known", Speakers(minimum=people, maximum=people))):
        every = [(x, ears.parts(x.samples)) for x in stretches]
        found[system] = [(x.start + one.start, x.start + one.end, one.speaker) for x, some in every for one in some]
        if system == "parts":
            most = [max(some, key=lambda one: one.end - one.start).speaker for _, some in every]
            found["one name a stretch"] = [(x.start, x.end, name) for (x, _), name in zip(every, most, strict=True)]
    found["one"] = [(x.start, x.end, "1") for x in stretches]
    found["alternate"] = [(x.start, x.end, str(place % 2)) for place, x in enumerate(stretches)]
    return found


def _tested(corpus: str) -> dict[str, list[Clip]]:
    """Clips by speaker; of RAVDESS only actors that no threshold was chosen on."""
    found: dict[str, list[Clip]] = {}
    for clip in speech(corpus):
        if corpus != "ravdess" or int(clip.speaker[-2:]) > 12:
            found.setdefault(clip.speaker, []).append(clip)
    return found


def _recordings(corpus: str, counts: tuple[int, ...], how: str, each: int) -> Iterator[Built]:
    draws, clips = np.random.default_rng(0), _tested(corpus)
    if how == "calm":
        clips = {who: [clip for clip in some if clip.style in CALM] for who, some in clips.items()}
    names = sorted(who for who, some in clips.items() if len(some) >= 4)
    for _ in range(each):
        people = draws.choice(names, draws.choice(counts), replace=False)
        now, pieces, who = 0, [np.zeros(RATE // 2, np.float32)], [np.full(RATE // 2 // FRAME, -1)]
        for _ in range(TURNS):
            now = (now + int(draws.integers(1, len(people)))) % len(people) if draws.random() < 0.8 else now
            some = clips[people[now]]
            clip = _spoken(some[int(draws.integers(len(some)))].samples)
            pause = int(draws.integers(0, 20) if how == "hurried" else draws.integers(30, 100))
            pieces += [clip / max(1e-4, float(np.sqrt((clip**2).mean()))) * 0.05, np.zeros(pause * FRAME, np.float32)]
            who += [np.full(len(clip) // FRAME, now), np.full(pause, -1)]
        yield _built(np.concatenate(pieces), np.concatenate(who), how, draws)


def _built(samples: Array, who: NDArray[np.intp], how: str, draws: np.random.Generator) -> Built:
    if how == "telephone":
        band = sosfiltfilt(butter(4, (300, 3400), "band", fs=RATE, output="sos"), samples)
        samples = resample_poly(resample_poly(band, 1, 2), 2, 1).astype(np.float32)
    noise = 0.05 * 10 ** (-10 / 20) if how == "noise" else 0.05 * 10 ** (-40 / 20)
    samples = samples + draws.normal(0, noise, len(samples)).astype(np.float32)
    scored, reach = np.ones(len(who), bool), round(COLLAR * RATE / FRAME)
    for place in np.flatnonzero(np.diff(who)):
        scored[max(0, place + 1 - reach) : place + 1 + reach] = False
    return Built(samples, who, scored)


def _spoken(samples: Array) -> Array:
    """Without the quiet before and after, in whole frames: 35 dB below the loudest."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(1)
    loud = np.flatnonzero(power > power.max() * 10**-3.5)
    return frames[loud[0] : loud[-1] + 1].ravel()


def _frames(names: Sequence[Named], count: int) -> NDArray[np.intp]:
    order, heard = {who: place for place, who in enumerate(dict.fromkeys(who for *_, who in names))}, np.full(count, -1)
    for start, end, who in names:
        heard[round(start * RATE / FRAME) : round(end * RATE / FRAME)] = order[who]
    return heard


def _errors(recording: Built, heard: NDArray[np.intp]) -> tuple[float, float, float, float]:
    """Frames missed, invented and given to the wrong one, and spoken."""
    who, heard = recording.who[recording.scored], heard[recording.scored]
    both = (who >= 0) & (heard >= 0)
    table = np.zeros((who.max() + 1, max(0, heard.max()) + 1))
    np.add.at(table, (who[both], heard[both]), 1)
    right = table[linear_sum_assignment(-table)].sum()
    missed, invented = ((who >= 0) & (heard < 0)).sum(), ((who < 0) & (heard >= 0)).sum()
    return float(missed), float(invented), float(both.sum() - right), float((who >= 0).sum())


def _right(truth: Sequence[tuple[str, str]], heard: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Words with the right name, of the words that were heard as they were said."""
    matched = SequenceMatcher(None, [word for word, _ in truth], [word for word, _ in heard], autojunk=False)
    pairs = [(truth[x.a + k][1], heard[x.b + k][1]) for x in matched.get_matching_blocks() for k in range(x.size)]
    rows, columns = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    table = np.zeros((len(rows), len(columns)))
    for who, name in pairs:
        table[rows.index(who), columns.index(name)] += 1
    return float(table[linear_sum_assignment(-table)].sum()), float(len(pairs))


def _ratio(pairs: Sequence[tuple[float, float]]) -> Interval:
    above, below = np.array(pairs, np.float32).T
    return interval(lambda w: (w * above).sum(1) / np.maximum((w * below).sum(1), 1e-9), len(pairs))


def _share(hits: NDArray[np.bool_], which: NDArray[np.bool_], speakers: NDArray[np.str_]) -> Interval:
    people = np.unique(speakers)
    rows = [(float(hits[speakers == who].sum()), float(which[speakers == who].sum())) for who in people]
    return _ratio([row for row in rows if row[1]])


if __name__ == "__main__":
    main()
