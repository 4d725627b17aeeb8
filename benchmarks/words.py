"""How many words are heard wrong, by feeling and style, and what hearing costs on one thread and on two.

    python -m benchmarks.words [--json FILE] [--only errors,speed] [--models local,base] [--most 480]

Word error rate (`insula.network.words.word_error_rate`: no case, no punctuation) of RAVDESS' two sentences by 24 actors
in eight feelings, of EchoMind's demo (synthetic voices in styles), and of DeepDialogue's demo (synthetic dialogues,
heard in stretches). A listener that writes nothing has 1.0. Intervals: 1000 resamplings of speakers for RAVDESS, of
scripts and of dialogues for the others. Real-time factors: seconds by seconds of sound, in a process per count of
threads.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data import load
from insula.evaluate.bootstrap import interval
from insula.network.speaker import Speaker
from insula.network.words import Transcriber, plain, transcriber, word_error_rate
from insula.perceive.speech.stretches import Stretches

Array = NDArray[np.float32]
RATE = 16000


@dataclass(frozen=True)
class Clip:
    """A clip of one speaker: what was said where it is known, and the feeling or style."""

    packed: Any
    speaker: str
    style: str
    text: str = ""

    @property
    def samples(self) -> Array:
        """Mono at 16 kHz."""
        return np.asarray(self.packed, np.float32)


def main() -> None:
    """Measure, print, and write what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--only", default="errors,speed")
    asked.add_argument("--models", default="local,base")
    asked.add_argument("--most", type=int, default=480, help="clips of a corpus")
    asked.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.threads:
        print(json.dumps(_speed(options.threads, options.models.split(","))))
        return
    found = dict[str, Any]()
    if "errors" in options.only:
        found["errors"] = {model: errors(model, options.most) for model in options.models.split(",")}
    if "speed" in options.only:
        found["speed"] = {threads: speed(threads, options.models) for threads in (1, 2)}
        print(found["speed"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def errors(model: str, most: int) -> dict[str, Any]:
    """Word error rates of one model by corpus and style."""
    hear, found = transcriber(model), dict[str, Any]()
    for corpus in ("ravdess", "echomind-demo"):
        clips = list(speech(corpus))
        rows = [_row(hear, clip) for clip in clips[:: max(1, len(clips) // most)]]
        found[corpus] = {"all": _rate(rows)}
        for style in sorted({row[0] for row in rows}):
            found[corpus][style] = _rate([row for row in rows if row[0] == style])
        for style, rate in found[corpus].items():
            print(f"{model} {corpus} {style:24} {rate}", flush=True)
    rows = []
    for place, (samples, said) in enumerate(deepdialogue()):
        ears = Stretches()
        heard = " ".join(hear(one.samples, "en").text for one in (*ears.feed(samples), *ears.close()))
        text = " ".join(text for _, text in said)
        rows.append(("", str(place), word_error_rate(text, heard), len(plain(text)), 0.0))
    found["deepdialogue-demo"] = {"all": _rate(rows)}
    print(f"{model} deepdialogue-demo {found['deepdialogue-demo']}", flush=True)
    return found


def speed(threads: int, models: str) -> dict[str, float]:
    """Real-time factors, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.words", "--threads", str(threads), "--models", models]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def speech(corpus: str) -> Iterator[Clip]:
    """The clips of a corpus in its order; no sound is unpacked before it is asked for."""
    for one in load(corpus, "test" if corpus.endswith("-demo") else "train"):
        for signal, turn in zip(one.signals("audio"), one.turns, strict=True):
            gold = one.read("emotion") or one.read("arousal")
            style = turn.meta.get("style") or (gold[0].top if gold else "")
            yield Clip(signal.samples, str(one.meta["group"]), str(style or ""), turn.text)


def deepdialogue() -> Iterator[tuple[Array, list[tuple[str, str]]]]:
    """Each dialogue's sound, and who said what."""
    for one in load("deepdialogue-demo", "test"):
        yield np.asarray(one.signals("audio")[0].samples), [(turn.speaker, turn.text) for turn in one.turns]


def _row(hear: Transcriber, clip: Clip) -> tuple[str, str, float, int, float]:
    heard = hear(clip.samples, "en")
    return (
        clip.style,
        clip.speaker,
        word_error_rate(clip.text, heard.text),
        len(plain(clip.text)),
        float(not heard.text),
    )


def _rate(rows: Sequence[tuple[str, str, float, int, float]]) -> dict[str, float]:
    rates, lengths = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    groups = np.unique([row[1] for row in rows], return_inverse=True)[1]
    found = interval(lambda w: (w * rates * lengths).sum(1) / (w * lengths).sum(1).clip(1e-9), len(rows), groups=groups)
    nothing = round(float(np.mean([row[4] for row in rows])), 4)
    return {**{name: round(x, 4) for name, x in vars(found).items()}, "nothing heard": nothing, "clips": len(rows)}


def _speed(threads: int, models: Sequence[str]) -> dict[str, float]:
    sounds = [samples for _, (samples, _) in zip(range(6), deepdialogue(), strict=False)]
    found, stretches = dict[str, float](), list[Array]()
    started = time.perf_counter(), time.process_time()
    for samples in sounds:
        ears = Stretches()
        stretches += [one.samples for one in (*ears.feed(samples), *ears.close())]
    seconds = sum(map(len, sounds)) / RATE

    def note(name: str, since: tuple[float, float]) -> None:
        found[f"{name}, processor"] = round((time.process_time() - since[1]) / seconds, 4)
        found[f"{name}, clock"] = round((time.perf_counter() - since[0]) / seconds, 4)

    note("voice activity", started)
    speaker = Speaker.open(threads=threads)
    speaker.embed(stretches[0])
    started = time.perf_counter(), time.process_time()
    for samples in stretches:
        speaker.embed(samples)
    note("speakers", started)
    for model in models:
        hear = transcriber(model, threads)
        hear(stretches[0])
        started = time.perf_counter(), time.process_time()
        for samples in stretches:
            hear(samples)
        note(f"words, {model}", started)
    return found


if __name__ == "__main__":
    main()
