"""Feelings in free words from what was seen, heard and said: against fixed labels, and how much the wheel decides.

Claim (Lian et al. 2024, OV-MER, arXiv:2410.01495): fixed labels miss much of what people name; open words, grouped by
synonyms and by emotion wheels, are scored as sets.

Ours: EMER's clips in words. Gold is the set of feelings each group of annotators names in its conclusion. Answers come
from the clues (all words for feelings taken out) as text.encoder reads them, channel by channel, averaged: one of seven
fixed labels; as many of the seven as reach a threshold; as many of 28 words; and the small local model asked for words
(a sample; its parse rate is told). Thresholds are chosen on the first group's clips that the second did not explain,
answers are scored on the second group's. Every number is printed under ten groupings: the word itself, three
tiers of Parrott's tree, the five published wheels' innermost ring (with the published synonyms and inflections), and
their mean.

Differs: the published scorer merges synonyms before it looks at a wheel, ours where it looks. The language model has
135 million parameters. Feelings are taken from conclusions by rule.

    insula study ov-mer --scale full
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..data import root
from ..data.readers.clues import wheels
from ..evaluate.wheel import Grouping, by_table, exact, f1, per_item, tier
from ..llm import Message, connect
from ..ontology import ontology
from .clip_words import CHANNELS, MANY, SEVEN, Clip, clips, lifted, made_up, masked, read
from .measure import Array, measured, minus

SYSTEM = "ov-mer"
STATUS = "works-scaled"

THRESHOLDS = (1.0, 1.5, 2.0, 3.0, 5.0, 8.0)  # times what is usual
MOST = 4  # words of one answer
ASKED = 40  # clips the language model is asked about
MAIN = "mean of the wheels"
Answers = Sequence[set[str]]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Set F1 of every way to answer under every grouping, and the spread of both."""
    full = scale == "full"
    some = clips() if full else made_up(30, seed)
    part = "EMER" if full else "made up"
    groupings = _groupings(full)
    dev = [one for one in some if one.feelings.get("v1") and (not full or "v2" not in one.told)]
    test = [one for one in some if one.feelings.get("v2") and set(CHANNELS) <= one.clues.keys()]
    arms = _answers(dev, test)
    gold = [set(one.feelings["v2"]) for one in test]
    rows = [
        measured(f"set F1, {arm}", f"{part}, {name}", _f1, np.ones(len(test)), _rows(gold, said, group)[None])
        for arm, said in arms.items()
        for name, group in groupings.items()
    ]
    rows += _means(gold, arms, groupings, part)
    heard, notes = _asked(test, seed) if full else ({}, [])
    if heard:
        which = sorted(heard)
        model, ours = [heard[row] for row in which], [arms["words of 28"][row] for row in which]
        sample = [gold[row] for row in which]
        for name, said in (("local language model", model), ("words of 28, the same clips", ours)):
            scored = _mean_rows(sample, said, groupings)
            rows.append(measured(f"set F1, {name}", f"{part} sample, {MAIN}", _f1, np.ones(len(which)), scored[None]))
    notes += [
        f"{len(test)} clips scored, {len(dev)} to choose thresholds on; intervals draw clips.",
        _spread(rows, part),
        "The baseline is 'calm and worried' for every clip: the two commonest groups.",
    ]
    return {"metrics": rows, "data": ["emer"] if full else [], "notes": notes}


def _groupings(full: bool) -> dict[str, Grouping]:
    tables = wheels(root() / "emer_text" / "emotion_wheel") if full else {}
    named: dict[str, Grouping] = {"the word itself": exact, **{f"Parrott, tier {one}": tier(one) for one in (1, 2, 3)}}
    return {**named, **{name: by_table(table) for name, table in tables.items()}}


def _answers(dev: Sequence[Clip], test: Sequence[Clip]) -> dict[str, Answers]:
    """Every way to answer; thresholds from other clips by Parrott's first tier."""
    learnt, asked = _clues(dev), _clues(test)
    known = [set(one.feelings["v1"]) for one in dev]
    best = {}
    for place, labels in enumerate((SEVEN, MANY)):
        scored = [f1(_rows(known, _above(learnt[place], labels, one), tier(1))) for one in THRESHOLDS]
        best[place] = THRESHOLDS[int(np.argmax(scored))]
    return {
        "always calm and worried": [{"calm", "worried"} for _ in test],
        "one of seven": _above(asked[0], SEVEN, np.inf),
        "several of seven": _above(asked[0], SEVEN, best[0]),
        "words of 28": _above(asked[1], MANY, best[1]),
    }


