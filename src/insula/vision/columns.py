"""The columns of a `face` signal: what is measured of one face in one frame.

    column(signal.samples, "AU12") -> float32 [n], 0..5, NaN where the face was not seen

Boxes are pixels of the film as it is shown (turned by its metadata, not scaled). Degrees: yaw is positive towards the
right of the picture, pitch upwards, roll clockwise; gaze is where the eyes look, seen from the camera, by the same
signs. `size` is the height in pixels, `blur` 0 (sharp) to 1, `light` and `contrast` 0..1, `visible` the probability
that a whole face is there, `still` the seconds since it last moved, `blink` 0 (open) to 1 (closed), `mouth` how far the
lips are apart, by the distance of the outer corners of the eyes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BOX = ("x", "y", "w", "h")
POSE = ("pitch", "yaw", "roll", "gaze_x", "gaze_y", "blink", "mouth")
ACTION_UNITS = tuple(
    f"AU{number:02}" for number in (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 23, 24, 25, 26, 28, 43, 45)
)
"""Those of OpenFace and of py-feat; 11, 14, 24, 28 and 43 are not measured here and are NaN unless they were read."""
SEEN = ("size", "blur", "light", "contrast", "visible", "still")
EXPRESSIONS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
AFFECT = ("valence", "arousal")

COLUMNS = (*BOX, "confidence", *POSE, *ACTION_UNITS, *SEEN, *EXPRESSIONS, *AFFECT)
AT: Mapping[str, int] = MappingProxyType({name: place for place, name in enumerate(COLUMNS)})
"""Where each column stands."""


def column(samples: Any, name: str) -> Array:
    """One column of a `face` signal's samples, [n]; raises KeyError for a name that is none."""
    return samples[:, AT[name]]


def columns(samples: Any, names: tuple[str, ...]) -> Array:
    """Several columns, [n, len(names)]."""
    return samples[:, [AT[name] for name in names]]


def blank(rows: int) -> Array:
    """Rows in which nothing was seen."""
    return np.full((rows, len(COLUMNS)), np.nan, np.float32)
