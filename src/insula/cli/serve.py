"""`insula serve`: the engine over HTTP and WebSocket, for any language, and for programs that speak OpenAI's chat.

insula serve
insula serve --model qwen2.5:3b@http://localhost:11434/v1 --port 8321 --config insula.toml
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from .say import err


def serve(
    config: Annotated[Path | None, typer.Option(help="A file like insula.toml; insula.toml here if none.")] = None,
    host: Annotated[str | None, typer.Option(help="127.0.0.1 if none: only this machine can ask.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8321 if none.")] = None,
    model: Annotated[str | None, typer.Option(help="Who words replies: auto, local, composer or MODEL@URL.")] = None,
    upstream: Annotated[
        list[str] | None, typer.Option(help="MODEL@URL that programs may name, guarded. May be repeated.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="A file, or a PostgreSQL URL; insula.sqlite if none.")] = None,
    locale: Annotated[str | None, typer.Option(help="Whose help lines, as en-GB.")] = None,
    commercial_ok: Annotated[
        bool | None, typer.Option("--commercial-ok", help="Only methods that may be used commercially.")
    ] = None,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Read, explain and guard for an assistant, over standard input and output.")
    ] = False,
) -> None:
    """Serve reading, listening, the companion, the guard and an OpenAI-compatible chat.

    With --mcp it is a tool server of the Model Context Protocol instead, for the assistant that starts it.
    Keys come from the file or from INSULA_KEYS (with commas between); without any, only this machine may ask.
    """
    if mcp:
        return _tools(locale or "", bool(commercial_ok))
    try:
        from insula.serve import app
        from insula.serve.process import run
        from insula.serve.settings import settings
    except ModuleNotFoundError as error:
        raise ImportError(f"serving needs {error.name}: pip install 'insula[serve]'") from error

    flags: dict[str, Any] = {"host": host, "port": port, "model": model, "upstreams": upstream or None}
    flags |= {"database": database, "locale": locale, "commercial_ok": commercial_ok}
    flags |= {"keys": keys.split(",")} if (keys := os.environ.get("INSULA_KEYS")) else {}
    chosen = settings(config or "", **flags)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("insula").setLevel(logging.INFO)
    made = app(chosen)
    place, kept = f"http://{chosen.host}:{chosen.port}", made.state.talks.store.where
    err().print(f"insula: {place}/docs tells what can be asked; talks are in {kept}; Ctrl-C ends it", soft_wrap=True)
    run(made, chosen)


def _tools(locale: str, commercial_ok: bool) -> None:
    try:
        from insula.serve.mcp import server
    except ModuleNotFoundError as error:
        raise ImportError(f"serving tools needs {error.name}: pip install 'insula[mcp]'") from error
    server(locale, commercial_ok).run("stdio")
