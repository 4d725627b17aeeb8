"""What a person's body is like at rest, kept for later recordings, with that person's consent.

Rest.calibrate(body, 0.0, 300.0, consent=True).save(path)
build("body.stress", baselines={"ana": str(path)})
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .person import Body
from .states import MEASURES, rest, row, with_past

NEEDED = 120.0  # seconds at rest
WINDOW, STEP = 60.0, 10.0  # seconds


@dataclass(frozen=True, eq=False)
class Rest:
    """A person's measures at rest, in a row (2 * measures,), NaN where one was never taken."""

    row: NDArray[np.float64]

    @classmethod
    def calibrate(cls, body: Body, start: float, end: float, *, consent: bool) -> Rest:
        """From `start` to `end` seconds that the person sat at rest.

        Raises PermissionError without the person's consent, and ValueError for less than two minutes.
        """
        if not consent:
            raise PermissionError("a baseline is personal data: it is made only with the person's consent")
        if end - start < NEEDED:
            raise ValueError(f"{end - start:.0f} s at rest are too few for a baseline: {NEEDED:.0f} are needed")
        starts = np.arange(start, end - WINDOW + 1e-6, STEP)
        return cls(rest(with_past(np.stack([row(body.features(at, at + WINDOW)) for at in starts]))))

    def save(self, path: Path) -> None:
        """Write as json."""
        kept = {name: round(float(x), 6) for name, x in zip(MEASURES, self.row, strict=False) if np.isfinite(x)}
        path.write_text(json.dumps({"consent": True, "rest": kept}), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Rest:
        """Read what `save` wrote. Raises FileNotFoundError, and ValueError for another file."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))["rest"]
            half = np.array([float(kept.get(name, np.nan)) for name in MEASURES])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"{path} is no baseline of a body: {error}") from None
        return cls(np.concatenate([half, half]))

    @staticmethod
    def forget(path: Path) -> None:
        """Delete it; nothing happens where there is none."""
        path.unlink(missing_ok=True)
