"""Pictures out of any film, image, array or camera, at even times, as RGB.

    film = Film.open("call.mp4")                  # Film(duration=61.2, fps=29.97, width=1280, height=720)
    for frame in film.frames(rate=15): ...        # Frame(0.0667, uint8 [720, 1280, 3])

    for frame in Film.open("camera:0@60").frames(15, print): ...    # the first camera, for a minute or until Ctrl-C

A frame is the picture that is shown at its second, by the times the file gives, so that a film of variable rate keeps
its clock. The file's rotation is honoured, and pictures larger than LARGEST are scaled down. Nothing is held whole.
Of a camera the newest picture is given; those that came while the last was looked at are skipped, and that is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from insula.audio.decode import decoded

from .camera import PATIENCE, Camera, Newest, at_interrupt, camera

Image = NDArray[np.uint8]
Problem = Callable[[float, str], None]
"""Told the second and a sentence, where something could not be decoded and the rest was."""

RATE = 15.0
LARGEST = 1280
"""Pixels of the longer side above which pictures are scaled down."""
LONGEST_GAP = 10.0
"""Seconds for which a picture that is not followed by another is taken to be shown on."""
SHORT = 0.5
"""Seconds by which a film may end before the length its header states."""
MOST_PIXELS = 100_000_000
"""Pixels above which an image is taken for one that is made to fill the memory."""
IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


class Unseeable(ValueError):
    """No picture could be had; the sentence says why."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The picture shown at a second. `scale` is how many pixels of the film one of its pixels is."""

    seconds: float
    image: Image
    scale: float = 1.0


@dataclass(frozen=True)
class Film:
    """What a header says: seconds (0.0 where it does not say, or for an image), frames a second, pixels as shown."""

    path: str
    duration: float
    fps: float
    width: int
    height: int
    source: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, source: Any, fps: float = 0.0) -> Film:
        """A film or image file, or pictures [n, h, w, 3], [n, h, w] or one, at `fps` (0: stills, a second each).

        "camera:0" is the first camera, until Ctrl-C, and "camera:0@60" for a minute (`insula.vision.camera`).
        Raises Unseeable, and OSError where the file is not there.
        """
        if hasattr(source, "__array__"):
            return cls._of(_pictures(np.asarray(source)), fps)
        if not isinstance(source, str | Path):
            return cls._video(source, "")
        path = str(source)
        if not Path(path).exists() and (found := _camera(path)):
            return cls._video(found, path)
        if "://" not in path and Path(path).is_file() and not Path(path).stat().st_size:
            raise Unseeable("is empty")
        if Path(path).suffix.lower() in IMAGES or _is_image(path):
            return cls._of(_image(path), 0.0, path)
        return cls._video(source, path)

    @classmethod
    def _of(cls, pictures: Image, fps: float, path: str = "") -> Film:
        return cls(path, len(pictures) / fps if fps else 0.0, fps, pictures.shape[2], pictures.shape[1], pictures)

    @classmethod
    def _video(cls, source: Any, path: str) -> Film:
        with _opened(source) as (container, stream):
            seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
            seconds = seconds or (container.duration or 0) / av.time_base
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            turned = _first_turn(container, stream) % 180 == 90
            sides = (stream.height, stream.width) if turned else (stream.width, stream.height)
            return cls(path, seconds, fps, *sides, source)

    @property
    def still(self) -> bool:
        """Whether it is an image, or several, without a clock."""
        return isinstance(self.source, np.ndarray) and not self.fps

    def rate(self, wanted: float = RATE) -> float:
        """The rate `frames` has: the one that is wanted, or the film's own where that is lower; a second for stills."""
        return 1.0 if self.still else min(wanted, self.fps) if self.fps else wanted

    def frames(self, rate: float = RATE, problem: Problem | None = None) -> Iterator[Frame]:
        """Frames at 0, 1/rate, 2/rate ... seconds; the same array again where the picture has not changed.

        What does not decode is told to `problem`. Raises Unseeable where nothing decodes.
        """
        step = self.rate(rate)
        if isinstance(self.source, np.ndarray):
            count = len(self.source) if self.still else math.ceil(len(self.source) / self.fps * step - 1e-6)
            for number in range(count):
                at = number if self.still else min(int(number / step * self.fps + 1e-6), len(self.source) - 1)
                yield Frame(number / step, *_shrunk(self.source[at]))
            return
        live = isinstance(self.source, Camera)
        yield from (self._live if live else self._shown)(step, problem or _nobody)

    def _live(self, rate: float, problem: Problem) -> Iterator[Frame]:
        """The newest picture of a camera each time; what Ctrl-C ends is whole."""
        clock, given, second = _Clock(problem), 0, 0.0
        with _opened(self.source) as (container, stream):
            newest = Newest(decoded(container, stream, clock.failed))
            with at_interrupt(newest.stop):
                for second, picture in newest.pictures(rate, self.source.seconds):
                    yield Frame(second, *_rgb(picture))
                    given += 1
        if not given:
            raise Unseeable(clock.error or "gives no picture")
        if clock.error:
            problem(second, clock.error)
        if newest.skipped:
            told = f"{newest.skipped} of {newest.skipped + given} pictures were skipped"
            problem(second, f"{told}: they came faster than they could be looked at")

    def _shown(self, rate: float, problem: Problem) -> Iterator[Frame]:
        """Each picture is held until the next one's time is known."""
        held: _Shown | None = None
        number, seen, clock = 0, 0, _Clock(problem)
        with _opened(self.source) as (container, stream):
            begin = (container.start_time or 0) / av.time_base
            for picture in decoded(container, stream, clock.failed):
                clock.seconds = clock.time(picture, begin, self.fps)
                if held is not None:
                    until = min(clock.seconds, held.seconds + LONGEST_GAP)
                    for frame in held.frames(number, rate, until):
                        number += 1
                        yield frame
                    number = max(number, math.ceil(clock.seconds * rate - 1e-6))
                held, seen = _Shown(clock.seconds if seen else 0.0, picture), seen + 1
            if held is None:
                raise Unseeable(clock.error or "holds no picture: its video track is empty")
            yield from held.frames(number, rate, held.seconds + 0.999 / (self.fps or rate))
        self._judge_end(clock, problem)

    def _judge_end(self, clock: _Clock, problem: Problem) -> None:
        if clock.error:
            problem(clock.broke, clock.error)
        if self.duration - clock.seconds > max(SHORT, 0.02 * self.duration, 2 / (self.fps or RATE)):
            told = f"the picture stops at {clock.seconds:.1f} s of the {self.duration:.1f} s its header states"
            problem(clock.seconds, f"{told}: the file is cut short, or its header is wrong")


