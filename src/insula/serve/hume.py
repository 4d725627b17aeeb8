"""`/v0/batch/jobs`: a subset of Hume's former expression measurement, for programs that were written for it.

Files or texts in; predictions of language, prosody and face out, in its shape and under this engine's own names.
Addresses of files elsewhere are not fetched, and configurations of models are read for which models are wanted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, Field
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from ..conversation import Conversation, Turn
from ..exchange.hume import result
from ..guard.purpose import Purpose
from ..presets import fitting, sensed
from .bodies import BINARY, FORM, media_type, opened, parsed, saved
from .engine import Engine
from .forms import LONGEST, MOST
from .gate import error_form
from .jobs import Job

router = APIRouter(prefix="/v0/batch", tags=["Hume's former shape"])
STATES = {"waiting": "QUEUED", "running": "IN_PROGRESS", "done": "COMPLETED", "failed": "FAILED", "stopped": "FAILED"}


def _several(text: object) -> object:
    """One text stands for a list of it, and nothing for none."""
    return ([text] if text.strip() else []) if isinstance(text, str) else text or []


class MeasureForm(BaseModel):
    """What to measure; of the configurations of models it counts which are named. Other fields are passed over."""

    text: Annotated[
        list[Annotated[str, Field(max_length=LONGEST)]], Field(max_length=MOST), BeforeValidator(_several)
    ] = Field(default_factory=list, examples=[["I am so happy for you!"]])
    models: dict[str, Any] | None = None
    urls: Any = None


_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": MeasureForm.model_json_schema()},
        FORM: {
            "schema": {
                "type": "object",
                "properties": {"json": {"type": "string"}, "file": {"type": "array", "items": BINARY}},
            }
        },
    },
}


@router.post("/jobs", summary="Measure texts or uploaded files", openapi_extra={"requestBody": _BODY})
async def begin(request: Request) -> Response:
    """JSON with `text`, or a form with files and a part `json`; the answer names the job."""
    state = request.app.state
    kept = tempfile.TemporaryDirectory()
    uploads: list[Path] = []
    if media_type(request) == FORM:
        async with request.form(max_files=100) as form:
            part = form.get("json")
            asked = parsed(MeasureForm, (await part.read() if isinstance(part, UploadFile) else part) or "{}")
            for number, one in enumerate(form.getlist("file")):
                if isinstance(one, UploadFile):
                    folder = Path(kept.name) / str(number)
                    folder.mkdir()
                    uploads.append(await saved(one, folder))
    else:
        asked = parsed(MeasureForm, await request.body() or "{}")
    if asked.urls:
        return JSONResponse(error_form(422, "nothing is fetched from elsewhere here: send the files themselves"), 422)
    if not asked.text and not uploads:
        return JSONResponse(error_form(422, "there is neither a text nor a file to measure"), 422)
    wanted = set(asked.models) if asked.models else None
    gate = state.settings.gate()
    job = state.jobs.begin(
        "measure", _work(state.engine, gate, kept, asked.text, uploads, wanted, state.settings.most_bytes)
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
