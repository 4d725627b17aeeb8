"""`/v1/listen`: a conversation as it happens, over a WebSocket; what is understood comes back as it is understood.

In, one JSON object a message, or sound or pictures as binary messages:

    {"type": "turn", "speaker": "ana", "text": "I failed."}          said and done
    {"type": "turn", "speaker": "ana", "text": "I fai", "interim": true}   still being said: read, not kept
    {"type": "audio", "sampling_rate": 16000}                         binary messages that follow are 16-bit PCM, mono
    {"type": "video", "rate": 5}                                      binary messages that follow are JPEG or PNG
    {"type": "configure", "pipeline": "text"}                         how turns are read from now on
    {"type": "end"}

Out, every event has `seq`, which grows by one: the lines of the file format with `type` for `kind` and an `interim`
flag, and {"type": "problem"} for what could not be taken or read; the conversation goes on after one. Sound or pictures
that are announced anew begin anew, after what was still open of those before is told.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from numpy.typing import NDArray
from pydantic_core import from_json

from ..conversation import Addition, Conversation, Signal, Turn
from ..pipeline import Pipeline
from ..wire import dump
from .app import STATUS
from .forms import LONGEST, MOST

if TYPE_CHECKING:
    from ..perceive.face.live import LiveFaces
    from ..perceive.speech.live import Live

router = APIRouter(prefix="/v1")
PIPELINE = "listen"
MOST_SOUND = 2_000_000  # bytes of one binary message
MOST_PIXELS = 4096 * 4096


class Listening:
    """One conversation on one socket."""

    def __init__(self, socket: WebSocket) -> None:
        state = socket.app.state
        self._socket, self._engine, self._settings = socket, state.engine, state.settings
        self.conversation = Conversation(id="live")
        self._seq = 0
        self._pipeline = PIPELINE
        self._live: Live | None = None
        self._faces: LiveFaces | None = None
        self._pictures, self._rate = 0, 5.0

    async def take(self, message: Mapping[str, Any]) -> bool:
        """One message of the client's; whether to go on. What it cannot use is told, and costs nothing else."""
        try:
            if (piece := message.get("bytes")) is not None:
                await (self._see(piece) if self._faces else self._hear(piece))
                return True
            return await self._event(_record(message.get("text") or ""))
        except tuple(STATUS) as error:
            told = error.args[0] if isinstance(error, KeyError) and error.args else error
            await self._send({"type": "problem", "message": str(told)})
            return True

    async def close(self) -> None:
        """What was begun to be heard is heard to its end."""
        begun, self._live, self._faces = (self._live, self._faces), None, None
        for live in begun:
            if live:
                await self._tell(await self._engine.long(live.close))

    async def _event(self, record: dict[str, Any]) -> bool:
        kind = record.get("type")
        if kind == "end":
            return False
        if kind == "turn":
            await self._turn(record)
        elif kind == "audio":
            await self._listen(record)
        elif kind == "video":
            await self._watch(record)
        elif kind == "configure":
            name = _string(record, "pipeline", PIPELINE)
            await self._engine.short(lambda: self._engine.pipeline(name))
            self._pipeline = name
        else:
            raise ValueError(f"type is {kind!r}, not one of turn, audio, video, configure, end")
        return True

    async def _turn(self, record: Mapping[str, Any]) -> None:
        turn = Turn(_string(record, "speaker"), _text(record), id=_string(record, "id"))
        if len(self.conversation.turns) >= 10 * MOST:
            raise ValueError("this conversation is too long to go on with: open another")
        if record.get("interim"):
            draft = Conversation(*self.conversation.log, turn, id="live")
            before = len(self.conversation.log)
            await self._engine.short(lambda: self._engine.pipeline(self._pipeline).run(draft))
            await self._tell(draft.log[before:], interim=True)
            return
        before = len(self.conversation.log)
        self.conversation.add(turn)
        try:
            await self._engine.short(lambda: self._engine.pipeline(self._pipeline).run(self.conversation))
        finally:  # it is said though it could not be read: what comes later may point to it
            await self._tell(self.conversation.log[before:])

    async def _listen(self, record: Mapping[str, Any]) -> None:
        """From now on there is sound: the purpose is asked before anybody is heard."""
        rate = record.get("sampling_rate", 16_000)
        if not isinstance(rate, int) or not 8000 <= rate <= 192_000:
            raise ValueError("sampling_rate is a whole number of samples a second, from 8000 to 192000")
        pipeline = await self._engine.long(lambda: self._engine.pipeline("voice"))
        await self._permit(pipeline, record)
        from ..perceive.speech.live import Live

        live = Live(pipeline, rate)
        await self.close()
        self._live = live

    async def _watch(self, record: Mapping[str, Any]) -> None:
        """From now on there are pictures: the purpose is asked before anybody is looked at."""
        rate = record.get("rate", 5)
        if not isinstance(rate, int | float) or not 1 <= rate <= 30:
            raise ValueError("rate is how many pictures come a second, from 1 to 30")
        await self._permit(await self._engine.long(lambda: self._engine.pipeline("face")), record)
        from ..perceive.face.live import LiveFaces

        faces = await self._engine.long(lambda: LiveFaces(float(rate)))
        await self.close()
        self._faces, self._pictures, self._rate = faces, 0, float(rate)

    async def _permit(self, pipeline: Pipeline, record: Mapping[str, Any]) -> None:
        """Raise PermissionError where the purpose is refused; tell what people are owed to be told."""
        gate = self._settings.gate(str(record.get("purpose") or ""), str(record.get("jurisdiction") or ""))
        if owed := gate.check(*pipeline.components):
            await self._send({"type": "disclosure", "message": owed})

    async def _see(self, picture: bytes) -> None:
        faces, seconds = self._faces, self._pictures / self._rate
        if faces is None or len(picture) > MOST_SOUND:
            raise ValueError(f"a picture has at most {MOST_SOUND:,} bytes")
        found = await self._engine.long(lambda: faces.see(_picture(picture), seconds))
        self._pictures += 1
        await self._tell(found)

    async def _hear(self, sound: bytes) -> None:
        if self._live is None:
            raise ValueError('say {"type": "audio", "sampling_rate": ...} before sound')
        if len(sound) % 2 or len(sound) > MOST_SOUND:
            raise ValueError(f"sound is 16-bit PCM, at most {MOST_SOUND:,} bytes a message")
        samples = np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)
        live = self._live
        await self._tell(await self._engine.long(lambda: live.feed(samples)))

    async def _tell(self, some: Iterable[Addition], interim: bool = False) -> None:
        for one in some:
            if not isinstance(one, Signal):
                record = json.loads(dump(one))
                await self._send({"type": record.pop("kind"), "interim": interim, **record})

    async def _send(self, event: Mapping[str, Any]) -> None:
        await self._socket.send_text(json.dumps({"seq": self._seq + 1, **event}, ensure_ascii=False))
        self._seq += 1