class _Clock:
    """The times a file gives its pictures; one that runs backwards or leaps is set anew."""

    def __init__(self, problem: Problem) -> None:
        self.seconds, self.broke = 0.0, 0.0
        self.error = ""
        self._problem, self._set, self._last = problem, 0.0, -1.0

    def time(self, picture: Any, begin: float, fps: float) -> float:
        step = 1 / (fps or 25.0)
        if picture.pts is None or picture.time_base is None:
            found = self._last + step if self._last >= 0 else 0.0
        else:
            found = float(picture.pts * picture.time_base) - begin - self._set
        leap = found - self._last
        if self._last >= 0 and (leap <= 0 or leap > 600):
            if abs(leap) > 1:
                self._problem(max(self._last, 0.0), f"the film's clock leaps by {leap:.1f} s; it is taken to go on")
            self._set += leap - step
            found = self._last + step
        self._last = max(found, 0.0)
        return self._last

    def failed(self, error: FFmpegError) -> None:
        if not self.error:
            self.broke = self.seconds
            self.error = f"the picture from here on is damaged ({_why(error)}); what decodes is used"


class _Shown:
    """A picture from its second on; made RGB once, and only where it is wanted."""

    def __init__(self, seconds: float, picture: Any) -> None:
        self.seconds = seconds
        self._picture, self._rgb = picture, None

    def frames(self, number: int, rate: float, end: float) -> Iterator[Frame]:
        """Those from `number` on that it is shown in, until `end`."""
        while number / rate < end - 1e-6:
            if self._rgb is None:
                self._rgb = _rgb(self._picture)
            yield Frame(number / rate, *self._rgb)
            number += 1


def _rgb(picture: Any) -> tuple[Image, float]:
    """uint8 [h, w, 3] upright, and how much it was scaled down."""
    scale = max(1.0, max(picture.width, picture.height) / LARGEST)
    width, height = (max(2, round(side / scale)) for side in (picture.width, picture.height))
    image = picture.to_ndarray(format="rgb24", width=width, height=height)
    turns = round(picture.rotation / 90) % 4
    return (np.ascontiguousarray(np.rot90(image, turns)) if turns else image), scale


