"""Simulated negotiations about days to pay: a client with emotions, an agent with a policy.

    bargain(Anticipate(tables()), tables(), seed=1) -> Deal(agreed=True, days=38.5, rounds=6, ...)

Our own model, not the paper's, which lets two language models talk: the client's emotion moves by the published
transitions, tilted towards emotions in which what the agent shows pays the client more; the agent sees it with the
published error; and the client gives way faster the more they are paid. Constants below are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .policy import Policy
from .tables import EMOTIONS, Array, Tables

ROUNDS = 8
TILT = 0.5  # per point of payoff: how much a pleasing agent makes pleasant emotions likelier
CLIENT, AGENT = (
    0.035,
    0.03,
)  # share of the first gap given way in a round: the client's per point of payoff, the agent's
WANTED = (20.0, 40.0)  # days the creditor asks for
OFFERED = (70.0, 110.0)  # days the client asks for


@dataclass(frozen=True)
class Deal:
    """How it ended: `days` (the creditor wants few), `rounds`, and of the rounds the mean weight of bad signs in what
    the client felt, 0..1, and the share in which the agent showed anger, disgust or fear."""

    agreed: bool
    days: float
    rounds: int
    distress: float
    pressed: float


def bargain(policy: Policy, known: Tables, seed: int = 0) -> Deal:
    """One negotiation; the same seed is the same client for every policy: first emotion, days, and draws."""
    random = np.random.default_rng(seed)
    wanted, offered = random.uniform(*WANTED), random.uniform(*OFFERED)
    draws = random.random((ROUNDS, 2))
    first = (offered - wanted) * np.array([AGENT, CLIENT])
    feels = int(random.integers(len(EMOTIONS)))
    seen: list[str] = []
    bad, pressed = list[float](), list[bool]()
    for number in range(ROUNDS):
        seen.append(EMOTIONS[_drawn(known.emission[feels], draws[number, 0])])
        shows = EMOTIONS.index(policy.choose(seen).shows)
        bad.append(float(known.bias[feels]))
        pressed.append(EMOTIONS[shows] in ("Anger", "Disgust", "Fear"))
        wanted += first[0]
        offered -= first[1] * known.client[feels, shows]
        if offered <= wanted:
            break
        feels = _drawn(_next(known, feels, shows), draws[number, 1])
    agreed = offered <= wanted
    return Deal(agreed, (wanted + offered) / 2, len(seen), float(np.mean(bad)), float(np.mean(pressed)))


def _next(known: Tables, feels: int, shows: int) -> Array:
    """The client's next emotion: the transitions, tilted by what the agent's emotion would pay in each."""
    tilted = known.transition[feels] * np.exp(TILT * (known.client[:, shows] - known.client[:, shows].mean()))
    return tilted / tilted.sum()


def _drawn(shares: Array, draw: float) -> int:
    return min(int(np.searchsorted(np.cumsum(shares), draw)), len(shares) - 1)