@router.websocket("/listen")
async def listen(socket: WebSocket) -> None:
    """One conversation, until the client says end or is gone."""
    offered = socket.headers.get("sec-websocket-protocol", "")
    await socket.accept(subprotocol="insula" if "insula" in offered else None)
    gauge = socket.app.state.metrics.sockets
    gauge.inc()
    listening = Listening(socket)
    try:
        while await listening.take(_whole(await socket.receive())):
            pass
        await listening.close()
        await socket.close()
    except WebSocketDisconnect:
        pass
    finally:
        gauge.dec()


def _whole(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1000)
    return message


def _picture(content: bytes) -> NDArray[np.uint8]:
    """uint8 [h, w, 3] of a JPEG or PNG; raises ValueError."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError(f"a picture has at most {MOST_PIXELS:,} pixels")
            return np.asarray(opened.convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError(f"this is no whole JPEG or PNG ({error})") from None


def _record(text: str) -> dict[str, Any]:
    """The object of a message; raises ValueError, for halves of characters as well."""
    try:
        found = from_json(text)
    except ValueError as error:
        raise ValueError(f"not a whole JSON object ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("a message is one JSON object")
    return found  # pyright: ignore[reportUnknownVariableType]


def _string(record: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    found = record.get(name, otherwise)
    if not isinstance(found, str):
        raise ValueError(f"{name} is a text, not {found!r}")
    return found


def _text(record: Mapping[str, Any]) -> str:
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a turn has a text that is not empty")
    if len(text) > LONGEST:
        raise ValueError(f"a text has at most {LONGEST:,} characters")
    return text
