"""The channels of a body: units, what is plausible in them, and which other unit a number that is not plausible is in.

    known("eda").unit -> "microsiemens"
    fitted("temperature", samples of 91 to 93) -> (33.1 to 33.9, "looks like degrees Fahrenheit; read as such")

A unit is only guessed where nothing else in the body gives such numbers; where several would, it is said and the
channel is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRAVITY = 9.80665  # metres per second squared


@dataclass(frozen=True)
class Channel:
    """A channel: its unit, the range that the median of a healthy recording lies in, and the slowest useful rate.

    A channel of arbitrary unit has an infinite range. `names` are other words for it in the headers of files.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    slowest: float
    names: tuple[str, ...]


_FREE = (-np.inf, np.inf)
CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        one.name: one
        for one in (
            Channel("eda", "skin conductance", "microsiemens", 0.01, 60.0, 1.0,
                    ("eda", "gsr", "scr", "skinconductance", "electrodermal", "sc")),
            Channel("ppg", "pulse by light", "arbitrary", *_FREE, 20.0,
                    ("ppg", "bvp", "pulse", "bloodvolumepulse", "cardiac", "pleth", "photoplethysmogram")),
            Channel("ecg", "electrocardiogram", "millivolts", *_FREE, 80.0, ("ecg", "ekg")),
            Channel("rsp", "breathing", "arbitrary", *_FREE, 4.0,
                    ("rsp", "resp", "respiration", "respiratory", "breath")),
            Channel("temperature", "temperature of the skin", "degrees Celsius", 12.0, 42.0, 0.1,
                    ("temperature", "temp", "skt", "skintemperature")),
            Channel("acceleration", "acceleration", "g", 0.5, 2.0, 2.0,
                    ("acceleration", "acc", "accelerometer", "accel")),
        )
    }
)  # fmt: skip

# channel -> unit -> how to get from it to the unit used here
UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {  # value * factor + offset
        "eda": {"us": (1.0, 0.0), "microsiemens": (1.0, 0.0), "ns": (1e-3, 0.0), "nanosiemens": (1e-3, 0.0),
                "s": (1e6, 0.0), "siemens": (1e6, 0.0), "ms": (1e3, 0.0), "millisiemens": (1e3, 0.0)},
        "temperature": {"c": (1.0, 0.0), "celsius": (1.0, 0.0), "f": (5 / 9, -160 / 9), "fahrenheit": (5 / 9, -160 / 9),
                        "k": (1.0, -273.15), "kelvin": (1.0, -273.15)},
        "acceleration": {"g": (1.0, 0.0), "mg": (1e-3, 0.0), "m/s^2": (1 / GRAVITY, 0.0), "m/s2": (1 / GRAVITY, 0.0),
                         "1/64g": (1 / 64, 0.0)},
        "ecg": {"mv": (1.0, 0.0), "millivolt": (1.0, 0.0), "uv": (1e-3, 0.0),
                "microvolt": (1e-3, 0.0), "v": (1e3, 0.0)},
    }
)  # fmt: skip
RESISTANCE: Mapping[str, float] = MappingProxyType({"ohm": 1e6, "kohm": 1e3, "mohm": 1.0})
"""Units of resistance -> what, divided by the number, is its conductance in microsiemens."""

# channel -> (median from, to, unit): ranges that only one unit gives
_TELLING: Mapping[str, tuple[tuple[float, float, str], ...]] = MappingProxyType(
    {
        "temperature": ((60.0, 108.0, "fahrenheit"), (285.0, 315.5, "kelvin")),
        "acceleration": ((8.0, 12.0, "m/s^2"), (56.0, 72.0, "1/64g"), (850.0, 1200.0, "mg")),
        "eda": ((1e-8, 6e-5, "siemens"),),
    }
)
_CALLED = {"fahrenheit": "degrees Fahrenheit", "m/s^2": "metres per second squared", "mg": "thousandths of g",
           "1/64g": "sixty-fourths of g"}  # fmt: skip


def known(name: str) -> Channel:
    """The channel that is called so in a file, whatever the case and marks; raises KeyError."""
    plain = "".join(letter for letter in name.lower() if letter.isalpha())
    return next(one for one in CHANNELS.values() if plain in one.names) if _is(plain) else CHANNELS[name]


def _is(plain: str) -> bool:
    return any(plain in one.names for one in CHANNELS.values())


def converted(channel: str, samples: Array, unit: str) -> Array:
    """Samples of a stated unit in the unit used here. Raises ValueError for a unit that is not known."""
    plain = unit.lower().replace("µ", "u").replace("μ", "u").replace("°", "").replace("²", "^2").strip(" []()")
    if channel == "eda" and (scale := RESISTANCE.get(plain.replace("Ω", "ohm").replace("ω", "ohm"))):
        with np.errstate(divide="ignore"):
            return np.where(samples > 0, scale / samples, np.nan)
    units = UNITS.get(channel)
    if not units or plain in ("", "au", "a.u.", "arbitrary"):
        return samples
    if plain not in units:
        raise ValueError(f"{unit!r} is no unit of {CHANNELS[channel].title} known here: {', '.join(units)}")
    factor, offset = units[plain]
    return samples * factor + offset


def fitted(channel: str, samples: Array) -> tuple[Array, str]:
    """Samples in the unit of the channel, and "" or what is wrong with their unit and what was done about it.

    `samples` are (n,) or, of acceleration, (n, 3); NaN where nothing was measured.
    """
    one, middle = CHANNELS[channel], _median(samples)
    if not np.isfinite(middle) or one.low <= middle <= one.high:
        return samples, ""
    for low, high, unit in _TELLING.get(channel, ()):
        if low <= middle <= high:
            return converted(channel, samples, unit), f"looks like {_CALLED.get(unit, unit)}; read as such"
    if channel == "eda" and middle == 0:
        return samples, "skin conductance is zero: the electrodes did not touch"
    hint = "; nanosiemens and kilohms look like this: name the unit in the header" if channel == "eda" else ""
    return samples, (
        f"{one.title} of {middle:.4g} on the whole cannot be in {one.unit} ({one.low:g} to {one.high:g}){hint}"
    )


def _median(samples: Array) -> float:
    sizes = np.linalg.norm(samples, axis=1) if samples.ndim == 2 else samples
    there = sizes[np.isfinite(sizes)]
    return float(np.median(there)) if len(there) else float("nan")
