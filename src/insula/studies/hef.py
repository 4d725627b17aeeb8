"""Small empathetic models that tell a language model what is felt and why, before it answers.

Claim (Yang et al. 2024, "Enhancing Empathetic Response Generation by Augmenting LLMs with Small-scale Empathetic
Models", arXiv:2402.11801): a classifier that gives a primary emotion, then finer candidates, and a reader of cause
words, in the prompt, make a model's replies better; each part helps.

Ours: dialogue.encoder decides one of seven emotions, then names at most two of 32 of that kind; explain.causes gives
the words. The model is SmolLM2 (135 million parameters, in this process) with the adapter of `insula train respond`;
every specialist is removed in turn from the same prompts. Replies are compared with the person's own, and read by our
own readers: how much of EPITOME's three mechanisms they show, and how often good news is consoled. On ESConv the same
prompts go to the model before and after tuning, beside the reply to the nearest training context (tf-idf).

Differs: a far smaller model, which was tuned on prompts with these notes, a quarter of them left out; the paper prompts
large ones. The strategy noted is that of the person's own reply (ESConv's label; on EmpatheticDialogues what a model's
intent for the turn amounts to), so "strategy" is an upper bound on a planner. EPITOME is read by the reader that chose
what the adapter learnt.

Found: notes of emotion and cause change nothing that can be told from chance in a model this small; the strategy does,
and tuning does most. Taking the strategy out costs ROUGE-L .042 (95 % interval .024 to .061) and .31 of perplexity (.16
to .48); fine emotion .006 (-.002 to .017), emotion .004 (-.011 to .020), cause .010 (.000 to .022). On ESConv tuning
takes perplexity from 25.5 to 18.0 (6.2 to 9.2 less), ROUGE-L from .124 to .170 and a reply from 42 words to 17; the
nearest training context has .136. Good news (39 of 100) is consoled in 5 % of replies. The finest of 32 emotions is
right in 45 % and among two in 65 %, but in two stages the prompt names any in 44 % and the right one in 29 %: the first
stage says neutral too often. EPITOME's reader gives "I am so sorry to hear that" more than any model, so it alone ranks
no replies.

    insula study hef --scale full
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Conversation, Turn
from ..data import load
from ..evaluate.bootstrap import interval
from ..evaluate.generation import bleu2, distinct2, rouge_l
from ..llm import LLM, Message
from ..presets import pipeline
from ..respond.evidence import FINE, PRIMARY
from ..scheme import mapping
from ..train.respond.lessons import Answer, answers_of, readings

SYSTEM = "hef"
STATUS = "works-scaled"

READ, ANSWERED = 500, 100  # conversations of EmpatheticDialogues whose emotion is read, and that are answered
SUPPORTED = 120  # of ESConv, one turn each
WORDS = 60  # tokens of a reply, at most
CONSOLING = ("consoling", "sympathizing")
USUAL = "I am so sorry to hear that."  # the baseline: always the same

ARMS: Mapping[str, Mapping[str, Any]] = {
    "all": {},
    "fine emotion removed": {"fine": ()},
    "emotion removed": {"fine": (), "primary": ""},
    "cause removed": {"causes": ()},
    "strategy removed": {"strategy": ""},
    "all removed": {"fine": (), "primary": "", "causes": (), "strategy": ""},
}
ALL = next(iter(ARMS))
Array = NDArray[np.float64]
Losses = Callable[[Sequence[Sequence[Message]], Sequence[str]], Array]
"""Prompts and the replies wanted -> (prompts, 2): summed nats of each reply and its tokens."""


@dataclass(frozen=True)
class Case:
    """A turn to be answered, with the emotion named for its conversation ("" where there is none) and its readings."""

    answer: Answer
    emotion: str = ""
    fine: Mapping[str, float] | None = None

    def prompt(self, arm: str = ALL) -> tuple[Message, ...]:
        """With what the arm leaves of the notes."""
        removed = dict(ARMS[arm])
        strategy = removed.pop("strategy", self.answer.strategy)
        evidence = replace(self.answer.evidence, **removed)
        return replace(self.answer, strategy=strategy, evidence=evidence).lesson().messages


@dataclass(frozen=True)
class Worded:
    """Replies to cases under one name; `expected` is what the model made of the person's own, where it is asked."""

    name: str
    cases: Sequence[Case]
    replies: Sequence[str]
    expected: Array | None = None


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """What the specialists recognise, and what each does to replies."""
    if scale == "smoke":
        from ..llm.scripted import Scripted

        cases = made_up()
        llm = Scripted("That sounds hard. What happened?")
        metrics = recognised(cases) + compared("made-up", *(worded(arm, cases, llm, arm) for arm in ARMS))
        return {"metrics": metrics, "data": [], "notes": []}
    return _full(seed)


