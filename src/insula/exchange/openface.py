"""OpenFace 2's CSV: a row per frame and face.

frame, face_id, timestamp, confidence, success, gaze_angle_x, gaze_angle_y, pose_Rx, pose_Ry, pose_Rz, AU01_r, ...
1, 0, 0.000, 0.98, 1, 0.04, -0.02, 0.10, -0.05, 0.01, 0.31, ...           -> Signal("face", ..., speaker="face 1")

OpenFace's radians turn the other way than the columns here: its pitch is positive downwards, its yaw towards the left
of the picture. A face's box is that of its landmarks. What is written has no landmarks, because there are none of its
68 here, and no distances in millimetres. Format: OpenFace wiki, "Output Format".
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insula.conversation import Conversation

from .face_table import Row, conversation, header, number, put, records, seen
from .source import Source

UNITS = ("01", "02", "04", "05", "06", "07", "09", "10", "12", "14", "15", "17", "20", "23", "25", "26", "45")
"""Those with an intensity."""
THERE = 1.0
"""Intensity from which on a unit is present in what is written."""
_ANGLES = {"pitch": ("pose_Rx", -1), "yaw": ("pose_Ry", -1), "roll": ("pose_Rz", 1)}
_ANGLES |= {"gaze_x": ("gaze_angle_x", 1), "gaze_y": ("gaze_angle_y", -1)}


def recognised(head: str) -> bool:
    """Whether a table begins as OpenFace's do."""
    names = header(head)
    return {"frame", "timestamp", "confidence"} <= set(names) and any(name.endswith("_r") for name in names)


def read(source: Source) -> Iterator[Conversation]:
    """One conversation; rows that OpenFace itself calls no success are times at which nobody was seen."""
    yield conversation(_rows(source), source)


def write(conversations: list[Conversation], path: Path) -> None:
    """Write the `face` signals of any number of conversations."""
    present = (*UNITS, "28")
    names = ["frame", "face_id", "timestamp", "confidence", "success", "gaze_angle_x", "gaze_angle_y", "pose_Rx"]
    names += ["pose_Ry", "pose_Rz", *(f"AU{n}_r" for n in UNITS), *(f"AU{n}_c" for n in present)]
    if not put(
        names, (_line(frame, person, second, row) for _, second, frame, person, row in seen(conversations)), path
    ):
        warnings.warn("no face was seen here: read a film, with face.tracks", stacklevel=2)


def _rows(source: Source) -> Iterator[Row]:
    from insula.vision.columns import AT

    for _, cells in records(source):
        sure = number(cells.get("confidence"))
        if number(cells.get("success", "1")) != 1:
            continue
        values = {"confidence": sure}
        for name, (theirs, sign) in _ANGLES.items():
            values[name] = sign * math.degrees(number(cells.get(theirs)))
        for unit in UNITS:
            values[f"AU{unit}"] = min(max(number(cells.get(f"AU{unit}_r")), 0.0), 5.0)
        across, down = ([number(cells.get(f"{axis}_{n}")) for n in range(68)] for axis in "xy")
        if "x_0" in cells:
            values |= {"x": min(across), "y": min(down), "w": max(across) - min(across), "h": max(down) - min(down)}
        else:
            # nothing says where it was; that it was seen is all that is known of its box
            values |= {"w": 0.0, "h": 0.0}
        person = f"face {int(number(cells.get('face_id', '0')) or 0) + 1}"
        yield Row(person, number(cells.get("timestamp")), {k: v for k, v in values.items() if k in AT})


def _line(frame: int, person: int, second: float, row: Any) -> list[Any]:
    from insula.vision.columns import AT

    radians = {name: sign * math.radians(row[AT[name]]) for name, (_, sign) in _ANGLES.items()}
    turned = [radians[name] for name in ("gaze_x", "gaze_y", "pitch", "yaw", "roll")]
    levels = [row[AT[f"AU{unit}"]] for unit in UNITS]
    present = [int(row[AT[f"AU{unit}"]] >= THERE) for unit in (*UNITS, "28")]
    return [frame + 1, person, round(second, 4), row[AT["confidence"]], 1, *turned, *levels, *present]
