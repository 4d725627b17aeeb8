"""The addresses on a conversation's page: turns, and the annotations that sentences rest on."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from insula.conversation import Annotation


class Anchors:
    """Gives out ids, each once, and leads to what has one: a link always arrives.

    `section` begins every id; `turns` are the numbers of the turns that are drawn.
    """

    def __init__(self, section: str, turns: Collection[int]) -> None:
        self.section = section
        self.turns = turns
        self._given: set[str] = set()

    def turn(self, number: int) -> str | None:
        """The address of a turn; None where it is not drawn."""
        return f"#{self.section}-{number}" if number in self.turns else None

    def id(self, annotation: Annotation | None) -> str | None:
        """The id for the element that shows an annotation; None where another one has it."""
        if annotation is None or annotation.id in self._given:
            return None
        self._given.add(annotation.id)
        return self._name(annotation)

    def to(self, annotation: Annotation, number: int | None) -> str | None:
        """The address of what shows an annotation, else of its turn; None where neither is drawn."""
        if annotation.id in self._given:
            return f"#{self._name(annotation)}"
        return self.turn(number) if number else None

    def _name(self, annotation: Annotation) -> str:
        # an id that a file brought along may hold anything
        return f"{self.section}-{blake2b(annotation.id.encode(errors='replace'), digest_size=6).hexdigest()}"
