"""`/v1/chat/completions` and `/v1/models`: an emotionally intelligent drop-in for programs that speak OpenAI's chat.

The model "insula" is the companion: it reads the talk, plans, words and guards its answer. Any other name is one of the
`upstreams`: the request goes there as it is, and its answer comes back guarded sentence by sentence. Either way the
answer has an object `insula` beside OpenAI's own fields.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import replace
from typing import Any

import httpx
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SkipValidation
from starlette.responses import JSONResponse, Response, StreamingResponse

from ..companion import NAME, Companion
from ..conversation import Conversation, Turn
from ..guard.guarded import Guarded
from ..guard.proxy import COMPANION, DONE, UpstreamError, behind, complete, event, form, heard, words
from .answers import told
from .gate import error_form
from .settings import Settings
from .talks import named
from .threads import streamed

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
OWN = "insula"
INSTRUCTIONS = ("system", "developer")  # two names of one role
LONGEST_ABOUT = 400  # characters of them that colour how the companion speaks
AT_ONCE = 4


class MessageForm(BaseModel):
    """One message; content is a text, or a list of parts of which the texts count, as `heard` makes sure."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: SkipValidation[str | list[dict[str, Any]] | None] = None


class CompletionForm(BaseModel):
    """A request of OpenAI's chat protocol; fields not named here go to the model behind, the companion needs none."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": OWN, "messages": [{"role": "user", "content": "I failed my exam."}]}]
        },
    )

    messages: list[MessageForm] = Field(min_length=1, max_length=2000)
    model: str = OWN
    stream: bool | None = False


class Models:
    """The companion's model, and the models behind, by the names programs call them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.own = named(settings.model, settings.timeout)
        self.threads = ThreadPoolExecutor(AT_ONCE, "completion")
        self._behind: dict[str, tuple[httpx.AsyncClient, Guarded]] = {}
        for one in settings.upstreams:
            name, client, guarded = behind(one, settings.timeout, locale=settings.locale)
            self._behind[name] = client, guarded

    @property
    def names(self) -> list[str]:
        """What a request may name."""
        return [OWN, *self._behind]

    def spec(self, name: str) -> str:
        """What to connect to for a model by name; raises KeyError: a request chooses no files and no addresses."""
        known = {one.rpartition("@")[0]: one for one in self.settings.upstreams}
        known |= {one: one for one in ("local", "local:base", "companion", "composer")}
        if name not in known:
            raise KeyError(f"there is no model {name!r} to measure; there are {', '.join(sorted(known))}")
        return known[name]

    def behind(self, name: str) -> tuple[httpx.AsyncClient, Guarded] | None:
        """The server behind a name, None for the companion's own; raises KeyError with what there is."""
        if name == OWN:
            return None
        if name not in self._behind:
            raise KeyError(f"there is no model {name!r}; there are {', '.join(self.names)}")
        return self._behind[name]

    def companion(self, talk: Sequence[Turn], about: str) -> Companion:
        """A companion that was in this talk, coloured by a system message where a model words its replies."""
        companion = Companion(self.own, persona=self.settings.persona, locale=self.settings.locale)
        if about:
            companion.choose(replace(companion.persona, about=about[:LONGEST_ABOUT]))
        turns = [replace(one, speaker=NAME if one.speaker == COMPANION else companion.person) for one in talk]
        companion.conversation = Conversation(*turns)
        return companion

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Work that computes or waits for a model."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.to_thread(self.threads.shutdown)
        for client, _ in self._behind.values():
            await client.aclose()


@router.get("/models", summary="The models that can be asked")
async def models(request: Request) -> dict[str, Any]:
    """In OpenAI's form."""
    names = request.app.state.models.names
    return {"object": "list", "data": [{"id": one, "object": "model", "created": 0, "owned_by": OWN} for one in names]}


@router.post("/chat/completions", summary="OpenAI-compatible chat", response_model=None)
async def completions(asked: CompletionForm, request: Request) -> Response:
    """The answer to the last message of the user's, read, planned, worded and guarded."""
    models: Models = request.app.state.models
    body = asked.model_dump(exclude_unset=True, warnings=False)  # a warning would tell the log what was said
    if upstream := models.behind(asked.model):
        key = {"Authorization": found} if (found := request.headers.get("x-upstream-authorization")) else {}
        try:
            return await complete(body, key, *upstream)
        except UpstreamError as error:
            return JSONResponse(error_form(error.status, str(error)), error.status)
    try:
        said = heard(body["messages"])
    except ValueError as error:
        return JSONResponse(error_form(400, str(error)), 400)
    last = said.last
    if last is None or last.speaker == COMPANION:
        return JSONResponse(error_form(400, "there is no message of the user's with words in it to answer"), 400)
    about = " ".join(words(one) for one in body["messages"] if one["role"] in INSTRUCTIONS).strip()
    locale = models.settings.locale

    def begin() -> Companion:
        return models.companion(said.turns[:-1], about)

    if asked.stream:
        return StreamingResponse(_stream(models, begin, last.text, locale), media_type="text/event-stream")

    def work() -> dict[str, Any]:
        answer = begin().say(last.text)
        message = {"role": "assistant", "content": answer.text}
        known = {"model": OWN, "usage": _usage(body["messages"], answer.text)}
        found = form("chat.completion", known, message=message, finish_reason="stop")
        return {**found, "insula": told(answer, locale)}

    return JSONResponse(await models.in_thread(work))


async def _stream(models: Models, begin: Callable[[], Companion], text: str, locale: str) -> AsyncIterator[str]:
    """A chunk per sentence that may be shown, then the last with what the engine knows of the answer."""
    whole = form("chat.completion.chunk", {"model": OWN})
    known = {name: whole[name] for name in ("id", "created", "model")}

    def chunks() -> Generator[dict[str, Any]]:
        companion, role = begin(), {"role": "assistant"}
        with closing(companion.stream(text)) as sentences:
            for sentence in sentences:
                yield form("chat.completion.chunk", known, delta={**role, "content": sentence})
                role = {}
        end = form("chat.completion.chunk", known, delta={}, finish_reason="stop")
        yield {**end, "insula": told(companion.last, locale)}

    try:
        async with aclosing(streamed(models.threads, chunks)) as found:
            async for chunk in found:
                yield event(chunk)
    except Exception as error:
        yield event(error_form(502, str(error)))
    yield DONE


def _usage(messages: Sequence[dict[str, Any]], text: str) -> dict[str, int]:
    """Words stand in for tokens: there may be no tokenizer behind a reply."""
    before = sum(len(words(one).split()) for one in messages)
    return {"prompt_tokens": before, "completion_tokens": len(text.split()), "total_tokens": before + len(text.split())}
