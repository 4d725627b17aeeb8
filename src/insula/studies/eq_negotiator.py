"""EQ-Negotiator: an emotion policy with a hidden Markov model, against policies without history or without an aim.

Simulated negotiations about days to pay, the same clients for every policy. Measured: agreements, days, the client's
distress, and how often the agent pressed; with the limits on coercion and without. The language models of the paper are
not repeated: the clients here are drawn from its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from ..data.record import root
from ..evaluate.bootstrap import Interval, interval
from ..simulate.negotiate import EMOTIONS, POLICIES, Anticipate, Deal, Tables, bargain, tables
from ..simulate.negotiate.policy import NO_LIMITS
from ..simulate.negotiate.tables import FOLDER

SYSTEM = "eq-negotiator"
STATUS = "works-scaled"
CLIENTS = {"smoke": 40, "full": 2000}
MEASURES = {
    "share that agreed within eight rounds": lambda one: float(one.agreed),
    "days to pay, mean of both sides at the end": lambda one: one.days,
    "rounds": lambda one: float(one.rounds),
    "weight of bad signs in what the client felt, 0 to 1": lambda one: one.distress,
    "share of rounds in which the agent showed anger, disgust or fear": lambda one: one.pressed,
}


def run(scale: str = "smoke", seed: int = 0) -> dict[str, Any]:
    """Every policy within the limits, the first without them, and the gaps to the first; smoke: made-up tables."""
    known = tables() if scale == "full" else made_up(seed)
    arms = {name: make(known) for name, make in POLICIES.items()}
    arms["anticipate, no limits"] = Anticipate(known, NO_LIMITS)
    deals = {name: [bargain(policy, known, seed + k) for k in range(CLIENTS[scale])] for name, policy in arms.items()}
    metrics = [row for name, found in deals.items() for row in _rows(name, found, deals["steady"])]
    metrics += [row for name in deals if name != "anticipate" for row in _gaps(name, deals["anticipate"], deals[name])]
    return {
        "metrics": metrics,
        "data": [],
        "tables": {"what `anticipate` shows after each emotion": _policy(known)},
        "notes": [
            "Baseline: an agent that is always neutral. Gaps are paired: the same clients, the same draws.",
            "Clients are a model of our own on the published tables (transitions, emissions, payoffs): how a"
            " policy does here says how the parts fit, and nothing about people in debt.",
            *([f"Files of {FOLDER}, sha256: {_files()}."] if scale == "full" else []),
            "One row of the published transitions sums to 1.05; all rows are scaled to 1.",
            "In the published tables pressing never pays most, so without limits nobody presses either; what the limits"
            " cost is the cheer that is not shown to somebody in distress.",
            "Limits: no anger, disgust or fear shown to press; nothing cheerful to somebody in distress.",
        ],
    }


def _files() -> str:
    found = sorted((root() / FOLDER).glob("*.tsv"))
    return ", ".join(f"{path.name} {sha256(path.read_bytes()).hexdigest()}" for path in found)


def made_up(seed: int) -> Tables:
    """Tables of the same shape."""
    random, size = np.random.default_rng(seed), len(EMOTIONS)
    shares = random.dirichlet(np.ones(size), (2, size))
    pays = random.integers(0, 5, (2, size, size)).astype(float)
    return Tables(pays[0], pays[1], shares[0], shares[1], random.random(size))


def _policy(known: Tables) -> dict[str, Any]:
    return {name: {"shows": one.shows, "because": one.because} for name, one in Anticipate(known).table().items()}


def _rows(name: str, deals: Sequence[Deal], steady: Sequence[Deal]) -> list[dict[str, Any]]:
    return [
        _row(
            measure, name, _mean([value(one) for one in deals]), len(deals), float(np.mean([value(x) for x in steady]))
        )
        for measure, value in MEASURES.items()
    ]


def _gaps(name: str, first: Sequence[Deal], other: Sequence[Deal]) -> list[dict[str, Any]]:
    return [
        _row(
            f"{measure}: difference",
            f"anticipate less {name}",
            _mean([value(one) - value(two) for one, two in zip(first, other, strict=True)]),
            len(first),
            None,
        )
        for measure, value in MEASURES.items()
    ]


def _mean(values: Sequence[float]) -> Interval:
    known = np.array(values)
    return interval(lambda weights: weights @ known / weights.sum(1), len(known))


def _row(name: str, part: str, found: Interval, n: int, baseline: float | None) -> dict[str, Any]:
    score, low, high = (round(float(x), 4) for x in (found.score, found.low, found.high))
    known = None if baseline is None else round(baseline, 4)
    return {"name": name, "slice": part, "score": score, "low": low, "high": high, "n": n, "baseline": known}
