"""How far judges of replies agree with people: this engine's readers, a language model, and what needs neither.

    python -m benchmarks.judges [--judge local:base] [--items 200] [--most 2000] [--cache FILE] [--json] [--fit]

People's marks: EPITOME (its test part by post), EmpatheticPersonas, stars of seekers (MultiESC's test and the failed
talks of ESConv), pairs of replies of ESConv-SRA. The readers rate all of it, the language model a part drawn by seed
(its answers are kept, so that a run goes on where it was stopped). `--fit` learns the weights of the readers' score
from development data and prints `readers.toml`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from insula.evaluate.generation import bleu2, tokens
from insula.evaluate.judge import Panel, Readers, marks, rubric
from insula.evaluate.judge.agreement import Agreement, agreement, gain, won
from insula.evaluate.judge.marks import Marked
from insula.evaluate.judge.readers import MECHANISMS, PARTS, score, using
from insula.evaluate.judge.references import posts, referenced, supported

from .measure import machine

Scores = Sequence[float | None]
RIDGE = 0.1  # of the items' weight
READERS, JUDGE, ARGMAX = (
    "readers, no language model",
    "language model, expected score",
    "language model, likeliest score",
)
BLEU, LENGTH = "BLEU-2 with people's reply", "length in words"


@dataclass(frozen=True)
class Size:
    """How many of each set are rated, how many of these a language model is asked about, and what draws them."""

    most: int
    items: int
    seed: int


def main() -> None:
    options = _options()
    if options.fit:
        print(fitted())
        return
    start, size = time.perf_counter(), Size(options.most, options.items, options.seed)
    panel = Panel([options.judge], cache=options.cache) if options.judge else None
    rows = [row for name in options.set or SETS for row in SETS[name](name, panel, size)]
    found: dict[str, Any] = {"machine": machine(), "judge": options.judge, "items of the judge": options.items}
    found |= {"seed": options.seed, "rows": rows, "seconds": round(time.perf_counter() - start, 1)}
    if panel:
        found["asked"] = {"calls": panel.spent.calls, "seconds": round(panel.spent.seconds, 1)}
    print(json.dumps(found) if options.json else table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judges", description=__doc__)
    parser.add_argument("--judge", default="local:base", help="a model, as insula.llm.connect takes it; '' for none")
    parser.add_argument("--items", type=int, default=200, help="how many of each set the language model is asked about")
    parser.add_argument("--most", type=int, default=2000, help="how many of each set are rated at all")
    parser.add_argument("--set", choices=list(SETS), action="append", help="one of the sets; may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", help="a file that keeps the model's answers")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fit", action="store_true")
    return parser.parse_args(sys.argv[1:])


def epitome(name: str, panel: Panel | None, size: Size) -> list[dict[str, Any]]:
    """The sum of three levels; the language model is asked for each."""
    return rated(name, referenced(marks.epitome("test"), posts()), panel, list(MECHANISMS), size)


def personas(name: str, panel: Panel | None, size: Size) -> list[dict[str, Any]]:
    """No development data of this corpus was used."""
    return rated(name, marks.personas(), panel, ["empathy"], size)


def stars(split: str) -> Callable[..., list[dict[str, Any]]]:
    """What seekers gave; the stars of MultiESC's development part are what the weights were learnt from, too."""
    return lambda name, *rest: rated(name, referenced(marks.stars(split), supported()), rest[0], ["helpful"], *rest[1:])


def rated(
    name: str, every: Sequence[Marked], panel: Panel | None, rubrics: Sequence[str], size: Size
) -> list[dict[str, Any]]:
    """All arms on all items, or those drawn, then on those the language model was asked about."""
    every = [every[k] for k in drawn(len(every), size.most, size.seed)]
    arms: dict[str, Scores] = {
        READERS: _readers().ratings([one.item for one in every]),
        BLEU: [bleu2(one.item.reply, one.reference) if one.reference else None for one in every],
        LENGTH: [float(len(tokens(one.item.reply))) for one in every],
    }
    rows = _rows(name, [one.mark for one in every], arms, [one.group for one in every])
    if panel:
        kept = drawn(len(every), size.items, size.seed)
        some = [every[k] for k in kept]
        found = panel.aspects([one.item for one in some], [rubric(one) for one in rubrics])
        judged: dict[str, Scores] = {JUDGE: [_sum([x.expected for x in one]) for one in found]}
        judged[ARGMAX] = [_sum([x.likeliest for x in one]) for one in found]
        few = {arm: [scores[k] for k in kept] for arm, scores in arms.items()}
        rows += _rows(
            f"{name}, {len(some)} drawn", [one.mark for one in some], judged | few, [one.group for one in some]
        )
    return rows


