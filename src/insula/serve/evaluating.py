"""`/v1/evaluate` and `/v1/jobs`: benchmarks of pipelines and exams of models as jobs, and what was measured so far.

The numbers of the shipped studies are here as well, so that a page can show what is claimed and by how much.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ..evaluate.asking import Question
from ..studies import result, studies
from .forms import EvaluateForm
from .jobs import Job, Jobs

router = APIRouter(prefix="/v1", tags=["evaluate"])


@router.get("/evaluate", summary="What can be measured")
def measurable() -> dict[str, list[str]]:
    """Benchmarks of pipelines, and exams of models."""
    from ..evaluate import benchmarks
    from ..evaluate.asking import exams

    return {"benchmarks": [one.name for one in benchmarks()], "exams": list(exams())}


@router.post("/evaluate", status_code=202, summary="Measure a pipeline or a model")
async def evaluate(form: EvaluateForm, request: Request) -> dict[str, Any]:
    """A job; its result has rows with interval, coverage or parse rate, and baselines beside them."""
    work = _exam(form, request.app.state.models.spec(form.model)) if form.model else _benchmark(form)
    return _jobs(request).begin("evaluate", work).record()


@router.get("/jobs", summary="All jobs")
async def jobs(request: Request) -> dict[str, list[dict[str, Any]]]:
    """Without their results, the latest first."""
    return {"jobs": [{**job.record(), "result": None} for job in _jobs(request).all()]}


@router.get("/jobs/{job}", summary="How a job stands")
async def job(job: str, request: Request) -> dict[str, Any]:
    """What is done, and the result as soon as there is one."""
    return _jobs(request).job(job).record()


@router.delete("/jobs/{job}", status_code=204, summary="Stop a job")
async def stop(job: str, request: Request) -> Response:
    """It ends at its next step."""
    _jobs(request).job(job).stop.set()
    return Response(status_code=204)


@router.get("/jobs/{job}/report", summary="The report of a job", response_class=HTMLResponse)
async def report(job: str, request: Request) -> Response:
    """A page with reliability curves, confusions and the hardest items, where the job made one."""
    found = _jobs(request).job(job)
    if not found.report:
        raise KeyError(f"job {job!r} has no report")
    return HTMLResponse(found.report)


@router.get("/results", summary="What the shipped studies measured")
def results() -> dict[str, list[dict[str, Any]]]:
    """The record of every study that ran in full: claims, numbers with intervals, notes, data."""
    return {"studies": [record for name in studies() if (record := result(name))]}


def _benchmark(form: EvaluateForm) -> Callable[[Job], Any]:
    from ..evaluate import Outcome, benchmark, outcomes, to_json, write_report

    chosen = [benchmark(name) for name in form.names]

    def work(job: Job) -> Any:
        job.step(0, of=sum(len(one.slices) for one in chosen))
        found: list[Outcome] = []
        for outcome in outcomes(form.names, form.pipeline or None, form.limit, note=lambda words: _tell(job, words)):
            found.append(outcome)
            job.step()
        with tempfile.TemporaryDirectory() as folder:
            write_report(found, Path(folder) / "report.html")
            job.report = (Path(folder) / "report.html").read_text(encoding="utf-8")
        return json.loads(to_json(result for outcome in found for result in outcome.results))

    return work


def _exam(form: EvaluateForm, model: str) -> Callable[[Job], Any]:
    from ..evaluate.asking import exam
    from ..evaluate.asking.run import examine, others, put_all, questions
    from ..evaluate.asking.statistics import scores

    chosen = [exam(name) for name in form.names]

    def work(job: Job) -> Any:
        found: dict[str, Any] = {"results": [], "rows": {}, "questions": {}}
        for one in chosen:
            some = questions(one, form.limit)
            job.step(0, of=job.of + len(some) * form.seeds)
            sheet = examine(one, model, seeds=form.seeds, limit=form.limit, heard=lambda _: job.step())
            beside = others(one, put_all(one, some, form.seeds, "base"))
            found["results"] += [asdict(number) for number in scores([sheet, *beside])]
            found["rows"][one.name] = [row.plain() for row in sheet.rows]
            found["questions"] |= {question.id: _shown(question) for question in some}
        return found

    return work


def _shown(question: Question) -> str:
    """A question as a page shows it, with its options as they were published."""
    options = "\n".join(f"{one.name}: {' | '.join(one.options)}" for one in question.choices)
    return f"{question.text}\n\n{options}".strip()


def _tell(job: Job, words: str) -> None:
    job.told = words


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs
