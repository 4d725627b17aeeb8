"""Sound out of any audio or video file, in blocks of floats.

    audio = Audio.open("call.mp3")                 # Audio(duration=61.2, sampling_rate=44100, channels=2)
    for block in audio.blocks(rate=16000): ...     # float32 [16000, 2], one second after the other

Sample n of the blocks lies n / rate seconds after the beginning of the file: where the file's clock leaves a gap, or
its sound begins later than its picture, there is silence. A file is never held whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.error import EOFError as EndOfFile
from av.error import FFmpegError
from numpy.typing import NDArray

Array = NDArray[np.float32]
Problem = Callable[[float, str], None]
"""Told the second and a sentence, where something could not be decoded and the rest was."""

RATE = 16000
CLOCK = 0.02
"""Seconds by which a file's clock may differ from the count of samples: Matroska writes whole milliseconds."""
LONGEST_GAP = 600.0
"""Seconds; a clock that jumps further is broken, and is not waited for."""
_ALSO = {
    "ogg": ("opus", "oga", "ogv", "ogx", "spx"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("m4b", "m4v", "qt"),
    "mpeg": ("mpg", "mpeg"),
    "asf": ("wma", "wmv"),
}
"""Endings of formats that FFmpeg does not list."""
MOST = 8
"""Channels."""
SHORT = 0.5
"""Seconds by which a file may end before the length its header states."""


class Inaudible(ValueError):
    """No sound could be had; the sentence says why."""


@dataclass(frozen=True)
class Audio:
    """What a file's header says: seconds (0.0 where it does not say), samples a second, and channels.

    `note` is a sentence where the file is not what its name says.
    """

    path: str
    duration: float
    sampling_rate: int
    channels: int
    note: str = ""
    source: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, source: str | Path | BinaryIO) -> Audio:
        """The sound of a path, a URL or an open binary file. Raises Inaudible, and OSError where it is not there.

        What cannot be read twice, such as a pipe, is first copied to a temporary file.
        """
        if not isinstance(source, str | Path):
            source = source if source.seekable() else _copied(source)
        elif not _is_url(source) and Path(source).is_file() and not Path(source).stat().st_size:
            raise Inaudible("is empty")
        with _opened(source) as (container, stream):
            seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
            seconds = seconds or (container.duration or 0) / av.time_base
            path = str(source) if isinstance(source, str | Path) else str(getattr(source, "name", ""))
            return cls(path, seconds, stream.rate, stream.channels, _misnamed(path, container.format), source)

    def blocks(self, rate: int = RATE, seconds: float = 1.0, problem: Problem | None = None) -> Iterator[Array]:
        """float32 [n, channels] at `rate`, n the same for all but the last; the same blocks every time.

        What does not decode is silence, and told to `problem`. Raises Inaudible where nothing decodes.
        """
        size, channels = max(1, round(rate * seconds)), self.channels
        held, count = list[Array](), 0
        for piece in self._pieces(rate, problem or _nobody):
            held.append(piece)
            count += len(piece)
            if count >= size:
                whole = np.concatenate(held)
                yield from (whole[at : at + size] for at in range(0, count - size + 1, size))
                held, count = [whole[count - count % size :]], count % size
        if count:
            yield np.concatenate(held).reshape(-1, channels)

    def _pieces(self, rate: int, problem: Problem) -> Iterator[Array]:
        """Sound as it decodes, resampled; gaps of the clock are filled before that."""
        with _opened(self.source) as (container, stream):
            begin = (container.start_time or 0) / av.time_base
            clock = _Clock(stream.rate, begin, problem)
            floats, resampler = _Floats(stream.rate, stream.channels), Resampler(stream.rate, rate, stream.channels)
            for frame in decoded(container, stream, clock.failed):
                missing, piece = clock.gap(frame), floats(frame)
                for silence in _silence(missing, stream.rate, stream.channels):
                    yield resampler.feed(silence)
                yield resampler.feed(_finite(piece, clock))
                clock.count += missing + len(piece)
            yield resampler.close()
            self._judge_end(clock, problem)

    def _judge_end(self, clock: _Clock, problem: Problem) -> None:
        if not clock.count:
            raise Inaudible(clock.first_error or "holds no sound: its audio track is empty")
        if clock.errors:
            problem(*clock.errors[0])
        if clock.bad:
            problem(clock.bad[0], "some samples are no numbers (NaN or infinite); they are read as silence")
        if self.duration - clock.seconds > max(SHORT, 0.01 * self.duration):
            told = f"the sound stops at {clock.seconds:.1f} s of the {self.duration:.1f} s its header states"
            problem(clock.seconds, f"{told}: the file is cut short, or its header is wrong")


