"""Does finding the parts that matter, or noting on them, help a small model with long texts?

Claim (Liu et al. 2025, arXiv:2509.07403): on six long tasks of emotional intelligence, retrieval from the talk and the
model helps, and five stages of collaborative modelling (chunks, ranking, enrichment, second ranking, answer) help more.

Ours: the four tasks whose files exist (detection, summary, conversation, expression), each asked in the three modes of
the same questions, of the embedded model without its adapter. Differs: that model holds 2,048 tokens, so in "base" a
text is cut to the beginnings of its parts, or to the newest turns; it is its own helper for notes; no judge as large as
the paper's can run here, so open answers are scored without one (see each exam's `differs`).

Found: too little was asked to tell the modes apart. Detection: 0, 1 and 1 of 8 in base, rag and coem, where chance is 1
in 31. What reads no prompt can be measured on all 136: the text encoder's feelings name the text that differs in .15
(95 % interval .09 to .21), the first ranking keeps it among 8 in .38 (.29 to .46; chance .26) and among 12 in .54 (.45
to .61; chance .39), so about half of the answers are lost before the model is asked. Summaries share no more words with
the reference than the report's first sentence does. No rating of the twenty feelings could be read. Notes of a model of
135 million parameters on its own pieces add calls and no score that shows here.

    insula study longemotion --scale full
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from ..evaluate.asking.exam import Exam, exam
from ..evaluate.asking.long import room
from ..evaluate.asking.question import Question
from ..evaluate.asking.sheet import others, put_all, questions
from ..evaluate.bootstrap import interval
from ..evaluate.exams import longemotion_detection as detection
from ..llm import LLM, Scripted
from .asked import gaps, row, rows, sat

SYSTEM = "longemotion"
STATUS = "works-scaled"
ASKED = {
    "longemotion-detection": 8,
    "longemotion-summary": 2,
    "longemotion-conversation": 2,
    "longemotion-expression": 2,
}
"""Questions of each exam in a full run, drawn once: ten seconds of one thread for each in each mode, or more."""
MODES = ("base", "rag", "coem")


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Scores, parse rates and paired differences of the modes of each task, beside blind rules and readers."""
    if scale != "full":
        texts = tuple(f"I {word} the sea, and the sand, and the wind." for word in ("love", "adore", "like", "hate"))
        made = [Question(f"made-up/{n}", "", gold=3, about={"texts": texts}) for n in range(4)]
        llm = Scripted(lambda messages: "3}" if len(messages) > 1 else "They like it.")
        return {"metrics": _task(detection.EXAM, made, llm, seed), "data": [], "notes": ["A scripted model answers."]}
    from .embedded_model import embedded

    llm = embedded("longemotion")
    metrics: list[dict[str, Any]] = []
    for name, limit in ASKED.items():
        metrics += _task(exam(name), apart(exam(name))[:limit], llm, seed)
    every = questions(detection.EXAM)
    metrics += rows(others(detection.EXAM, put_all(detection.EXAM, every)), "all 136") + _found(every)
    return {"metrics": metrics, "data": list(ASKED), "notes": _notes(llm)}


def apart(one: Exam) -> list[Question]:
    """One question of each group (a talk, a kind of situation), drawn once: groups are what intervals draw."""
    groups: dict[str, list[Question]] = {}
    for question in questions(one):
        groups.setdefault(question.group or question.id, []).append(question)
    return [Random(name).choice(some) for name, some in groups.items()]


def _task(one: Exam, found: Sequence[Question], llm: LLM, seed: int) -> list[dict[str, Any]]:
    asked = {mode: [one.ask(question, seed, mode) for question in found] for mode in MODES}
    sheets = {mode: sat(one, some, llm, f"embedded, {mode}") for mode, some in asked.items()}
    pairs = [("rag", "base"), ("coem", "base"), ("coem", "rag")]
    return rows([*sheets.values(), *others(one, asked["base"])], one.name) + gaps(sheets, pairs, one.name)


def _found(every: Sequence[Question]) -> list[dict[str, Any]]:
    """How often the first ranking keeps the text that differs; kept by chance it would be their share of all."""
    found: list[dict[str, Any]] = []
    ranks = np.array([detection.rank(question) for question in every])
    for mode, kept in detection.KEPT.items():
        there = (ranks < kept).astype(float)
        chance = float(np.mean([kept / len(question.about["texts"]) for question in every]))
        hit = interval(lambda w, there=there: w @ there / w.sum(1), len(there))
        kept_row = row(f"the text that differs is kept, {mode}", "all 136", (hit.score, hit.low, hit.high), len(every))
        found.append({**kept_row, "baseline": round(chance, 4)})
    return found


def _notes(llm: LLM) -> list[str]:
    held = room(llm, detection.ANSWER)
    shown = [min(1.0, held / len(question.text)) for question in detection.EXAM.questions()]
    return [
        f"Model: {llm.name}, one thread, temperature 0; " + ", ".join(f"{n} of {name}" for name, n in ASKED.items()),
        f"In base of detection {np.mean(shown):.0%} of the characters fit, the same beginning of every text.",
        "Classification and QA are not here: their files were too large for the published mirror.",
        "Intervals draw questions, one of each talk or kind of situation; differences are paired.",
        "A share of 0 has a point for an interval by bootstrap: exactly, 0 of 8 allows up to .37.",
        "One more right answer of 8 gives an interval that begins just above 0 (corrected for bias): no difference.",
    ]
