"""Sound and video: a recording is a conversation whose turns are still to be heard (`speech.turns` hears them).

call.mp3 -> Conversation(Signal("audio", "call.mp3", 44100), id="call.mp3", meta={"duration": 61.2})
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from insula.conversation import Conversation, Signal

from .source import Source


def read(source: Source) -> Iterator[Conversation]:
    """One conversation with the path of the sound, not the sound itself; what has no path is kept in a temporary file.

    Raises Unreadable where there is no sound in it.
    """
    from insula.audio.decode import Audio, Inaudible

    named = getattr(source.file, "name", None)
    path = named if isinstance(named, str) and Path(named).is_file() else _kept(source)
    try:
        audio = Audio.open(path)
    except Inaudible as error:
        raise source.unreadable(str(error)) from None
    if audio.note:
        source.problem("", audio.note)
    signal = Signal("audio", path, audio.sampling_rate)
    yield Conversation(signal, id=source.name, meta={"duration": round(audio.duration, 3)})


def _kept(source: Source) -> str:
    """A copy that stays until the program ends: it is read again for every turn."""
    with tempfile.NamedTemporaryFile(prefix="insula-", delete=False) as copy:
        atexit.register(Path(copy.name).unlink, missing_ok=True)
        shutil.copyfileobj(source.file, copy)
    return copy.name
