"""Language models and this engine's small readers on the same items: one table of recognition, cause and strategy.

    python -m benchmarks.one_table [--models local:base,local] [--exams recognition,cause,strategy] [--json]

Answers are kept (INSULA_CACHE), so a run that was stopped goes on. Every number has its 95 % interval over
conversations, and the share of answers that could be read stands beside it: what cannot be read is no zero.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from insula.evaluate.asking import exam
from insula.evaluate.asking.run import Sheet, examine, others
from insula.evaluate.asking.sheet import put_all, questions
from insula.evaluate.asking.statistics import Number, paired, scores

from .measure import machine

MODELS = "local:base,local"
EXAMS = "recognition,cause,strategy"
FEW = 10  # answers that could be read, from which two answerers are compared


def main() -> None:
    reads = argparse.ArgumentParser(description="models and small readers on the same items")
    reads.add_argument("--models", default=MODELS)
    reads.add_argument("--exams", default=EXAMS)
    reads.add_argument("--limit", type=int)
    reads.add_argument("--json", action="store_true")
    given = reads.parse_args()
    found = [sheet for name in given.exams.split(",") for sheet in sheets(name, given.models.split(","), given.limit)]
    numbers = scores(found, slices=given.json)
    gaps = [gap for name in given.exams.split(",") for gap in differences([x for x in found if x.exam.name == name])]
    if given.json:
        print(json.dumps({"machine": machine(), "numbers": [asdict(one) for one in numbers], "gaps": gaps}, indent=1))
        return
    print(table(numbers))
    print(*(f"- {one['text']}" for one in gaps), sep="\n")


def sheets(name: str, models: Iterable[str], limit: int | None = None) -> list[Sheet]:
    """Blind rules, the readers, and every model in every mode."""
    one = exam(name)
    found = others(one, put_all(one, questions(one, limit)))
    found += [examine(one, model, mode=mode, limit=limit) for model in models for mode in one.modes]
    return found


def differences(found: list[Sheet]) -> Iterable[dict[str, object]]:
    """The readers, where an exam has any, against each model, on the items where both could be read."""
    pairs = [(x, one) for x in found if x.kind == "reader" for one in found if one.kind == "model"]
    for readers, one in pairs:
        if sum(row.parsed for row in one.rows) < FEW:
            continue
        gap, items = paired(readers, one)
        text = (
            f"{one.exam.name}: readers minus {one.answerer} ({one.mode}) {gap.score:+.3f} "
            f"({gap.low:+.3f} to {gap.high:+.3f}) on {items} items that both could be read on"
        )
        yield {"exam": one.exam.name, "model": one.answerer, "mode": one.mode, **asdict(gap), "n": items, "text": text}


def table(numbers: Iterable[Number]) -> str:
    """Markdown: a line per answerer and mode, in the order of kinds."""
    lines = ["| exam | metric | answerer | mode | score | 95 % | could be read | asked |", "|" + "---|" * 8]
    for one in sorted(numbers, key=lambda x: (x.exam, x.metric)):
        bounds = f"{one.low:.3f} to {one.high:.3f}" if one.score == one.score else ""
        score = f"{one.score:.3f}" if one.score == one.score else "none could be read"
        mode = one.mode if one.kind == "model" else one.kind
        cells = (one.exam, one.metric, one.answerer, mode, score, bounds, f"{one.parse:.0%}", one.asked)
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
