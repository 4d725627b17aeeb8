"""Questions drawn from corpora that this project reads: by seed, from test parts, the same for whoever answers.

    shown(conversation.turns) -> "ana: I failed.\nben: Oh no."

What stands word for word in the train part is never drawn: small readers, and examples before a question, come from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from random import Random
from typing import TypeVar

from ...conversation import Conversation, Turn
from ...data import load

Item = TypeVar("Item")
SHORT = 3  # words: a text as short as these is anybody's


@cache
def part(corpus: str, split: str) -> tuple[Conversation, ...]:
    """A part of a corpus; raises MissingData."""
    return tuple(load(corpus, split))


@cache
def learnt(corpus: str) -> frozenset[str]:
    """The texts of its train part's turns, in small letters, but for very short ones."""
    texts = (turn.text for conversation in part(corpus, "train") for turn in conversation.turns)
    return frozenset(plain(text) for text in texts if len(text.split()) > SHORT)


def plain(text: str) -> str:
    """A text as it is compared: small letters, single blanks."""
    return " ".join(text.lower().split())


def balanced(items: Iterable[Item], of: Callable[[Item], Hashable], each: int, seed: str) -> list[Item]:
    """Up to `each` items of every kind, drawn without looking, in the order they came."""
    every = list(items)
    kinds: dict[Hashable, list[int]] = defaultdict(list)
    for place in Random(seed).sample(range(len(every)), len(every)):
        kinds[of(every[place])].append(place)
    return [every[place] for place in sorted(place for places in kinds.values() for place in places[:each])]


def some(items: Iterable[Item], count: int, seed: str) -> list[Item]:
    """That many items, or all there are, drawn without looking, in the order they came."""
    every = list(items)
    return [every[place] for place in sorted(Random(seed).sample(range(len(every)), min(count, len(every))))]


def one_each(items: Iterable[Item], of: Callable[[Item], Hashable], seed: str) -> Iterator[Item]:
    """One item of every kind, so that no conversation is asked about twice."""
    yield from balanced(items, of, 1, seed)


def shown(turns: Sequence[Turn], words: int = 40, numbered: bool = False) -> str:
    """Who said what, a line each; a long turn keeps its last words."""
    lines = (f"{turn.speaker}: {cut(turn.text, words)}" for turn in turns)
    return "\n".join(f"{k}. {line}" if numbered else line for k, line in enumerate(lines, 1))


def cut(text: str, words: int) -> str:
    """The last words of a text, in one line."""
    every = text.split()
    return " ".join(every) if len(every) <= words else "... " + " ".join(every[-words:])


def until(conversation: Conversation, turn: Turn) -> Conversation:
    """The bare turns up to this one: nothing that anybody judged, nothing that came later."""
    turns = conversation.turns
    return Conversation(*turns[: turns.index(turn) + 1], id=conversation.id)
