"""`/v1/companion` and `/v1/people`: talks with a companion, and everything that is kept of a person.

A talk is kept for the days that `retention` says; a memory only where the person agreed, and both go when they ask.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from ..respond.answer import Answer
from ..respond.persona import persona
from ..respond.persona import personas as shipped
from .answers import told
from .bodies import LINES, lines
from .forms import BeginForm, ConsentForm, SayForm
from .gate import error_form
from .talks import Talks

companion = APIRouter(prefix="/v1/companion", tags=["companion"])
people = APIRouter(prefix="/v1/people", tags=["people"])
NOTICE = "This is a program, not a person. It can be wrong, and nothing it says is a diagnosis."


@companion.get("", summary="Who can be talked with")
def personas() -> dict[str, Any]:
    """The personas that are shipped, each with what it is like."""
    return {"personas": [{"name": one, "about": persona(one).about} for one in shipped()]}


@companion.post("", status_code=201, summary="Begin a talk")
async def begin(form: BeginForm, request: Request) -> dict[str, Any]:
    """A talk with a companion; what the person agreed to is noted."""
    talks = _talks(request)

    def work() -> dict[str, Any]:
        talk = talks.begin(form.person, form.persona, form.locale, form.remember)
        if form.remember:
            talks.store.consent(form.person, "memory", True, form.consent)
        return {**asdict(talk), "tier": talks.companion(talk.id).tier, "notice": NOTICE}

    return await asyncio.to_thread(work)


@companion.post("/{talk}/say", summary="Say something", response_model=None)
async def say(talk: str, form: SayForm, request: Request) -> dict[str, Any] | Response:
    """The answer, with its strategies, its reasons, what it is expected to do, and the risk that was seen."""
    talks = _talks(request)
    locale = (await asyncio.to_thread(talks.store.talk, talk)).locale
    if form.stream:
        return StreamingResponse(_events(talks, talk, form.text, locale), media_type="text/event-stream")
    return told(await talks.say(talk, form.text), locale)


async def _events(talks: Talks, talk: str, text: str, locale: str) -> AsyncIterator[str]:
    """A sentence per event, then the whole answer; or the error that ended it."""
    try:
        async for one in talks.stream(talk, text):
            kind, data = ("answer", told(one, locale)) if isinstance(one, Answer) else ("sentence", {"text": one})
            yield f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
    except Exception as error:
        yield f"event: error\ndata: {json.dumps(error_form(502, str(error)), ensure_ascii=False)}\n\n"


@companion.get("/{talk}", summary="A talk, line by line", response_class=Response)
async def read(talk: str, request: Request) -> Response:
    """Everything said and judged so far, as the lines of the file format."""
    return Response(lines([await asyncio.to_thread(_talks(request).store.conversation, talk)]), media_type=LINES)


@companion.delete("/{talk}", status_code=204, summary="Delete a talk")
async def delete(talk: str, request: Request) -> Response:
    """It is gone, and what was remembered of it."""
    await _talks(request).delete(talk)
    return Response(status_code=204)


@people.get("/{person}", summary="What is stored of a person")
async def stored(person: str, request: Request) -> dict[str, Any]:
    """Their talks, how much is remembered, what they agreed to, and how long talks are kept."""
    talks = _talks(request)

    def work() -> dict[str, Any]:
        return {
            "talks": [asdict(one) for one in talks.store.talks(person)],
            "episodes": len(talks.store.episodes(person)),
            "consents": [asdict(one) for one in talks.store.consents(person)],
            "retention_days": talks.settings.retention,
            "media": "never kept",
        }

    return await asyncio.to_thread(work)


@people.delete("/{person}", summary="Forget a person")
async def forget(person: str, request: Request) -> dict[str, int]:
    """Every talk, every memory and every consent of theirs is deleted, on the disk too."""
    return {"talks": await _talks(request).forget(person)}


@people.post("/{person}/consent", status_code=201, summary="Note a consent")
async def consent(person: str, form: ConsentForm, request: Request) -> dict[str, Any]:
    """What they agree to or take back. Taking back "memory" forgets what is remembered."""
    talks = _talks(request)
    if form.what == "memory" and not form.given:
        await talks.unremember(person)
    return asdict(await asyncio.to_thread(talks.store.consent, person, form.what, form.given, form.words))


@people.get("/{person}/memory", summary="What is remembered")
async def memory(person: str, request: Request) -> dict[str, list[dict[str, Any]]]:
    """Every episode, to be looked at, or kept by its person: this is the export, too."""

    found = await asyncio.to_thread(_talks(request).store.episodes, person)
    return {"episodes": [one.record() for one in found]}


@people.delete("/{person}/memory/{episode}", status_code=204, summary="Forget one memory")
async def forget_one(person: str, episode: str, request: Request) -> Response:
    """It is gone from the disk, with what was concluded from it; it does not come back with its talk."""

    def work() -> None:
        store = _talks(request).store
        if not any(one.id == episode for one in store.episodes(person)):
            raise KeyError(f"no episode {episode!r} of this person")
        with store.memory(person) as kept:
            kept.forget(episode)

    await asyncio.to_thread(work)
    return Response(status_code=204)


def _talks(request: Request) -> Talks:
    return request.app.state.talks
