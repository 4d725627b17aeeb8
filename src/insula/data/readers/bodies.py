"""Signals of wristbands under tests that stress people: WESAD and Stress-Predict.

    Signal("ppg"), Signal("eda"), ... of "S10" and wesad3 {"stress": 1, ...} from 3192.0 to 3918.0 s, by "gold"

Gold is what somebody was exposed to, second by second; nobody says what was felt. The reports people gave of themselves
are not read. A person is one conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...conversation import Anchor, Annotation, Conversation, Signal
from ..files import MalformedData, number, records
from ..gold import GOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WESAD = {1: "baseline", 2: "stress", 3: "amusement"}
_MEDITATION = 4
# channel, published name, Hz, place among the published starts
_EMPATICA = (
    ("eda", "eda4", 4.0, 0),
    ("temperature", "temp4", 4.0, 1),
    ("acceleration", "accmag4", 4.0, 3),
    ("ppg", "bvp32", 32.0, 4),
)
LIGHT = 0.1  # the published integers of the pulse, in the sensor's unit


def wesad(split: str, arrays: Path) -> Iterator[Conversation]:
    """15 people who read, were stressed before a jury, saw funny films and meditated (Schmidt et al. 2018)."""
    del split
    import numpy as np

    kept = np.load(arrays)
    for person in map(str, _of(kept, "subjects", arrays)):
        label = _of(kept, f"{person}_label4", arrays)
        signals = [
            Signal("ppg", (_of(kept, f"{person}_bvp64", arrays) * LIGHT).astype(np.float32), 64.0, person),
            Signal("eda", _of(kept, f"{person}_eda4", arrays), 4.0, person),
            Signal("temperature", _of(kept, f"{person}_temp4", arrays), 4.0, person),
            Signal("acceleration", _of(kept, f"{person}_acc4", arrays).astype(np.float32) / 64, 4.0, person),
        ]
        yield Conversation(*signals, *_exposed(label, 4.0, 0.0, person), id=person, meta={"group": person})


def stress_predict(split: str, arrays: Path, labels: Path) -> Iterator[Conversation]:
    """34 people under a Stroop test, an interview and hyperventilation, and at rest between (Iqbal et al. 2022)."""
    del split
    import numpy as np

    kept = np.load(arrays)
    told: dict[int, list[tuple[float, int]]] = {}
    for one in records(labels, "Participant", "Time(sec)", "Label"):
        second, label = (number(labels, one[name], name) for name in ("Time(sec)", "Label"))
        told.setdefault(int(one["Participant"]), []).append((second, int(label)))
    for participant, seconds in told.items():
        person = f"S{participant:02d}"
        starts = _of(kept, f"{person}_t0", arrays)
        began = float(starts.min())
        signals = []
        for channel, name, rate, place in _EMPATICA:
            samples = _of(kept, f"{person}_{name}", arrays).astype(np.float32) * (LIGHT if channel == "ppg" else 1)
            signals.append(Signal(channel, samples, rate, person, float(starts[place]) - began))
        judged = _stressed(sorted(seconds), began, person)
        yield Conversation(*signals, *judged, id=person, meta={"group": person})


def _of(kept: Any, name: str, path: Path) -> NDArray[Any]:
    if name not in kept:
        raise MalformedData(f"{path}: {name} is not in it")
    return kept[name]


def _exposed(label: NDArray[Any], rate: float, start: float, person: str) -> Iterator[Annotation]:
    """Each stretch of one label, as what the person was exposed to and whether that was stress."""
    for first, last, value in _stretches([int(one) for one in label]):
        at = Anchor(seconds=(start + first / rate, start + last / rate), speaker=person)
        if value in _WESAD:
            scores = {state: float(state == _WESAD[value]) for state in _WESAD.values()}
            yield Annotation("state", scores, at, "wesad3", GOLD, (_WESAD[value],))
        if value in _WESAD or value == _MEDITATION:
            yield _stress(_WESAD.get(value) == "stress", at)


def _stressed(seconds: Sequence[tuple[float, int]], began: float, person: str) -> Iterator[Annotation]:
    for first, last, value in _stretches([label for _, label in seconds]):
        at = Anchor(seconds=(seconds[first][0] - began, seconds[last - 1][0] + 1 - began), speaker=person)
        yield _stress(value == 1, at)


def _stress(there: bool, at: Anchor) -> Annotation:
    scores = {"rest": float(not there), "stress": float(there)}
    return Annotation("stress", scores, at, "bodily-stress", GOLD, ("stress",) if there else ("rest",))


def _stretches(labels: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    first = 0
    for place in range(1, len(labels) + 1):
        if place == len(labels) or labels[place] != labels[first]:
            yield first, place, labels[first]
            first = place