def _shrunk(image: Image) -> tuple[Image, float]:
    scale = max(image.shape[:2]) / LARGEST
    if scale <= 1:
        return image, 1.0
    from PIL import Image as Pictures

    size = (max(2, round(image.shape[1] / scale)), max(2, round(image.shape[0] / scale)))
    return np.asarray(Pictures.fromarray(image).resize(size)), scale


def _pictures(array: NDArray[Any]) -> Image:
    """[h, w], [h, w, c], [n, h, w] or [n, h, w, c] -> uint8 [n, h, w, 3]; a last axis of 1, 3 or 4 is colour."""
    coloured = array.ndim == 4 or (array.ndim == 3 and array.shape[-1] in (1, 3, 4))
    wide = array if coloured else array[..., None]
    wide = wide if wide.ndim == 4 else wide[None]
    if wide.ndim != 4 or wide.shape[-1] not in (1, 3, 4) or not wide.size:
        raise Unseeable(
            f"an array of shape {array.shape} is no picture; give [height, width, 3] or [n, height, width, 3]"
        )
    if wide.dtype != np.uint8:
        raise Unseeable(f"pictures are uint8, 0 to 255, not {wide.dtype}")
    return np.broadcast_to(wide[..., :3] if wide.shape[-1] > 1 else wide, (*wide.shape[:3], 3))


def _is_image(path: str) -> bool:
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        head = file.read(12)
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG")) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


def _image(path: str) -> Image:
    from PIL import Image as Pictures
    from PIL import ImageOps, UnidentifiedImageError

    try:
        with Pictures.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unseeable(f"has {opened.width} x {opened.height} pixels; up to {MOST_PIXELS:,} are read")
            opened.draft("RGB", (2 * LARGEST, 2 * LARGEST))
            return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))[None]
    except UnidentifiedImageError:
        raise Unseeable("is no image that can be decoded") from None
    except Pictures.DecompressionBombError:
        raise Unseeable(f"has more pixels than can be read; up to {MOST_PIXELS:,} are") from None
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError | Unseeable):
            raise
        raise Unseeable(f"is an image that is damaged or cut short ({error})") from None


def _camera(name: str) -> Camera | None:
    try:
        return camera(name)
    except LookupError as error:
        raise Unseeable(f"is not there: {error.args[0]}") from None


def _looking(found: Camera) -> Any:
    """An open camera. Raises Unseeable."""
    try:
        return av.open(found.file, format=found.format, options=dict(found.options), timeout=PATIENCE)
    except PermissionError:
        raise Unseeable(f"may not be looked through: {found.file} is closed to you") from None
    except (OSError, ValueError, FFmpegError) as error:
        raise Unseeable(f"is not there: no camera answers at {found.file} ({_why(error)})") from None


def _container(source: Any) -> Any:
    if isinstance(source, Camera):
        return _looking(source)
    if not isinstance(source, str | Path):
        source.seek(0)
    return av.open(str(source) if isinstance(source, Path) else source, metadata_errors="ignore")


@contextmanager
def _opened(source: Any) -> Iterator[tuple[Any, Any]]:
    try:
        container = _container(source)
    except Unseeable:
        raise
    except (OSError, FFmpegError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        raise Unseeable(f"is no film that can be decoded, or is cut short before its index ({_why(error)})") from None
    with container:
        # the cover of a song is a video track too, of one picture
        tracks = [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]
        if not tracks:
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
            raise Unseeable(f"has no picture; there is only {kinds} in it")
        # a track whose description is cut off has no decoder, and then no width either
        if not getattr(tracks[0], "width", 0) or not getattr(tracks[0], "height", 0):
            raise Unseeable("has a video track without width or height: it is cut short or damaged")
        tracks[0].codec_context.thread_count = 1
        yield container, tracks[0]


def _first_turn(container: Any, stream: Any) -> int:
    """The rotation of the first picture that decodes."""
    try:
        return next((int(picture.rotation) for picture in container.decode(stream)), 0)
    except FFmpegError:
        return 0


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", "") or str(error)).strip()


def _nobody(_second: float, _what: str) -> None:
    return None
