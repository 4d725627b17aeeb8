"""What every voice can do: say a text with a delivery, a sentence at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..delivery import Delivery

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sound:
    """A piece of speech: samples float32 (n,) in -1..1, mono, at `rate` Hz, and the text it says.

    It ends with the pause that follows it.
    """

    samples: Samples
    rate: int
    text: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


class VoiceError(OSError):
    """No sound came; the message says why and what to do."""


@runtime_checkable
class Voice(Protocol):
    """A voice by name. `follows` are the quantities of a delivery it can do something about; others are left as is."""

    name: str
    follows: frozenset[str]

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A sound for each sentence, each as soon as it is made; nothing for a text without words.

        Raises VoiceError.
        """
        ...


def joined(sounds: Iterable[Sound]) -> Sound:
    """All pieces as one; raises VoiceError where there is none."""
    pieces = list(sounds)
    if not pieces:
        raise VoiceError("there is nothing to say in this text: it has no words")
    text = " ".join(piece.text for piece in pieces)
    return Sound(np.concatenate([piece.samples for piece in pieces]), pieces[0].rate, text)


def voice(name: str = "builtin", **options: Any) -> Voice:
    """A voice by what it is called.

    - "builtin": hibari, in this process, the whole of a delivery followed
    - "kokoro" or "kokoro:af_heart": Kokoro in this process, where its files are
    - "world:" before any other: that voice taken apart and put together again as a delivery wants it (needs pyworld)
    - "MODEL@URL": that model of an OpenAI-compatible server (/v1/audio/speech)

    `options` go to the voice. Raises ValueError for anything else, ImportError (what to install).
    """
    if name.startswith("world:"):
        from .world import World

        return World(voice(name.removeprefix("world:"), **options))
    model, _, url = name.rpartition("@")
    if model and url.startswith(("http://", "https://")):
        from .openai_compatible import OpenAICompatible

        return OpenAICompatible(model, url, **options)
    kind, _, speaker = name.partition(":")
    if name == "builtin":
        from .builtin import Builtin

        return Builtin(**options)
    if kind == "kokoro":
        from .kokoro import Kokoro

        return Kokoro(**({"speaker": speaker} if speaker else {}), **options)
    raise ValueError(
        f"{name!r} names no voice: write builtin, kokoro, kokoro:SPEAKER, or MODEL@URL, as in "
        "tts-1@http://localhost:8880/v1"
    )
