"""Mimicry: what a reply should feel like, from clusters of pleasant and unpleasant emotions, mixed and sampled.

Claim (Majumder et al. 2020, MIME, EMNLP): an empathetic reply mostly mirrors the polarity of the speaker's emotion, not
always; grouping 32 emotions by polarity, mixing a mimicking with a non-mimicking part, and sampling within the groups
gives better and more varied replies than treating emotions alike (flat) or without chance (deterministic).

Ours: dialogue.encoder gives the 32 emotions of the speaker's turn. A mimicking reply draws its emotion from the group
of the speaker's polarity, another from the other group; how often listeners mimic is counted on development data, apart
for pleasant and unpleasant turns. Within a group the emotion with the highest log-probability plus normal noise is
taken. Flat draws from all 32 alike; deterministic takes the likeliest of the mixture. What the listener really felt is
what dialogue.encoder reads in their reply, and, for polarity, also what text.encoder reads there, which chose nothing.
For words the chosen emotion is added to the small local model's prompt.

Differs: MIME trains a transformer from scratch around these parts; here the reader and the model are given, and the
model was not tuned on such a line. Polarity comes from this project's map to seven emotions, not from a sentiment
lexicon. The samples are small: 240 conversations of the test part read, 30 answered.

    insula study mime --scale full
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Conversation, Turn
from ..data import load
from ..llm import LLM, Message
from ..presets import pipeline
from ..scheme import mapping, scheme
from . import hef
from .measure import Array, measured

SYSTEM = "mime"
STATUS = "works-scaled"

EMOTIONS = scheme("empathetic32").labels
READ, COUNTED, ANSWERED = 240, 240, 30
SAMPLES = 10  # choices for one context
NOISE = 1.0  # standard deviation, in nats
WORDS = 60
_DRAWS = 500  # of an interval
Choose = Callable[[NDArray[Any], np.random.Generator], int]


def _pleasant() -> NDArray[np.bool_]:
    """Which of the 32 are pleasant: their valence once mapped to seven; the two that are none of the seven are."""
    to_seven, to_places = mapping("empathetic32", "ekman7"), mapping("ekman7", "vad")
    places = (to_places.scores(to_seven.scores({label: 1.0})) if label in to_seven.table else {} for label in EMOTIONS)
    return np.array([place.get("valence", 0.1) > 0 for place in places])


PLEASANT = _pleasant()


@dataclass(frozen=True)
class Context:
    """A turn to be answered: the 32 emotions of its speaker, what its listener's reply reads as, and its valence."""

    felt: NDArray[Any]
    replied: int
    valence: float
    talk: str


@dataclass(frozen=True)
class Mimicry:
    """How often listeners mirror the polarity of an unpleasant and of a pleasant turn, 0..1 each."""

    unpleasant: float
    pleasant: float

    def share(self, felt: NDArray[Any]) -> tuple[bool, float]:
        """Whether the speaker's emotion is pleasant, and how often it is mirrored."""
        pleasant = bool(felt[PLEASANT].sum() >= 0.5)
        return pleasant, self.pleasant if pleasant else self.unpleasant

    def mixture(self, felt: NDArray[Any]) -> NDArray[Any]:
        """The 32 probabilities of the reply's emotion: mimicking and not, mixed."""
        pleasant, share = self.share(felt)
        return share * _within(felt, pleasant) + (1 - share) * _within(felt, not pleasant)

    def stochastic(self, felt: NDArray[Any], draw: np.random.Generator) -> int:
        """First whether to mirror, then an emotion of that group."""
        pleasant, share = self.share(felt)
        return _noisy(_within(felt, pleasant if draw.random() < share else not pleasant), draw)

    def deterministic(self, felt: NDArray[Any], _: np.random.Generator) -> int:
        """The likeliest emotion of the mixture."""
        return int(self.mixture(felt).argmax())


def flat(felt: NDArray[Any], draw: np.random.Generator) -> int:
    """Any of the 32, no groups."""
    return _noisy(felt, draw)


