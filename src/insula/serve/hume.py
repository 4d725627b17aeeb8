"""`/v0/batch/jobs`: a subset of Hume's former expression measurement, for programs that were written for it.

Files or texts in; predictions of language, prosody and face out, in its shape and under this engine's own names.
Addresses of files elsewhere are not fetched, and configurations of models are read for which models are wanted.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from ..conversation import Conversation, Turn
from ..exchange.hume import result
from ..guard.purpose import Purpose
from ..presets import fitting, sensed
from .bodies import opened, plain_name
from .engine import Engine
from .gate import error_form
from .jobs import Job

router = APIRouter(prefix="/v0/batch", tags=["Hume's former shape"])
STATES = {"waiting": "QUEUED", "running": "IN_PROGRESS", "done": "COMPLETED", "failed": "FAILED", "stopped": "FAILED"}


@router.post("/jobs", summary="Measure texts or uploaded files")
async def begin(request: Request) -> Response:
    """JSON with `text`, or a form with files and a part `json`; the answer names the job."""
    state = request.app.state
    kept = tempfile.TemporaryDirectory()
    uploads: list[Path] = []
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=100) as form:
            asked = _object(str(form.get("json") or "{}"))
            for number, one in enumerate(form.getlist("file")):
                if isinstance(one, UploadFile):
                    place = Path(kept.name) / str(number) / plain_name(one.filename or "", "")
                    place.parent.mkdir()
                    place.write_bytes(await one.read())
                    uploads.append(place)
    else:
        asked = _object((await request.body()).decode("utf-8", "replace"))
    if asked.get("urls"):
        return JSONResponse(error_form(422, "nothing is fetched from elsewhere here: send the files themselves"), 422)
    texts = [str(one) for one in cast("list[Any]", asked.get("text") or [])]
    if not texts and not uploads:
        return JSONResponse(error_form(422, "there is neither a text nor a file to measure"), 422)
    models = asked.get("models")
    wanted = set(cast("dict[str, Any]", models)) if isinstance(models, dict) and models else None
    gate = state.settings.gate()
    job = state.jobs.begin(
        "measure", _work(state.engine, gate, kept, texts, uploads, wanted, state.settings.most_bytes)
    )
    return JSONResponse({"job_id": job.id})


@router.get("/jobs/{job}", summary="How a job stands")
async def stands(job: str, request: Request) -> dict[str, Any]:
    """Its state by the old names."""
    found: Job = request.app.state.jobs.job(job)
    times = {"created_timestamp_ms": int(found.began * 1000), "ended_timestamp_ms": int(found.ended * 1000)}
    return {"job_id": job, "state": {"status": STATES[found.state], "message": found.told, **times}}


@router.get("/jobs/{job}/predictions", summary="The predictions of a job")
async def predictions(job: str, request: Request) -> Response:
    """A list with an entry per source."""
    found: Job = request.app.state.jobs.job(job)
    if found.result is None:
        told = found.told or f"the job is {STATES[found.state]}"
        return JSONResponse(error_form(400, told), 400)
    return JSONResponse(found.result)


def _work(
    engine: Engine,
    gate: Purpose,
    kept: tempfile.TemporaryDirectory[str],
    texts: Sequence[str],
    uploads: Sequence[Path],
    wanted: set[str] | None,
    most: int,
) -> Callable[[Job], Any]:
    def work(job: Job) -> list[dict[str, Any]]:
        with kept:
            found = [Conversation(Turn("", text), id=f"text {number}") for number, text in enumerate(texts, 1)]
            found += [one for path in uploads for one in opened(path, most)[0]]
            job.step(0, of=len(found))
            return [_measured(engine, gate, one, wanted, job) for one in found]

    return work


def _measured(engine: Engine, gate: Purpose, one: Conversation, wanted: set[str] | None, job: Job) -> dict[str, Any]:
    name = "text" if one.turns else fitting(one)
    pipeline = engine.pipeline(name)
    if sensed(one):
        gate.check(*pipeline.components)
    done = result(pipeline.run(one))
    job.step()
    for file in done["results"]["predictions"]:
        file["models"] = {model: some for model, some in file["models"].items() if wanted is None or model in wanted}
    return done


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("the request is no JSON object") from None
    if not isinstance(found, dict):
        raise ValueError("the request is no JSON object")
    return cast("dict[str, Any]", found)