class Resampler:
    """Sound at one rate in, in pieces of any size; sound at another out, the same however it was cut.

    float32 [n, channels] in and out; what comes out lags until `close`, and is the whole, n * to / from samples.
    """

    def __init__(self, from_rate: int, to_rate: int, channels: int = 1) -> None:
        self._rates, self._channels = (from_rate, to_rate), channels
        self._in = self._out = 0
        layout = _layout(channels)
        self._filter = None if from_rate == to_rate else av.AudioResampler("flt", layout, to_rate)

    def feed(self, samples: Array) -> Array:
        """What is ready after these samples."""
        self._in += len(samples)
        if self._filter is None or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", _layout(self._channels))
        frame.sample_rate = self._rates[0]
        return self._taken(self._filter.resample(frame))

    def close(self) -> Array:
        """The rest; as long as the sound that came in, to the sample."""
        if self._filter is None or not self._in:
            return np.zeros((0, self._channels), np.float32)
        rest = self._taken(self._filter.resample(None))
        wanted = round(self._in * self._rates[1] / self._rates[0]) - self._out + len(rest)
        return np.pad(rest[: max(wanted, 0)], ((0, max(wanted - len(rest), 0)), (0, 0)))

    def _taken(self, frames: list[av.AudioFrame]) -> Array:
        found = _joined(frames, self._channels)
        self._out += len(found)
        return found


def resample(samples: Array, from_rate: float, to_rate: float) -> Array:
    """float32 [n] or [n, channels] at another rate, n * to / from long."""
    if from_rate == to_rate:
        return samples
    flat = np.asarray(samples, np.float32)
    wide = flat if flat.ndim == 2 else flat[:, None]
    resampler = Resampler(round(from_rate), round(to_rate), wide.shape[1])
    whole = np.concatenate([resampler.feed(wide), resampler.close()])
    return whole if flat.ndim == 2 else whole[:, 0]


def write(path: str | Path, samples: Array, rate: int) -> None:
    """Write [n] or [n, channels] as the ending says: .wav (16 bit), .flac, .ogg. Raises ValueError for another one."""
    import soundfile

    wide = samples if samples.ndim == 2 else samples[:, None]
    if Path(path).suffix.lower() not in (".wav", ".flac", ".ogg"):
        raise ValueError(f"{Path(path).name}: sound is written as .wav, .flac or .ogg")
    with soundfile.SoundFile(str(path), "w", rate, wide.shape[1]) as file:
        # libvorbis puts a whole write on the stack
        for at in range(0, len(wide), rate):
            file.write(wide[at : at + rate])


class _Clock:
    """Counts samples, and compares them with the times that a file gives its frames."""

    def __init__(self, rate: int, begin: float, problem: Problem) -> None:
        self.rate, self.begin, self.problem = rate, begin, problem
        self.count = 0
        self.errors = list[tuple[float, str]]()
        self.bad = list[float]()
        self.first_error = ""
        self._broken = False

    @property
    def seconds(self) -> float:
        return self.count / self.rate

    def gap(self, frame: av.AudioFrame) -> int:
        """How many samples are missing before this frame; a clock that runs backwards or leaps is set anew."""
        if frame.pts is None or frame.time_base is None:
            return 0
        late = float(frame.pts * frame.time_base) - self.begin - self.seconds
        if -CLOCK <= late <= (CLOCK if self.count else 1 / self.rate):
            return 0
        if 0 < late <= LONGEST_GAP:
            return round(late * self.rate)
        self.begin += late
        if self.count and abs(late) > 1 and not self._broken:
            self._broken = True
            self.problem(self.seconds, f"the file's clock leaps by {late:.1f} s; its sound is taken to go on")
        return 0

    def failed(self, error: FFmpegError) -> None:
        self.first_error = self.first_error or f"cannot be decoded: {_why(error)}"
        self.errors.append((self.seconds, f"sound from here on is damaged ({_why(error)}); what decodes is used"))


