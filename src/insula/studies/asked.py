"""A model asked for a study: its sheet on some questions, and rows of numbers with intervals.

rows([sheet, *others(exam, asked)], "all"), gaps({"base": sheet, "rag": other}, [("rag", "base")], "all")
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..evaluate.asking.exam import Exam
from ..evaluate.asking.question import Asked
from ..evaluate.asking.sheet import Row, Sheet
from ..evaluate.asking.statistics import paired, scores
from ..llm import LLM, LLMError


def sat(exam: Exam, asked: Sequence[Asked], llm: LLM, name: str) -> Sheet:
    """The sheet of one model, asked in this process one question after another."""
    return Sheet(exam, name, asked[0].mode, tuple(asyncio.run(_answers(exam, asked, llm))))


def rows(sheets: Sequence[Sheet], part: str, slices: bool = False) -> list[dict[str, Any]]:
    """Every score that could be computed, with its interval, and with how much was asked and could be read."""
    return [
        row(
            f"{one.metric}, {one.answerer}",
            f"{part}{'' if one.slice == 'all' else f', {one.slice}'}, {one.asked} asked, {one.parse:.0%} read",
            (one.score, one.low, one.high),
            one.asked,
        )
        for one in scores(sheets, slices)
        if np.isfinite(one.score)
    ]


def gaps(sheets: Mapping[str, Sheet], pairs: Sequence[tuple[str, str]], part: str) -> list[dict[str, Any]]:
    """The official score of one sheet minus another's, on what both answered; left out where that is nothing."""
    found: list[dict[str, Any]] = []
    for one, other in pairs:
        try:
            gap, many = paired(sheets[one], sheets[other])
        except ValueError:
            continue
        metric = next(iter(sheets[one].exam.metrics))
        where = f"{part}, {many} answered in both"
        found.append(row(f"{metric}, {one} minus {other}", where, (gap.score, gap.low, gap.high), many))
    return found


def row(name: str, part: str, numbers: tuple[float, float, float], n: int) -> dict[str, Any]:
    """One row of a study's metrics, from `n` answers."""
    score, low, high = (round(number, 4) for number in numbers)
    return {"name": name, "slice": part, "score": score, "low": low, "high": high, "n": n}


async def _answers(exam: Exam, asked: Sequence[Asked], llm: LLM) -> list[Row]:
    found: list[Row] = []
    for one in asked:
        try:
            if exam.converse:
                reply = await exam.converse(one, llm)
            else:
                reply = (await llm.reply(one.messages, seed=one.seed, max_tokens=one.max_tokens)).text
        except LLMError as error:
            found.append(Row.of(one, None, error=str(error)))
        else:
            found.append(Row.of(one, exam.mark(one, reply), reply))
    return found
