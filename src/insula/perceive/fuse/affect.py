"""Valence, arousal and dominance of several channels as one, with how far each may be off.

    affect.fuse({"words": annotation, "voice": annotation}, trusted={"words": .2, "voice": .8}, conflict=.1)

Each channel's numbers are first brought to one scale by a line per dimension (its `slope` and `intercept`, learnt where
the truth is known). What may mean the same is joined as independent evidence beside what is usual: each channel alone
stays near what is usual, as least squares does, and several that agree move farther from it than their mean. As far as
the channels are in conflict they are weighed by trust, and then the margin reaches to all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Annotation
from insula.scheme import mapping, scheme

Array = NDArray[np.float64]
DIMENSIONS = scheme("vad").labels
# where feelings lie, each as usual as another: what a channel that says nothing is read as, and how far they spread
_PLACES = np.array(
    [[mapping("ekman7", "vad").scores({label: 1.0})[one] for one in DIMENSIONS] for label in scheme("ekman7").labels]
)
USUAL, SPREAD = _PLACES.mean(0), _PLACES.var(0)
DEVIATIONS = 1.645  # of a normal error, the half-width that holds nine in ten


@dataclass(frozen=True)
class Line:
    """One channel's slope, intercept and half-width of nine in ten errors: (3,) each, in the order of `vad`."""

    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    margin: tuple[float, ...]

    def place(self, given: Array) -> Array:
        """(..., 3) as the channel gives it -> (..., 3) on the common scale."""
        return (np.array(self.slope) * given + np.array(self.intercept)).clip(-1, 1)


AS_IS = Line((1.0,) * 3, (0.0,) * 3, (0.8,) * 3)


@dataclass(frozen=True)
class Affect:
    """The lines of the channels, and the margin (3,) of several together; one without a line is taken at its word."""

    lines: Mapping[str, Line]
    margin: tuple[float, ...]

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Affect:
        """From its JSON."""
        lines = {
            name: Line(*(tuple(one[key]) for key in ("slope", "intercept", "margin")))
            for name, one in record["channels"].items()
        }
        return cls(lines, tuple(record["margin"]))

    def places(self, channel: str, mark: Annotation | None) -> Array | None:
        """(3,) of a channel's annotation on the common scale; None where it has none."""
        given = mark and np.array([mark.scores.get(one, 0.0) for one in DIMENSIONS])
        return None if given is None else self.line(channel).place(given)

    def line(self, channel: str) -> Line:
        """What was learnt of a channel; for one never learnt about, what it says, and that it may be far off."""
        return self.lines.get(channel, AS_IS)

    def fuse(
        self, given: Mapping[str, Annotation], trusted: Mapping[str, float], conflict: float
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Annotations by channel -> scores and margins; a channel alone keeps its own place and margin."""
        places = {
            name: self.line(name).place(np.array([x.scores.get(d, 0.0) for d in DIMENSIONS]))
            for name, x in given.items()
        }
        if len(places) == 1:
            ((name, place),) = places.items()
            return _named(place), _named(np.array(self.line(name).margin))
        stack = np.stack(list(places.values()))
        together = self.joint(places)
        shares = np.array([trusted.get(name, 0.0) for name in places])
        apart = shares @ stack / shares.sum() if shares.sum() else together
        place = (1 - conflict) * together + conflict * apart
        reach = np.maximum(np.array(self.margin), conflict * np.abs(stack - place).max(0))
        return _named(place), _named(reach)

    def joint(self, places: Mapping[str, Array]) -> Array:
        """Places (..., 3) by channel -> (..., 3): each is a posterior mean beside the same usual place."""
        error = {name: np.square(np.array(self.line(name).margin) / DEVIATIONS) for name in places}
        precision = {name: 1 / np.minimum(some, 0.95 * SPREAD) for name, some in error.items()}
        evidence = np.sum([precision[name] * (place - USUAL) for name, place in places.items()], axis=0)
        total = 1 / SPREAD + np.sum([one - 1 / SPREAD for one in precision.values()], axis=0)
        return (USUAL + evidence / total).clip(-1, 1)


def _named(values: Array) -> dict[str, float]:
    return dict(zip(DIMENSIONS, values.tolist(), strict=True))
