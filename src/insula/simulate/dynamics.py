"""How a reply moves a simulated person: its worth by how it was appraised, and what that does to how they feel.

    dynamics().after(25.0, worth=1.0) -> 28.9     # an ordinary reply of ESConv's volunteers, to somebody at 25 of 100

A reply of worth 1 takes the same share off what is bad, whatever is left of it; one of negative worth takes the same
share off what is good. What was fitted on ESConv's train talks (Liu et al. 2021) is in the weights' `.json`; what no
talk there can tell, in `dynamics.toml`.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from insula.network.text import weights_folder

from .appraise import NAME, Appraisal

LEVELS = ("reactions", "interpretations", "explorations")


@dataclass(frozen=True)
class Dynamics:
    """Fitted: `relief`, the rate at which a reply of worth 1 takes off what is bad; `ordinary`, what is read of the
    mean reply; `sensitivity`, `words`, `stays`, how people differ (log means and spreads); `intensities`, how common
    each is at the beginning. Assumed, with the reasons in `dynamics.toml`: all the others.
    """

    relief: float
    ordinary: Mapping[str, float]
    sensitivity: float
    words: tuple[float, float, float]
    stays: tuple[float, float]
    intensities: Mapping[str, float]
    quality: Mapping[str, float]
    hurt: Mapping[str, float]
    fits: float
    intentions: Mapping[str, Mapping[str, float]]
    speaks: Mapping[str, Any]
    belief: Mapping[str, float]

    @property
    def patience(self) -> tuple[int, int]:
        """Between how many replies in a row that missed people give up."""
        low, high = self.speaks["patience"]
        return low, high

    def worth(self, seen: Appraisal, intention: str = "", repeated: bool = False) -> float:
        """What a reply is worth to somebody with this intention ("" for nobody in particular): 1 is an ordinary one."""
        counts: Mapping[str, float] = self.intentions.get(intention, {})
        parts = dict(zip(LEVELS, seen.empathy, strict=True)) | {"words": math.log1p(seen.words)}
        quality = sum(
            share * (parts[name] / self.ordinary[name] * counts.get(name, 1.0) if name in parts else 1.0)
            for name, share in self.quality.items()
        )
        if seen.suggests:
            quality *= counts.get("suggestion", 1.0)
        lacks = max(0.0, self.fits - seen.fit) / self.fits
        hurt = self.hurt["misfit"] * lacks + self.hurt["risk"] * seen.risk + self.hurt["repeated"] * repeated
        return round(quality * seen.fit / self.ordinary["fit"] * (not repeated) - hurt, 4)

    def after(self, emotion: float, worth: float, sensitivity: float = 1.0) -> float:
        """How somebody who felt like this feels after a reply of this worth, 0 to 100."""
        rate = math.exp(-self.relief * sensitivity * abs(worth))
        return 100 - (100 - emotion) * rate if worth >= 0 else emotion * rate


@cache
def dynamics() -> Dynamics:
    """The shipped one; raises FileNotFoundError where its weights are not there."""
    path = weights_folder() / f"{NAME}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no constants of simulated people: {path} is not there; `insula train {NAME}` makes them"
        )
    fitted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Dynamics(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in fitted.items()}, **assumed()
    )


def assumed() -> dict[str, Any]:
    """What no talk tells, as `dynamics.toml` has it."""
    return tomllib.loads((resources.files("insula.simulate") / "dynamics.toml").read_text(encoding="utf-8"))
