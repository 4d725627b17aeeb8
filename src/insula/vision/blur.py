"""Copies of films and pictures in which no face can be recognised.

    blurred("call.mp4", conversation.signals("face"), Path("call.blurred.mp4"))

Where a face was seen, and a moment before and after and a good margin around it, the picture is left as a few large
squares. A face that was never found is not blurred: look at the copy before you pass it on. Voices stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Signal

from .columns import BOX, columns
from .frames import IMAGES, Film, Image

MARGIN, SQUARES = 0.35, 6
"""How far the blur goes beyond a box, by its size, and squares across a face; a face of six squares is nobody's."""
HELD = 0.6
"""Seconds for which a face that is lost is taken to be where it was, before and after."""
_KEPT = ("aac", "mp3", "opus")


def blurred(source: str | Path, tracks: Sequence[Signal], path: Path) -> None:
    """Write the copy: an image where the source is one (by `path`'s ending), else an MP4 with the film's own sound.

    `tracks` are `face` signals of the whole film. Raises Unseeable where the source cannot be seen, OSError where the
    copy cannot be written.
    """
    if Path(source).suffix.lower() in IMAGES:
        _image(Film.open(source), tracks, path)
    else:
        _film(str(source), tracks, path)


def hidden(image: Image, tracks: Sequence[Signal], second: float, scale: float = 1.0) -> Image:
    """A copy of the picture shown at a second of the film, without faces.

    Boxes are pixels of the film as shown; `scale` is how many of them one of the picture's is.
    """
    found = image.copy()
    for signal in tracks:
        for x, y, w, h in _near(signal, second) / scale:
            _squares(found, x, y, w, h)
    return found


def _near(signal: Signal, second: float) -> NDArray[Any]:
    """Boxes about a second, [n, 4]: all that were seen shortly before and after."""
    rate = signal.sampling_rate or 1.0
    first, last = ((second - signal.start + by) * rate for by in (-HELD, HELD))
    boxes = columns(signal.samples, BOX)[max(0, int(np.floor(first))) : max(0, int(np.ceil(last)) + 1)]
    boxes = boxes[np.isfinite(boxes).all(1)]
    here = round((second - signal.start) * rate)
    now = columns(signal.samples, BOX)[here : here + 1] if 0 <= here < len(signal.samples) else boxes[:0]
    # where it was seen at this very moment the margin is enough; where it was lost, everywhere it may be
    return now if len(now) and np.isfinite(now).all() else boxes


def _squares(image: Image, x: float, y: float, w: float, h: float) -> None:
    left, top = (max(0, int(at - MARGIN * size)) for at, size in ((x, w), (y, h)))
    right = min(image.shape[1], int(np.ceil(x + w * (1 + MARGIN))))
    bottom = min(image.shape[0], int(np.ceil(y + h * (1 + MARGIN))))
    side = max(2, int(max(w, h) * (1 + 2 * MARGIN) / SQUARES))
    for row in range(top, bottom, side):
        for column in range(left, right, side):
            part = image[row : min(row + side, bottom), column : min(column + side, right)]
            part[:] = part.mean((0, 1), dtype=np.float32)


def _image(film: Film, tracks: Sequence[Signal], path: Path) -> None:
    from PIL import Image as Pictures

    (frame, *_) = film.frames()
    shown = np.asarray(frame.image)
    if frame.scale != 1:
        shown = np.asarray(Pictures.fromarray(shown).resize((film.width, film.height)))
    Pictures.fromarray(hidden(shown, tracks, 0.0)).save(path)


def _film(source: str, tracks: Sequence[Signal], path: Path) -> None:
    """Frames as they are shown, at the film's own rate; smaller where it is very large."""
    import av

    film = Film.open(source)
    rate = Fraction(film.fps or 25.0).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4") as out:
        picture: Any = None
        sound = _sound(source, out)
        for frame in film.frames(float(rate)):
            whole = _sized(frame.image)
            if picture is None:
                picture = out.add_stream("libx264", rate=rate, options={"crf": "26", "preset": "veryfast"})
                picture.width, picture.height, picture.pix_fmt = whole.shape[1], whole.shape[0], "yuv420p"
                picture.codec_context.thread_count = 1
            shown = np.ascontiguousarray(hidden(whole, tracks, frame.seconds, frame.scale))
            out.mux(picture.encode(av.VideoFrame.from_ndarray(shown)))
        if picture is not None:
            out.mux(picture.encode())
        _copy(source, sound, out)


def _sized(image: Image) -> Image:
    """Even sides, which the encoder wants."""
    return image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]


def _sound(source: str, out: Any) -> Any:
    """A track for the film's sound, if it has one that can be taken over as it is."""
    import av

    with av.open(source, metadata_errors="ignore") as film:
        tracks = [one for one in film.streams.audio if one.codec_context.name in _KEPT]
        return out.add_stream_from_template(tracks[0]) if tracks else None


def _copy(source: str, sound: Any, out: Any) -> None:
    import av

    if sound is None:
        return
    with av.open(source, metadata_errors="ignore") as film:
        tracks = [one for one in film.streams.audio if one.codec_context.name in _KEPT]
        for packet in film.demux(tracks[0]):
            if packet.dts is not None:
                packet.stream = sound
                out.mux(packet)
