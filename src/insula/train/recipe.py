"""A recipe: which corpora teach which heads, for how long, from which start. One `.toml` in `train/recipes/`.

Heads are written "scheme", "scheme@rater" or "scheme->other scheme" (labels read out through the map). A text that also
stands in a test split of any corpus of the recipe never trains.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.catalogue import nearest
from insula.conversation import Conversation
from insula.data import corpus, load
from insula.scheme import mapping, read_out, scheme

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """One corpus of a recipe: head name -> how to read its targets."""

    corpus: str
    heads: Mapping[str, str]
    epochs: float
    weight: float = 1.0

    def schemes(self) -> dict[str, str]:
        """Head name -> the scheme it speaks."""
        return {head: how.split("->")[-1].split("@")[0] for head, how in self.heads.items()}


@dataclass(frozen=True)
class Recipe:
    """What `insula train text --recipe NAME` does.

    With a `start` it takes over the trunk of another recipe and trains only the layers above `shared_layers`, which are
    stored at half a byte per weight where it is `packed`.
    """

    name: str
    summary: str
    licence: str
    shared_layers: int
    publish: tuple[str, ...]
    schedule: Mapping[str, Any]
    lessons: tuple[Lesson, ...]
    start: str = ""
    packed: bool = False

    def schemes(self) -> dict[str, str]:
        """Every head of the recipe -> its scheme."""
        return {head: name for lesson in self.lessons for head, name in lesson.schemes().items()}

    @property
    def commercial_ok(self) -> bool:
        """Whether every corpus it learns from may be used commercially."""
        return all(corpus(lesson.corpus).commercial_ok for lesson in self.lessons)


def recipe(name: str) -> Recipe:
    """The shipped recipe of this name, or one at a path; raises KeyError with near names."""
    folder = resources.files("insula") / "train" / "recipes"
    shipped = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
    if name not in shipped and not Path(name).is_file():
        raise KeyError(f"no recipe {name!r}; did you mean {nearest(name, shipped)}?")
    text = shipped[name].read_text(encoding="utf-8") if name in shipped else Path(name).read_text(encoding="utf-8")
    record = tomllib.loads(text)
    lessons = tuple(Lesson(**lesson) for lesson in record.pop("task"))
    record["publish"] = tuple(record["publish"])
    return Recipe(name=Path(name).stem, lessons=lessons, **record)


def targets(lesson: Lesson, split: str) -> tuple[list[str], dict[str, Array]]:
    """The texts of a corpus split and, per head, a matrix (texts, labels); NaN where nothing is known."""
    texts: list[str] = []
    rows: dict[str, list[list[float]]] = {head: [] for head in lesson.heads}
    for conversation in load(lesson.corpus, split):
        for turn in conversation.turns:
            found = {head: _scores(conversation, turn.id, how) for head, how in lesson.heads.items()}
            if any(x is not None for x in found.values()):
                texts.append(turn.text)
                for head, scores in found.items():
                    labels = scheme(lesson.schemes()[head]).labels
                    rows[head].append([(scores or {}).get(label, np.nan) for label in labels])
    return texts, {head: np.array(values, np.float32) for head, values in rows.items()}


def test_texts(lessons: Iterable[Lesson]) -> frozenset[str]:
    """Every text of a test split of these corpora, folded: what must not train."""
    return frozenset(
        folded(turn.text)
        for lesson in lessons
        if "test" in corpus(lesson.corpus).splits or corpus(lesson.corpus).carve
        for conversation in load(lesson.corpus, "test")
        for turn in conversation.turns
    )


def folded(text: str) -> str:
    """A text for comparing: lower case, single spaces."""
    return " ".join(text.lower().split())


def _scores(conversation: Conversation, turn: str, how: str) -> Mapping[str, float] | None:
    source, _, target = how.partition("->")
    name, _, rater = source.partition("@")
    found = conversation.read(scheme(name).layer, turn=turn, rater=rater or "gold", scheme=name)
    if not found or found[0].abstained:
        return None
    if not target:
        return found[0].scores
    mapping(name, target)
    return read_out(found[0], target).scores
