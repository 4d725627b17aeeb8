"""A question, how it was put, and the mark an answer got.

Question("EA-7-en", "Sarah found out that ...", (Choice("action", ("Tell", "Keep quiet"), right=1),))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...llm import Message

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Choice:
    """One thing to pick; `right` is the place of the key among the options as they were published."""

    name: str
    options: tuple[str, ...]
    right: int


@dataclass(frozen=True)
class Question:
    """One published item.

    `text` is all that is told before the options. `gold` is what a right answer is where it is no choice. Items of one
    `group` (a scenario, a dialogue) are drawn together by the bootstrap. `slices` are what scores are told apart by,
    such as {"language": "zh"}. `about` is what a reader of this engine needs to answer: a conversation, a scheme.
    `media` are pictures, sounds or films that belong to it.
    """

    id: str
    text: str
    choices: tuple[Choice, ...] = ()
    gold: Any = None
    group: str = ""
    slices: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    about: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    media: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question as it was put once.

    `orders` says for each choice which published option stood at each place; `seed` is what shuffled them. `mode` is
    the way of asking ("base", "cot"), `max_tokens` the room for the answer.
    """

    question: Question
    messages: tuple[Message, ...]
    orders: tuple[tuple[int, ...], ...] = ()
    seed: int = 0
    mode: str = "base"
    max_tokens: int = 64


@dataclass(frozen=True)
class Mark:
    """What an answer was worth: `values` by name, such as {"accuracy": 1.0}; None where no answer could be read.

    `said` is the answer as it was understood, `why` the reason where it was not: no option was named, several were, it
    was cut off, it refused. A format failure is a share of its own, never a zero.
    """

    values: Mapping[str, float] | None
    said: str = ""
    why: str = ""
