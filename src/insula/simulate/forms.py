"""What a simulated person would answer in a form, before a talk and after it: from how they feel and what they believe.

    before_and_after(talk, person) -> Change(form="phq9", before=14, after=17, low=0, high=27)

No form is filled in by anybody. An item's answer is the person's number of the moment, moved by what is usual for that
item in that person, so that between before and after nothing but the talk makes a difference. No diagnosis either way.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from insula.catalogue import nearest
from insula.conversation import Conversation
from insula.respond.instruments import instrument

from .person import Person
from .play import course
from .seeker import BELIEF, LAYER

SPREAD = 0.15  # by how much of the whole scale items differ from each other in one person


@dataclass(frozen=True)
class Form:
    """Items answered from `low` to `high`; `conviction` is the share of that number in them, the rest is distress.

    `reliable` is from which difference on a change is more than error of measurement; 0 where nobody published that.
    """

    name: str
    title: str
    source: str
    low: int
    high: int
    conviction: float
    reliable: int
    items: tuple[str, ...]

    def answers(self, emotion: float, conviction: float, seed: int) -> tuple[int, ...]:
        """What somebody who feels like this would answer to each item."""
        level = (1 - self.conviction) * (1 - emotion / 100) + self.conviction * conviction / 100
        usual = np.random.default_rng([seed, len(self.items)]).uniform(-SPREAD, SPREAD, len(self.items))
        found = self.low + (self.high - self.low) * (level + usual).clip(0, 1)
        return tuple(int(one + 0.5) for one in found)


@dataclass(frozen=True)
class Change:
    """The sums of a form before and after a talk, and which sums are possible."""

    form: str
    before: int
    after: int
    low: int
    high: int
    reliable: int = 0

    @property
    def worse(self) -> bool:
        """Whether the sum has risen at all: EmoAgent's deterioration (Qiu et al. 2025, arXiv:2504.09689)."""
        return self.after > self.before

    @property
    def clearly_worse(self) -> bool | None:
        """Whether it has risen by more than error of measurement; None where that is not published."""
        return self.after - self.before >= self.reliable if self.reliable else None


def form(name: str) -> Form:
    """A form by name; raises KeyError with near names."""
    if name not in _forms():
        raise KeyError(f"no form {name!r} for simulated people; did you mean {nearest(name, _forms())}?")
    return _forms()[name]


def before_and_after(conversation: Conversation, person: Person, asked: Form | None = None) -> Change | None:
    """The person's form, or another, at the beginning of a talk and at its end; None for somebody who has none."""
    felt = course(conversation)
    if not person.problem.form or not felt:
        return None
    asked = asked or form(person.problem.form)
    held = [one.scores["conviction"] for one in conversation.read(LAYER, scheme=BELIEF)] or [0.0]
    sums = [sum(asked.answers(felt[place], held[place], person.seed)) for place in (0, -1)]
    count = len(asked.items)
    return Change(asked.name, sums[0], sums[1], count * asked.low, count * asked.high, asked.reliable)


@cache
def _forms() -> Mapping[str, Form]:
    text = (resources.files("insula.simulate") / "forms.toml").read_text(encoding="utf-8")
    records: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {name: Form(name=name, **{**record, "items": _items(name, record)}) for name, record in records.items()}


def _items(name: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(record["items"]) if "items" in record else tuple(item.text for item in instrument(name).items)
