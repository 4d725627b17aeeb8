"""RLVER (Wang et al. 2025, arXiv:2507.03112): a policy is rewarded by how a simulated user feels in the end.

Theirs tunes a language model with PPO and GRPO against a simulator that is a language model. Here the simulator needs
none and gives the same reward each time; what learns is a small policy over written replies, by the same group-relative
policy gradient (Shao et al. 2024, GRPO, arXiv:2402.03300). Held out are problems, and a second simulator with other
readers, which shows how much of the gain is the first one's taste. Tuning a language model comes later.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Conversation, Turn
from ..evaluate.bootstrap import Interval, interval
from ..pipeline import Pipeline
from ..presets import pipeline
from ..simulate.appraise import Appraisal, Met, Reader
from ..simulate.dynamics import dynamics
from ..simulate.person import Person, draw, problems
from ..simulate.play import play, reward
from ..simulate.responders import Says
from ..simulate.seeded import Seeded, shared
from ..wire import dump

SYSTEM = "rlver"
STATUS = "works-scaled"

HELD_OUT = ("money", "illness", "lonely")
TURNS = 6
GROUP = 8  # talks with one person, whose rewards are compared with one another
UPDATES = {"smoke": 3, "full": 150}
TESTED = {"smoke": 6, "full": 120}
RATE = 0.5
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Policy:
    """Logits of each kind of reply by how many were given before (turns, kinds)."""

    logits: Array

    def chances(self, turn: int) -> Array:
        """How likely each kind is as the reply of this number."""
        shifted = np.exp(self.logits[turn] - self.logits[turn].max())
        return shifted / shifted.sum()


def run(scale: str, seed: int) -> dict[str, Any]:
    """Reward on people with held-out problems before and after, under both simulators, with controls."""
    first, second = shared(), Other()
    untrained = Policy(np.zeros((TURNS, len(kinds()))))
    trained = learn(untrained, UPDATES[scale], seed, first)
    people = draw(TESTED[scale], seed + 1000, problems=HELD_OUT)
    arms = {
        "before": chooses(untrained, seed), "after": chooses(trained, seed),
        "always the kind it likes best": fixed(int(trained.logits.mean(0).argmax())),
        "a refusal": fixed(kinds().index("refusal")),
    }  # fmt: skip
    metrics: list[dict[str, Any]] = []
    for name, appraiser in (("simulator it learnt from", first), ("second simulator", second)):
        found = {arm: rewards(people, says, appraiser) for arm, says in arms.items()}
        metrics += [_row(f"reward, {arm}", name, values) for arm, values in found.items()]
        metrics.append(_row("reward, after minus before", name, found["after"] - found["before"], 0.0))
        metrics.append(
            _row(
                "reward, after minus always one kind",
                name,
                found["after"] - found["always the kind it likes best"],
                0.0,
            )
        )
    again = [_bytes(people[:5], arms["after"], first) for _ in range(2)]
    likes = dict(
        zip(kinds(), np.mean([trained.chances(turn) for turn in range(TURNS)], 0).round(3).tolist(), strict=True)
    )
    harmful = sum(likes[name] for name in ("flattery", "formula", "refusal"))
    return {
        "metrics": metrics,
        "data": [],
        "notes": [
            f"Reward: how the person feels in the end, 0 to 1, after {TURNS} replies or when they leave. Intervals draw"
            f" people. Held out: {', '.join(HELD_OUT)}; {len(people)} people; {UPDATES[scale]} updates of {GROUP}.",
            f"Two runs of five talks give {'the same' if again[0] == again[1] else 'different'} bytes.",
            f"What the trained policy says, by kind: {likes}. Flattery, formulas and refusals together: {harmful:.3f}"
            f" (before: {3 / len(kinds()):.3f}).",
            "People and replies are our own. The second simulator shares the dynamics and the people, not the readers:"
            " fit is shared words, warmth the"
            " emotions text.encoder reads in the reply. It never saw ESConv's exchanges.",
            "Not shown: PPO or GRPO on a language model, retention of mathematics and code: nothing here has either.",
        ],
    }


class Other:
    """A second opinion on replies by readers the first does not use: shared words, and the emotion of the reply."""

    revision: str = "other"

    def __init__(self) -> None:
        self._reader: Pipeline = pipeline("text")
        self._guard = shared()
        self._known: dict[str, tuple[float, float, float]] = {}

    def read(self, every: Sequence[Met]) -> list[Appraisal]:
        """One appraisal per reply; risks are the guard's in both simulators."""
        return [self._one(one, seen) for one, seen in zip(every, self._guard.read(every), strict=True)]

    def _one(self, one: Met, seen: Appraisal) -> Appraisal:
        mine, theirs = _content(one.reply), _content(f"{one.before} {one.said}")
        near = len(mine & theirs) / max(1, len(mine))
        asks = 0.5 * ("?" in one.reply)
        return Appraisal(
            min(1.0, 0.45 + near + 0.5 * asks), self._warmth(one.reply), seen.strategies, seen.risks, seen.words
        )

    def _warmth(self, reply: str) -> tuple[float, float, float]:
        """Caring or remorse, approval or sadness, curiosity, each brought to the scale of EPITOME's levels."""
        if reply not in self._known:
            read = self._reader.run(Conversation(Turn("companion", reply), id="reply"))
            found = [one for one in read.read("emotion", scheme="goemotions28") if one.scores]
            scores = found[-1].scores if found else {}
            wanted = (
                ("caring", "remorse", "love"),
                ("approval", "sadness", "disappointment"),
                ("curiosity", "confusion"),
            )
            a, b, c = (min(2.0, 4 * max(scores.get(name, 0.0) for name in some)) for some in wanted)
            self._known[reply] = (a, b, c)
        return self._known[reply]


