"""Do answers follow stress up and down again, and does stress show inside the model?

Claim (Shen et al. 2024, arXiv:2409.17167): prompts that people rated for stress, put before a task, make language
models best under moderate stress and worse under little or much (an inverted U, as Yerkes & Dodson 1908 found of
people), in following instructions, reasoning and emotional intelligence; and they move the hidden states.

Ours: twenty system messages of five levels and four plain ones, all of 20 or 21 words (`stress.tsv`), before tasks that
can be marked: Instruction Induction (following instructions), BIG-bench (reasoning), and which of six feelings a
situation brings (emotional intelligence, EmpatheticDialogues). Every item meets every message, so that the slope over
the levels, the curve (moderate less extremes), and each level less the plain messages are paired. Inside: how far the
state of the last token lies from that under plain messages, with how far plain messages lie from one another beside it.

Differs: the messages are our own and graded by construction, not by people (100 rated ones in the paper); the arousal
this engine reads in them is a check of it. The model is the embedded one (135 million parameters).

Found, on 21 items: flat, because this model hardly hears what a system message says. After three examples 12 of 13
items of the tasks get the same answer under all 24 messages, so the curves of following instructions and of reasoning
are flat to the digit; on feelings moderate less extremes is -.04 (-.10 to -.00) on eight items: no inverted U. Inside,
stress does show, faintly: the last layer's state moves away from plain messages by .0008 a level (.0003 to .0012), to
.0106 at level 5, where plain messages lie .0051 apart; and the level of a message can be told from states drawn without
it (Spearman .53, .19 to .80). The engine reads the levels as meant: Spearman -.80 with valence, .56 with arousal. So
few items cannot tell a small inverted U from a flat line.

    insula study stressprompt --scale full
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..conversation import Conversation, Turn
from ..evaluate.asking.question import Question
from ..evaluate.bootstrap import interval
from ..evaluate.metrics import spearman
from ..evaluate.stimuli import asked
from ..evaluate.stimuli.tasks import by_task
from ..llm import LLM, LLMError, Message
from ..presets import pipeline
from .embedded_model import embedded
from .measure import Array
from .personalization_trap import FEELING, Situation, published
from .stimulated import CACHE, answered, made_up, over, reachable, row, worried

SYSTEM = "stressprompt"
STATUS = "works-scaled"

LEVELS = (1, 2, 3, 4, 5)
PLAIN = 0
TASKS = 2  # of each suite
EACH = 4  # items of a task
SITUATIONS = 8
INSIDE = 6  # items under which states are read
SLOPE = np.array([-2, -1, 0, 1, 2]) / 10
MODERATE = np.array([-1 / 2, 1 / 3, 1 / 3, 1 / 3, -1 / 2])


def messages() -> dict[int, list[str]]:
    """The system messages of each level; 0 has the plain ones."""
    with Path(__file__).with_name("stress.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {level: [one["text"] for one in rows if int(one["level"]) == level] for level in (PLAIN, *LEVELS)}


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Per part: accuracy at each level, its slope and its curve; the shift of the states; a check of the grading."""
    full = scale == "full"
    parts = asyncio.run(_parts(seed) if full else _made_up())
    metrics = [one for name, levels in parts.items() for one in curve(name, levels)]
    if full:
        metrics += [*grading(), *shift_rows(seed)]
    sizes = ", ".join(f"{name}: {len(levels[PLAIN])}" for name, levels in parts.items())
    return {
        "metrics": metrics,
        "data": ["empathetic-dialogues"] if full else [],
        "notes": [
            f"Items: {sizes}. Each meets 24 system messages, four of each level and four plain ones.",
            "A flat curve has a slope and a difference of moderate (levels 2 to 4) less extremes (1 and 5) whose "
            "intervals hold 0; an inverted U has moderate above extremes.",
            "Intervals draw items, not messages: they hold for these twenty-four.",
            "The messages are our own; their levels are by construction, four each, and nobody rated them. Tasks are "
            "read from the files of the exam `stimuli` (hashes there).",
            f"States: {INSIDE} items under every message; distance is 1 less the cosine of two states of one item.",
        ],
    }


def curve(part: str, levels: Mapping[int, Array]) -> list[dict[str, Any]]:
    """Rows for (items,) values at every level."""
    plain = levels[PLAIN]
    stacked = np.array([levels[level] for level in LEVELS])
    return [
        row("plain messages: accuracy", part, plain),
        *(row(f"level {level}: accuracy", part, levels[level], float(np.nanmean(plain))) for level in LEVELS),
        row("all levels minus plain messages", part, over(stacked) - plain, 0.0),
        row("slope per level", part, SLOPE @ stacked, 0.0),
        row("inverted U: moderate minus extremes", part, MODERATE @ stacked, 0.0),
    ]


async def _parts(seed: int) -> dict[str, dict[int, Array]]:
    """What the embedded model is right about, by part and level."""
    model = embedded(CACHE)
    items = (await reachable(model, seed))[0]
    found: dict[str, dict[int, Array]] = {}
    for name, suite in (("following instructions", "instruction induction"), ("reasoning", "BIG-bench")):
        found[name] = await _levels(model, first(items, suite))
    situations = published(seed)[:SITUATIONS]
    feelings = {
        level: over(np.array([await _feelings(model, situations, text) for text in texts]))
        for level, texts in messages().items()
    }
    everything = {
        level: np.concatenate([found[name][level] for name in found] + [feelings[level]]) for level in feelings
    }
    return {**found, "emotional intelligence": feelings, "all": everything}


