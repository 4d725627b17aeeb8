"""`insula chat --voice`: the talk spoken, by microphone and speaker or from one file into another.

insula chat --voice
insula chat --voice --heard question.wav --spoken answer.wav      # left the person, right the companion
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from .say import err

if TYPE_CHECKING:
    from insula.companion import Companion
    from insula.speak.voices import Sound
    from insula.talk import Player, Talk, Timing

    from .chat_view import View

RATE = 16000
BLOCK = 0.1
"""Seconds of sound taken at a time."""


def by_voice(companion: Companion, view: View, heard: Path | None, into: Path | None, voice: str) -> None:
    """Talk by voice until the file, or the person, comes to an end; then say how long each stage took.

    Raises ValueError, LookupError, ImportError or OSError, in a sentence, for what is not installed or not to be heard.
    """
    from insula.talk import Talk, Track

    if heard is None:
        player: Player = Speaker()
        talk = Talk(companion, player, spoken_by=voice)
        blocks = microphone()
        err().print("Speak; headphones keep the reply out of the microphone. Ctrl-C ends the talk.")
    else:
        player = Track()
        talk = Talk(companion, player, spoken_by=voice)
        blocks = _blocks(heard)
    kept = list[NDArray[np.float32]]()
    try:
        for block in blocks:
            if into:
                kept.append(block)
            talk.hear(block)
            _show(companion, view)
        talk.close()
    except KeyboardInterrupt:
        pass
    _show(companion, view)
    if into:
        _write(into, kept, talk)
    if talk.timings:
        err().print(timings(talk.timings))
    else:
        err().print("nothing was said that could be answered")


def timings(found: list[Timing]) -> Table:
    """A row per answer: milliseconds after the person stopped speaking."""
    table = Table("answer", "turn over", "words", "worded", "first sound", box=None, header_style="bold")
    for number, one in enumerate(found, 1):
        times = (f"{1000 * x:.0f} ms" for x in (one.ended, one.words, one.worded, one.first))
        table.add_row(f"{number}{' (interrupted)' if one.cut else ''}", *times)
    return table


def microphone() -> Iterator[NDArray[np.float32]]:
    """Blocks of the microphone, float32 at 16 kHz; never a block lost while a reply is made."""
    device = _device()
    blocks: queue.Queue[NDArray[np.float32]] = queue.Queue()

    def take(samples: Any, *_: object) -> None:
        blocks.put(samples[:, 0].copy())

    with device.InputStream(RATE, round(BLOCK * RATE), channels=1, dtype="float32", callback=take):
        while True:
            yield blocks.get()


class Speaker:
    """The loudspeaker; what is to be played waits in a queue."""

    def __init__(self) -> None:
        self._waiting = np.zeros(0, np.float32)
        self._rate = 24000
        self._stream = _device().OutputStream(self._rate, channels=1, dtype="float32", callback=self._give)
        self._stream.start()

    def play(self, sound: Sound, at: float) -> None:  # noqa: ARG002
        from insula.audio.decode import resample

        self._waiting = np.concatenate([self._waiting, resample(sound.samples, sound.rate, self._rate)])

    def stop(self, at: float) -> None:  # noqa: ARG002
        self._waiting = self._waiting[:0]

    def left(self, at: float) -> float:  # noqa: ARG002
        return len(self._waiting) / self._rate

    def _give(self, out: Any, frames: int, *_: object) -> None:
        piece, self._waiting = self._waiting[:frames], self._waiting[frames:]
        out[:, 0] = np.pad(piece, (0, frames - len(piece)))


def _device() -> Any:
    """The sound devices; OSError and ImportError say what to do where there are none."""
    try:
        import sounddevice
    except ImportError:
        raise ImportError("a microphone needs sounddevice: pip install 'insula[microphone]'") from None
    except OSError:
        raise OSError("a microphone needs the PortAudio library: install libportaudio2, or use --heard FILE") from None
    if not sounddevice.query_devices():
        raise OSError("there is no microphone or speaker here: use --heard FILE and --spoken FILE")
    return sounddevice


def _blocks(path: Path) -> Iterator[NDArray[np.float32]]:
    """A file as one person's sound, and a second of silence in which the last turn ends."""
    from insula.audio.decode import Audio, Inaudible

    try:
        for block in Audio.open(path).blocks(RATE, BLOCK):
            yield block.mean(1)
    except Inaudible as error:
        raise ValueError(f"{path.name} {error}") from None
    yield from np.zeros((10, round(BLOCK * RATE)), np.float32)


def _show(companion: Companion, view: View) -> None:
    """What was said since the last look."""
    view.spoken(companion.conversation.turns)


def _write(path: Path, kept: list[NDArray[np.float32]], talk: Talk) -> None:
    """Both sides as a stereo file."""
    from insula.audio.decode import write
    from insula.talk import Track

    person = np.concatenate([*kept, np.zeros(0, np.float32)])
    assert isinstance(talk.player, Track)
    reply = talk.player.samples(RATE, len(person) / RATE)
    write(path, np.stack([np.pad(person, (0, len(reply) - len(person))), reply], 1), RATE)
