"""Who is seen when in a film: every face under a name that stays, with all that is measured of it, frame by frame.

    Conversation(Signal("video", "call.mp4", 30))
    -> Signal("face", float32 [900, 47] at 15 Hz, speaker="face 1", start=0.0), quality of each second of each face

The columns are those of `insula.vision.columns`; a row where the face was not seen is NaN. Nothing depends on what
comes later. Pictures are let go of as soon as they are measured: nothing of a face is kept but these numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from insula.conversation import Addition, Anchor, Annotation, Conversation, Seconds, Signal
from insula.network.expressions import Expressions
from insula.network.face import Face
from insula.vision.columns import AFFECT, AT, EXPRESSIONS, blank
from insula.vision.detect import SIDE
from insula.vision.frames import RATE, Film, Frame, Unseeable
from insula.vision.gaze import Gaze
from insula.vision.person import Person, neutral
from insula.vision.quality import NAMES
from insula.vision.track import Tracks

Array = NDArray[np.float32]
BLOCK = 60
"""Seconds after which a face's rows are passed on, so that memory stays flat."""
SMALLEST = 12
"""Pixels of the SIDE that a picture is looked at, under which no face is found."""


class FaceTracks:
    """Sees every video signal of a conversation that nobody has looked at yet, at `rate` frames a second.

    `network` is an ONNX file that reads expressions in place of the shipped one, `recipe` what it needs to be known of
    it where no `.json` beside it says so (`insula.network.expressions`). `block` is after how many seconds a face's
    rows are passed on. Raises FileNotFoundError and ValueError.
    """

    reads = ("signal.video",)
    writes = ("signal.face", "quality")

    def __init__(
        self,
        rate: float = RATE,
        name: str = "face.tracks",
        threads: int = 1,
        network: str | Path = "",
        recipe: Mapping[str, Any] | None = None,
        block: int = BLOCK,
    ) -> None:
        self.name = self.rater = name
        self.rate = rate
        self.block = block
        self.face = Expressions(network, recipe, threads) if network else Face.open(threads=threads)
        if network:
            self.rater = f"{name}@{self.face.revision}"
        self._gaze = Gaze.open()
        Tracks.open()  # what is missing is said before anything is read

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        if conversation.read("quality", rater=self.rater, scheme="face-quality"):
            return
        names = list[str]()
        for signal in conversation.signals("video"):
            yield from self._film(signal, names)

    def _film(self, signal: Signal, names: list[str]) -> Iterator[Addition]:
        problems = list[Addition]()

        def problem(second: float, what: str) -> None:
            problems.append(self._note((signal.start + second, signal.start + second), what))

        try:
            film = Film.open(signal.samples, signal.sampling_rate)
            watching = Watching(self, film.rate(self.rate), signal, names)
            for frame in film.frames(self.rate, problem):
                yield from watching.see(frame)
            yield from watching.close()
        except (Unseeable, OSError) as error:
            where = f"{signal.samples} " if isinstance(signal.samples, str) else "the film "
            problem(0.0, where + (str(error) if isinstance(error, Unseeable) else f"cannot be read: {error.strerror}"))
        yield from problems

    def _note(self, seconds: Seconds, reason: str) -> Annotation:
        """Something that could not be seen."""
        return Annotation("quality", {}, Anchor(seconds=seconds), "face-quality", self.rater, reason=reason)


