"""An exam as a task of inspect_ai: a sample is a question, asked once for every seed with its options in another order.

    eval(task(exam("emobench"), seeds=5), model="insula/local", limit=20)

What a log's samples hold is turned back into a sheet by `sheet`: one way to ask, whoever starts it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import get_model
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from ...llm import LLM, LLMError, Message
from .caps import Caps
from .exam import Exam
from .provider import Inspected
from .question import Asked, Question
from .sheet import Row, Sheet, put_all, questions
from .statistics import scores

ROWS = "rows"


def task(
    exam: Exam,
    found: Sequence[Question] | None = None,
    *,
    seeds: int = 1,
    mode: str = "base",
    judge: LLM | None = None,
    timeout: float = Caps.timeout,
    answerer: str = "",
    marker: str = "",
    llm: LLM | None = None,
    heard: Callable[[Row], None] | None = None,
) -> Task:
    """The task; raises what reading the exam's files raises. `found` are the questions, by default all of them.

    `heard` gets each row as it comes; `answerer` is written into the log as the name of who answered, and `marker` as
    that of the judge. `llm` is asked instead of the run's own model.
    """
    asked = put_all(exam, questions(exam) if found is None else found, seeds, mode)
    by_id: dict[str, list[Asked]] = {}
    for one in asked:
        by_id.setdefault(one.question.id, []).append(one)
    about = {"exam": exam.name, "mode": mode, "seeds": seeds, "answerer": answerer, "differs": exam.differs}
    return Task(
        name=exam.name,
        dataset=MemoryDataset([_sample(some) for some in by_id.values()], name=exam.name),
        solver=_asking(exam, by_id, judge, timeout, llm, heard),
        scorer=_marking(exam),
        fail_on_error=False,
        version="-".join([*(x[:8] for x in exam.files.values())]) or 0,
        metadata=about | {"judge": marker if exam.judge else ""},
    )


def sheet(exam: Exam, asked: Sequence[Asked], log: EvalLog, answerer: str) -> Sheet:
    """What the samples of a log say of all that was to be asked; what is not in it was not asked."""
    rows = {(row.id, row.seed): row for row in logged(log)}
    errors = {str(one.id): one.error.message for one in log.samples or [] if one.error}
    ended = log.error.message if log.error else "the run was stopped before it was asked"

    def row(one: Asked) -> Row:
        kept = rows.get((one.question.id, one.seed))
        return kept or Row.of(one, None, error=errors.get(one.question.id, ended))

    return Sheet(exam, answerer, asked[0].mode if asked else "base", tuple(row(one) for one in asked))


def logged(log: EvalLog) -> list[Row]:
    """The rows in a log."""
    return [row for sample in log.samples or [] for row in _rows((sample.store or {}).get(ROWS) or [])]


def _asking(
    exam: Exam,
    by_id: Mapping[str, Sequence[Asked]],
    judge: LLM | None,
    timeout: float,
    given: LLM | None,
    heard: Callable[[Row], None] | None,
) -> Solver:
    """Asks for every seed, and marks each answer; a call that fails costs its own row only."""

    @solver(name="ask")
    def ask() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 - inspect_ai's signature
            llm = given or Inspected(get_model())
            rows: list[Row] = []
            for one in by_id[str(state.sample_id)]:
                rows.append(await answered(exam, one, llm, judge, timeout))
                if heard:
                    heard(rows[-1])
            state.store.set(ROWS, [row.plain() for row in rows])
            return state

        return solve

    return ask()


async def answered(exam: Exam, asked: Asked, llm: LLM, judge: LLM | None, timeout: float) -> Row:
    """One question put to one model, and its mark; never raises for what a model or a server does."""
    start, reply, used = time.monotonic(), "", Caps()
    try:
        async with asyncio.timeout(timeout):
            reply = await _reply(exam, asked, used.metered(llm))
            mark = await exam.judge(asked, reply, judge) if exam.judge and judge else exam.mark(asked, reply)
    except TimeoutError:
        return Row.of(asked, None, reply, error=f"no whole answer within {timeout:g} s")
    except LLMError as error:
        return Row.of(asked, None, reply or error.partial, error=str(error))
    return Row.of(asked, mark, reply, tokens=used.written, seconds=round(time.monotonic() - start, 3))


async def _reply(exam: Exam, asked: Asked, llm: LLM) -> str:
    if exam.converse:
        return await exam.converse(asked, llm)
    return (await llm.reply(_shown(asked), seed=asked.seed, max_tokens=asked.max_tokens)).text


def _shown(asked: Asked) -> list[Message]:
    """The messages, and with the last words of the user what is to be seen or heard."""
    last = max((k for k, one in enumerate(asked.messages) if one.role == "user"), default=None)
    media = asked.question.media
    return [replace(one, media=media) if media and k == last else one for k, one in enumerate(asked.messages)]


def _marking(exam: Exam) -> Scorer:
    """What was marked as soon as it was answered, as scores of inspect_ai; its metrics are those of `statistics`."""

    @metric(name="exam")
    def numbers() -> Metric:
        def compute(scores: list[SampleScore]) -> Value:
            return _numbers(exam, scores)

        return compute

    @scorer(metrics=[numbers()], name="marks")
    def marks() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 - inspect_ai's signature
            return _score(_rows(state.store.get(ROWS) or []))

        return score

    return marks()


def _numbers(exam: Exam, found: Sequence[SampleScore]) -> Value:
    """Every score of the exam with its bounds, how much could be read, and how much could not be asked."""
    rows = [row for one in found for row in _rows((one.score.metadata or {}).get(ROWS) or [])]
    given: dict[str, str | int | float | bool | None] = {}
    for one in scores([Sheet(exam, "model", "", tuple(rows))], slices=False):
        given |= {one.metric: one.score, f"{one.metric} low": one.low, f"{one.metric} high": one.high}
        given |= {"parse rate": one.parse, "asked": one.asked, "not asked": one.unasked}
    return given


def _score(rows: Sequence[Row]) -> Score:
    parsed = [row for row in rows if row.parsed]
    values: dict[str, list[float]] = {}
    for row in parsed:
        for key, one in row.values.items():
            values.setdefault(key, []).append(one)
    value: Any = {key: sum(some) / len(some) for key, some in values.items()}
    value["parsed"] = len(parsed) / max(len(rows), 1)
    said = " / ".join(dict.fromkeys(row.said for row in parsed))
    why = "; ".join(dict.fromkeys(row.error or row.why for row in rows if not row.parsed))
    return Score(value=value, answer=said, explanation=why, metadata={ROWS: [row.plain() for row in rows]})


def _sample(asked: Sequence[Asked]) -> Sample:
    question = asked[0].question
    target = [one.options[one.right] for one in question.choices] or str(question.gold)
    about = {"group": question.group or question.id, **question.slices}
    told = next((one.text for one in reversed(asked[0].messages) if one.role == "user"), question.text)
    return Sample(input=told, target=target, id=question.id, metadata=about)


def _rows(plain: Sequence[Mapping[str, Any]]) -> list[Row]:
    return [Row(**one) for one in plain]
