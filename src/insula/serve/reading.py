"""`POST /v1/read`: texts, chats, tables, recordings, pictures and films in; everything read of them out.

JSON holds texts or turns; a body of any other type, or one with a name, is a file as `insula read` takes it, and so is
the one file of a form. The answer is the lines of the file format, or any other format that Accept names.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ..conversation import Conversation
from ..guard.purpose import Purpose
from ..presets import sensed
from ..reading import Problem
from .bodies import FILE, LINES, MEDIA, lines, media_type, opened, parsed, uploaded, wanted, written
from .forms import ReadForm

router = APIRouter(prefix="/v1", tags=["read"])
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": ReadForm.model_json_schema(ref_template="#/components/schemas/{model}")},
        **FILE,
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {LINES: {}, **{name: {} for name in MEDIA}}, "description": "what was read"},
    403: {"description": "the purpose is refused for voices, faces and bodies"},
    406: {"description": "no format here is among those asked for"},
    413: {"description": "too big"},
    422: {"description": "it could not be read, with the reason"},
}


@router.post("/read", summary="Read how people feel", responses=_ANSWERS, openapi_extra={"requestBody": _BODY})
async def read(
    request: Request,
    pipeline: Annotated[str, Query(max_length=200, description="for files: a preset or methods joined by +")] = "",
    purpose: Annotated[
        str, Query(max_length=100, description="what bodies are read for; the server's own if none")
    ] = "",
    jurisdiction: Annotated[str, Query(max_length=10, description="where, as DE or EU")] = "",
    name: Annotated[str, Query(max_length=200, description="the file's name; with one, JSON is a file too")] = "",
) -> Response:
    """Everything that is expressed, with how sure that is and what shows it.

    What could not be read of a file is told in the header `insula-problems`; what people are owed to be told of
    biometric inference in `insula-disclosure`.
    """
    ending = wanted(request.headers.get("accept", ""))
    state = request.app.state
    gate = state.settings.gate(purpose, jurisdiction)
    if not name and media_type(request) in ("", "application/json"):
        form = parsed(ReadForm, await request.body())
        found = await asyncio.gather(*(state.engine.read(one, form.pipeline) for one in form.conversations()))
        return await _answer(request, found, ending, {})
    with tempfile.TemporaryDirectory() as folder:
        path = await uploaded(request, Path(folder))
        found, problems = await state.engine.long(lambda: opened(path, state.settings.most_bytes))
        owed = {_permitted(request, gate, one, pipeline) for one in found}
        found = [await state.engine.read(one, pipeline) for one in found]
        return await _answer(request, found, ending, _told(problems, owed))


def _permitted(request: Request, gate: Purpose, conversation: Conversation, pipeline: str) -> str:
    """What people are owed to be told; raises PermissionError where the purpose is refused."""
    name = pipeline or sensed(conversation)
    return gate.check(*request.app.state.engine.pipeline(name).components) if name and sensed(conversation) else ""


def _told(problems: Sequence[Problem], owed: set[str]) -> dict[str, str]:
    """Headers hold one line of Latin letters."""
    told = {"insula-problems": "; ".join(map(str, problems)), "insula-disclosure": " ".join(sorted(owed - {""}))}
    return {
        name: " ".join(words.split()).encode("latin-1", "replace").decode("latin-1")[:2000]
        for name, words in told.items()
        if words
    }


async def _answer(request: Request, found: Sequence[Conversation], ending: str, headers: dict[str, str]) -> Response:
    request.app.state.metrics.turns.inc(sum(len(one.turns) for one in found))
    if not ending:
        return Response(lines(found), media_type=LINES, headers=headers)
    answer = await asyncio.to_thread(written, found, ending)
    answer.headers.update(headers)
    return answer


@router.post(
    "/convert",
    summary="Write what was read in another format",
    responses=_ANSWERS,
    openapi_extra={"requestBody": {"required": True, "content": FILE}},
)
async def convert(request: Request) -> Response:
    """A file with what was read, or any other that opens here, in the format Accept names; nothing is read anew."""
    ending = wanted(request.headers.get("accept", ""))
    with tempfile.TemporaryDirectory() as folder:
        path = await uploaded(request, Path(folder))
        state = request.app.state
        found, problems = await state.engine.long(lambda: opened(path, state.settings.most_bytes))
        return await _answer(request, found, ending, _told(problems, set()))
