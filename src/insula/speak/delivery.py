"""How something is to be said, apart from its words: every number beside a plain, flat reading of the same text.

    Delivery(feeling={"sadness": 0.7}, pace=0.85, pitch=-2.0).opposite() -> pace 1.18, pitch +2.0
    joy.mixed(sadness, 0.3)            # seven parts joy, three parts sadness, in one space of prosody

Deliveries lie in one space in which plain is the origin: ratios as their logarithms, the others as they are. Mixing,
scaling and the opposite pole are the plain arithmetic of that space (after the idea of Chevi & Aji 2024, Daisy-TTS,
whose space is learnt; this one is made of quantities that can be named and heard).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from insula.conversation import freeze

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Quantity:
    """One quantity of a delivery: its bounds, its value in a plain reading, its unit, and whether it is a ratio."""

    low: float
    high: float
    plain: float
    unit: str
    meaning: str

    @property
    def ratio(self) -> bool:
        """Whether it multiplies what a plain reading has."""
        return self.unit == "x"


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "pace": Quantity(0.5, 2.0, 1.0, "x", "syllables a second"),
        "pitch": Quantity(-12.0, 12.0, 0.0, "st", "mean pitch, in semitones"),
        "range": Quantity(0.2, 3.0, 1.0, "x", "how far pitch moves about its mean"),
        "contour": Quantity(-8.0, 8.0, 0.0, "st", "how far pitch rises from a sentence's start to its end"),
        "energy": Quantity(-18.0, 9.0, 0.0, "dB", "loudness of what is voiced"),
        "tilt": Quantity(-6.0, 6.0, 0.0, "dB/octave", "brightness: energy of high against low frequencies"),
        "breath": Quantity(-1.0, 1.0, 0.0, "", "noise of breath in the voice; below 0 pressed"),
        "tremor": Quantity(0.0, 1.0, 0.0, "", "trembling of pitch, six times a second"),
        "pauses": Quantity(0.2, 4.0, 1.0, "x", "length of pauses"),
    }
)


@dataclass(frozen=True)
class Delivery:
    """A plan of delivery; the default is a plain reading. Bounds, units and meanings: `QUANTITIES`.

    `feeling` holds what is to be expressed, weights -1..1 by label, a negative one being its opposite pole; `affect`
    valence, arousal and dominance -1..1; `intensity` is 0..1. They are the reason for the numbers, which are what a
    voice follows. `emphasis` are words of the text. Raises ValueError, in a sentence, for a value outside its bounds.
    """

    feeling: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    affect: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    intensity: float = 1.0
    pace: float = 1.0
    pitch: float = 0.0
    range: float = 1.0
    contour: float = 0.0
    energy: float = 0.0
    tilt: float = 0.0
    breath: float = 0.0
    tremor: float = 0.0
    pauses: float = 1.0
    emphasis: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("feeling", "affect"):
            weights = getattr(self, name)
            for label, weight in weights.items():
                _within(f"{name} {label}", weight, -1.0, 1.0)
            object.__setattr__(
                self, name, freeze({label: y for label, x in weights.items() if (y := round(float(x), 4))})
            )
        _within("intensity", self.intensity, 0.0, 1.0)
        object.__setattr__(self, "intensity", round(float(self.intensity), 4))
        for name, about in QUANTITIES.items():
            _within(name, getattr(self, name), about.low, about.high)
            object.__setattr__(self, name, round(float(getattr(self, name)), 4) + 0.0)
        object.__setattr__(self, "emphasis", tuple(self.emphasis))

    @property
    def plain(self) -> bool:
        """Whether every quantity is that of a plain reading."""
        return not any(self.vector())

    def vector(self) -> tuple[float, ...]:
        """Where it lies in the space of prosody, in the order of `QUANTITIES`: (9,), the origin being plain."""
        return tuple(
            math.log(getattr(self, name)) if about.ratio else getattr(self, name) for name, about in QUANTITIES.items()
        )

    def at(self, vector: Sequence[float]) -> Delivery:
        """This delivery moved to a place in the space of prosody; what lies outside the bounds is moved to them."""
        numbers = {
            name: min(max(math.exp(min(x, 9.0)) if about.ratio else x, about.low), about.high)
            for (name, about), x in zip(QUANTITIES.items(), vector, strict=True)
        }
        return replace(self, **numbers)

    def scaled(self, by: float) -> Delivery:
        """The same feeling stronger (above 1), weaker (below 1), or of the opposite pole (below 0)."""
        turned = math.copysign(1.0, by)
        weights = {name: {k: turned * x for k, x in getattr(self, name).items()} for name in ("feeling", "affect")}
        moved = self.at([by * x for x in self.vector()])
        return replace(moved, intensity=min(1.0, abs(by) * self.intensity), **weights)

    def opposite(self) -> Delivery:
        """The opposite pole: slow for fast, high for low, loud for soft."""
        return self.scaled(-1.0)

    def mixed(self, other: Delivery, share: float = 0.5) -> Delivery:
        """A blend with `share` (0..1) of the other's feeling, affect, intensity and numbers; both emphases are kept."""
        _within("the share of a mixture", share, 0.0, 1.0)
        blend = [(1 - share) * a + share * b for a, b in zip(self.vector(), other.vector(), strict=True)]
        weights = {
            name: {
                label: (1 - share) * getattr(self, name).get(label, 0.0) + share * getattr(other, name).get(label, 0.0)
                for label in {**getattr(self, name), **getattr(other, name)}
            }
            for name in ("feeling", "affect")
        }
        intensity = (1 - share) * self.intensity + share * other.intensity
        emphasis = tuple(dict.fromkeys((*self.emphasis, *other.emphasis)))
        return replace(self.at(blend), intensity=intensity, emphasis=emphasis, **weights)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, (int, float)) or not math.isfinite(value):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"{name} is {value!r}, which is no number")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; it goes from {low:g} to {high:g}")