def _full(seed: int) -> dict[str, Any]:
    from .hef_models import models, nearest

    dice = random.Random(seed)
    cases = drawn("empathetic-dialogues", READ, dice)
    metrics = recognised(cases)
    supported = drawn("esconv", SUPPORTED, dice)
    before, after = models()
    metrics += compared(
        "esconv",
        worded("after tuning", supported, after.llm, losses=after.losses),
        worded("before tuning", supported, before.llm, losses=before.losses),
        Worded("nearest training context", supported, nearest(supported)),
    )
    answered = cases[:ANSWERED]
    arms = [worded(arm, answered, after.llm, arm, after.losses) for arm in ARMS]
    metrics += compared("empathetic-dialogues", *arms)
    notes = [
        f"{READ} conversations of EmpatheticDialogues' test are read, {len(answered)} answered under six prompts; of "
        f"ESConv's test {len(supported)}, one turn each. Greedy, at most {WORDS} tokens, repeat penalty 1.1.",
        "Words are compared as insula.evaluate.generation states; perplexity is per token of SmolLM2, with the weights "
        "of the GGUF file as floats.",
        f"Baseline of a reply's numbers: the same reply ({USUAL}) every time. Intervals draw whole conversations; "
        "differences are paired.",
    ]
    return {"metrics": metrics, "data": ["empathetic-dialogues", "esconv"], "notes": notes}


def drawn(corpus: str, most: int, dice: random.Random) -> list[Case]:
    """One reply, at random, in each of so many test conversations, with what the shipped readers say before it."""
    talks = list(load(corpus, "test"))
    found: list[Case] = []
    for gold, read in readings(dice.sample(talks, min(most, len(talks)))):
        if replies := list(answers_of(read, gold, every=True)):
            answer = dice.choice(replies)
            emotion = next((one.top or "" for one in gold.read("emotion", scheme=FINE)), "")
            said = read.read("emotion", turn=answer.turns[-1].id, scheme=FINE)
            found.append(Case(answer, emotion, said[-1].scores if said else {}))
    return found