def counted(contexts: Sequence[Context]) -> Mimicry:
    """How often listeners mirror; one of each is added, so that nothing is never or always."""
    shares: list[float] = []
    for polarity in (False, True):
        some = [one for one in contexts if bool(one.felt[PLEASANT].sum() >= 0.5) == polarity]
        same = sum(bool(PLEASANT[one.replied]) == polarity for one in some)
        shares.append((same + 1) / (len(some) + 2))
    return Mimicry(*shares)


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Accuracy and variety of the chosen emotion, and what the model's words are with each."""
    if scale == "full":
        dev, test = (read_contexts(split, most, seed) for split, most in (("dev", COUNTED), ("test", READ)))
    else:
        dev, test = made_up(60, seed), made_up(60, seed + 1)
    mimicry = counted(dev)
    arms: dict[str, Choose] = {
        "mime": mimicry.stochastic,
        "deterministic": mimicry.deterministic,
        "flat": flat,
        "always mimicking": Mimicry(1.0, 1.0).stochastic,
    }
    chosen = {arm: choices(choose, test, seed) for arm, choose in arms.items()}
    metrics = [*_accuracy(test, dev, chosen), *_variety(test, chosen)]
    notes: list[str] = []
    if scale == "full":
        rows, notes = _words(arms, seed)
        metrics += rows
    notes += [
        f"Listeners mirror {mimicry.unpleasant:.2f} of unpleasant and {mimicry.pleasant:.2f} of pleasant turns of dev, "
        "by dialogue.encoder.",
        f"{SAMPLES} choices for each context; intervals draw conversations and choices. What a listener felt is read "
        "by machine in their words: agreement of two readings, no gold.",
        "dialogue.encoder also chooses, so agreement by it is flattering; text.encoder chose nothing.",
        "Baseline: the commonest emotion of listeners on dev.",
    ]
    return {"metrics": metrics, "data": ["empathetic-dialogues"] if scale == "full" else [], "notes": notes}


def read_contexts(split: str, most: int, seed: int) -> list[Context]:
    """One answered turn, at random, of so many conversations."""
    dice = random.Random(seed)
    talks: list[Conversation] = []
    for talk in dice.sample(list(load("empathetic-dialogues", split)), most):
        turns = talk.turns
        places = [n for n in range(1, len(turns)) if turns[n].speaker == "listener" != turns[n - 1].speaker]
        if places:
            end = dice.choice(places)
            said = (Turn(turn.speaker, turn.text) for turn in turns[: end + 1])
            talks.append(Conversation(*said, id=talk.id))
    found = (_context(talk) for talk in pipeline("text.encoder+dialogue.encoder").run_many(talks, size=16))
    return [one for one in found if one]


def _context(talk: Conversation) -> Context | None:
    said, reply = (turn.id for turn in talk.turns[-2:])
    felt, replied = (talk.read("emotion", turn=turn, scheme="empathetic32") for turn in (said, reply))
    affect = talk.read("affect", turn=reply, scheme="vad")
    if not (felt and felt[-1].scores and replied and replied[-1].top and affect and affect[-1].scores):
        return None
    shares = np.array([felt[-1].scores[label] for label in EMOTIONS])
    return Context(shares, EMOTIONS.index(replied[-1].top), affect[-1].scores["valence"], talk.id)


def made_up(count: int, seed: int) -> list[Context]:
    """Contexts whose listeners mirror four in five turns."""
    draw = np.random.default_rng(seed)
    found: list[Context] = []
    for number in range(count):
        felt = draw.dirichlet(np.full(len(EMOTIONS), 0.2))
        pleasant = bool(felt[PLEASANT].sum() >= 0.5)
        polarity = pleasant if draw.random() < 0.8 else not pleasant
        replied = int(_within(felt, polarity).argmax())
        found.append(Context(felt, replied, 0.3 if polarity else -0.3, f"made-up-{number}"))
    return found


def choices(choose: Choose, contexts: Sequence[Context], seed: int) -> Array:
    """Chosen emotions (samples, contexts)."""
    draw = np.random.default_rng(seed)
    return np.array([[choose(one.felt, draw) for one in contexts] for _ in range(SAMPLES)])


