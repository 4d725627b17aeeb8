"""Who meets whom: what one person's replies are to another, for every ordered pair of a conversation.

    for one in dyads(conversation): print(one.replier, one.answered, one.measures["alignment"])
    bo ana alignment .81 (.74 to .88), 6 replies

A reply is a turn right after another speaker's. A number is a mean over replies, with the interval that holds it in 95
of 100 resamplings of those replies (Efron 1979); where there are under `FEWEST`, only the mean, with the note "too few
turns". It describes this conversation and is no grade of a person: who replies chose whom to reply to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from insula.conversation import Annotation, Conversation, Turn
from insula.explain.trajectory import Line, Spread, population, valence

MECHANISMS = ("emotional-reactions", "interpretations", "explorations")
MEANINGS: Mapping[str, str] = {
    "emotional-reactions": "mean level of warmth, 0..2 (EPITOME)",
    "interpretations": "mean level of understanding, 0..2 (EPITOME)",
    "explorations": "mean level of asking on, 0..2 (EPITOME)",
    "alignment": "how far the replies meet what they answer, 0..1",
    "politeness": "-1..1",
    "questions": "share of the replies that explore by asking",
    "moved": "valence of the answered person's next turn, less what their own course let expect, -2..2",
    "contagion": "how much of the replier's valence comes back in the answered person's next turn, -1..1",
    "reciprocity": "alignment given less alignment received, -1..1; 0 is even",
}
FEWEST = 5
_DRAWS = 500
_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % interval (None: too few turns) and how many replies, or steps, it is from."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""


@dataclass(frozen=True)
class Dyad:
    """What `replier`'s replies to `answered` are like: a measure for each name in `MEANINGS`."""

    replier: str
    answered: str
    replies: int
    measures: Mapping[str, Measure]

    def table(self) -> list[dict[str, Any]]:
        """One row per measure: who, whom, what it is called and means, value, low, high, n, note."""
        return [
            {
                "replier": self.replier,
                "answered": self.answered,
                "measure": name,
                "meaning": MEANINGS[name],
                **{field: getattr(one, field) for field in ("value", "low", "high", "n", "note")},
            }
            for name, one in self.measures.items()
        ]


def dyads(conversation: Conversation) -> tuple[Dyad, ...]:
    """Every ordered pair in which one replied to the other, those with the most replies first.

    Reads what is there of epitome3, alignment, politeness, intents, trajectory and affect; what nobody judged has no
    value and the note "not looked".
    """
    pairs: dict[tuple[str, str], list[tuple[Turn, Turn]]] = {}
    for earlier, turn in pairwise(conversation.turns):
        if earlier.speaker != turn.speaker:
            pairs.setdefault((turn.speaker, earlier.speaker), []).append((earlier, turn))
    later = _next_turns(conversation)
    values = {pair: _values(conversation, replies, later) for pair, replies in pairs.items()}
    slopes = _contagion(conversation)
    made: list[Dyad] = []
    for (replier, answered), replies in pairs.items():
        given = values[replier, answered]
        received = values.get((answered, replier), {}).get("alignment", [])
        measures = {name: _mean(given[name]) for name in MEANINGS if name in given}
        measures["contagion"] = slopes.get((replier, answered), Measure(None, note="too few turns"))
        measures["reciprocity"] = _difference(given["alignment"], received)
        made.append(Dyad(replier, answered, len(replies), measures))
    return tuple(sorted(made, key=lambda one: -one.replies))


def _values(
    conversation: Conversation, replies: Sequence[tuple[Turn, Turn]], later: Mapping[str, str]
) -> dict[str, list[float]]:
    """name -> the number of each reply that has it."""
    found: dict[str, list[float]] = {
        name: [] for name in (*MECHANISMS, "alignment", "politeness", "questions", "moved")
    }
    for earlier, turn in replies:
        levels = _scores(conversation, "empathy", "epitome3", turn)
        aligned = _scores(conversation, "empathy", "alignment", turn)
        polite = _scores(conversation, "politeness", "politeness", turn)
        for name, number in {**levels, **aligned, **polite}.items():
            if name in found:
                found[name].append(number)
        if (asks := _asks(conversation, turn, levels)) is not None:
            found["questions"].append(asks)
        if (moved := _moved(conversation, earlier, later.get(earlier.id))) is not None:
            found["moved"].append(moved)
    return found


