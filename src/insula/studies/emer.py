"""An emotion with its reasons: do scores of explanations fall where the explanation is of another clip?

Claim (Lian et al. 2023, Explainable Multimodal Emotion Reasoning, arXiv:2306.15401): an emotion should come with
evidence by channel; explanations are scored by the overlap of their clues and of their labels.

Ours: EMER's explanations by two groups of annotators. Clue overlap is F1 of the content words of two explanations,
without any word for a feeling; label overlap is F1 of the feelings named, grouped by Parrott's first tier. Both are
measured between the groups on the clips both explained, against explanations of other clips (shuffled): a score that
does not fall measures nothing. Then a pipeline answers from the clues in words (feelings taken out): text.encoder reads
each channel's clue against what is usual, the mean of the channels is the answer, and from each channel the sentence
that speaks most for it is the evidence. Its labels are compared with those of both groups, its evidence with what the
second group concluded.

Differs: EMER's scorers ask ChatGPT; ours count, so that nothing has to be trusted. The clips are not public: clues were
written by people (and a model) who saw them, who also named the feeling, so clues may lean to it even when its words
are taken out. Feelings are taken from the conclusions by rule.

    insula study emer --scale full
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..evaluate.wheel import f1, per_item, tier
from .clip_words import CHANNELS, SEVEN, Clip, clips, lifted, made_up, masked, overlap, read
from .measure import Array, measured

SYSTEM = "emer"
STATUS = "works-scaled"

ROUNDS = 20  # other clips drawn for each
_END = re.compile(r"(?<=[.!?])\s+")


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Overlap of real and of shuffled explanations, and the pipeline's labels and evidence."""
    full = scale == "full"
    some = clips() if full else made_up(24, seed)
    part = "EMER" if full else "made up"
    both = [one for one in some if {"v1", "v2"} <= one.told.keys()]
    metrics = [*_agreement(both, part, seed), *_pipeline(some, part, seed)]
    notes = [
        f"{len(some)} clips, {len(both)} explained by both groups; intervals draw clips.",
        f"Shuffled: explanations of {ROUNDS} other clips each. Baseline of 'beats' is .5.",
        "Words for feelings are out of all clues and all content: overlap is of what was seen, heard and said.",
    ]
    return {"metrics": metrics, "data": ["emer"] if full else [], "notes": notes}


def _agreement(both: Sequence[Clip], part: str, seed: int) -> list[dict[str, Any]]:
    """How alike two groups explain a clip, against explanations of other clips."""
    labels = np.array(
        [[f1(per_item([(one.feelings["v1"], other.feelings["v2"])], tier(1))) for other in both] for one in both]
    )
    clues = np.array([[overlap(one.told["v1"], other.told["v2"]) for other in both] for one in both])
    return [row for name, table in (("clue", clues), ("label", labels)) for row in _falls(name, table, part, seed)]


def _falls(name: str, table: Array, part: str, seed: int) -> list[dict[str, Any]]:
    """Rows of a table (clips, clips) whose diagonal is real: its mean, its fall, and how often it beats another."""
    draw = np.random.default_rng(seed)
    count = len(table)
    others = np.array([draw.choice([x for x in range(count) if x != row], ROUNDS) for row in range(count)])
    real, shuffled = np.diag(table), table[np.arange(count)[:, None], others]
    beats = ((real[:, None] > shuffled) + 0.5 * (real[:, None] == shuffled)).mean(1)
    ones = np.ones(count)
    return [
        measured(f"{name} overlap, real", part, _mean, ones, real[None], baseline=float(shuffled.mean())),
        measured(f"{name} overlap, fall when shuffled", part, _mean, ones, (real - shuffled.mean(1))[None]),
        measured(f"{name} overlap, real beats shuffled", part, _mean, ones, beats[None], baseline=0.5),
    ]


def _pipeline(some: Sequence[Clip], part: str, seed: int) -> list[dict[str, Any]]:
    """Answers from masked clues, by channel and together, against what people named; and their evidence."""
    told = [one for one in some if set(CHANNELS) <= one.clues.keys() and one.feelings.get("v2")]
    said = {name: lifted(read([masked(one.clues[name]) for one in told])[0]) for name in CHANNELS}
    arms: Mapping[str, Array] = {
        "all channels": np.mean([said[name] for name in CHANNELS], axis=0),
        "face and voice": (said["face"] + said["voice"]) / 2,
        **{f"{name} alone": said[name] for name in CHANNELS},
        "subtitle alone": lifted(read([one.subtitle for one in told])[0]),
    }
    gold = [one.feelings["v2"] for one in told]
    rows = list[dict[str, Any]]()
    most = _most_frequent(gold)
    base = f1(per_item([(words, {most}) for words in gold], tier(1)))
    for name, scores in arms.items():
        answers = [{SEVEN[int(row.argmax())]} for row in scores]
        scored = per_item(zip(gold, answers, strict=True), tier(1))
        rows.append(
            measured(
                f"label overlap of the pipeline, {name}", part, _f1, np.ones(len(told)), scored[None], baseline=base
            )
        )
    evidence = _evidence(told, arms["all channels"])
    concluded = [_conclusion(one.told["v2"]) for one in told]
    kept = [row for row, text in enumerate(concluded) if text]
    table = np.array([[overlap(evidence[row], concluded[other]) for other in kept] for row in kept])
    return (
        [*rows, *_falls("evidence of the pipeline and conclusion:", table, part, seed)] if len(kept) > ROUNDS else rows
    )


def _evidence(told: Sequence[Clip], scores: Array) -> list[str]:
    """Of each channel's clue the sentence that speaks most for the answer."""
    sentences = [
        (row, name, one) for row, clip in enumerate(told) for name in CHANNELS for one in _END.split(clip.clues[name])
    ]
    speaks = read([masked(one) for *_, one in sentences])[0]
    best: dict[tuple[int, str], tuple[float, str]] = {}
    for (row, name, text), each in zip(sentences, speaks, strict=True):
        found = float(each[int(scores[row].argmax())])
        best[row, name] = max(best.get((row, name), (-1.0, "")), (found, text))
    return [" ".join(best[row, name][1] for name in CHANNELS) for row in range(len(told))]


def _conclusion(text: str) -> str:
    """What follows from the clues, where a text says so."""
    found = re.search(r"(?:Based on|Combining|Therefore|In summary|Overall)\b.*", text, re.DOTALL)
    return found.group() if found else ""


def _most_frequent(gold: Sequence[Sequence[str]]) -> str:
    groups = [tier(1)(word) for words in gold for word in words]
    counts = {group: groups.count(group) for group in {*groups} - {None}}
    return str(max(counts, key=counts.__getitem__))


def _mean(gold: Array, values: Array) -> float:
    del gold
    return float(values.mean())


def _f1(gold: Array, rows: Array) -> float:
    del gold
    return f1(rows)