def _accuracy(test: Sequence[Context], dev: Sequence[Context], chosen: dict[str, Array]) -> list[dict[str, Any]]:
    gold = np.array([one.replied for one in test])
    heard = np.array([one.valence > 0 for one in test])
    common = np.bincount([one.replied for one in dev], minlength=len(EMOTIONS)).argmax()
    usual = np.full(len(test), common)
    parts: dict[str, tuple[Array, Callable[[Array, Array], float]]] = {
        "accuracy of 32, by dialogue.encoder": (gold, _same),
        "accuracy of polarity, by dialogue.encoder": (PLEASANT[gold], _same_polarity),
        "accuracy of polarity, by text.encoder": (heard, _same_polarity),
    }
    return [
        measured(
            f"{name}, {arm}", "empathetic-dialogues", score, known, said, baseline=score(known, usual), draws=_DRAWS
        )
        for name, (known, score) in parts.items()
        for arm, said in chosen.items()
    ]


def _variety(test: Sequence[Context], chosen: dict[str, Array]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for arm, said in chosen.items():
        different = np.array([[len(set(column)) for column in said.T]], float)
        name = f"different emotions in {SAMPLES} choices, {arm}"
        blank = np.zeros(len(test))
        rows.append(measured(name, "empathetic-dialogues", _mean, blank, different, baseline=1.0, draws=_DRAWS))
    return rows


def _words(arms: dict[str, Choose], seed: int) -> tuple[list[dict[str, Any]], list[str]]:
    """What the small model says once an emotion was chosen, how much it expected the person's own reply; and notes."""
    from .hef_models import models

    cases = hef.drawn("empathetic-dialogues", ANSWERED, random.Random(seed))
    _, after = models()
    draw = np.random.default_rng(seed)
    worded: list[hef.Worded] = []
    for arm in ("mime", "flat", "deterministic"):
        felt = [np.array([(case.fine or {}).get(label, 1 / len(EMOTIONS)) for label in EMOTIONS]) for case in cases]
        prompts = [prompt(case, EMOTIONS[arms[arm](one, draw)]) for case, one in zip(cases, felt, strict=True)]
        worded.append(_answered(arm, cases, prompts, after.llm, after.losses))
    plain = [case.prompt() for case in cases]
    worded.append(_answered("no emotion chosen", cases, plain, after.llm, after.losses))
    notes = [
        f"Words: {ANSWERED} conversations answered by {after.llm.name}, greedy, at most {WORDS} tokens; one choice of "
        f"emotion each. Their baseline is the same reply every time ({hef.USUAL})",
    ]
    return hef.compared("words", *worded), notes


def _answered(
    name: str, cases: Sequence[hef.Case], prompts: Sequence[Sequence[Message]], llm: LLM, losses: hef.Losses
) -> hef.Worded:
    async def every() -> list[str]:
        return [(await llm.reply(one, max_tokens=WORDS)).text.strip() for one in prompts]

    return hef.Worded(name, cases, asyncio.run(every()), losses(prompts, [case.answer.reply for case in cases]))


def prompt(case: hef.Case, emotion: str) -> tuple[Message, ...]:
    """The case's prompt with the emotion its reply should have."""
    system, *talk = case.prompt()
    return (Message(system.role, f"{system.text} Let your reply feel {emotion}."), *talk)


def _within(felt: NDArray[Any], pleasant: bool) -> NDArray[Any]:
    some = np.where(pleasant == PLEASANT, felt + 1e-9, 0.0)
    return some / some.sum()


def _noisy(shares: NDArray[Any], draw: np.random.Generator) -> int:
    with np.errstate(divide="ignore"):
        return int((np.log(shares) + draw.normal(0, NOISE, len(shares))).argmax())


def _same(gold: Array, said: Array) -> float:
    return float(np.mean(gold == said))


def _same_polarity(gold: Array, said: Array) -> float:
    return float(np.mean(gold == PLEASANT[said]))


def _mean(_: Array, values: Array) -> float:
    return float(values.mean())
