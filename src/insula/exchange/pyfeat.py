"""py-feat's CSV (`Fex`): a row per frame and face, of its versions 0.x to 2.

FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,Pitch,Roll,Yaw,AU01,...,Happy,...,frame,Identity
222.8,78.6,145.8,222.8,0.99,...                                        -> Signal("face", ..., speaker="face 1")

Action units are 0..1 there and 0..5 here. Angles are radians from version 2 on, which has a gaze, and degrees before;
they are taken as they are, because py-feat does not say which way they turn. It has no contempt. Its frames have no
times: the rate is taken from `approx_time` where that is there, else it is 30 a second, which is reported; what is
written here has a `timestamp` as well.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insula.conversation import Conversation

from .face_table import Row, conversation, header, number, put, records, seen
from .source import Source, seconds

RATE = 30.0
USUAL_RATES = (23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0)
UNITS = ("01", "02", "04", "05", "06", "07", "09", "10", "11", "12", "14", "15", "17", "20", "23", "24", "25", "26")
UNITS += ("28", "43")
_BOX = {"x": "FaceRectX", "y": "FaceRectY", "w": "FaceRectWidth", "h": "FaceRectHeight", "confidence": "FaceScore"}
_ANGLES = {"pitch": "Pitch", "roll": "Roll", "yaw": "Yaw"}
_GAZE = {"gaze_x": "gaze_yaw", "gaze_y": "gaze_pitch"}
_FEELINGS = {"neutral": "Neutral", "happiness": "Happy", "sadness": "Sad", "surprise": "Surprise", "fear": "Fear"}
_FEELINGS |= {"disgust": "Disgust", "anger": "Anger"}
_BEFORE = {"happiness": "happiness", "sadness": "sadness"}
"""What versions before 2 call those that are more than written small."""


def recognised(head: str) -> bool:
    """Whether a table begins as py-feat's do."""
    return {"facerectx", "facerectwidth"} <= set(header(head))


def read(source: Source) -> Iterator[Conversation]:
    """One conversation; several faces of a frame that have no identity are told apart by their order in it."""
    rows = list(records(source, fold=True))
    fps = _fps([cells for _, cells in rows])
    if not fps and rows and "timestamp" not in rows[0][1]:
        source.problem("", f"has no times; its frames are taken as {RATE:g} a second")
    yield conversation(_rows([cells for _, cells in rows], fps or RATE), source)


def write(conversations: list[Conversation], path: Path) -> None:
    """Write the `face` signals of any number of conversations, with the names of version 2; angles are radians."""
    names = [*_BOX.values(), "Pitch", "Roll", "Yaw", *(f"AU{unit}" for unit in UNITS), *_FEELINGS.values()]
    names += ["valence", "arousal", "gaze_pitch", "gaze_yaw", "input", "frame", "approx_time", "Identity", "timestamp"]
    lines = (_line(one.id, frame, second, person, row) for one, second, frame, person, row in seen(conversations))
    if not put(names, lines, path):
        warnings.warn("no face was seen here: read a film, with face.tracks", stacklevel=2)


def _rows(rows: list[dict[str, str]], fps: float) -> Iterator[Row]:
    in_frame = Counter[float]()
    for cells in rows:
        frame = number(cells.get("frame"))
        in_frame[frame] += 1
        values = _values(cells)
        if math.isnan(values["w"]) or math.isnan(frame):
            continue
        known = cells.get("identity", "").strip()
        person = known if known and not known.replace(".", "").isdigit() else ""
        ordinal = int(float(known)) + 1 if known and not person else in_frame[frame]
        second = number(cells.get("timestamp"))
        yield Row(person or f"face {ordinal}", frame / fps if math.isnan(second) else second, values)


def _values(cells: dict[str, str]) -> dict[str, float]:
    unit = math.degrees(1) if "gaze_pitch" in cells else 1.0
    values = {ours: number(cells.get(theirs.lower())) for ours, theirs in _BOX.items()}
    values |= {ours: unit * number(cells.get(theirs.lower())) for ours, theirs in _ANGLES.items()}
    values |= {ours: math.degrees(number(cells.get(theirs))) for ours, theirs in _GAZE.items()}
    values |= {f"AU{one}": 5 * number(cells.get(f"au{one}")) for one in UNITS}
    for ours, theirs in _FEELINGS.items():
        values[ours] = number(cells.get(theirs.lower(), cells.get(_BEFORE.get(ours, ours))))
    return values | {name: number(cells.get(name)) for name in ("valence", "arousal")} | {"size": values["h"]}


def _fps(rows: list[dict[str, str]]) -> float:
    """Frames a second by the last frame's time, which is in whole seconds; 0.0 where that tells too little."""
    if not rows:
        return 0.0
    frame, time = number(rows[-1].get("frame")), seconds(rows[-1].get("approx_time", ""))
    if not time or time < 5 or math.isnan(frame):
        return 0.0
    return min(USUAL_RATES, key=lambda rate: abs(frame / rate - time - 0.5))


def _line(source: str, frame: int, second: float, person: int, row: Any) -> list[Any]:
    from insula.vision.columns import AT

    angles = [math.radians(row[AT[name]]) for name in _ANGLES]
    levels = [row[AT["AU45" if unit == "43" else f"AU{unit}"]] / 5 for unit in UNITS]
    feelings = [row[AT[name]] for name in (*_FEELINGS, "valence", "arousal")]
    gaze = [math.radians(row[AT[name]]) for name in ("gaze_y", "gaze_x")]
    clock = f"{int(second) // 60:02}:{int(second) % 60:02}"
    return [
        *(row[AT[name]] for name in _BOX),
        *angles,
        *levels,
        *feelings,
        *gaze,
        source,
        frame,
        clock,
        person,
        round(second, 4),
    ]