def learn(policy: Policy, updates: int, seed: int, appraiser: Reader) -> Policy:
    """The policy after so many steps: a group of talks with one person, each against the mean of its group."""
    shipped = [one.name for one in problems() if one.kind == "ordinary" and one.name not in HELD_OUT]
    people, logits = draw(updates, seed, problems=shipped), policy.logits.copy()
    for step, person in enumerate(people):
        now = Policy(logits)
        talks = [_talk(person, chooses(now, seed + 7919 * step + k), appraiser) for k in range(GROUP)]
        gained = np.array([reward(talk) for talk in talks])
        advantage = (gained - gained.mean()) / (gained.std() + 1e-6)
        for talk, better in zip(talks, advantage, strict=True):
            for turn, said in enumerate(_kinds(talk)):
                push = -now.chances(turn)
                push[said] += 1
                logits[turn] += RATE * better * push / GROUP
    return Policy(logits)


Chooser = Callable[[Person, int], str]


def chooses(policy: Policy, seed: int) -> Chooser:
    """Draws a kind by the policy and one of its replies, none twice in a talk while there are others."""

    def say(person: Person, turn: int) -> str:
        random = np.random.default_rng([seed, person.seed, turn])
        name = kinds()[int(random.choice(len(kinds()), p=policy.chances(turn)))]
        order = np.random.default_rng([seed, person.seed]).permutation(len(replies()[name]))
        return replies()[name][int(order[turn % len(order)])]

    return say


def fixed(kind: int) -> Chooser:
    """Always one kind, its replies in turn."""
    some = replies()[kinds()[kind]]
    return lambda _, turn: some[turn % len(some)]


def rewards(people: Sequence[Person], says: Chooser, appraiser: Reader) -> Array:
    """The reward of a talk with each."""
    return np.array([reward(_talk(one, says, appraiser)) for one in people])


def _talk(person: Person, says: Chooser, appraiser: Reader) -> Conversation:
    def script(talk: Conversation) -> str:
        return says(person, sum(turn.speaker != "seeker" for turn in talk.turns))

    return play(Seeded(person, appraiser, dynamics()), Says(script), TURNS)


def _kinds(talk: Conversation) -> list[int]:
    places = {text: kinds().index(name) for name, some in replies().items() for text in some}
    return [places[turn.text] for turn in talk.turns if turn.speaker != "seeker"]


def kinds() -> tuple[str, ...]:
    """The kinds of replies."""
    return tuple(replies())


@cache
def replies() -> dict[str, list[str]]:
    """The written replies by kind."""
    return tomllib.loads((resources.files("insula.studies") / "rlver.toml").read_text(encoding="utf-8"))


def _content(text: str) -> set[str]:
    return {word.strip(".,!?'\"").lower() for word in text.split() if len(word.strip(".,!?'\"")) > 3}


def _bytes(people: Sequence[Person], says: Chooser, appraiser: Reader) -> str:
    whole = sha256()
    for one in people:
        talk = _talk(one, says, appraiser)
        whole.update("\n".join(dump(addition, talk.id) for addition in talk).encode())
    return whole.hexdigest()


def _row(name: str, part: str, values: Array, baseline: float | None = None) -> dict[str, Any]:
    found: Interval = interval(lambda weights: weights @ values / weights.sum(1), len(values))
    numbers = {"score": found.score, "low": found.low, "high": found.high}
    return {
        "name": name,
        "slice": part,
        **{k: round(v, 4) for k, v in numbers.items()},
        "n": len(values),
        "baseline": baseline,
    }
