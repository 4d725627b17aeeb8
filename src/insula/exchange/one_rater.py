"""One rater's view of a conversation, for formats that hold one judgement per turn.

view(conversation, "ekman7")["t3"].label -> "anger", .causes -> (the cause annotation at t1, ...)
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from insula.conversation import Annotation, Conversation, Turn
from insula.wire import dump, load

_GOLD = "gold"


@dataclass(frozen=True)
class View:
    """What a rater decided on a turn, what caused it, and the link that says so where it is not said in `because`."""

    judgement: Annotation
    causes: tuple[Annotation, ...] = ()
    link: Annotation | None = None

    @property
    def label(self) -> str:
        """The decided label; of several the one with the highest score."""
        return max(self.judgement.labels, key=lambda label: self.judgement.scores.get(label, 0.0))

    @property
    def annotations(self) -> list[Annotation]:
        """Everything the view consists of, what is rested on first."""
        return [*self.causes, self.judgement, *([self.link] if self.link else [])]


def view(conversation: Conversation, scheme: str, layer: str) -> dict[str, View]:
    """The decided judgements of whole turns under a scheme, by turn: gold's, else the machine's that explains most.

    That is whose judgements have most causes, then who judged most turns, then who came later. Turns on which nothing
    was decided are not there.
    """
    found = [x for x in conversation.read(layer, scheme=scheme) if x.labels and x.at.turn and not x.at.chars]
    causes = links(conversation)
    said, explained = Counter(x.rater for x in found), Counter(x.rater for x in found if causes.get(x.id, ((),))[0])
    late = {rater: place for place, rater in enumerate(said)}
    chosen = max(said, key=lambda one: (one == _GOLD, explained[one], said[one], late[one]), default="")
    return {x.at.turn or "": View(x, *causes.get(x.id, ((), None))) for x in found if x.rater == chosen}


def links(conversation: Conversation) -> dict[str, tuple[tuple[Annotation, ...], Annotation | None]]:
    """The decided causes of an emotion, by its id, and the link to them where a rater of its own drew it.

    Gold names the causes in the emotion's `because`; a machine links both in an annotation of scheme "caused".
    """
    causes = {x.id: x for x in conversation.read("cause", scheme="cause") if x.labels}
    found: dict[str, tuple[tuple[Annotation, ...], Annotation | None]] = {}
    for link in conversation.read("cause", scheme="caused"):
        named = tuple(causes[id] for id in link.because if id in causes)
        found |= {id: (named, link) for id in link.because if id not in causes}
    for emotion in conversation.read("emotion"):
        if named := tuple(causes[id] for id in emotion.because if id in causes):
            found[emotion.id] = named, None
    return found


def numbered(conversation: Conversation) -> Conversation:
    """The same, its turns called t1, t2, ... as formats without ids will call them; judgements follow them."""
    names = {turn.id: f"t{place}" for place, turn in enumerate(conversation.turns, 1)}
    if all(old == new for old, new in names.items()):
        return conversation
    again, ids = Conversation(id=conversation.id, meta=conversation.meta), dict[str, str]()
    again.add(*(replace(turn, id=names[turn.id]) for turn in conversation.turns))
    for one in conversation:
        if isinstance(one, Annotation):
            at = replace(one.at, turn=names.get(one.at.turn or "", one.at.turn))
            moved = replace(one, at=at, because=tuple(ids.get(id, id) for id in one.because))
            ids[one.id] = moved.id
            again.add(moved)
    return again


def packed(annotations: Iterable[Annotation]) -> list[dict[str, Any]]:
    """Annotations as JSON objects, lossless."""
    return [json.loads(dump(annotation)) for annotation in annotations]


def unpacked(records: object) -> list[Annotation]:
    """The annotations of JSON objects; raises ValueError with a sentence where one is none."""
    found = list[Annotation]()
    for record in records if isinstance(records, list) else [records]:
        addition, _ = load(json.dumps(record))
        if not isinstance(addition, Annotation):
            raise ValueError("holds something other than annotations")
        found.append(addition)
    return found


def put(
    conversation: Conversation, annotations: Iterable[Annotation], known: set[str], tell: Callable[[str], None]
) -> None:
    """Add annotations, each once: `known` grows by their ids. One of a turn that is not there is told."""
    for annotation in annotations:
        if annotation.id in known:
            continue
        known.add(annotation.id)
        try:
            conversation.add(annotation)
        except ValueError as error:
            tell(f"{error}; left out")


def write_json(document: object, path: Path) -> None:
    """A JSON document; half a character becomes its escape, which in JSON is the very same text."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, default=str), "utf-8", "backslashreplace")


def extras(turn: Turn, own: Iterable[str]) -> Mapping[str, Any]:
    """What a turn's meta adds to a record that has fields of its own."""
    return {str(name): value for name, value in turn.meta.items() if name not in own}
