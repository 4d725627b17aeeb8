"""What a request holds as conversations, and conversations in the format a request asks for.

Any file `insula read` takes is taken here, told apart by its name and its first bytes; any format it writes can be
asked for by its media type.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ..conversation import Conversation, Signal
from ..exchange import conversations, writer
from ..reading import Problem
from ..wire import dump

LINES = "application/x-ndjson"
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
    "application/x-ndjson": ".jsonl", "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/mp4": ".m4a", "audio/webm": ".webm", "video/mp4": ".mp4",
    "video/webm": ".webm", "video/quicktime": ".mov", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "application/zip": ".zip", "application/vnd.apache.parquet": ".parquet",
}  # fmt: skip
_STEM = re.compile(r"[^\w.\- ]+")


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


async def uploaded(request: Request, folder: Path) -> Path:
    """The body as a file in a folder, written as it comes; its name is never a path."""
    path = folder / plain_name(request.query_params.get("name", ""), request.headers.get("content-type", ""))
    with path.open("wb") as file:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)
    return path


def plain_name(name: str, kind: str) -> str:
    """A file's name without any path, its ending by the media type where it has none."""
    found = _STEM.sub("_", Path(name.replace("\\", "/")).name)[-100:].lstrip(".")
    if found and Path(found).suffix:
        return found
    return (found or "upload") + KINDS.get(kind.partition(";")[0].strip(), "")


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
