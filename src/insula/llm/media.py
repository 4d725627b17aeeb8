"""Pictures, sounds and films that go with a message to a server, as parts of OpenAI's chat protocol.

    sent(Message("user", "What does she feel?", (Path("her.jpg"),)))    # text, and the picture as a data URL

Pictures go as they are, and so do WAV and MP3; other sounds as WAV at 16 kHz. A film goes as pictures, one a second and
at most ten, without its sound: that is what servers of models that see pictures take.
"""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .protocol import LLMError, Message

PICTURES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp", ".gif": "gif"}
SOUNDS = (".wav", ".mp3")
OTHER_SOUNDS = (".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac")
MOST = 10  # pictures of one film


def sent(message: Message) -> dict[str, Any]:
    """The message as the protocol has it; raises LLMError, naming the file, for one that cannot be sent."""
    if not message.media:
        return {"role": message.role, "content": message.text}
    parts = [part for path in message.media for part in _parts(path)]
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _parts(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise LLMError(f"{path}: there is no such file to send with the question")
    kind = path.suffix.lower()
    if kind in PICTURES:
        yield _picture(path.read_bytes(), PICTURES[kind])
    elif kind in SOUNDS:
        yield _sound(path.read_bytes(), kind[1:])
    else:
        try:
            yield from [_sound(_wav(path), "wav")] if kind in OTHER_SOUNDS else _shots(path)
        except ImportError as error:
            raise LLMError(f"{path} needs {error.name} to be sent: pip install 'insula[face,speech]'") from error
        except ValueError as error:  # Unseeable, Inaudible
            raise LLMError(f"{path} {error}") from error


def _picture(data: bytes, kind: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{_text(data)}"}}


def _sound(data: bytes, kind: str) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": _text(data), "format": kind}}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _wav(path: Path) -> bytes:
    import numpy as np

    from insula.audio.decode import Audio, write

    samples = np.concatenate([block.mean(1) for block in Audio.open(path).blocks()])
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "sound.wav"
        write(made, samples, 16000)
        return made.read_bytes()


def _shots(path: Path) -> Iterator[dict[str, Any]]:
    from PIL import Image

    from insula.vision.frames import Film

    for frame in islice(Film.open(path).frames(1.0), MOST):
        made = io.BytesIO()
        Image.fromarray(frame.image).save(made, "JPEG", quality=90)
        yield _picture(made.getvalue(), "jpeg")