def pairs(name: str, panel: Panel | None, size: Size) -> list[dict[str, Any]]:
    """Which reply follows the strategy: differences of scores, and the share of pairs decided as people did."""
    every = marks.following()
    every = [every[k] for k in drawn(len(every), size.most, size.seed)]
    known = [one.counterparts for one in every]
    first, second = (_readers().parts(side) for side in ([x.first for x in every], [x.second for x in every]))
    arms: dict[str, Scores] = {
        READERS: _minus(using(second, known), using(first, known)),
        "readers' score of support": (score(second) - score(first)).tolist(),
        BLEU: [_over(x.second.reply, x.first.reply, x.reference) for x in every],
        LENGTH: [float(len(tokens(x.second.reply)) - len(tokens(x.first.reply))) for x in every],
    }
    if panel:
        kept = drawn(len(every), size.items, size.seed)
        asked = [f'Which reply follows the strategy "{every[k].strategy}" better?' for k in kept]
        found = panel.preferences([(every[k].first, every[k].second) for k in kept], asked)
        chances = dict(zip(kept, found, strict=True))
        arms[JUDGE] = [_over_half(chances[k].second) if k in chances else None for k in range(len(every))]
        steady = [float(one.steady) for one in found if one.steady is not None]
        print(f"the judge takes the same reply both ways round: {np.mean(steady or [np.nan]):.2f}", file=sys.stderr)
    gold, groups = [one.mark for one in every], [one.group for one in every]
    return _rows(name, gold, arms, groups) + [
        _row(f"{name}, share decided as people did", arm, won(gold, scores, groups)) for arm, scores in arms.items()
    ]


SETS: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "EPITOME test": epitome,
    "EmpatheticPersonas": personas,
    "seekers' stars, MultiESC test": stars("test"),
    "seekers' stars, failed talks": stars("failed"),
    "ESConv-SRA pairs": pairs,
}


def drawn(of: int, count: int, seed: int) -> list[int]:
    """So many places drawn without looking, in order."""
    return sorted(np.random.default_rng(seed).permutation(of)[:count].tolist())


def _rows(name: str, gold: Sequence[float], arms: dict[str, Scores], groups: Sequence[str]) -> list[dict[str, Any]]:
    rows = [_row(name, arm, agreement(gold, scores, groups)) for arm, scores in arms.items()]
    first = next(iter(arms))
    return rows + [
        _row(name, f"{first} minus {arm}", gain(gold, arms[first], arms[arm], groups)) for arm in (BLEU, LENGTH)
    ]


def _row(name: str, arm: str, found: Agreement) -> dict[str, Any]:
    numbers = {key: round(getattr(found.interval, key), 3) for key in ("score", "low", "high")}
    return {"set": name, "judge": arm, **numbers, "n": found.n, "of": found.asked, "groups": found.groups}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """As Markdown."""
    lines = ["| people's marks | judge | Spearman | 95 % | n |", "|---|---|---|---|---|"]
    lines += [
        f"| {x['set']} | {x['judge']} | {x['score']:.3f} | {x['low']:.3f} .. {x['high']:.3f} | {x['n']} of {x['of']} |"
        for x in rows
    ]
    return "\n".join(lines)


def _over(second: str, first: str, reference: str) -> float | None:
    return bleu2(second, reference) - bleu2(first, reference) if reference else None


def _sum(scores: Scores) -> float | None:
    return sum(x for x in scores if x is not None) if None not in scores else None


def _minus(second: Scores, first: Scores) -> Scores:
    return [b - a if a is not None and b is not None else None for a, b in zip(first, second, strict=True)]


def _over_half(chance: float | None) -> float | None:
    return None if chance is None else chance - 0.5


@cache
def _readers() -> Readers:
    return Readers()


def fitted() -> str:
    """Ridge regression of the places of marks among their corpus's; each corpus weighs the same."""
    parts, places, weight = list[Any](), list[Any](), list[Any]()
    for every in (marks.epitome("dev"), marks.stars("dev")):
        parts.append(_readers().parts([one.item for one in every]))
        given = np.array([one.mark for one in every])
        places.append(np.array([(np.mean(given < x) + np.mean(given <= x)) / 2 for x in given]))
        weight.append(np.full(len(every), 1 / len(every)))
    x, y, w = np.concatenate(parts), np.concatenate(places), np.concatenate(weight) / len(weight)
    known = np.isfinite(x)
    mean = np.where(known, x, 0).T @ w / (known.T @ w)
    deviation = np.sqrt((np.where(known, x - mean, 0) ** 2).T @ w / (known.T @ w))
    even = np.where(known, (x - mean) / np.maximum(deviation, 1e-6), 0.0)
    start = float(w @ y)
    slopes = np.linalg.solve(
        (even * w[:, None]).T @ even + RIDGE * np.eye(len(PARTS)), (even * w[:, None]).T @ (y - start)
    )
    lists = {"mean": mean, "deviation": np.maximum(deviation, 1e-6), "weights": slopes}
    told = "\n".join(f"{name} = [{', '.join(f'{float(v):.4g}' for v in values)}]" for name, values in lists.items())
    return (
        "# The readers' score of a reply: what each part weighs, in the order of `readers.PARTS`. Made by\n"
        f"# `python -m benchmarks.judges --fit` from the dev of EPITOME ({len(places[0])} sums of levels)\n"
        f"# and of MultiESC ({len(places[1])} stars), ridge {RIDGE}; each corpus weighs the same.\n"
        f"start = {start:.4g}\n{told}\n"
    )


if __name__ == "__main__":
    main()
