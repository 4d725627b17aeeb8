"""Policies that choose the emotion an agent shows next, from the client's emotions so far, within limits.

    Anticipate(tables()).choose(["Sadness", "Anger"]) -> Choice(shows="Neutral", expected=1.9, because="...")

`Anticipate` filters the client's hidden emotion (a hidden Markov model over the history), looks one step ahead, and
takes what pays most on average for both. `Respond` knows only the last emotion, `Passive` mirrors it, `Steady` shows
none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from .tables import EMOTIONS, Array, Tables

FAIR = 0.5  # share of the client's payoff in what counts


@dataclass(frozen=True)
class Limits:
    """What an agent must not do: show emotions that press (`never`), nor `cheerful` ones to somebody whose expected bad
    signs weigh `distressed` or more."""

    never: tuple[str, ...] = ("Anger", "Disgust", "Fear")
    cheerful: tuple[str, ...] = ("Joy", "Surprise")
    distressed: float = 0.45

    def allowed(self, distress: float) -> list[int]:
        """The places of what may be shown."""
        banned = {*self.never, *(self.cheerful if distress >= self.distressed else ())}
        return [place for place, name in enumerate(EMOTIONS) if name not in banned]


LIMITS = Limits()
NO_LIMITS = Limits(never=(), cheerful=())


@dataclass(frozen=True)
class Choice:
    """What to show and what it is expected to pay; `belief` is how the client probably feels next."""

    shows: str
    expected: float
    belief: Mapping[str, float]
    because: str


class Policy(Protocol):
    """Chooses from the client's emotions as they were seen so far, the last one last; there is at least one."""

    def choose(self, seen: Sequence[str]) -> Choice: ...


class Anticipate:
    """The whole history, through the hidden Markov model, and one step ahead."""

    def __init__(self, known: Tables, limits: Limits = LIMITS, fair: float = FAIR) -> None:
        self.known, self.limits, self.fair = known, limits, fair

    def belief(self, seen: Sequence[str]) -> Array:
        """How the client feels now, (7,): the forward algorithm from an even start (Rabiner 1989)."""
        now = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
        for place, name in enumerate(seen):
            now = (now @ self.known.transition if place else now) * self.known.emission[:, EMOTIONS.index(name)]
            now = now / now.sum()
        return now

    def choose(self, seen: Sequence[str]) -> Choice:
        return _best(
            self.known, self.belief(seen) @ self.known.transition, self.limits, self.fair, "how they will feel"
        )

    def table(self) -> dict[str, Choice]:
        """What it does after each emotion alone: the policy, to be read."""
        return {name: self.choose([name]) for name in EMOTIONS}


class Respond:
    """The last emotion alone, as if it were seen without error."""

    def __init__(self, known: Tables, limits: Limits = LIMITS, fair: float = FAIR) -> None:
        self.known, self.limits, self.fair = known, limits, fair

    def choose(self, seen: Sequence[str]) -> Choice:
        now = np.eye(len(EMOTIONS))[EMOTIONS.index(seen[-1])]
        return _best(self.known, now, self.limits, self.fair, "how they feel now")


class Passive:
    """Mirrors what was seen last: empathy without an aim."""

    def __init__(self, known: Tables, limits: Limits = LIMITS) -> None:
        self.known, self.limits = known, limits

    def choose(self, seen: Sequence[str]) -> Choice:
        now = np.eye(len(EMOTIONS))[EMOTIONS.index(seen[-1])]
        allowed = self.limits.allowed(float(now @ self.known.bias))
        place = EMOTIONS.index(seen[-1])
        place = place if place in allowed else EMOTIONS.index("Neutral")
        return Choice(EMOTIONS[place], float(now @ self.known.agent[:, place]), _named(now), "it mirrors the client")


class Steady:
    """Neutral, whatever happens."""

    def __init__(self, known: Tables, limits: Limits = LIMITS) -> None:
        del limits  # neutral is within all of them
        self.known = known

    def choose(self, seen: Sequence[str]) -> Choice:
        now = np.eye(len(EMOTIONS))[EMOTIONS.index(seen[-1])]
        return Choice("Neutral", float(now @ self.known.agent[:, EMOTIONS.index("Neutral")]), _named(now), "always")


POLICIES: Mapping[str, Callable[..., Policy]] = {
    "anticipate": Anticipate,
    "respond": Respond,
    "passive": Passive,
    "steady": Steady,
}


def _best(known: Tables, felt: Array, limits: Limits, fair: float, what: str) -> Choice:
    worth = felt @ ((1 - fair) * known.agent + fair * known.client)
    distress = float(felt @ known.bias)
    allowed = limits.allowed(distress)
    place = max(allowed, key=lambda one: worth[one])
    free = int(np.argmax(worth))
    because = f"by {what} it pays {worth[place]:.2f}"
    if free not in allowed:
        because += f"; {EMOTIONS[free]} would pay {worth[free]:.2f} and is not allowed"
    return Choice(EMOTIONS[place], float(worth[place]), _named(felt), because)


def _named(felt: Array) -> Mapping[str, float]:
    return MappingProxyType({name: round(float(one), 4) for name, one in zip(EMOTIONS, felt, strict=True)})
