"""Does a model correct itself better when the feedback is emotional, and can it keep the better answer on its own?

Claim (Pinto et al. 2025, arXiv:2509.22876): feedback phrases of Ekman's six emotions, in turn, bring a model that is
asked again to right answers more often than other feedback, as long as somebody who knows stops it at the right one; a
model on its own cannot hold on to the gain.

Ours: each item is answered, then asked again three times, each time after a phrase of another emotion (`heart.tsv`, our
own words), after a plain phrase as long with the same request, or after the request alone: equal calls, the same seeds.
With the verifier the loop ends at the first right answer, which is found by marking; without, three rounds are walked
through, and the answer is the one said most often, the last of them where none is. Both are printed, with the first
answer beside them.

Differs: short tasks that can be marked (Instruction Induction, BIG-bench, with three examples) in place of olympiad
questions, and the embedded model of 135 million parameters, which is drawn from at temperature 0.7 when asked again.

Found, on 40 items: what helps is another try, not the feeling. With the verifier three more tries bring .10 to .13 more
right answers, whatever is said (emotional .125, .025 to .225; request alone .105, .025 to .21); emotional less plain is
.02 (-.05 to .10). Without the verifier every kind of feedback costs half of what was right: from .44 at first to .23
(emotional), .20 (plain) and .21 (request alone), with .02 (-.10 to .15) between emotional and plain. The model changes
its answer more often under emotional words (.93 of items; request alone .68) and does not know which one was right. The
second half of the claim is seen here, the first is not.

    insula study heart --scale full
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ..evaluate.asking.question import Question
from ..evaluate.stimuli import asked, marked
from ..llm import LLM, LLMError, Message, Scripted
from .embedded_model import embedded
from .measure import Array
from .stimulated import CACHE, EXAMPLES, made_up, reachable, row

SYSTEM = "heart"
STATUS = "works-scaled"

ROUNDS = 3
ITEMS = 40
TEMPERATURE = 0.7
AGAIN = "Look at it again and give your answer."
ARMS = ("emotional", "plain", "request alone")


@dataclass(frozen=True)
class Phrase:
    """What is said to an answer, and as much without a feeling."""

    emotion: str
    text: str
    control: str


def phrases() -> list[Phrase]:
    """Two for each of the six emotions."""
    with Path(__file__).with_name("heart.tsv").open(encoding="utf-8", newline="") as file:
        return [Phrase(**one) for one in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@dataclass(frozen=True)
class Tries:
    """An item's answers in order, the first one and one a round: what each is worth, and what it says."""

    worth: tuple[float, ...]
    said: tuple[str, ...]

    @property
    def verified(self) -> float:
        """The best that came up: with somebody who knows, the loop ends there."""
        return float(np.nanmax([0.0, *self.worth]))

    @property
    def alone(self) -> float:
        """The answer said most often, the last one where none is said twice."""
        count = Counter(one for one in self.said if one)
        if not count:
            return 0.0
        most = max(count.values())
        place = max(place for place, one in enumerate(self.said) if count[one] == most)
        return float(np.nan_to_num(self.worth[place]))

    @property
    def last(self) -> float:
        """The answer of the last round."""
        return float(np.nan_to_num(self.worth[-1]))

    @property
    def changed(self) -> float:
        """Whether the last answer is another one than the first."""
        return float(self.said[-1] != self.said[0])


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Right at first, with the verifier and without it, per kind of feedback, with paired differences."""
    full = scale == "full"
    found = asyncio.run(_measured(seed) if full else loops(moody(), made_up()))
    return {
        "metrics": rows(found),
        "data": [],
        "notes": [
            "Tasks are read from the files of the exam `stimuli`, hashes there; all feedback is in our own words.",
            f"{len(found[ARMS[0]])} items, {ROUNDS} rounds after the first answer; {len(phrases())} phrases, each "
            "round of another emotion, in an order of its own for every item.",
            "Every kind of feedback makes the same number of calls with the same seeds. What the verifier adds is also "
            "what more tries add: the plain phrases and the request alone say how much.",
            "Intervals draw items; differences are of the same items. An answer that cannot be read is not right.",
        ],
    }


async def _measured(seed: int) -> dict[str, list[Tries]]:
    model = embedded(CACHE)
    items = (await reachable(model, seed))[0]
    return await loops(model, Random(seed).sample(items, min(ITEMS, len(items))))


async def loops(model: LLM, items: Sequence[Question]) -> dict[str, list[Tries]]:
    """Every item under every kind of feedback."""
    return {arm: [await tries(model, one, feedback(one, arm)) for one in items] for arm in ARMS}


def feedback(question: Question, arm: str) -> list[str]:
    """What is said before each round: phrases of different emotions in an order drawn for the item."""
    if arm == "request alone":
        return [AGAIN] * ROUNDS
    draw = Random(question.id)
    emotions = draw.sample(sorted({one.emotion for one in phrases()}), ROUNDS)
    chosen = [draw.choice([one for one in phrases() if one.emotion == emotion]) for emotion in emotions]
    return [f"{one.text if arm == 'emotional' else one.control} {AGAIN}" for one in chosen]


async def tries(model: LLM, question: Question, told: Sequence[str]) -> Tries:
    """The first answer and one after each thing told; the talk grows, so that the model sees what it said."""
    put = asked(question, examples=EXAMPLES)
    talk = list(put.messages)
    worth: list[float] = []
    said: list[str] = []
    for number in range(len(told) + 1):
        text = await _said(model, talk, put.max_tokens, number)
        mark = marked(put, text)
        worth.append(mark.values["accuracy"] if mark.values else np.nan)
        said.append(mark.said)
        talk += [
            Message("assistant", text or "(nothing)"),
            *(Message("user", one) for one in told[number : number + 1]),
        ]
    return Tries(tuple(worth), tuple(said))


async def _said(model: LLM, talk: Sequence[Message], room: int, number: int) -> str:
    try:
        reply = await model.reply(
            talk, max_tokens=room, stop=["\n"], seed=number, temperature=TEMPERATURE if number else 0.0
        )
    except LLMError:
        return ""
    return reply.text


def rows(found: Mapping[str, Sequence[Tries]]) -> list[dict[str, Any]]:
    """Rows of metrics: each mode of each kind of feedback, less the first answer, and emotional less the others."""
    first = np.array([np.nan_to_num(one.worth[0]) for one in found[ARMS[0]]])
    made = [row("first answer: accuracy", "all", first)]
    for mode, part in (("verified", "with the verifier"), ("alone", "without"), ("last", "without, last answer")):
        right: dict[str, Array] = {arm: np.array([getattr(one, mode) for one in found[arm]]) for arm in ARMS}
        for arm in ARMS:
            made.append(row(f"{arm}: accuracy", part, right[arm], float(first.mean())))
            made.append(row(f"{arm} minus first answer", part, right[arm] - first, 0.0))
        made += [row(f"emotional minus {other}", part, right["emotional"] - right[other], 0.0) for other in ARMS[1:]]
    changed = {arm: np.array([one.changed for one in found[arm]]) for arm in ARMS}
    return made + [row(f"{arm}: last answer is another one", "all", changed[arm]) for arm in ARMS]


def moody() -> LLM:
    """Made up: adds wrongly at first, rightly after an angry word, and takes it back after the next one."""

    def answer(talk: Sequence[Message]) -> str:
        numbers = next(one.text for one in reversed(talk) if "Input:" in one.text).rpartition("Input:")[2].split()
        right = str(sum(map(int, numbers)))
        return right if any(one.text in talk[-1].text for one in phrases()) else "0"

    return Scripted(answer)
