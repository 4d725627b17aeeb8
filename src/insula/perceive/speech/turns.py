"""A recording becomes turns: where somebody speaks, who it is, and which words.

    Conversation(Signal("audio", "call.wav", 8000))
    -> Turn("speaker 1", "Hello, this is Ana.", seconds=(0.52, 2.1), meta={"words": [[0.61, 0.9, "Hello,", 0.97], ...]})

Each stretch of speech is a turn, or several where one voice follows another without a pause, named and written down
when it closes: nothing depends on what comes later, so that a stream (`live`) and a file give the same turns. Where
nobody speaks, or words cannot be heard, an annotation says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.audio.decode import RATE, Audio, Inaudible
from insula.audio.span import Tape, cut
from insula.conversation import Addition, Anchor, Annotation, Conversation, Seconds, Signal, Turn
from insula.network.words import Transcriber, Transcript, transcriber

from .channels import Channels
from .speakers import Speakers
from .stretches import CHUNK, Stretch, Stretches

Array = NDArray[np.float32]


class Turns:
    """Hears every audio signal of a conversation that has no turns yet.

    `words` is a transcriber's name (see `insula.network.words.transcriber`), or "" for none; `language` a code where it
    is known; `silence` the seconds without voice after which a turn is over. A signal that has a speaker is theirs.
    In others people are told apart by voice, at least and at most `speakers` of them, and by channel where the two
    channels are two people.
    """

    reads = ("signal.audio",)
    writes = ("turn", "quality")

    def __init__(
        self,
        words: str | Transcriber = "local",
        language: str = "",
        silence: float = 0.5,
        speakers: tuple[int, int] = (1, 8),
        name: str = "speech.turns",
        threads: int = 1,
    ) -> None:
        self.name = self.rater = name
        self.language, self.silence, self.speakers = language, silence, speakers
        self.words, self.missing = None, ""
        try:
            self.words = transcriber(words, threads) if isinstance(words, str) and words else words or None
        except (LookupError, ImportError) as error:
            self.missing = f"no words are heard: {error.args[0]}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        if conversation.turns or conversation.read("quality", rater=self.rater):
            return
        signals = [one for one in conversation.signals("audio") if not isinstance(one.samples, Tape)]
        if len(signals) == 1:
            yield from self._heard(signals[0])
        else:
            yield from sorted((x for signal in signals for x in self._heard(signal)), key=_begins)

    def hearing(self, channels: int, start: float = 0.0, speaker: str | None = None) -> Hearing:
        """Ears for one signal that comes in block by block."""
        return Hearing(self, channels, start, speaker)

    def note(self, seconds: Seconds, reason: str) -> Annotation:
        """Something that could not be heard."""
        return Annotation("quality", {}, Anchor(seconds=seconds), "audio-quality", self.rater, reason=reason)

    def _heard(self, signal: Signal) -> Iterator[Addition]:
        problems = list[Addition]()

        def problem(second: float, what: str) -> None:
            problems.append(self.note((signal.start + second, signal.start + second), what))

        try:
            channels, blocks = _blocks(signal, problem)
            hearing = self.hearing(channels, signal.start, signal.speaker)
            for block in blocks:
                yield from hearing.feed(block)
            yield from hearing.close()
        except (Inaudible, OSError) as error:
            where = f"{signal.samples} " if isinstance(signal.samples, str) else "the sound "
            problem(0.0, where + (str(error) if isinstance(error, Inaudible) else f"cannot be read: {error.strerror}"))
        yield from problems


class Hearing:
    """One signal as it comes in: [n, channels] at 16 kHz, blocks of any size; turns out, as they close."""

    def __init__(self, part: Turns, channels: int, start: float, speaker: str | None) -> None:
        self._part, self._start, self._speaker = part, start, speaker
        self._channels, self._speakers = (
            Channels(channels),
            Speakers(minimum=part.speakers[0], maximum=part.speakers[1]),
        )
        self._stretches = dict[int | None, Stretches]()
        self._turns = self._samples = self._passed = 0

    def feed(self, block: Array) -> Iterator[Addition]:
        """What closed within these samples."""
        self._samples += len(block)
        yield from self._together(self._channels.feed(block))

    def close(self) -> Iterator[Addition]:
        """What was still open; and that nobody spoke, where nobody did."""
        yield from self._together(self._channels.close())
        for channel, stretches in self._stretches.items():
            yield from self._turned(channel, stretches.close())
        end = self._start + self._samples / RATE
        if not self._turns:
            heard = " and ".join(dict.fromkeys(one.heard() for one in self._stretches.values())) or "silence"
            what = f"no speech found in {self._samples / RATE:.2f} s; what is heard: {heard}"
            yield self._part.note((self._start, end), what)

    def _together(self, lines: list[tuple[int | None, Array]]) -> Iterator[Addition]:
        """Lines side by side, a chunk of each in turn: which one closes first must not depend on the size of blocks."""
        at, size = 0, max((len(line) for _, line in lines), default=0)
        while at < size:
            step = CHUNK - self._passed % CHUNK if len(lines) > 1 else size
            for channel, line in lines:
                if channel not in self._stretches:
                    self._stretches[channel] = Stretches(silence=self._part.silence)
                yield from self._turned(channel, self._stretches[channel].feed(line[at : at + step]))
            self._passed += min(step, size - at)
            at += step

    def _turned(self, channel: int | None, closed: list[Stretch]) -> Iterator[Addition]:
        for stretch in closed:
            if not self._turns and self._part.missing:
                yield self._part.note((self._start, self._start), self._part.missing)
            for speaker, part in self._parts(channel, stretch):
                self._turns += 1
                yield self._turn(channel, speaker, part)

    def _parts(self, channel: int | None, stretch: Stretch) -> Iterator[tuple[str, Stretch]]:
        """The stretch, cut where another voice takes over; at whole samples, so that its sound is found again."""
        if self._speaker:
            yield self._speaker, stretch
            return
        first = round(stretch.start * RATE)
        for part in self._speakers.parts(stretch.samples, channel):
            start, end = round(part.start * RATE), min(round(part.end * RATE), len(stretch.samples))
            sound = stretch.samples[start:end]
            yield part.speaker, Stretch((first + start) / RATE, (first + end) / RATE, sound)

    def _turn(self, channel: int | None, speaker: str, stretch: Stretch) -> Turn:
        seconds = (self._start + stretch.start, self._start + stretch.end)
        meta: dict[str, Any] = {} if channel is None else {"channel": channel}
        if self._part.words is None:
            return Turn(speaker, "", seconds, meta=meta)
        said = self._part.words(stretch.samples, self._part.language)
        turn = heard_turn(speaker, seconds, said)
        return replace(turn, meta={**turn.meta, **meta})


def heard_turn(speaker: str, seconds: Seconds, said: Transcript) -> Turn:
    """A turn of words as a transcriber gave them; their times become seconds of the conversation."""
    words = [
        [round(seconds[0] + word.start, 3), round(seconds[0] + word.end, 3), word.text, round(word.confidence, 4)]
        for word in said.words
    ]
    meta = {"words": words, "language": said.language, "confidence": round(said.confidence, 4)}
    return Turn(speaker, said.text, seconds, meta=meta)


def _blocks(signal: Signal, problem: Any) -> tuple[int, Iterator[Array]]:
    """The channels of a signal, and its sound second by second at 16 kHz."""
    if not hasattr(signal.samples, "shape"):
        audio = Audio.open(signal.samples)
        return audio.channels, audio.blocks(RATE, problem=problem)
    whole = cut(signal, 0, 1 << 60)
    if not np.isfinite(signal.samples).all():
        problem(0.0, "some samples are no numbers (NaN or infinite); they are read as silence")
    return whole.shape[1], (whole[at : at + RATE] for at in range(0, len(whole), RATE))


def _begins(addition: Addition) -> float:
    seconds = addition.seconds if isinstance(addition, Turn) else getattr(addition, "at", Anchor()).seconds
    return seconds[0] if seconds else 0.0