def _clues(some: Sequence[Clip]) -> tuple[Array, Array]:
    """Mean over channels of what is read of masked clues, against what is usual; of an undivided text of the whole."""
    divided = [[one.clues[name] for name in CHANNELS if name in one.clues] or [one.told["v1"]] for one in some]
    texts = [masked(text) for each in divided for text in each]
    owner = np.repeat(np.arange(len(some)), [len(each) for each in divided])
    counts = np.bincount(owner)[:, None]
    each = (np.stack([np.bincount(owner, column) for column in one.T], 1) / counts for one in read(texts))
    return tuple(lifted(one) for one in each)  # pyright: ignore[reportReturnType]


def _above(scores: Array, labels: Sequence[str], threshold: float) -> list[set[str]]:
    """The labels that reach a threshold, the highest in any case."""
    found = list[set[str]]()
    for row in scores:
        order = np.argsort(-row)[:MOST]
        kept = [labels[int(place)] for place in order if row[place] >= threshold] or [labels[int(order[0])]]
        found.append(set(kept))
    return found


def _rows(gold: Answers, said: Answers, group: Grouping) -> Array:
    return per_item(zip(gold, said, strict=True), group)


def _mean_rows(gold: Answers, said: Answers, groupings: Mapping[str, Grouping]) -> Array:
    rings = [group for name, group in groupings.items() if name.startswith("wheel")] or [tier(1)]
    return np.mean([_rows(gold, said, group) for group in rings], axis=0)


def _means(
    gold: Answers, arms: Mapping[str, Answers], groupings: Mapping[str, Grouping], part: str
) -> list[dict[str, Any]]:
    """Over the wheels, and open words against one fixed label on the same clips."""
    ones = np.ones(len(gold))
    means = {arm: _mean_rows(gold, said, groupings)[None] for arm, said in arms.items()}
    rows = [measured(f"set F1, {arm}", f"{part}, {MAIN}", _f1, ones, some) for arm, some in means.items()]
    open_, fixed = means["words of 28"], means["one of seven"]
    rows.append(measured("set F1, words of 28 minus one of seven", f"{part}, {MAIN}", minus(_f1), ones, open_, fixed))
    recall = minus(lambda _, rows: float(rows[:, 1].mean()))
    rows.append(measured("recall, words of 28 minus one of seven", f"{part}, {MAIN}", recall, ones, open_, fixed))
    return rows


def _spread(rows: Sequence[Mapping[str, Any]], part: str) -> str:
    """How far the choice of the grouping moves each way's number."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["slice"].startswith(f"{part},") and "minus" not in row["name"]:
            found.setdefault(row["name"].removeprefix("set F1, "), []).append(row["score"])
    told = "; ".join(f"{name} {min(some):.3f} to {max(some):.3f}" for name, some in found.items())
    return f"Lowest and highest F1 over the groupings: {told}."


def _asked(test: Sequence[Clip], seed: int) -> tuple[dict[int, set[str]], list[str]]:
    """What the small local model answers of a sample, and how often it could be read."""
    try:
        model = connect("local:base")
    except ImportError as error:
        return {}, [f"No language model was asked: {error}"]
    which = np.random.default_rng(seed).choice(len(test), min(ASKED, len(test)), replace=False).tolist()
    schema = {
        "type": "object",
        "properties": {"feelings": {"type": "array", "items": {"type": "string"}, "maxItems": 4}},
    }
    schema |= {"required": ["feelings"]}

    async def ask(clip: Clip) -> set[str]:
        clues = "\n".join(f"{name}: {masked(clip.clues[name])[:300]}" for name in CHANNELS)
        text = f"What was noticed about a person:\n{clues}\nWhich feelings does the person express? One to four words."
        reply = await model.reply([Message("user", text)], seed=seed, max_tokens=60, schema=schema)
        try:
            words = json.loads(reply.text)["feelings"]
        except (ValueError, KeyError, TypeError):
            return set()
        return {word for one in words if isinstance(one, str) for word in _words(one)}

    said = {row: asyncio.run(ask(test[row])) for row in which}
    rate = sum(bool(one) for one in said.values()) / len(said)
    return said, [
        f"{model.name} named a word for a feeling in {rate:.2f} of {len(said)} clips; the others count as nothing said."
    ]


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()) if ontology().find(word)}


def _f1(gold: Array, rows: Array) -> float:
    del gold
    return f1(rows)
