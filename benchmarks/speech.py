"""How fast a recording is read, what it takes of memory, and how long a spoken reply is waited for.

    python -m benchmarks.speech [--json] [--minutes 60]

One process per thread count. Sound: conversations of two built-in voices reading this repository's own sentences, with
noise 40 dB below them; the seconds of speech and of sound are told. Real-time factor: seconds of work per second of
sound. `--minutes` also reads a file of that length, and tells the memory as it goes.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula import Conversation, Signal, Turn
from insula.audio.decode import Audio, resample, write
from insula.catalogue import build
from insula.presets import PRESETS, pipeline
from insula.speak.delivery import Delivery
from insula.speak.voices import voice

from .measure import machine

Array = NDArray[np.float32]
RATE = 16000
SENTENCES = [
    line for line in (Path(__file__).parent / "speak.development.txt").read_text().splitlines() if line.strip()
]
GAP = 0.7
ROUNDS = 3
READ = 120.0  # seconds of sound that real-time factors are measured on


def main() -> None:
    if "--measure" in sys.argv:
        print(json.dumps(measured(int(sys.argv[sys.argv.index("--measure") + 1]))))
        return
    found: dict[str, Any] = {"machine": machine()}
    for threads in (1, 2):
        command = [sys.executable, "-m", "benchmarks.speech", "--measure", str(threads)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
        found[f"{threads} thread" + "s" * (threads > 1)] = json.loads(ran.stdout)
    if "--minutes" in sys.argv:
        found["long file"] = long_file(float(sys.argv[sys.argv.index("--minutes") + 1]))
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def measured(threads: int) -> dict[str, Any]:
    """Real-time factors of every part, of the whole, and the stages of a spoken answer."""
    sound = talk_of(READ)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.flac"
        write(path, sound, RATE)
        parts = _by_part(path, threads)
    seconds = len(sound) / RATE
    factors = {name: round(spent / seconds, 4) for name, spent in parts.items()}
    ear = sum(factors[name] for name in ("speech.quality", "speech.prosody", "speech.voice"))
    return {
        "seconds": round(seconds, 1),
        "real_time_factor": factors
        | {"prosody and emotion": round(ear, 4), "everything": round(sum(factors.values()), 4)},
        "encoder alone": round(_encoder(sound) / seconds, 4),
        "answer_ms": answered(threads),
    }


def _by_part(path: Path, threads: int) -> dict[str, float]:
    """Seconds each component takes, medians over rounds; the first round warms up."""
    taken: dict[str, list[float]] = defaultdict(list)
    built: dict[str, Any] = {}
    for part in PRESETS["voice"]:
        built[part] = build("speech.turns", threads=threads) if part == "speech.turns" else build(part)
    for number in range(ROUNDS + 1):
        conversation = Conversation(Signal("audio", str(path), RATE))
        for name, one in built.items():
            start = time.perf_counter()
            for addition in one(conversation):
                conversation.add(addition)
            if number:
                taken[name].append(time.perf_counter() - start)
    start = time.perf_counter()
    for _ in Audio.open(path).blocks(RATE):
        pass
    return {name: statistics.median(times) for name, times in taken.items()} | {"decode": time.perf_counter() - start}


def _encoder(sound: Array) -> float:
    from insula.network.whisper import Whisper

    whisper = Whisper.open()
    whisper.states(sound[: 5 * RATE])
    start = time.perf_counter()
    for at in range(0, len(sound), 5 * RATE):
        whisper.states(sound[at : at + 5 * RATE])
    return time.perf_counter() - start


def answered(threads: int) -> dict[str, dict[str, float]]:
    """Milliseconds from the end of speech to each stage of an answer without a language model; a warm start."""
    from insula.companion import Companion
    from insula.talk import Talk, Track

    found = []
    for sentence in SENTENCES:
        talk = Talk(Companion(None, voice=True), Track(), threads=threads)
        whole = np.concatenate([_rustle(0.5), _said(sentence, -3.0), _rustle(1.2)])
        for at in range(0, len(whole), RATE // 50):
            # as a microphone gives it: a block every 20 ms, so that work begun early has its time
            began = time.perf_counter()
            talk.hear(whole[at : at + RATE // 50])
            time.sleep(max(0.0, 0.02 - (time.perf_counter() - began)))
        talk.close()
        found += talk.timings
    stages = {name: [1000 * getattr(one, name) for one in found] for name in ("ended", "words", "worded", "first")}
    return {name: {"p50": _at(0.5, times), "p95": _at(0.95, times)} for name, times in stages.items()}


def long_file(minutes: float) -> dict[str, Any]:
    """Memory while a long recording is read: megabytes of the process every so many turns, and the time it took."""
    piece = talk_of(60.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.flac"
        write(path, np.tile(piece, round(minutes * 60 * RATE / len(piece))), RATE)
        seconds = Audio.open(path).duration
        conversation, curve = Conversation(Signal("audio", str(path), RATE)), list[int]()
        begun, turns = time.perf_counter(), 0
        for addition in pipeline("voice").stream(conversation):
            if isinstance(addition, Turn):
                turns += 1
                if turns % 100 == 1:
                    curve.append(_megabytes())
        after = _megabytes()
        spent = time.perf_counter() - begun
    return {
        "minutes": round(seconds / 60, 1),
        "turns": turns,
        "real_time_factor": round(spent / seconds, 3),
        "megabytes_while_turns_come_in": curve,
        "megabytes_at_the_end": after,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def talk_of(seconds: float) -> Array:
    """Two voices taking turns, at least so long."""
    pieces, length, number = list[Array](), 0, 0
    while length < seconds * RATE:
        pieces += [_said(SENTENCES[number % len(SENTENCES)], 3.0 if number % 2 else -4.0), _rustle(GAP)]
        length, number = sum(map(len, pieces)), number + 1
    whole = np.concatenate(pieces)
    return whole + _noise(len(whole), 0.001)


def _said(sentence: str, pitch: float) -> Array:
    (sound,) = voice().say(sentence, Delivery(pitch=pitch))
    return resample(sound.samples, sound.rate, RATE)


def _rustle(seconds: float) -> Array:
    return _noise(round(seconds * RATE), 1e-4)


def _noise(size: int, level: float) -> Array:
    return (level * np.random.default_rng(0).standard_normal(size)).astype(np.float32)


def _megabytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def _at(share: float, times: list[float]) -> float:
    return round(sorted(times)[int(share * (len(times) - 1))], 1)


if __name__ == "__main__":
    main()