class Watching:
    """One film as it comes in, frame by frame; the same for a file and for a camera."""

    def __init__(self, part: FaceTracks, rate: float, signal: Signal, names: list[str]) -> None:
        self._part, self._rate, self._signal, self._names = part, rate, signal, names
        self._tracks = Tracks.open()
        self._people = dict[str, Person]()
        self._called = dict[str, str]()
        self._rows = dict[str, dict[int, Array]]()
        self._cuts = dict[str, list[tuple[int, Any]]]()
        self._frames = 0
        self._second = self._block = 0
        self._side, self._seen = 0.0, False

    def see(self, frame: Frame) -> Iterator[Addition]:
        """What closed before this frame: a second of each face, a block of rows."""
        at = round(frame.seconds * self._rate)
        yield from self._until(int(frame.seconds + 1e-6))
        self._frames, self._side = at + 1, max(frame.image.shape) * frame.scale
        seen = self._tracks.see(frame)
        picture = Image.fromarray(frame.image) if seen else None
        for one in seen:
            assert picture is not None
            person = self._person(one.name)
            row, face = person.measure(self._part._gaze, picture, one, frame.scale)
            self._rows.setdefault(one.name, {})[at] = row
            self._cuts.setdefault(one.name, []).append((at, face))

    def _person(self, name: str) -> Person:
        face = self._part.face
        return self._people.setdefault(name, Person(self._rate, face.side, face.reach))

    def close(self) -> Iterator[Addition]:
        """The rest; and that nobody was seen, where nobody was."""
        yield from self._end_second()
        yield from self._end_block()
        if not self._seen:
            seconds = self._frames / self._rate
            smallest = SMALLEST * max(self._side / SIDE, 1.0)
            what = f"no face found in {seconds:.2f} s; those under some {smallest:.0f} pixels cannot be"
            yield self._part._note((self._signal.start, self._signal.start + seconds), what)

    def _until(self, second: int) -> Iterator[Addition]:
        while self._second < second:
            yield from self._end_second()
            self._second += 1
            if self._second - self._block >= self._part.block:
                yield from self._end_block()
                self._block = self._second

    def _end_second(self) -> Iterator[Addition]:
        """What faces express is read for a second at once, and how well they were seen is said."""
        for name, cuts in self._cuts.items():
            rows = self._rows[name]
            self._express(rows, cuts)
            found = np.array([rows[at] for at, _ in cuts])
            self._people[name].end_second(neutral(found))
            yield self._quality(name, found)
        self._cuts = {}

    def _express(self, rows: dict[int, Array], cuts: list[tuple[int, Any]]) -> None:
        whole = [(at, face) for at, face in cuts if np.isfinite(rows[at][AT["yaw"]])]
        if not whole:
            return
        for (at, _), reading in zip(whole, self._part.face.read(np.array([face for _, face in whole])), strict=True):
            for label, score in {**reading.emotion, **reading.affect}.items():
                if label in AT and label in (*EXPRESSIONS, *AFFECT):
                    rows[at][AT[label]] = score

    def _quality(self, name: str, rows: Array) -> Annotation:
        frames = max(1, min(round(self._rate), self._frames - round(self._second * self._rate)))
        scores = {"seen": min(len(rows) / frames, 1.0)}
        for label in NAMES[1:]:
            values = rows[:, AT[label]]
            if np.isfinite(values).any():
                scores[label] = float(np.nanmedian(np.abs(values) if label in ("yaw", "pitch") else values))
        start = self._signal.start + self._second
        at = Anchor(seconds=(start, start + 1), speaker=self._call(name))
        return Annotation("quality", scores, at, "face-quality", self._part.rater)

    def _end_block(self) -> Iterator[Addition]:
        for name, rows in self._rows.items():
            self._seen = True
            first, last = min(rows), max(rows)
            samples = blank(last - first + 1)
            for at, row in rows.items():
                samples[at - first] = row
            start = self._signal.start + first / self._rate
            speaker = self._call(name)
            yield Signal("face", samples, self._rate, speaker, start, f"{speaker}@{start:g}".replace(" ", "-"))
        self._rows = {}

    def _call(self, name: str) -> str:
        """What a face is called in the whole conversation; the first one of somebody's own camera is theirs."""
        if name not in self._called:
            own = self._signal.speaker if not self._called else None
            self._called[name] = own or f"face {len(self._names) + 1}"
            self._names.append(self._called[name])
        return self._called[name]
