"""EmoBench on the embedded model: how much of a score is understanding, and how much is position, length and chance?

Sabour et al. (2024) ask which feeling somebody has and why, and what would be best to do, in English and Chinese. Both
forms of the embedded model (as published, and with the adapter that ships here) answer questions that are drawn once,
each five times with its options in another order; a few again by chain of thought. Beside the score stand the
blind rules on the same answers, how often one letter is taken, how often five orders give one answer, and the vote of
the five, which is what the paper scores. A smoke run asks made-up items of whoever always knows and of the blind rules.

135 million parameters understand hardly more here than chance: on what could be read the model gets .16 (.14 to .19),
with our adapter .19 (.17 to .21), a guess .15. Only the adapter's lead over a guess is clear (+.02, .01 to .04), and
both are clearly worse than rules that read no question: the longest option (.22), the published third (.20). What
they choose is a letter: five orders of the options get one and the same answer on 2 of 274 questions, with the
adapter on 14 of 624. How much can be read (.88; with the adapter .73, which lists all letters where it is asked in
Chinese) says more about them than the score, and would be hidden in it if an unread answer counted as a wrong one.

    insula study emobench --scale full
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..evaluate.asking import Asked, Choice, Question
from ..evaluate.asking.choices import LETTERS
from ..evaluate.asking.sheet import Row, Sheet, others, put_all, questions
from ..evaluate.asking.statistics import Number, paired, scores
from ..evaluate.bootstrap import Interval, interval
from ..evaluate.exams.emobench import EXAM

SYSTEM = "emobench"
STATUS = "works-scaled"

SEEDS, THOUGHT = 5, 20
"""Orders of each question, and questions that are thought about."""
MODELS = {"local:base": ("embedded model", 300), "local": ("embedded model with our adapter", 800)}
"""What is asked, and how many questions: the first of one order, so that the fewer are among the more."""
ITEMS = (
    ("Noor waited all day for a call from the clinic.", "The call came: nothing was wrong.", "Relief", "All is well"),
    (
        "Ivo practised a song for his aunt.",
        "She left before he could sing it.",
        "Disappointment",
        "She did not hear it",
    ),
    ("Mei told a friend a secret.", "The next day everybody knew it.", "Betrayed", "The secret was told"),
    ("Tom forgot his lines on the stage.", "A child whispered them to him.", "Gratitude", "Somebody helped him"),
)
FEELINGS = ("Relief", "Disappointment", "Betrayed", "Gratitude", "Boredom", "Envy")


def run(scale: str, seed: int = 0) -> dict[str, Any]:  # noqa: ARG001 - the order of questions is drawn once for all
    """Scores by part and language, paired with the blind rules, and what shuffling the options shows."""
    if scale != "full":
        exam = replace(EXAM, size=0, load=lambda _: made_up(), files={})
        asked = put_all(exam, questions(exam), SEEDS)
        sheets = [Sheet.of(exam, "one who knows", asked, [_key(one) for one in asked], "model")]
        return {"metrics": [*_metrics(sheets, asked)], "data": [], "notes": ["items of our own, made up"]}
    from ..evaluate.asking.run import examine

    sheets = [examine(EXAM, name, seeds=SEEDS, limit=n, name=called) for name, (called, n) in MODELS.items()]
    thought = examine(EXAM, "local:base", mode="cot", limit=THOUGHT, name="embedded model, chain of thought")
    asked = put_all(EXAM, questions(EXAM, max(n for _, n in MODELS.values())), SEEDS)
    metrics = [*_metrics(sheets, asked), *_scores([thought], {}), *_reads([thought])]
    found, n = paired(thought, sheets[0])
    metrics.append(_measured("accuracy, chain of thought minus base", "all", found, n))
    return {"metrics": metrics, "data": [EXAM.name], "notes": [EXAM.differs, *_NOTES]}


_NOTES = [
    f"Of the 800 items, {', '.join(f'{n} for the {called}' for called, n in MODELS.values())}: the first of one order "
    f"drawn over both parts and languages, five orders of options each; {THOUGHT} with a chain of thought of at most "
    "256 tokens. Intervals draw scenarios, all orders of one together.",
    "Baseline of a score: a guess by chance on all items that were asked; differences are on the same answers.",
    "People: " + EXAM.human,
]


def _metrics(sheets: Sequence[Sheet], asked: Sequence[Asked]) -> Iterator[dict[str, Any]]:
    blind = others(EXAM, asked)
    guess = {x.slice: x.score for x in scores(blind[:1]) if x.metric == "accuracy"}
    yield from _scores([*sheets, *blind], guess)
    yield from _reads(sheets)
    for sheet in sheets:
        for rule in blind:
            found, n = paired(sheet, rule)
            yield _measured(f"accuracy, {sheet.answerer} minus {rule.answerer}", "all", found, n)
        yield from _orders(sheet, asked)
    for first, second in zip(sheets[1:], sheets, strict=False):
        found, n = paired(first, second)
        yield _measured(f"accuracy, {first.answerer} minus {second.answerer}", "all", found, n)


def _scores(sheets: Sequence[Sheet], guess: dict[str, float]) -> Iterator[dict[str, Any]]:
    for x in scores(sheets):
        if x.metric == "accuracy" or x.slice == "part understanding":
            baseline = guess.get(x.slice) if x.metric == "accuracy" else None
            yield _number(x, baseline)


def _reads(sheets: Sequence[Sheet]) -> Iterator[dict[str, Any]]:
    for sheet in sheets:
        yield _share(f"answers that could be read, {sheet.answerer}", sheet.rows, lambda row: row.parsed)


def _orders(sheet: Sheet, asked: Sequence[Asked]) -> Iterator[dict[str, Any]]:
    """Whether a letter or an option is chosen: the share of the first letter, of one answer to all orders, the vote."""
    first = {(x.question.id, x.seed): _texts(x, 0) for x in asked}
    read = [row for row in sheet.rows if row.parsed]
    title = f"answers that are the first letter (of two questions: both), {sheet.answerer}"
    yield _share(title, read, lambda row: row.said == first[row.id, row.seed])
    votes: dict[str, list[Row]] = {}
    for row in read:
        votes.setdefault(row.id, []).append(row)
    every = [rows for rows in votes.values() if len(rows) > 1]
    heads = [rows[0] for rows in every]
    same = {rows[0].id: len({row.said for row in rows}) == 1 for rows in every}
    yield _share(f"questions with one answer to all orders, {sheet.answerer}", heads, lambda row: same[row.id])
    won = {rows[0].id: _voted(rows) for rows in every}
    yield _share(f"questions whose most frequent answer is right, {sheet.answerer}", heads, lambda row: won[row.id])


def _voted(rows: Sequence[Row]) -> bool:
    said = Counter(row.said for row in rows).most_common(1)[0][0]
    return next(row for row in rows if row.said == said).values["accuracy"] == 1


def _texts(asked: Asked, shown: int) -> str:
    return " | ".join(c.options[order[shown]] for c, order in zip(asked.question.choices, asked.orders, strict=True))


def _key(asked: Asked) -> str:
    pairs = zip(asked.question.choices, asked.orders, strict=True)
    return " ".join(f"answer: {LETTERS[order.index(one.right)]}" for one, order in pairs)


def _share(title: str, rows: Sequence[Row], holds: Callable[[Row], bool]) -> dict[str, Any]:
    values = np.array([holds(row) for row in rows], float)
    groups = np.unique([row.group for row in rows], return_inverse=True)[1].astype(np.intp)
    found = interval(lambda w: w @ values / w.sum(1), len(values), groups=groups)
    return _measured(f"share of {title}", "all", found, len(values))


def _number(x: Number, baseline: float | None) -> dict[str, Any]:
    return _measured(f"{x.metric}, {x.answerer}", x.slice, Interval(x.score, x.low, x.high), x.asked, baseline)


def _measured(name: str, part: str, found: Interval, n: int, baseline: float | None = None) -> dict[str, Any]:
    bounds = {"score": found.score, "low": found.low, "high": found.high, "baseline": baseline}
    return {"name": name, "slice": part, **{k: None if x is None else round(x, 4) for k, x in bounds.items()}, "n": n}


def made_up() -> list[Question]:
    """Items of our own in the published form: a feeling and its cause, and what to do."""
    found: list[Question] = []
    for number, (before, after, feeling, cause) in enumerate(ITEMS):
        text, name = f"{before} {after}", before.split()[0]
        causes = (cause, *(other for *_, other in ITEMS if other != cause))
        asks = (Choice("emotion", FEELINGS, FEELINGS.index(feeling)), Choice("cause", causes, 0))
        acts = Choice("action", ("Listen", "Change the subject", "Say it could be worse", "Leave"), 0)
        for part, choices, kind in (("EU", asks, "understanding"), ("EA", (acts,), "Action")):
            slices = {
                "part": "understanding" if part == "EU" else "application",
                "language": "en",
                "items": f"{part} en",
            }
            about = {"subject": name, "kind": kind}
            found.append(Question(f"{part}-{number}", text, choices, group=text, slices=slices, about=about))
    return found