async def _made_up() -> dict[str, dict[int, Array]]:
    return {"made up": await _levels(worried(), made_up())}


def first(items: Sequence[Question], suite: str) -> list[Question]:
    """The first items of the first tasks of a suite."""
    groups = list(by_task([one for one in items if one.slices["suite"] == suite]).values())
    return [one for those in groups[:TASKS] for one in those[:EACH]]


async def _levels(model: LLM, items: Sequence[Question]) -> dict[int, Array]:
    return {
        level: over(np.concatenate([await answered(model, items, {"": ""}, system=text) for text in texts]))
        for level, texts in messages().items()
    }


async def _feelings(model: LLM, situations: Sequence[Situation], system: str) -> Array:
    """Whether the labelled feeling is chosen; the choices are held by a schema, so that one of them is."""
    found = np.full(len(situations), np.nan)
    for place, one in enumerate(situations):
        told = f'The user says: "{one.text}"\n{FEELING} One of: {", ".join(one.choices)}.'
        schema = {"type": "string", "enum": list(one.choices)}
        try:
            talk = [Message("system", system), Message("user", told)]
            reply = await model.reply(talk, schema=schema, max_tokens=12)
        except LLMError:
            continue
        found[place] = float(reply.text.strip().strip('"') == one.label)
    return found


def grading() -> list[dict[str, Any]]:
    """How the arousal and the valence that this engine reads go with the level of the messages."""
    reader = pipeline("text")
    pairs: list[tuple[int, float, float]] = []
    for level in LEVELS:
        for text in messages()[level]:
            found = reader.run(Conversation(Turn("user", text), id="message")).read("affect", scheme="vad")
            pairs += [(level, one.scores["arousal"], one.scores["valence"]) for one in found[-1:] if one.scores]
    levels, arousal, valence = np.array(pairs).T
    return [
        _rank("level and arousal as read: Spearman", levels, arousal),
        _rank("level and valence as read: Spearman", levels, valence),
    ]


def shift_rows(seed: int) -> list[dict[str, Any]]:
    """The distance of each level's states from those under plain messages, at the middle and at the last layer."""
    from .inside import states

    items = asyncio.run(reachable(embedded(CACHE), seed))[0][:: max(1, INSIDE)][:INSIDE]
    read = {level: _states(items, texts, states) for level, texts in messages().items()}
    layers = read[PLAIN].shape[2]
    rows = []
    for name, layer in (("middle", layers // 2), ("last", layers - 1)):
        here = {level: found[:, :, layer] for level, found in read.items()}
        among = _among(here[PLAIN])
        away = {level: _apart(here[level], here[PLAIN]) for level in LEVELS}
        rows += [
            row(f"{name} layer, level {level}: distance from plain", "states", away[level], float(among.mean()))
            for level in LEVELS
        ]
        rows.append(
            row(f"{name} layer: slope of the distance per level", "states", SLOPE @ np.array([*away.values()]), 0.0)
        )
        rows.append(_left_out(name, here))
    return rows


def _states(items: Sequence[Question], texts: Sequence[str], states: Any) -> Array:
    """(messages, items, layers, width)."""
    return np.array([states([asked(one, examples=0, system=text).messages for one in items]) for text in texts])


def _apart(one: Array, other: Array) -> Array:
    """The mean distance of every pair of messages, for each item: (messages, items, width) twice -> (items,)."""
    return np.mean([1 - _cosine(a, b) for a in one for b in other], 0)


def _among(plain: Array) -> Array:
    """The same among the plain messages."""
    return np.mean([1 - _cosine(a, b) for k, a in enumerate(plain) for b in plain[k + 1 :]], 0)


def _cosine(one: Array, other: Array) -> Array:
    return (one * other).sum(-1) / (np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1))


def _left_out(name: str, here: Mapping[int, Array]) -> dict[str, Any]:
    """Whether the level of a message can be told from its states, by the direction from calm to extreme of the others.

    A message's state is the mean over items; the direction is drawn without the messages of its own number.
    """
    means = np.array([here[level].mean(1) for level in LEVELS])  # (levels, messages, width)
    told = np.empty(means.shape[:2])
    for number in range(means.shape[1]):
        others = np.delete(means, number, 1).mean(1)
        told[:, number] = means[:, number] @ (SLOPE @ others)
    levels = np.repeat(LEVELS, means.shape[1]).astype(float)
    return _rank(f"{name} layer: level and its reading from states: Spearman", levels, told.ravel())


def _rank(name: str, one: Array, other: Array) -> dict[str, Any]:
    """A rank correlation with an interval that draws messages."""
    found = interval(lambda weights: spearman(one[:, None], other[:, None], weights), len(one))
    numbers = {"score": round(found.score, 4), "low": round(found.low, 4), "high": round(found.high, 4)}
    return {"name": name, "slice": "messages", **numbers, "n": len(one), "baseline": 0.0}
