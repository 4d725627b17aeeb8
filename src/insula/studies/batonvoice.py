"""A conductor in words, a voice that only follows: is an instruction's feeling heard once a plan stands between them?

Claim (Wang et al. 2025, BatonVoice, arXiv:2509.26514): a language model that understands an instruction and writes a
plan of vocal features, followed by a text-to-speech model that knows nothing of instructions, controls emotion better
than none, and does so in languages the voice was not controlled in before.

Ours: 24 instructions of our own in words, four for each of six feelings, none of which names a number. Conductors:
"llm", the small embedded model held to a schema (`insula.speak.conduct`); "rule", text.encoder's reading of the
instruction and the rules of `insula.speak.plan`; "feeling known", those rules given the right feeling, an upper bound.
Each conducts a sentence that says nothing of a feeling, spoken by the built-in voice, beside no plan at all. Measured
prosody against the plan; the ear, taught by people only, among six feelings. Control: the rule's plans dealt out to
other instructions. The second language is Japanese: the same plans, by Kokoro through WORLD, words checked by Whisper.

Differs: BatonTTS is a language model trained to follow features; hibari's features are set before its vocoder. The
conductor has 135 million parameters, not billions, and says so in its numbers.

    insula study batonvoice --scale full
"""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..conversation import Conversation, Turn
from ..llm import LLM, LLMError, Scripted, connect
from ..speak.conduct import conduct
from ..speak.delivery import Delivery
from ..speak.listen_back import CLOSE, at_16k
from ..speak.plan import feelings, plan
from .measure import measured
from .spoken import FEELINGS, TEXTS, Spoken, Stage, mean_of, open_stage, rank_correlation

SYSTEM = "batonvoice"
STATUS = "works-scaled"

ENCODER = "text.encoder"
JAPANESE = (
    "今日は朝から駅の前で友達を待っています。",
    "机の上に青い本と古い新聞があります。",
    "来週の月曜日に図書館へ行くつもりです。",
    "窓のそばに白い花が置いてあります。",
)
"""Own sentences that say nothing of a feeling."""
_SCRIPT = (
    '{"pace":"fast","pitch":"high","range":"lively","contour":"rising","energy":"loud","tilt":"bright",'
    '"breath":"normal","tremor":"normal","pauses":"short pauses","emphasis":[]}'
)


@dataclass(frozen=True)
class Style:
    """An instruction in words and the feeling it means."""

    feeling: str
    words: str
    text: str


@dataclass(frozen=True, eq=False)
class Conducted:
    """What a conductor planned for an instruction, and how it came out; `answered` is False where no plan came."""

    style: Style
    delivery: Delivery
    spoken: Spoken
    answered: bool = True


def styles() -> tuple[Style, ...]:
    """The instructions, each with a sentence."""
    with (Path(__file__).with_name("batonvoice.styles.tsv")).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(Style(row["feeling"], row["style"], TEXTS[n % len(TEXTS)]) for n, row in enumerate(rows))


def by_rule(style: Style) -> Delivery:
    """What the text reader finds in the instruction, as a plan of feelings."""
    if not (found := {label: x for label, x in _felt(style.words).items() if label in feelings()}):
        return Delivery()
    label = max(found, key=lambda one: found[one])
    return plan(style.text, label, min(1.0, 0.5 + found[label]), emphasis=())


async def by_model(llm: LLM, style: Style) -> tuple[Delivery, bool]:
    """What the model writes, and whether it wrote a plan at all."""
    try:
        (line, *_) = await conduct(llm, style.text, style.words, emphasis=False)
    except LLMError:
        return Delivery(), False
    return line.delivery, True


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Every conductor's plans spoken and heard, beside no plan; then the same plans in Japanese."""
    stage = open_stage(scale)
    chosen = styles() if scale == "full" else styles()[::4]
    llm: LLM = connect("local:base") if scale == "full" else Scripted(_SCRIPT)
    plans = {
        "llm": asyncio.run(_all(llm, chosen)),
        "rule": [(by_rule(style) if scale == "full" else _known(style), True) for style in chosen],
        "feeling known": [(_known(style), True) for style in chosen],
        "no plan": [(Delivery(), True) for _ in chosen],
    }
    plans["rule, dealt out"] = random.Random(seed).sample(plans["rule"], len(chosen))
    arms = {name: _spoken(stage, chosen, some) for name, some in plans.items()}
    metrics = [row for name, arm in arms.items() for row in _rows(name, arm, arms["no plan"])]
    notes = [
        "Instructions and sentences are our own.",
        f"{len(chosen)} instructions; the llm is {llm.name}; intervals draw instructions.",
        "Accuracy is the ear's first of six feelings; chance 1/6, and no plan gives one answer whatever is meant.",
    ]
    if scale == "full":
        rows, said = _second_language(chosen, plans)
        metrics += rows
        notes += said
    return {"metrics": metrics, "data": [], "notes": notes}


