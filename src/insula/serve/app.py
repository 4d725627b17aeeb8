"""The application: every endpoint, its errors in one form, and what lives as long as the server does.

app(Settings(model="composer"))        # an ASGI application, for any server
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from ..catalogue import permitted
from ..data.files import MissingData
from ..llm import LLMError
from ..respond.memory import MemoryUnavailable
from .bodies import Unacceptable
from .completions import Models
from .engine import Busy, Engine
from .gate import DOCS, Gate, Metrics, error_form, log
from .jobs import Jobs
from .settings import Settings
from .store import Store, StoreUnavailable
from .talks import Talks

STATUS: dict[type[Exception], int] = {
    Unacceptable: 406,
    Busy: 503,
    LLMError: 502,
    PermissionError: 403,
    MissingData: 503,
    ImportError: 501,
    StoreUnavailable: 503,
    MemoryUnavailable: 503,
    LookupError: 404,
    ValueError: 422,
}
"""What an error means to a program, the most special first; its words are for the person behind it."""


def app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """The server's application. `engine` reads; one is made where none is given."""
    from . import completions, evaluating, guarding, hume, listening, reading, records, simulating, talking

    server = FastAPIOffline(
        redoc_url=None,
        static_url=DOCS,
        title="Insula",
        version=_version(),
        summary="Reads how people feel, says how sure it is and which words show it.",
        description="What is expressed is not what is felt. No output is a diagnosis.",
        lifespan=_lifespan,
    )
    if settings.keys:
        _keyed(server)
    server.state.settings, server.state.metrics = settings, Metrics()
    server.state.engine = engine or Engine(settings.commercial_ok)
    server.state.ready = False
    for kind, status in STATUS.items():
        server.add_exception_handler(kind, _explained(status))
    server.add_exception_handler(HTTPException, _refused)
    server.add_exception_handler(RequestValidationError, _misshapen)
    server.state.talks = Talks(settings, Store.open(settings.database))
    server.state.models = Models(settings)
    server.state.jobs = Jobs()
    for part in (reading, listening, records, hume):
        server.include_router(part.router)
    server.include_router(talking.people)
    for router in (talking.companion, *(part.router for part in (completions, guarding, evaluating, simulating))):
        server.include_router(router, dependencies=[Depends(_commercial)])
    _watch(server)
    server.mount("/studio", StaticFiles(packages=[("insula.serve", "studio")], html=True), "studio")
    server.add_route("/", lambda _: RedirectResponse("/studio/"), include_in_schema=False)
    server.add_middleware(Gate, settings=settings, metrics=server.state.metrics)
    if settings.origins:  # outside the gate: a browser asks first whether it may ask, without a key
        server.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["insula-disclosure", "insula-problems", "x-request-id"],
        )
    return server


def _keyed(server: FastAPI) -> None:
    """Say in the description that a key is needed, so that its page can send one."""
    plain = server.openapi

    def described() -> dict[str, Any]:
        found = plain()
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"key": []}]
        return found

    server.openapi = described


@asynccontextmanager
async def _lifespan(server: FastAPI) -> AsyncIterator[None]:
    """Load what short texts need, then say that it is ready; at the end finish what was begun."""
    from ..conversation import Conversation, Turn

    await server.state.engine.read(Conversation(Turn("", "Hello there.")), "text")
    cleaning = asyncio.create_task(_forgetting(server.state.talks))
    server.state.ready = True
    yield
    server.state.ready = False
    cleaning.cancel()
    await asyncio.to_thread(server.state.engine.close)
    await asyncio.to_thread(server.state.jobs.close)
    await server.state.models.close()
    await asyncio.to_thread(server.state.talks.close)


async def _forgetting(talks: Talks) -> None:
    """Once an hour, and at the start, talks that are older than they are kept are deleted."""
    while talks.settings.retention:
        try:
            await talks.expire()
        except OSError as error:
            log.warning("old talks could not be deleted: %s", error)
        await asyncio.sleep(3600)


def _commercial(request: Request) -> None:
    """Where only what may be used commercially is wanted, nothing is done that needs the guard's reader of risk."""
    if request.app.state.settings.commercial_ok and request.method == "POST":
        permitted("guard.risk")


def _watch(server: FastAPI) -> None:
    @server.get("/health", tags=["operation"])
    async def _health() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """Whether the server lives."""
        return {"status": "ok"}

    @server.get("/ready", tags=["operation"], responses={503: {"description": "still loading, or closing"}})
    async def _ready() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Whether it takes requests."""
        ready = bool(server.state.ready)
        return JSONResponse({"status": "ready" if ready else "not ready"}, 200 if ready else 503)

    @server.get("/metrics", tags=["operation"], response_class=Response)
    async def _metrics() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Counts for Prometheus."""
        return Response(generate_latest(server.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _explained(status: int) -> Any:
    async def handle(_: Request, error: Exception) -> Response:
        words = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        return JSONResponse(error_form(status, words), status)

    return handle


async def _refused(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    return JSONResponse(error_form(status, str(getattr(error, "detail", error))), status)


async def _misshapen(_: Request, error: Exception) -> Response:
    """The first field that is wrong; what was sent is not told back."""
    wrong = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": str(error)}
    where = ".".join(str(one) for one in wrong["loc"] if one != "body")
    return JSONResponse(error_form(422, f"{where}: {wrong['msg']}" if where else str(wrong["msg"])), 422)


def _version() -> str:
    from .. import __version__

    return __version__
