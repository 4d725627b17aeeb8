"""From a feeling and its intensity to a delivery, by rule; the rules are the table `plan.toml` with its sources.

    plan("I am so sorry.", {"sadness": 1}, 0.7) -> Delivery(pace=.81, pitch=-1.8, ..., emphasis=("so",))
    plan("Well.", "joy", -0.5)                   # the opposite pole of joy, half as strong
    plan("Well.", affect={"arousal": -0.6})      # a place instead of a name

In one space of prosody each feeling is a direction: feelings add up by weight, intensity is how far to go.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType

from insula.catalogue import nearest
from insula.scheme import maps, scheme

from .delivery import QUANTITIES, Delivery

_NOTHING: Mapping[str, float] = MappingProxyType({})
# words that carry a sentence's weight when nobody says which do: degree words, and words in capitals
_DEGREE = frozenset(
    ["so", "very", "really", "never", "always", "truly", "deeply", "completely", "nothing", "everything", "must"]
)
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_AXES = scheme("vad").labels


def plan(
    text: str,
    feeling: str | Mapping[str, float] = _NOTHING,
    intensity: float = 1.0,
    *,
    affect: Mapping[str, float] = _NOTHING,
    emphasis: Sequence[str] | None = None,
) -> Delivery:
    """The delivery of a text that is to express a feeling.

    `feeling` is a label of `feelings()`, any label of a scheme that maps to Ekman's seven, or weights of such labels,
    -1..1, negative ones for the opposite pole; weights that sum to more than 1 are shares. `affect` places valence,
    arousal and dominance -1..1 and adds to it. `intensity` is -1..1, below 0 the opposite pole. `emphasis` None takes
    degree words and words in capitals. Raises KeyError for a label nobody knows and ValueError for a number outside.
    """
    weights = {feeling: 1.0} if isinstance(feeling, str) else dict(feeling)
    if not -1 <= intensity <= 1:
        raise ValueError(f"intensity is {intensity:g}; it goes from -1, the opposite pole, to 1")
    if intensity < 0:
        weights = {label: -weight for label, weight in weights.items()}
        affect = {axis: -place for axis, place in affect.items()}
    total = max(1.0, sum(abs(weight) for weight in weights.values()))
    parts = [(weight / total, _direction(label)) for label, weight in weights.items()]
    parts += [(place, _axis(name)) for name, place in affect.items()]
    vector = [abs(intensity) * sum(weight * along[n] for weight, along in parts) for n in range(len(QUANTITIES))]
    words = heavy(text) if emphasis is None else tuple(emphasis)
    return Delivery(weights, affect, abs(intensity), emphasis=words).at(vector)


def feelings() -> tuple[str, ...]:
    """The feelings the table has numbers for."""
    return tuple(_table()["feeling"])


def heavy(text: str) -> tuple[str, ...]:
    """The words of a text that ask for emphasis: degree words, and words written in capitals among others that are not.

    At most one in four, the first ones, since what is stressed everywhere is stressed nowhere.
    """
    words = _WORD.findall(text)
    shouting = sum(word.isupper() for word in words) > len(words) / 2
    found = [w for w in words if w.lower() in _DEGREE or (len(w) > 2 and w.isupper() and not shouting)]
    return tuple(dict.fromkeys(found))[: max(1, len(words) // 4)]


@cache
def _table() -> Mapping[str, Mapping[str, tuple[float, ...]]]:
    """Places in the space of prosody, by feeling and by axis of affect."""
    text = (resources.files(__package__ or "insula.speak") / "plan.toml").read_text(encoding="utf-8")
    return {
        kind: {
            label: Delivery(**{name: x for name, x in row.items() if name in QUANTITIES}).vector()
            for label, row in rows.items()
        }
        for kind, rows in tomllib.loads(text).items()
    }


def _direction(label: str) -> tuple[float, ...]:
    known = _table()["feeling"]
    if label in known:
        return known[label]
    shares = next((one.table[label] for one in maps() if one.target == "ekman7" and label in one.table), None)
    if not shares:
        raise KeyError(f"no feeling {label!r} to speak with; did you mean {nearest(label, known)}?")
    total = sum(shares.values())
    return tuple(sum(share / total * known[one][n] for one, share in shares.items()) for n in range(len(QUANTITIES)))


def _axis(name: str) -> tuple[float, ...]:
    if name not in _AXES:
        raise KeyError(f"no dimension {name!r} of affect; did you mean {nearest(name, _AXES)}?")
    return _table()["affect"][name]
