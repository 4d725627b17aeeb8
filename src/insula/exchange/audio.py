"""Sound, films and pictures: a recording is a conversation that is still to be heard and seen.

call.mp3 -> Conversation(Signal("audio", "call.mp3", 44100), id="call.mp3", meta={"duration": 61.2})
call.mp4 -> Conversation(Signal("audio", "call.mp4", 44100), Signal("video", "call.mp4", 30), id="call.mp4",
                         meta={"duration": 61.2, "width": 1280, "height": 720})
ana.jpg  -> Conversation(Signal("video", "ana.jpg", 0), id="ana.jpg", meta={"width": 800, "height": 600})
camera:0 -> Conversation(Signal("video", "camera:0", 30), id="camera:0", meta={"width": 1280, "height": 720})

`speech.turns` hears the sound, `face.tracks` sees the picture.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from insula.conversation import Conversation, Signal
from insula.reading import Problem

from .source import Source, Unreadable


def read(source: Source) -> Iterator[Conversation]:
    """One conversation with the path of the file, not what is in it; what has no path is kept in a temporary file.

    Raises Unreadable where there is neither sound nor picture in it.
    """
    named = getattr(source.file, "name", None)
    path = named if isinstance(named, str) and Path(named).is_file() else _kept(source)
    found, why, meta = list[Signal](), list[str](), dict[str, Any]()
    for look in (_picture,) if _is_image(source.name) else (partial(_sound, source=source), _picture):
        try:
            signal, more = look(path)
        except ValueError as error:
            why.append(str(error))
            continue
        found.append(signal)
        meta = {**more, **meta}
    if not found:
        raise source.unreadable(" and ".join(dict.fromkeys(why)))
    yield Conversation(*found, id=source.name, meta=meta)


def live(name: str) -> Conversation:
    """A camera by its name, still to be looked through. Raises Unreadable where there is none."""
    try:
        signal, meta = _picture(name)
    except ModuleNotFoundError as error:
        raise Unreadable(Problem(name, "", f"needs {error.name}: pip install 'insula[face]'")) from None
    except ValueError as error:
        raise Unreadable(Problem(name, "", str(error))) from None
    return Conversation(signal, id=name, meta=meta)


def is_camera(text: str) -> bool:
    """Whether words are the name of a camera, like camera:0; "camera" by itself is a word."""
    from insula.vision import camera

    return text.startswith("camera:") and camera.is_camera(text)


def _is_image(name: str) -> bool:
    """Whether a file is a picture by its name."""
    return name.lower().endswith((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"))


def _sound(path: str, source: Source) -> tuple[Signal, dict[str, Any]]:
    from insula.audio.decode import Audio

    audio = Audio.open(path)
    if audio.note:
        source.problem("", audio.note)
    return Signal("audio", path, audio.sampling_rate), {"duration": round(audio.duration, 3)}


def _picture(path: str) -> tuple[Signal, dict[str, Any]]:
    from insula.vision.frames import Film

    film = Film.open(path)
    sides = {"width": film.width, "height": film.height}
    meta = {"duration": round(film.duration, 3), **sides} if film.duration else sides
    return Signal("video", path, round(film.fps, 3)), meta


def _kept(source: Source) -> str:
    """A copy that stays until the program ends: it is read again for every turn."""
    with tempfile.NamedTemporaryFile(prefix="insula-", suffix=Path(source.name).suffix, delete=False) as copy:
        atexit.register(Path(copy.name).unlink, missing_ok=True)
        shutil.copyfileobj(source.file, copy)
    return copy.name
