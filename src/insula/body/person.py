"""The channels of one person on one clock, and everything measured in them.

    one = Body.of(conversation, "ana")
    one.features(0.0, 60.0) -> {"heart.rate": 71.2, "skin.level": 2.1, "temperature.slope": -0.03, ...}
    one.notes -> ("temperature: looks like degrees Fahrenheit; read as such",)

Times are seconds from the beginning of the conversation. Beats, responses and breaths are looked for once in the whole
signal and counted in any window after that, so that an hour costs a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation, Signal

from . import breath, pulse, skin, slow
from .channels import CHANNELS, fitted

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """Samples (n,) or (n, 3) of one channel, in its unit, NaN where nothing was measured."""

    samples: Array
    rate: float
    start: float

    @property
    def end(self) -> float:
        """When the last sample ends."""
        return self.start + len(self.samples) / self.rate

    def part(self, start: float, end: float) -> Array:
        """The samples from `start` to `end` seconds of the conversation."""
        first, last = (round((at - self.start) * self.rate) for at in (start, end))
        return self.samples[max(first, 0) : max(last, 0)]


class Body:
    """One person's channels. Raises ValueError for a signal that has no samples in it or no sampling rate."""

    def __init__(self, series: Mapping[str, Series], notes: Sequence[str] = ()) -> None:
        self.series, self.notes = dict(series), tuple(notes)

    @classmethod
    def of(cls, conversation: Conversation, speaker: str | None = None) -> Body:
        """The channels of one speaker; None is whoever is not named."""
        found, notes = dict[str, Series](), list[str]()
        for channel in CHANNELS:
            mine = [one for one in conversation.signals(channel) if one.speaker == speaker and len(one.samples)]
            if not mine:
                continue
            joined = _joined(channel, mine)
            samples, note = fitted(channel, joined.samples)
            notes += [f"{channel}: {note}"] if note else []
            found[channel] = Series(samples, joined.rate, joined.start)
        return cls(found, notes)

    @property
    def seconds(self) -> tuple[float, float]:
        """From when to when anything was measured; (0, 0) for nobody."""
        every = self.series.values()
        return (min(one.start for one in every), max(one.end for one in every)) if every else (0.0, 0.0)

    @cached_property
    def beats(self) -> Mapping[str, pulse.Beats]:
        """The beats in each channel that has them."""
        return {
            name: pulse.beats(name, self.series[name].samples, self.series[name].rate)
            for name in ("ecg", "ppg")
            if name in self.series
        }

    @cached_property
    def skin(self) -> skin.Skin:
        """Level and responses of the skin; raises KeyError without that channel."""
        return skin.skin(self.series["eda"].samples, self.series["eda"].rate)

    @cached_property
    def breaths(self) -> breath.Breaths:
        """The breaths; raises KeyError without that channel."""
        return breath.breaths(self.series["rsp"].samples, self.series["rsp"].rate)

    @cached_property
    def movement(self) -> Array:
        """The size of acceleration (n,); raises KeyError without that channel."""
        return slow.size(self.series["acceleration"].samples)

    def features(self, start: float, end: float) -> dict[str, float]:
        """Every measure that `start` to `end` seconds allow; what cannot be measured there is left out."""
        found = dict[str, float]()
        for name, measures in self._groups(start, end):
            found |= {f"{name}.{key}": value for key, value in measures.items() if np.isfinite(value)}
        return found

    def _groups(self, start: float, end: float) -> Iterable[tuple[str, dict[str, float]]]:
        heart = next((name for name in ("ecg", "ppg") if name in self.series), None)
        if heart:
            at = self.series[heart].start
            some = self.beats[heart], start - at, end - at
            yield "heart", pulse.variability(*some) | pulse.powers(*some)
        if "ppg" in self.series:
            yield "pulse", self._heights(start, end)
        if "eda" in self.series:
            at = self.series["eda"].start
            yield "skin", self.skin.measures(start - at, end - at)
        if "rsp" in self.series:
            at = self.series["rsp"].start
            yield "breath", self.breaths.measures(start - at, end - at)
        for name, measure in (("temperature", slow.temperature), ("acceleration", slow.movement)):
            if name in self.series:
                one = self.series[name]
                samples = self.movement if name == "acceleration" else one.samples
                called = "movement" if name == "acceleration" else name
                yield called, measure(samples, one.rate, start - one.start, end - one.start)

    def _heights(self, start: float, end: float) -> dict[str, float]:
        """How high the pulse by light stands (narrow vessels make it low), how even, and how alike the beats look."""
        one = self.beats["ppg"]
        at = self.series["ppg"].start
        part = one.within(start - at, end - at)
        heights = one.heights[part]
        heights = heights[heights > 0]
        if len(heights) < pulse.FEWEST:
            return {}
        middle = float(np.median(heights))
        return {
            "height": float(np.log(middle)),
            "spread": float(np.median(np.abs(heights - middle)) / middle),
            "alike": float(one.alike[part].mean()),
        }


def people(conversation: Conversation) -> list[str | None]:
    """Whose bodies were measured, in order of arrival."""
    every = [one for channel in CHANNELS for one in conversation.signals(channel)]
    return list(dict.fromkeys(one.speaker for one in every))


def _joined(channel: str, signals: Sequence[Signal]) -> Series:
    """Signals of one channel and person as one, NaN between them."""
    arrays = [(_array(channel, one), one) for one in signals]
    rate, start = signals[0].sampling_rate, min(one.start for one in signals)
    if any(one.sampling_rate != rate for one in signals):
        raise ValueError(f"{channel}: one person's signals of it have several sampling rates; make them one")
    if len(arrays) == 1:
        return Series(arrays[0][0], rate, start)
    end = max(round((one.start - start) * rate) + len(samples) for samples, one in arrays)
    whole = np.full((end, *arrays[0][0].shape[1:]), np.nan)
    for samples, one in arrays:
        at = round((one.start - start) * rate)
        whole[at : at + len(samples)] = samples
    return Series(whole, rate, start)


def _array(channel: str, signal: Signal) -> Array:
    samples: Any = signal.samples
    if isinstance(samples, str) or not hasattr(samples, "dtype"):
        raise ValueError(f"{channel}: its samples are in a file; read that first (`insula read`)")
    if not signal.sampling_rate > 0:
        raise ValueError(f"{channel}: a sampling rate of {signal.sampling_rate:g} Hz is none")
    found = np.asarray(samples, np.float64)
    columns = (3,) if channel == "acceleration" and found.ndim == 2 else ()
    if found.shape[1:] not in ((), (1,), columns):
        raise ValueError(f"{channel}: samples of the shape {found.shape} are not one number (or x, y, z) each")
    return found[:, 0] if found.shape[1:] == (1,) else found
