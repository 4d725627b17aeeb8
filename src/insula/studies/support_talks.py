"""Talks of support for the studies of strategies: made-up ones, the turns that are asked about, and rows of numbers.

asked = choices(talks, {"planner": Planner()}, StrategyTagger())     # what each arm would do next, beside what was done
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation, Conversation, Turn
from ..data.gold import dimensions, one_of
from ..evaluate.bootstrap import interval
from ..evaluate.metrics import accuracy, macro_f1, preference_bias
from ..respond.plan import Planner
from ..respond.strategy import StrategyTagger
from ..respond.talk import STRATEGIES

Array = NDArray[Any]
Statistic = Callable[[Array | None], Array]
METRICS = {"macro-F1 (Q)": macro_f1, "accuracy": accuracy, "preference bias B": preference_bias}


@dataclass(frozen=True)
class Choices:
    """Turns asked about: the talk of each (items,), what was done next and what each arm chose (items, 8)."""

    talk: NDArray[np.intp]
    done: Array
    chosen: Mapping[str, Array]
    steered: int = 0  # plans that steered away from what was done again and again

    def rows(self, part: str, baseline: Mapping[str, float]) -> list[dict[str, Any]]:
        """Every metric of every arm, with intervals over talks."""
        return [
            row(f"{name}, {arm}", part, self._of(metric, said), self.talk, baseline[name])
            for name, metric in METRICS.items()
            for arm, said in self.chosen.items()
        ]

    def gaps(self, part: str, arm: str, others: Iterable[str]) -> list[dict[str, Any]]:
        """What one arm has over others, on the same resampled talks."""
        return [
            row(f"{name}, {arm} minus {other}", part, self._gap(metric, arm, other), self.talk)
            for name, metric in METRICS.items()
            for other in others
        ]

    def _of(self, metric: Any, said: Array) -> Statistic:
        return lambda weights: metric(self.done, said, weights)

    def _gap(self, metric: Any, arm: str, other: str) -> Statistic:
        one, two = self._of(metric, self.chosen[arm]), self._of(metric, self.chosen[other])
        return lambda weights: one(weights) - two(weights)

    def majority(self) -> dict[str, float]:
        """What always doing the commonest thing scores."""
        common = np.zeros_like(self.done)
        common[:, self.done.sum(0).argmax()] = 1
        return {name: float(metric(self.done, common, None)[0]) for name, metric in METRICS.items()}


def choices(talks: Iterable[Conversation], planners: Mapping[str, Planner], tagger: StrategyTagger) -> Choices:
    """At every turn right before a supporter's: what each planner decides; the arm "given the true strategies" knows
    those of earlier turns, all others read them with the tagger."""
    done, number, steered = list[Array](), list[int](), 0
    chosen: dict[str, list[Array]] = {name: [] for name in planners}
    for k, talk in enumerate(talks):
        told = {one.at.turn: one for one in talk.read("strategy", rater="gold", scheme="esconv8")}
        turns = talk.turns
        asked = [(turns[place - 1], told[turn.id]) for place, turn in enumerate(turns) if place and turn.id in told]
        tagged = Conversation(*turns, id=talk.id)
        tagged.add(*tagger(tagged))
        true = Conversation(*turns, *told.values(), id=talk.id)
        for name, planner in planners.items():
            plans = {x.at.turn: x for x in planner(true if name == TRUE else tagged) if isinstance(x, Annotation)
                     and x.layer == "plan"}  # fmt: skip
            chosen[name] += [one_hot(plans[turn.id].labels[0]) for turn, _ in asked]
            steered += sum(bool(one.reason) for one in plans.values()) if name == next(iter(planners)) else 0
        done += [one_hot(gold.top or "") for _, gold in asked]
        number += [k] * len(asked)
    return Choices(np.array(number), np.array(done), {name: np.array(x) for name, x in chosen.items()}, steered)


TRUE = "given the true earlier strategies"


def one_hot(label: str) -> Array:
    """1 at the strategy, 0 elsewhere (8,)."""
    return np.array([float(label == one) for one in STRATEGIES])


def row(name: str, part: str, of: Statistic, groups: Array, baseline: float | None = None) -> dict[str, Any]:
    """One number of a study with its 95 % interval over groups."""
    numbered = np.unique(groups, return_inverse=True)[1]
    found = interval(lambda weights: np.asarray(of(weights)), len(numbered), groups=numbered)
    score, low, high = (round(x, 4) for x in (found.score, found.low, found.high))
    rounded = None if baseline is None else round(baseline, 4)
    return {
        "name": name,
        "slice": part,
        "score": score,
        "low": low,
        "high": high,
        "n": len(numbered),
        "baseline": rounded,
    }


def made_up(count: int, seed: int) -> list[Conversation]:
    """Talks of eight turns with strategies and stars; the person likes some strategies better than others."""
    said = tomllib.loads((resources.files(__package__ or "") / "support_talks.toml").read_text(encoding="utf-8"))
    draws = np.random.default_rng(seed)
    return [_talk(said, draws, f"made-up-{k}") for k in range(count)]


def _talk(said: Mapping[str, Any], draws: np.random.Generator, id: str) -> Conversation:
    talk = Conversation(Turn("seeker", str(draws.choice(said["seeker"])), id="t1"), id=id)
    for place in range(2, 9, 2):
        label = str(draws.choice(STRATEGIES))
        liked = label in said["liked"]
        talk.add(
            Turn("supporter", said["supporter"][label], id=f"t{place}"), one_of("esconv8", label, turn=f"t{place}")
        )
        talk.add(Turn("seeker", said["better" if liked else "worse"], id=f"t{place + 1}"))
        talk.add(dimensions("feedback-stars", {"stars": 5.0 if liked else 2.0}, turn=f"t{place + 1}"))
    return talk