def decoded(container: Any, stream: Any, failed: Callable[[FFmpegError], None]) -> Iterator[Any]:
    """The frames of a stream until it ends or is damaged; `failed` is told of the damage."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EndOfFile):
            return
        except FFmpegError as error:
            failed(error)
            return
        try:
            yield from packet.decode()
        except EndOfFile:
            return
        except FFmpegError as error:
            failed(error)


class _Floats:
    """Frames of any sample format as float32 [n, channels], also where a stream changes its layout or rate midway."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, channels
        self._made: tuple[tuple[Any, ...], Any] = ((), None)

    def __call__(self, frame: av.AudioFrame) -> Array:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._made[0] != kind or frame.sample_rate != self._rate:
            self._made = (kind, av.AudioResampler("flt", _layout(self._channels), self._rate))
        frame.pts = None
        last = [None] if frame.sample_rate != self._rate else []
        return _joined([one for given in (frame, *last) for one in self._made[1].resample(given)], self._channels)


def _joined(frames: list[av.AudioFrame], channels: int) -> Array:
    pieces = [np.asarray(frame.to_ndarray(), np.float32).reshape(-1, channels) for frame in frames]
    return np.concatenate(pieces) if pieces else np.zeros((0, channels), np.float32)


def _silence(missing: int, rate: int, channels: int) -> Iterator[Array]:
    for at in range(0, missing, rate):
        yield np.zeros((min(rate, missing - at), channels), np.float32)


def _finite(piece: Array, clock: _Clock) -> Array:
    if np.isfinite(piece).all():
        return piece
    clock.bad.append(clock.seconds)
    return np.nan_to_num(piece, nan=0.0, posinf=0.0, neginf=0.0)


@contextmanager
def _opened(source: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(source, str | Path):
        source.seek(0)
    try:
        container = av.open(str(source) if isinstance(source, Path) else source, metadata_errors="ignore")
    except (OSError, FFmpegError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        told = "is no sound or video that can be decoded, or is cut short before its index"
        raise Inaudible(f"{told} ({_why(error)})") from None
    with container:
        if not container.streams.audio:
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
            raise Inaudible(f"has no audio track; there is only {kinds} in it")
        stream = container.streams.audio[0]
        if not stream.rate or not stream.channels:
            raise Inaudible("has an audio track without rate or channels: it is cut short or damaged")
        if stream.channels > MOST:
            raise Inaudible(f"has {stream.channels} channels of sound; up to {MOST} are read")
        yield container, stream


def _misnamed(path: str, format: Any) -> str:
    """A sentence where a name ends like another format than the one inside."""
    ending = Path(path).suffix.lower().removeprefix(".")
    known = {*format.extensions, *_ALSO.get(format.name, ())}
    named = ending in av.formats_available or any(ending in names for names in _ALSO.values())
    if not named or ending in known or ending in format.name.split(","):
        return ""
    return f"ends in .{ending} but holds {format.long_name}; it is read as what it holds"


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels}c" if channels not in (6, 8) else f"{channels - 1}.1")


def _copied(source: BinaryIO) -> BinaryIO:
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - read for as long as the Audio lives
    while piece := source.read(1 << 20):
        copy.write(piece)
    return copy


def _is_url(source: str | Path) -> bool:
    return isinstance(source, str) and "://" in source


def _why(error: OSError | FFmpegError) -> str:
    return (getattr(error, "strerror", "") or str(error)).strip()


def _nobody(_second: float, _what: str) -> None:
    return None