def recognised(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """How often the emotion is found: in one stage, and in two, as the prompt names it."""
    golds = [case.emotion for case in cases]
    ranked = [sorted(case.fine or {}, key=(case.fine or {}).__getitem__, reverse=True) for case in cases]
    kinds = mapping(FINE, PRIMARY).table
    fits = [case.answer.evidence.primary in kinds.get(case.emotion, {}) for case in cases]
    named = [case.answer.evidence.fine for case in cases]
    common = max(golds.count(one) for one in set(golds)) / len(golds)
    first = [gold in kinds for gold in golds]
    parts: dict[str, tuple[Sequence[bool], float | None]] = {
        "accuracy, first of 32": ([gold in x[:1] for gold, x in zip(golds, ranked, strict=True)], common),
        "accuracy, first two of 32": ([gold in x[:2] for gold, x in zip(golds, ranked, strict=True)], None),
        "accuracy, decided emotion of 7 fits the one of 32": ([f for f, x in zip(fits, first, strict=True) if x], None),
        "the prompt names finer emotions": ([bool(x) for x in named], None),
        "the prompt names the right one": ([gold in x for gold, x in zip(golds, named, strict=True)], None),
    }
    sure = [gold in x for gold, x in zip(golds, named, strict=True) if x]
    parts["the prompt names the right one, where it names any"] = (sure, None)
    return [
        _row(name, "empathetic-dialogues", _mean(np.array(hits, float)), len(hits), baseline)
        for name, (hits, baseline) in parts.items()
        if hits
    ]


def worded(name: str, cases: Sequence[Case], llm: LLM, arm: str = ALL, losses: Losses | None = None) -> Worded:
    """What a model answers to the prompts of an arm."""
    prompts = [case.prompt(arm) for case in cases]
    replies = asyncio.run(_replies(llm, prompts))
    return Worded(name, cases, replies, losses(prompts, [case.answer.reply for case in cases]) if losses else None)


async def _replies(llm: LLM, prompts: Iterable[Sequence[Message]]) -> list[str]:
    return [(await llm.reply(prompt, max_tokens=WORDS)).text.strip() for prompt in prompts]


def compared(part: str, whole: Worded, *others: Worded) -> list[dict[str, Any]]:
    """Every number of all, beside that of one reply to everything, and of the first less each other one's, paired."""
    usual = numbers(Worded("always the same", whole.cases, [USUAL] * len(whole.cases)))
    size = len(whole.cases)
    found = {one.name: numbers(one) for one in (whole, *others)}
    floors = {name: float(number(np.ones((1, size)))[0]) for name, number in usual.items()}
    made = [
        _row(f"{name}, {of}", part, number, size, floors.get(name))
        for of, of_one in found.items()
        for name, number in of_one.items()
    ]
    mine = found[whole.name]
    made += [
        _row(f"{name}, {whole.name} minus {of}", part, _minus(mine[name], number), size)
        for of, of_one in found.items()
        for name, number in of_one.items()
        if of != whole.name
    ]
    return made


Statistic = Callable[[NDArray[Any]], NDArray[Any]]


def numbers(one: Worded) -> dict[str, Statistic]:
    """Statistics over weights (draws, cases)."""
    golds = [case.answer.reply for case in one.cases]
    read = _read(one)
    made = {
        "BLEU-2": _mean(np.array([bleu2(said, gold) for said, gold in zip(one.replies, golds, strict=True)])),
        "ROUGE-L": _mean(np.array([rouge_l(said, gold) for said, gold in zip(one.replies, golds, strict=True)])),
        "Distinct-2": _distinct(one.replies),
        "words of a reply": _mean(np.array([len(said.split()) for said in one.replies], float)),
        "empathy, three mechanisms together (0 to 6)": _mean(read[:, 0]),
    }
    if (good := read[:, 1] >= 0).any():
        made["good news consoled"] = _mean(np.where(good, read[:, 1], 0), good.astype(float))
    if one.expected is not None:
        made["perplexity"] = _perplexity(one.expected)
    return made


def _read(one: Worded) -> Array:
    """Per reply the sum of EPITOME's levels, and whether it consoles joy (-1 where no joy was named)."""
    talks = [
        Conversation(*case.answer.turns[-3:], Turn(case.answer.speaker, said, id="reply"))
        for case, said in zip(one.cases, one.replies, strict=True)
    ]
    joyful = [name for name, kinds in mapping(FINE, PRIMARY).table.items() if "joy" in kinds]
    found: list[tuple[float, float]] = []
    read = pipeline("dialogue.encoder+explain.empathy").run_many(talks, size=16)
    for case, talk in zip(one.cases, read, strict=True):
        empathy = talk.read("empathy", turn="reply", scheme="epitome3")[-1]
        intent = talk.read("intent", turn="reply", scheme="empathetic-intents9")[-1]
        console = float(intent.top in CONSOLING) if case.emotion in joyful else -1.0
        found.append((sum(empathy.scores.values()), console))
    return np.array(found)


def _mean(values: Array, counted: Array | None = None) -> Statistic:
    there = np.ones(len(values)) if counted is None else counted
    return lambda weights: weights @ values / np.maximum(weights @ there, 1e-9)


def _perplexity(expected: Array) -> Statistic:
    return lambda weights: np.exp(weights @ expected[:, 0] / (weights @ expected[:, 1]))


def _distinct(replies: Sequence[str]) -> Statistic:
    """A reply drawn twice counts once: else resampling alone would make replies look alike."""

    def statistic(weights: NDArray[Any]) -> NDArray[Any]:
        drawn = ([said for said, weight in zip(replies, row, strict=True) if weight] for row in weights)
        return np.array([distinct2(some) for some in drawn])

    return statistic


def _minus(one: Statistic, other: Statistic) -> Statistic:
    return lambda weights: one(weights) - other(weights)


def _row(name: str, part: str, statistic: Statistic, items: int, baseline: float | None = None) -> dict[str, Any]:
    found = interval(statistic, items, resamples=500)
    bounds = {"score": round(found.score, 4), "low": round(found.low, 4), "high": round(found.high, 4)}
    return {"name": name, "slice": part, **bounds, "n": items, "baseline": baseline and round(baseline, 4)}


def made_up() -> list[Case]:
    """Four short talks of our own, read by the shipped readers."""
    talks = {
        "joyful": ("I got the job I dreamt of!", "That is wonderful! When do you start?", "question"),
        "lonely": ("Nobody called on my birthday.", "That must have felt so lonely.", "reflection"),
        "furious": ("He broke my bike and laughed.", "You have every right to be angry.", "affirmation"),
        "anxious": ("My exam is tomorrow and I cannot sleep.", "Try a few slow breaths.", "suggestion"),
    }
    intents = {"question": "questioning", "reflection": "sympathizing", "affirmation": "consoling"}
    made: list[Case] = []
    for number, (emotion, (said, reply, strategy)) in enumerate(talks.items()):
        answer = Turn("listener", reply, meta={"auto_label": intents.get(strategy, "suggesting")})
        gold = Conversation(Turn("speaker", said), answer, id=f"empathetic-dialogues/made-up/{number}")
        for _, read in readings([gold]):
            (found,) = answers_of(read, gold, every=True)
            said_of = read.read("emotion", turn="t1", scheme=FINE)
            made.append(Case(found, emotion, said_of[-1].scores if said_of else {}))
    return made
