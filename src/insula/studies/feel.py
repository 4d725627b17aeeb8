"""FEEL (Zhang et al. 2024): judges that give a probability to every score, weighed together, beside people's ratings.

The published judge writes its probabilities in words; here they are those of the score's token. Two judges of 135
million parameters (the embedded model with and without this engine's adapter) rate six aspects of whole talks of
ESConv, which their seekers rated. Beside them: one judge alone, the likeliest score instead of the expected one, this
engine's readers without any model, BLEU-2, ROUGE-L and length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conversation import Turn
from ..evaluate.generation import bleu2, rouge_l, tokens
from ..evaluate.judge import Item, Panel, Rating, Readers, marks, rubric
from ..evaluate.judge.agreement import Agreement, agreement, gain
from ..evaluate.judge.marks import Marked
from ..evaluate.judge.references import referenced, supported
from ..llm import LLM, Message, Scripted
from .embedded_model import answers

SYSTEM = "feel"
STATUS = "works-scaled"
ASPECTS = ("informativeness", "comprehensibility", "helpfulness", "consistency", "coherence", "safety")
JUDGES = ("local:base", "local")
TALKS, DEVELOPMENT = 20, 12
APART = 14  # place in the draw of failed talks from which they are for development
TURNS = 12  # of a talk, its last, that a judge is told
Scores = Sequence[float | None]


@dataclass(frozen=True)
class Part:
    """What people marked: what is measured on, what the judges' weights come from, and what judges are asked."""

    name: str
    test: Sequence[Marked]
    development: Sequence[Marked]
    rubrics: Sequence[str]
    pool: Callable[[], Sequence[tuple[str, str]]]


def run(scale: str = "smoke", seed: int = 0) -> dict[str, Any]:
    """Talks of ESConv with the embedded model; smoke: made-up ones, judges that go by a word or say one thing."""
    full = scale == "full"
    panel = Panel(JUDGES, cache=answers("feel")) if full else Panel([_kind(), Scripted("2", "always 2")])
    metrics, told = _measured(_talks(seed) if full else _made_up(), panel)
    notes = [
        told,
        "People's ratings of FEEL's own talks are not published: its samples are read by nobody here. Talks are "
        "ESConv's, half from those that failed, rated by their seekers from 1 to 5 for being understood.",
        "A judge's weight is its rank agreement on development items, 0 where that is negative; test items are others.",
        f"Judges are told the last {TURNS} turns of a talk; the published prompt is longer than they can hold.",
        "BLEU-2 and ROUGE-L compare with what people replied to the situation nearest in words, in a train part.",
    ]
    data = ["esconv", "esconv-failed"] if full else []
    return {"metrics": metrics, "data": data, "notes": notes}


def _measured(part: Part, panel: Panel) -> tuple[list[dict[str, Any]], str]:
    """The agreement of every arm with people, what the ensemble gains over each, and how the weights came out."""
    names = list(panel.judges)
    asked = [rubric(one) for one in part.rubrics]
    before, found = (panel.aspects([one.item for one in some], asked, TURNS) for some in (part.development, part.test))
    weights = {name: max(0.0, _agreed(part.development, _of(before, name, "expected"))) for name in names}
    if not any(weights.values()):
        weights = dict.fromkeys(names, 1.0)
    first = max(names, key=weights.__getitem__)
    arms = {
        "judges weighed together, expected score": _weighed(found, weights, "expected"),
        "judges weighed together, likeliest score": _weighed(found, weights, "likeliest"),
        "judges alike, expected score": _weighed(found, dict.fromkeys(names, 1.0), "expected"),
        **{f"{name} alone, expected score": _of(found, name, "expected") for name in names},
        **{f"{name} alone, likeliest score": _of(found, name, "likeliest") for name in names},
        "readers, no language model": Readers().ratings([one.item for one in part.test]),
        **_overlaps(part),
    }
    by_aspect = [_weighed([[some[k]] for some in found], weights, "expected") for k in range(len(asked))]
    gold, groups = [one.mark for one in part.test], [one.group for one in part.test]
    rows = [_row(name, part.name, agreement(gold, scores, groups), 0.0) for name, scores in arms.items()]
    whole, *others = arms
    against = [one for one in others if not one.endswith("likeliest score") or "together" in one or first in one]
    rows += [_row(f"{whole} minus {one}", part.name, gain(gold, arms[whole], arms[one], groups)) for one in against]
    rows += [
        _row(f"{one}, weighed together", part.name, agreement(gold, scores, groups), 0.0)
        for one, scores in zip(part.rubrics, by_aspect, strict=True)
    ]
    read = {name: np.mean([one.by[name].expected is not None for some in found for one in some]) for name in names}
    share = {name: np.mean([one.by[name].share or 0.0 for some in found for one in some]) for name in names}
    told = "; ".join(f"{x}: weight {weights[x]:.2f}, read {read[x]:.2f}, on the scale {share[x]:.2f}" for x in names)
    return rows, f"{part.name}: {len(part.development)} development items; {told} of the probability."


