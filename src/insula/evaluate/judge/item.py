"""What is judged: a reply and the talk before it, or a whole talk.

Item((Turn("seeker", "My dog died."),), "I am so sorry.").told()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...conversation import Turn

TURNS, WORDS = 4, 120  # of the talk that is told before a reply, and of each turn


@dataclass(frozen=True)
class Item:
    """Turns of "seeker" and "supporter", and the supporter's reply to them; no reply: the talk itself is judged."""

    turns: tuple[Turn, ...]
    reply: str = ""

    def told(self, turns: int = TURNS, words: int = WORDS) -> str:
        """The end of the talk, a line for each turn, each cut after so many words."""
        return "\n".join(f"{one.speaker.capitalize()}: {cut(one.text, words)}" for one in self.turns[-turns:])


def cut(text: str, words: int = WORDS) -> str:
    """The text on one line, its first `words` words."""
    said: Sequence[str] = text.split()
    return " ".join(said[:words]) + (" …" if len(said) > words else "")
