"""A scheme says which labels or dimensions an annotation may carry and what their numbers mean; maps lead between them.

    scheme("ekman6").check({"joy": 0.9})
    read_out(annotation, "ekman7")        # a goemotions28 annotation -> a new one by rater "map:goemotions28->ekman7"

Schemes and their maps are the `.toml` files of `insula/schemes/`; a guest's `Scheme` can be added with `register`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

from .conversation import Annotation

Kind = Literal["one-of", "many-of", "ordinal", "dimensional", "open"]
Combine = Literal["any", "sum", "mean"]


@dataclass(frozen=True)
class Scheme:
    """A named set of labels, or of dimensions, within one layer.

    `kind` says what the scores are: probabilities that sum to 1 (one-of), independent probabilities (many-of), levels
    (ordinal), positions between `low` and `high` (dimensional), or free words with a weight each (open: any label
    fits). `parents` makes it a tree: label -> the broader label it belongs to. `titles` is how the source writes a
    label, where that is more than the label itself.
    """

    name: str
    layer: str
    kind: Kind
    labels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    title: str = ""
    meaning: str = ""
    paper: str = ""
    url: str = ""
    uri: str = ""
    version: str = "1"
    parents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"scheme {self.name!r}: kind {self.kind!r} is not one of {', '.join(get_args(Kind))}")

    def check(self, scores: Mapping[str, float]) -> None:
        """Raise ValueError, in a sentence, when scores do not fit. Empty scores (an abstention) always fit."""
        for label, score in scores.items():
            if self.kind != "open" and label not in self.labels:
                raise ValueError(f"{label!r} is not in scheme {self.name!r}: {', '.join(self.labels)}")
            if not self.low <= score <= self.high:
                raise ValueError(f"{label}={score} is outside {self.low}..{self.high} of scheme {self.name!r}")
        if self.kind == "one-of" and scores and abs(sum(scores.values()) - 1) > 1e-3:
            raise ValueError(f"the scores of one-of scheme {self.name!r} sum to {sum(scores.values()):.4f}, not to 1")

    def ancestors(self, label: str) -> tuple[str, ...]:
        """The broader labels above a label, nearest first."""
        found: list[str] = []
        while (parent := self.parents.get(found[-1] if found else label)) and parent not in found:
            found.append(parent)
        return tuple(found)


@dataclass(frozen=True)
class Map:
    """A table from the labels of one scheme to those of another, with its loss.

    `combine` says how several sources make one target: "any" is 1 - product(1 - p) for independent probabilities, "sum"
    is for one-of schemes, "mean" is the score-weighted mean of coordinates (categories -> dimensions).
    """

    source: str
    target: str
    table: Mapping[str, Mapping[str, float]]
    combine: Combine = "any"
    paper: str = ""

    @property
    def loss(self) -> float:
        """Share of the source's labels that do not come back when each, alone, is mapped and then mapped back.

        A label is lost when it leads nowhere or when another one looks the same in the target. 0 none, 1 all.
        """
        labels = scheme(self.source).labels
        images = {label: self._image(label) for label in labels}
        seen = Counter(images.values())
        return sum(1 for image in images.values() if not image or seen[image] > 1) / len(labels)

    def _image(self, label: str) -> frozenset[tuple[str, float]]:
        if label not in self.table:
            return frozenset()
        there = self.scores({label: 1.0})
        return frozenset((name, round(score, 9)) for name, score in there.items() if score or self.combine == "mean")

    def scores(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Scores of the source -> scores of the target, every target label present; {} where nothing leads there."""
        target = scheme(self.target)
        if self.combine == "mean":
            return self._mean(scores, target.labels)
        out = dict.fromkeys(target.labels, 0.0)
        for label, score in scores.items():
            for broad, weight in self.table.get(label, {}).items():
                share = weight * score
                out[broad] = out[broad] + share if self.combine == "sum" else 1 - (1 - out[broad]) * (1 - share)
        if self.combine != "sum":
            return out
        total = sum(out.values())
        return {label: score / total for label, score in out.items()} if total else {}

    def _mean(self, scores: Mapping[str, float], dimensions: tuple[str, ...]) -> dict[str, float]:
        known = {label: score for label, score in scores.items() if label in self.table}
        total = sum(known.values())
        if not total:
            return {}
        return {d: sum(p * self.table[label].get(d, 0.0) for label, p in known.items()) / total for d in dimensions}


def scheme(name: str) -> Scheme:
    """The scheme of this name; raises KeyError with near names."""
    from .catalogue import nearest

    schemes = _schemes()
    if name not in schemes:
        raise KeyError(f"no scheme {name!r}; did you mean {nearest(name, schemes)}?")
    return schemes[name]


def schemes() -> tuple[Scheme, ...]:
    """Every scheme known here, by name."""
    return tuple(_schemes()[name] for name in sorted(_schemes()))


def maps() -> tuple[Map, ...]:
    """Every map known here."""
    return tuple(_maps().values())


def mapping(source: str, target: str) -> Map:
    """The map between two schemes; raises KeyError naming those that leave the source."""
    if found := _maps().get((source, target)):
        return found
    there = ", ".join(b for a, b in _maps() if a == source) or "no other scheme"
    raise KeyError(f"no map from {source!r} to {target!r}; {source!r} leads to {there}")


def read_out(annotation: Annotation, target: str) -> Annotation:
    """The annotation in another scheme, by a rater of its own ("map:source->target") resting on the original.

    An abstention stays one. Labels decided in the source are carried to the labels they map to.
    """
    table = mapping(annotation.scheme, target)
    layer = scheme(target).layer
    if annotation.abstained:
        scores: dict[str, float] = {}
    else:
        scores = table.scores(annotation.scores)
    reason = annotation.reason or ("" if scores else f"no label of {annotation.scheme} leads to {target}")
    return replace(
        annotation,
        layer=layer,
        scores=scores,
        scheme=target,
        rater=f"map:{annotation.scheme}->{target}",
        labels=_carry(annotation.labels, table),
        possible=_carry(annotation.possible, table),
        margin=MappingProxyType({}),
        because=(annotation.id,),
        reason=reason,
    )


def register(*guests: Scheme) -> None:
    """Make schemes from outside known by name; raises ValueError for a name that is taken by a different scheme."""
    for guest in guests:
        if _schemes().setdefault(guest.name, guest) != guest:
            raise ValueError(f"a different scheme is already called {guest.name!r}")


def _carry(labels: tuple[str, ...], table: Map) -> tuple[str, ...]:
    if table.combine == "mean":
        return ()
    return tuple(dict.fromkeys(broad for label in labels for broad in table.table.get(label, {})))


@cache
def _files() -> tuple[dict[str, Any], ...]:
    folder = resources.files("insula") / "schemes"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(tomllib.loads(f.read_text(encoding="utf-8")) for f in files)


@cache
def _schemes() -> dict[str, Scheme]:
    found: dict[str, Scheme] = {}
    for record in (one for file in _files() for one in file["scheme"]):
        fields: dict[str, Any] = {**record, "labels": tuple(record.get("labels", ()))}
        fields.pop("map", None)
        found[record["name"]] = Scheme(**fields)
    return found


@cache
def _maps() -> dict[tuple[str, str], Map]:
    found: dict[tuple[str, str], Map] = {}
    for record in (one for file in _files() for one in file["scheme"]):
        for target, body in record.get("map", {}).items():
            rows: dict[str, str | dict[str, float]] = body["table"]
            table = {label: {row: 1.0} if isinstance(row, str) else row for label, row in rows.items()}
            found[record["name"], target] = Map(record["name"], target, table, body["combine"], body.get("paper", ""))
    return found
