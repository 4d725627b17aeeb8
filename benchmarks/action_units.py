"""What action units tell of expressions that people named, and where their scale comes from.

    python -m benchmarks.action_units [--json] [--scale]

FERPlus has no action units, but expressions that some go with: a smile with happiness (12, 6, 25), raised brows and an
open mouth with surprise (1, 2, 26), lowered brows with anger (4), a wrinkled nose with disgust (9, 10). Told is the
area under the curve between faces that most of ten people call neutral and those they call the other, on the private
test part, where .5 is chance, with 95 % intervals over faces. `--scale` prints `vision/action_units.toml` from the
training part: the median of neutral faces, how far the strongest hundredth goes, and how neutral people differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from insula.data import load
from insula.vision.action_units import UNITS, measures
from insula.vision.columns import EXPRESSIONS
from insula.vision.crop import Square
from insula.vision.gaze import Gaze
from insula.vision.mesh import Mesh
from insula.vision.pose import pose

from .measure import machine

Array = NDArray[np.float32]
SIDE, AROUND = 288, 72
"""Faces of 48 pixels are made larger, with their edge repeated around them, as large as the mesh wants it."""
AGREED = 6
MOST = 300
EXPECTED = {
    "happiness": ("AU06", "AU12", "AU25"),
    "surprise": ("AU01", "AU02", "AU26"),
    "anger": ("AU04", "AU07"),
    "disgust": ("AU09", "AU10"),
    "sadness": ("AU04", "AU15"),
    "fear": ("AU01", "AU05", "AU20"),
}
"""Of the prototypes of Ekman & Friesen's EMFACS, those that a mesh may see."""


def main() -> None:
    faces, labels = measured("train" if "--scale" in sys.argv else "test")
    if "--scale" in sys.argv:
        print(scale(faces, labels))
        return
    found: dict[str, Any] = {"machine": machine(), "faces": len(labels)}
    found["area_under_curve"] = {
        expression: {unit: area(faces, labels, expression, unit) for unit in units}
        for expression, units in EXPECTED.items()
    }
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def measured(split: str) -> tuple[Array, NDArray[np.str_]]:
    """Measures [n, units] of faces turned by less than 25 degrees, and what most people called each."""
    mesh, gaze, found, labels = Mesh.open(), Gaze.open(), list[Array](), list[str]()
    for pixels, label in agreed(split):
        whole = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        picture = Image.fromarray(np.pad(whole, ((AROUND, AROUND), (AROUND, AROUND), (0, 0)), mode="edge"))
        middle = SIDE / 2 + AROUND
        points = mesh.read(picture, mesh.read(picture, Square(middle, middle, 400)).square)
        head = pose(points.at)
        if points.visible > 0.9 and max(abs(head.yaw), abs(head.pitch)) < 25:
            opening = gaze.read(picture, points, head).opening
            found.append(measures(head.front(points.at), opening))
            labels.append(label)
    return np.array(found), np.array(labels)


def agreed(split: str) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """At most MOST faces of each expression that AGREED of ten people named."""
    count = dict.fromkeys(EXPRESSIONS, 0)
    for conversation in load("ferplus", split):
        votes: dict[str, int] = conversation.turns[0].meta["votes"]
        label = max(EXPRESSIONS, key=lambda one: votes[one])
        if votes[label] >= AGREED and count[label] < MOST:
            count[label] += 1
            yield np.asarray(conversation.signals("video")[0].samples)[0], label


def area(faces: Array, labels: NDArray[np.str_], expression: str, unit: str) -> dict[str, Any]:
    """Between the expression and neutral faces; the interval by drawing faces again."""
    column, rng = faces[:, UNITS.index(unit)], np.random.default_rng(0)
    neutral, other = column[labels == "neutral"], column[labels == expression]

    def once(a: Array, b: Array) -> float:
        return float(roc_auc_score(np.r_[np.zeros(len(a)), np.ones(len(b))], np.r_[a, b]))

    again = [once(rng.choice(neutral, len(neutral)), rng.choice(other, len(other))) for _ in range(300)]
    low, high = np.percentile(again, [2.5, 97.5])
    return {"area": round(once(neutral, other), 3), "interval": [round(low, 3), round(high, 3)], "faces": len(other)}


def scale(faces: Array, labels: NDArray[np.str_]) -> str:
    neutral = faces[labels == "neutral"]
    usual = np.median(neutral, axis=0)
    reach = np.percentile(faces, 99, axis=0) - usual
    tables = {"usual": usual, "range": reach, "spread": 5 * neutral.std(0) / reach}
    lines = [
        f"# Distances of `action_units.measures` on {len(labels):,} faces of FERPlus' training part, turned by less",
        "# than 25 degrees (`python -m benchmarks.action_units --scale`): `usual` is the median of neutral faces,",
        "# `range` how far the strongest hundredth of all goes from there, `spread` the standard deviation between",
        "# neutral faces of different people, in intensities of 0 to 5.",
    ]
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{unit} = {value:.4f}" for unit, value in zip(UNITS, values, strict=True))]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