def _of(found: Sequence[Sequence[Rating]], name: str, which: str) -> Scores:
    """One judge's mean over the aspects; None where one of them could not be read."""
    return [_mean([getattr(one.by[name], which) for one in some]) for some in found]


def _weighed(found: Sequence[Sequence[Rating]], weights: Mapping[str, float], which: str) -> Scores:
    """The judges' weighted mean, of those that could be read."""
    each = [_of(found, name, which) for name in weights]
    total = list[float | None]()
    for said in zip(*each, strict=True):
        known = [(x, w) for x, w in zip(said, weights.values(), strict=True) if x is not None and w]
        total.append(sum(x * w for x, w in known) / sum(w for _, w in known) if known else None)
    return total


def _overlaps(part: Part) -> dict[str, Scores]:
    """BLEU-2 and ROUGE-L with the reference, and length; for a whole talk the mean over the supporter's turns."""
    replies = [[one] if one.item.reply else _turns(one) for one in part.test]
    every = referenced([one for some in replies for one in some], part.pool())
    ends = np.cumsum([len(some) for some in replies])[:-1]
    said: dict[str, list[float]] = {
        "BLEU-2": [bleu2(one.item.reply, one.reference) for one in every],
        "ROUGE-L": [rouge_l(one.item.reply, one.reference) for one in every],
        "length in words": [float(len(tokens(one.item.reply))) for one in every],
    }
    return {
        name: [float(x.mean()) if len(x) else None for x in np.split(np.array(v), ends)] for name, v in said.items()
    }


def _turns(talk: Marked) -> list[Marked]:
    turns = talk.item.turns
    return [
        Marked(Item(turns[:place], turn.text), talk.mark, talk.group)
        for place, turn in enumerate(turns)
        if place and turn.speaker == "supporter"
    ]


def _mean(scores: Scores) -> float | None:
    known = [x for x in scores if x is not None]
    return sum(known) / len(known) if len(known) == len(scores) else None


def _agreed(some: Sequence[Marked], scores: Scores) -> float:
    score = agreement([one.mark for one in some], scores, [one.group for one in some]).interval.score
    return score if np.isfinite(score) else 0.0


def _row(name: str, part: str, found: Agreement, baseline: float | None = None) -> dict[str, Any]:
    numbers = {key: round(getattr(found.interval, key), 4) for key in ("score", "low", "high")}
    return {"name": f"rank agreement: {name}", "slice": part, **numbers, "n": found.n, "baseline": baseline}


def _talks(seed: int) -> Part:
    """Talks, as many failed as completed ones, drawn by the seed; development apart from test."""
    done, failed = marks.talks("test"), marks.talks("failed")
    half, few = TALKS // 2, DEVELOPMENT // 2
    unlike, alike = _drawn(failed, APART + few, seed), _drawn(done, half, seed)
    return Part(
        "whole talks of ESConv", [*alike, *unlike[:half]], [*_drawn(marks.talks("dev"), few, seed), *unlike[APART:]],
        ASPECTS, supported,
    )  # fmt: skip


def _drawn(some: Sequence[Marked], count: int, seed: int) -> list[Marked]:
    return [some[k] for k in np.random.default_rng(seed).permutation(len(some))[:count]]


def _kind() -> LLM:
    """A judge that counts how often the supporter is sorry."""

    def reply(messages: Sequence[Message]) -> str:
        return str(min(3, messages[1].text.count("sorry")))

    return Scripted(reply, "by a word")


def _made_up() -> Part:
    """Talks of which people like the better the sorrier the supporter is."""

    def talk(k: int) -> Marked:
        said = " ".join(["I am sorry."] * (k % 4) or ["Next."])
        turns = (Turn("seeker", f"I lost game {k}."), Turn("supporter", said), Turn("seeker", "Well."))
        return Marked(Item(turns), 1.0 + k % 4, f"{k}")

    pool = lambda: [("I lost a game.", "I am sorry."), ("I won.", "How nice.")]  # noqa: E731
    return Part("made up", [talk(k) for k in range(12)], [talk(k) for k in range(6)], ASPECTS[:2], pool)