def _scores(conversation: Conversation, layer: str, scheme: str, turn: Turn) -> Mapping[str, float]:
    judged: list[Annotation] = conversation.read(layer, turn=turn.id, scheme=scheme)
    return next((one.scores for one in judged if one.at.chars is None and one.scores), {})


def _asks(conversation: Conversation, turn: Turn, levels: Mapping[str, float]) -> float | None:
    """1.0 where the reply explores (a level that rounds to 1 or more; else the intent "questioning"), else 0.0."""
    if "explorations" in levels:
        return float(levels["explorations"] >= 0.5)
    intent = _scores(conversation, "intent", "empathetic-intents9", turn)
    return float(max(intent, key=lambda label: intent[label]) == "questioning") if intent else None


def _moved(conversation: Conversation, earlier: Turn, following: str | None) -> float | None:
    """How far the answered person's next turn lies above what was forecast for it before the reply."""
    forecast = _scores(conversation, "trajectory", "trajectory", earlier).get("forecast")
    came = valence(conversation, following) if following else None
    return None if forecast is None or came is None else came[0] - forecast


def _next_turns(conversation: Conversation) -> dict[str, str]:
    """Turn -> the next one of the same speaker."""
    last: dict[str, str] = {}
    found: dict[str, str] = {}
    for turn in conversation.turns:
        if turn.speaker in last:
            found[last[turn.speaker]] = turn.id
        last[turn.speaker] = turn.id
    return found


def _contagion(conversation: Conversation) -> dict[tuple[str, str], Measure]:
    """(whose valence, in whom it comes back) -> the slope, by the population's line and the steps of that pair."""
    start, _ = population()
    lines: dict[tuple[str, str], Line] = {}
    counts: dict[tuple[str, str], int] = {}
    spread = Spread(start)
    for replier, answered, x, y in _steps(conversation):
        line = lines.setdefault((replier, answered), Line(start.dependence))
        expected, deviation = line.at(x)
        spread.learn((y - expected) / deviation)
        line.learn(x, y)
        counts[replier, answered] = counts.get((replier, answered), 0) + 1
    found: dict[tuple[str, str], Measure] = {}
    for pair, line in lines.items():
        slopes, deviations = line.slopes()
        value, half = float(slopes[2]), float(_NORMAL_95 * spread.noise * deviations[2])
        enough = counts[pair] >= FEWEST
        low, high = (value - half, value + half) if enough else (None, None)
        found[pair] = Measure(value, low, high, counts[pair], "" if enough else "too few turns")
    return found


def _steps(conversation: Conversation) -> Iterator[tuple[str, str, Any, float]]:
    """Who spoke since, to whose next turn, what it may follow (3,), and its valence: one per step and other speaker."""
    own: dict[str, float] = {}
    since: dict[str, dict[str, list[float]]] = {}
    for turn in conversation.turns:
        if (known := valence(conversation, turn.id)) is None:
            continue
        if turn.speaker in own:
            for other, heard in since.pop(turn.speaker, {}).items():
                yield other, turn.speaker, np.array((1.0, own[turn.speaker], np.mean(heard))), known[0]
        own[turn.speaker] = known[0]
        for speaker in own:
            if speaker != turn.speaker:
                since.setdefault(speaker, {}).setdefault(turn.speaker, []).append(known[0])


def _mean(values: Sequence[float]) -> Measure:
    """The mean and its interval over resamplings."""
    if not values:
        return Measure(None, note="not looked")
    if len(values) < FEWEST:
        return Measure(float(np.mean(values)), n=len(values), note="too few turns")
    low, high = np.quantile(_drawn(values, 0), (0.025, 0.975))
    return Measure(float(np.mean(values)), float(low), float(high), len(values))


def _difference(given: Sequence[float], received: Sequence[float]) -> Measure:
    """How much higher the mean of what was given is, and its interval over resamplings of both."""
    n = min(len(given), len(received))
    if not n:
        return Measure(None, note="not looked" if not given else "nothing came back")
    value = float(np.mean(given) - np.mean(received))
    if n < FEWEST:
        return Measure(value, n=n, note="too few turns")
    low, high = np.quantile(_drawn(given, 0) - _drawn(received, 1), (0.025, 0.975))
    return Measure(value, float(low), float(high), n)


def _drawn(values: Sequence[float], seed: int) -> Any:
    """Means of resamplings (draws,)."""
    numbers = np.asarray(values)
    return numbers[np.random.default_rng(seed).integers(len(numbers), size=(_DRAWS, len(numbers)))].mean(1)
