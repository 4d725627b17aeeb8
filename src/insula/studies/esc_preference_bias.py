"""Preference bias (Kang et al. 2024): how lopsided a model's choices of strategy are, and what a planner changes.

Proficiency Q is the macro-F1 of the choice, bias B the spread of Bradley-Terry preferences for the eight strategies.
Measured: the shipped planner, with and without holding common strategies back; the authors' sample of one large model;
and the embedded model, choosing alone, by a planner's advice, and bound to it. The live monitor counts how often the
planner steers away from a strategy that was used again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from ..conversation import Annotation, Conversation, Turn
from ..llm import LLM, LLMError, Message, Scripted, connect
from ..llm.structured import ask
from ..respond.plan import RUN, Planner
from ..respond.prompt import talk as messages
from ..respond.strategies import strategies
from ..respond.strategy import StrategyTagger
from .support_talks import Choices, choices, made_up, one_hot

SYSTEM = "esc-preference-bias"
STATUS = "works-scaled"
Array = NDArray[Any]
_SUPPORTER = ("supporter",)
_SAMPLE = 60  # turns the embedded model is asked about
_ADVISED = 3  # strategies a planner names to a model
_TURNS, _WORDS = 6, 40  # of the talk that a model is shown


class Choice(BaseModel):
    """What a model answers."""

    strategy: Literal[
        "question",
        "restatement",
        "reflection",
        "self-disclosure",
        "affirmation",
        "suggestion",
        "information",
        "others",
    ]


@dataclass(frozen=True)
class Asked:
    """A turn after which a supporter's follows: the talk up to it, what was done, and the plan at it."""

    talk: int
    turns: Sequence[Turn]
    done: Array
    plan: Annotation


def run(scale: str = "smoke", seed: int = 0) -> dict[str, Any]:
    """ESConv's test and the authors' sample; smoke: made-up talks and a model that always asks a question."""
    full = scale == "full"
    talks, part = (_load("esconv"), "esconv test") if full else (made_up(6, seed), "made up")
    planner = Planner(supporters=_SUPPORTER)
    arms = {"planner": planner, "planner, nothing held back": Planner(supporters=_SUPPORTER, hold_back=False)}
    found = choices(talks, arms, StrategyTagger(supporters=_SUPPORTER))
    metrics = found.rows(part, found.majority()) + found.gaps(part, *_pair(arms))
    asked = sampled(talks, planner, _SAMPLE if full else 12, seed)
    model: LLM = connect("local:base") if full else Scripted('{"strategy": "question"}')
    by_model, failed = of_model(model, asked)
    metrics += by_model.rows(f"{part}, {len(asked)} turns", by_model.majority())
    metrics += by_model.gaps(f"{part}, {len(asked)} turns", "model alone", ["model advised by the planner"])
    if full:
        metrics += _published().rows("the authors' sample", found.majority())
    notes = [
        f"Live monitor: {found.steered} plans steered away from a strategy used {RUN} or more times running.",
        f"Asked of the model: {len(asked)} turns drawn by seed, last {_TURNS} turns of the talk; "
        f"{failed} answers were none of the eight and count as others, as in the authors' script.",
        "The sample's turns come from splits unknown; its model is not named in the file.",
        "Bias of few turns is larger than of many: small counts are lopsided by chance. Compare arms of one slice.",
    ]
    return {"metrics": metrics, "data": ["esconv", "esc-preference-bias"] if full else [], "notes": notes}


def _pair(arms: Mapping[str, Planner]) -> tuple[str, list[str]]:
    first, *others = arms
    return first, others


def _load(name: str) -> list[Conversation]:
    from ..data import load

    return list(load(name, "test"))


def sampled(talks: Sequence[Conversation], planner: Planner, count: int, seed: int) -> list[Asked]:
    """That many turns right before a supporter's, drawn without looking, with the plan made of the bare talk."""
    every = [
        (number, place, gold)
        for number, talk in enumerate(talks)
        for place, turn in enumerate(talk.turns)
        for gold in talk.read("strategy", turn=turn.id, rater="gold")
        if place
    ]
    drawn = np.random.default_rng(seed).permutation(len(every))[:count]
    tagger, found = StrategyTagger(supporters=_SUPPORTER), list[Asked]()
    for number, place, gold in (every[k] for k in sorted(drawn)):
        bare = Conversation(*talks[number].turns[:place])
        bare.add(*tagger(bare))
        plans = [one for one in planner(bare) if isinstance(one, Annotation) and one.layer == "plan"]
        found.append(Asked(number, bare.turns, one_hot(gold.top or ""), plans[-1]))
    return found


def of_model(model: LLM, asked: Sequence[Asked]) -> tuple[Choices, int]:
    """What a model chooses alone and advised, and what it is told when the planner decides; and how often it failed."""
    alone = [_chosen(model, one, ()) for one in asked]
    advised = [_chosen(model, one, _advice(one.plan)) for one in asked]
    failed = sum(label is None for label in (*alone, *advised))
    bound = [one.plan.labels[0] for one in asked]
    arms = {"model alone": alone, "model advised by the planner": advised, "model bound to the planner": bound}
    chosen = {name: np.array([one_hot(label or "others") for label in labels]) for name, labels in arms.items()}
    return Choices(np.array([one.talk for one in asked]), np.array([one.done for one in asked]), chosen), failed


def _advice(plan: Annotation) -> tuple[str, ...]:
    """What the planner decided, then what else is likely."""
    likely = sorted(plan.scores, key=plan.scores.__getitem__, reverse=True)
    return tuple(dict.fromkeys((*plan.labels, *likely)))[:_ADVISED]


def _chosen(model: LLM, one: Asked, advice: Sequence[str]) -> str | None:
    """The strategy the model names; None where it names none."""
    known = "; ".join(f"{name}: {strategy.instruction}" for name, strategy in strategies().items())
    told = f"You help a supporter choose the next step of a talk. Steps: {known}."
    if advice:
        told += f" A planner advises, best first: {', '.join(advice)}."
    said = [replace(message, role="user") for message in messages(one.turns[-_TURNS:], "supporter", _WORDS)]
    shown = "\n".join(f"- {message.text}" for message in said)
    question = Message("user", f"The talk so far:\n{shown}\nWhich step comes next?")
    try:
        return asyncio.run(ask(model, [Message("system", told), question], Choice, repairs=1, max_tokens=24)).strategy
    except LLMError:
        return None


def _published() -> Choices:
    """The choices of the authors' sample, each turn a talk of its own."""
    done, chosen = list[Array](), list[Array]()
    for one in _load("esc-preference-bias"):
        (gold,) = one.read("strategy", rater="gold")
        (model,) = one.read("strategy", rater="llm:results-example")
        done.append(one_hot(gold.top or ""))
        chosen.append(one_hot(model.top or ""))
    return Choices(np.arange(len(done)), np.array(done), {"the authors' model": np.array(chosen)})
