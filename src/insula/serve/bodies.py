"""What a request holds as conversations, and conversations in the format a request asks for.

Any file `insula read` takes is taken here, as the body or as the one file of a form, told apart by its name and its
first bytes; any format it writes can be asked for by its media type.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from ..conversation import Conversation, Signal
from ..exchange import conversations, writer
from ..reading import Problem
from ..wire import dump

LINES = "application/x-ndjson"
FORM = "multipart/form-data"
MEDIA = {
    "text/csv": ".csv",
    "text/vtt": ".vtt",
    "text/html": ".html",
    "application/vnd.hume+json": ".hume.json",
    "application/emotionml+xml": ".emotionml",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-elan": ".eaf",
    "application/x-textgrid": ".TextGrid",
}
"""Media types that can be asked for, and the ending of the format they stand for."""
KINDS = {
    "text/plain": ".txt", "text/csv": ".csv", "text/tab-separated-values": ".tsv", "text/vtt": ".vtt",
    "application/json": ".json", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/mp4": ".m4a", "audio/webm": ".webm", "video/mp4": ".mp4",
    "video/webm": ".webm", "video/quicktime": ".mov", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "application/zip": ".zip", "application/vnd.apache.parquet": ".parquet",
}  # fmt: skip
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
FILE: dict[str, Any] = {
    "application/octet-stream": {"schema": BINARY},
    FORM: {"schema": {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}},
}
"""How a file is sent, as OpenAPI says it."""
MOST_NAME = 100  # bytes of a file's name; file systems take 255, and some less
_STEM = re.compile(r"[^\w.\- ]+")
Asked = TypeVar("Asked", bound=BaseModel)


class Unacceptable(ValueError):
    """No format that can be written here is among those asked for."""


def wanted(accept: str) -> str:
    """The ending of the first format an Accept header names, "" for lines of JSON; raises Unacceptable."""
    names = [one.partition(";")[0].strip() for one in accept.split(",") if one.strip()]
    for name in names or ["*/*"]:
        if name in ("*/*", LINES, "application/json", "application/*"):
            return ""
        if name in MEDIA:
            return MEDIA[name]
    raise Unacceptable(f"nothing here is written as {', '.join(names)}; there are {LINES}, {', '.join(MEDIA)}")


def lines(found: Sequence[Conversation]) -> str:
    """The lines of `insula read -o x.jsonl`."""
    return "".join(f"{line}\n" for one in found for line in _lines(one))


def _lines(conversation: Conversation) -> Iterator[str]:
    if conversation.meta:
        yield dump(conversation.meta, conversation.id)
    for addition in conversation.log:
        if isinstance(addition, Signal) and isinstance(addition.samples, str | Path):
            addition = replace(addition, samples=Path(addition.samples).name)  # where it lay here is nobody's business
        yield dump(addition, conversation.id)


def written(found: Sequence[Conversation], ending: str) -> Response:
    """The conversations in the format of an ending, as one document."""
    media = next(name for name, one in MEDIA.items() if one == ending)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"insula{ending}"
        with writer(path) as out:
            for conversation in found:
                out.write(conversation)
        files = sorted(Path(folder).glob("*"))
        content = files[0].read_bytes()
    return Response(content, media_type=media, headers={"content-disposition": f'inline; filename="insula{ending}"'})


def media_type(request: Request) -> str:
    """What a body says it is, without its parameters."""
    return _bare(request.headers.get("content-type", ""))


def _bare(kind: str) -> str:
    return kind.partition(";")[0].strip().lower()


def parsed(kind: type[Asked], body: str | bytes) -> Asked:
    """What a JSON body asks for; raises RequestValidationError, which names the field that is wrong."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


async def uploaded(request: Request, folder: Path) -> Path:
    """The file a request holds, in a folder; its name is never a path. Raises ValueError for a form without one."""
    name = request.query_params.get("name", "")
    if media_type(request) == FORM:
        async with request.form(max_files=1) as form:
            return await saved(_only(form.multi_items()), folder, name)
    path = folder / plain_name(name, media_type(request))
    with path.open("wb") as file:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)
    return path


def _only(parts: Sequence[tuple[str, UploadFile | str]]) -> UploadFile:
    """The file of a form that holds nothing else: what is asked beside it would be passed over otherwise."""
    if beside := next((name for name, part in parts if isinstance(part, str)), None):
        raise ValueError(f"the form holds {beside!r} beside a file: ask in the address, as ?{beside}=...")
    file = next((part for _, part in parts if isinstance(part, UploadFile)), None)
    if file is None:
        raise ValueError("the form holds no file: send one as curl -F file=@talk.txt does, or as the body itself")
    return file


async def saved(part: UploadFile, folder: Path, name: str = "") -> Path:
    """A file of a form in a folder, by its own name or the one given."""
    path = folder / plain_name(name or part.filename or "", part.content_type or "")
    with path.open("wb") as file:
        await asyncio.to_thread(shutil.copyfileobj, part.file, file)
    return path


def plain_name(name: str, kind: str) -> str:
    """A file's name without any path, its ending by the media type where it has none; of a long one, the end."""
    found = _STEM.sub("_", Path(name.replace("\\", "/")).name)
    found = found.encode()[-MOST_NAME:].decode(errors="ignore").lstrip(".")
    if found and Path(found).suffix:
        return found
    return (found or "upload") + KINDS.get(_bare(kind), "")


def opened(path: Path, most: int) -> tuple[list[Conversation], list[Problem]]:
    """Every conversation of an uploaded file, and what in it could not be read.

    Raises Unreadable, and ValueError for an archive that holds more than `most` bytes.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
        if size > most:
            raise ValueError(f"{path.name} unpacks to {size:,} bytes; {most:,} are the most")
    problems: list[Problem] = []
    found = list(conversations(path, problems.append))
    return found, problems