async def _all(llm: LLM, chosen: Sequence[Style]) -> list[tuple[Delivery, bool]]:
    return [await by_model(llm, style) for style in chosen]


def _known(style: Style) -> Delivery:
    return plan(style.text, style.feeling, 0.9, emphasis=())


def _spoken(stage: Stage, chosen: Sequence[Style], plans: Sequence[tuple[Delivery, bool]]) -> list[Conducted]:
    return [
        Conducted(style, delivery, stage.say(style.text, delivery), answered)
        for style, (delivery, answered) in zip(chosen, plans, strict=True)
    ]


def _rows(name: str, arm: Sequence[Conducted], plain: Sequence[Conducted]) -> list[dict[str, Any]]:
    part = "own instructions"
    at = [FEELINGS.index(one.style.feeling) for one in arm]
    first = np.array([float(one.spoken.heard.argmax() == n) for one, n in zip(arm, at, strict=True)])
    gain = [one.spoken.heard[n] - flat.spoken.heard[n] for one, flat, n in zip(arm, plain, at, strict=True)]
    chance = 1 / len(FEELINGS)
    rows = [measured(f"emotion accuracy, {name}", part, mean_of, first, first[None], baseline=chance)]
    if name == "no plan":
        return rows
    gained = np.array(gain)
    rows.append(
        measured(f"probability of the feeling gained over no plan, {name}", part, mean_of, gained, gained[None])
    )
    if name == "llm":
        valid = np.array([float(one.answered) for one in arm])
        rows.append(measured("plans that fit the schema, llm", part, mean_of, valid, valid[None]))
    for quantity in CLOSE:
        wanted = np.array([getattr(one.delivery, quantity) for one in arm])
        found = np.array([one.spoken.measured[quantity] for one in arm])
        label = f"rank correlation of planned and measured {quantity}, {name}"
        rows.append(measured(label, part, rank_correlation, wanted, found[None], baseline=0.0))
        if name in ("llm", "rule"):
            right = np.array([getattr(_known(one.style), quantity) for one in arm])
            label = f"rank correlation with the plan of the right feeling, {quantity}, {name}"
            rows.append(measured(label, part, rank_correlation, right, wanted[None], baseline=0.0))
    return rows


def _second_language(
    chosen: Sequence[Style], plans: Mapping[str, Sequence[tuple[Delivery, bool]]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rule's plans in Japanese where Kokoro, WORLD and a Japanese reader are installed; else what is missing."""
    try:
        stage = open_stage("full", "world:kokoro:jf_alpha")
        # one instruction of each feeling: Kokoro takes its time
        some = [replace(style, text=JAPANESE[n % len(JAPANESE)]) for n, style in enumerate(chosen[::4])]
        arm = _spoken(stage, some, plans["rule"][::4])
        flat = _spoken(stage, some, plans["no plan"][::4])
    except (ImportError, OSError) as error:
        return [], [f"The second language was not done: {error}"]
    rows = [*_rows("rule, Japanese", arm, flat), *_rows("no plan", flat, flat)]
    for row in rows:
        row["slice"] = "own instructions, Japanese"
    return [*rows, *_japanese_words(arm, flat)], [
        "Japanese: Kokoro's jf_alpha through WORLD, four sentences of our own."
    ]


def _japanese_words(arm: Sequence[Conducted], flat: Sequence[Conducted]) -> list[dict[str, Any]]:
    """Characters misheard by Whisper base, by plan and plainly read."""
    from ..network.words import transcriber

    words = transcriber("base")
    more = np.array(
        [
            _misheard(words(at_16k(one.spoken.sound)).text, one.style.text)
            - _misheard(words(at_16k(plain.spoken.sound)).text, plain.style.text)
            for one, plain in zip(arm, flat, strict=True)
        ]
    )
    name = "share of characters misheard, rule less no plan"
    return [measured(name, "own instructions, Japanese", mean_of, more, more[None], baseline=0.0)]


def _misheard(heard: str, text: str) -> float:
    """Edit distance over the characters that are letters, as a share of the text's."""
    from ..network.words import word_error_rate

    one, other = (" ".join(filter(str.isalnum, x)) for x in (text, heard))
    return word_error_rate(one, other)


@cache
def _reader() -> Any:
    from ..presets import pipeline

    return pipeline(ENCODER)


def _felt(words: str) -> dict[str, float]:
    from ..scheme import read_out

    conversation = Conversation(Turn("director", words))
    _reader().run(conversation)
    found = conversation.read("emotion", scheme="ekman7") or [
        read_out(one, "ekman7") for one in conversation.read("emotion", scheme="goemotions28")
    ]
    return dict(found[-1].scores) if found else {}
