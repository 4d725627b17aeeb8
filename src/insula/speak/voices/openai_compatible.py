"""Any server that speaks OpenAI's /v1/audio/speech: Kokoro-FastAPI, LocalAI, Speaches, or a provider on the net.

    OpenAICompatible("kokoro", "http://localhost:8880/v1", speaker="af_heart")

Pace is asked for as `speed`, the rest of a delivery in words as `instructions`, which servers that do not know it
ignore or refuse (then they are asked without). Energy and pauses are seen to here. A key is sent only when one is given
or in INSULA_API_KEY; the words to be said leave this machine, nothing else does.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..delivery import Delivery
from ..levels import describe
from ..sentences import pause, sentences
from .protocol import Samples, Sound, VoiceError

SLOWEST, FASTEST = 0.25, 4.0  # what the protocol allows for `speed`


class OpenAICompatible:
    """One model at one URL. `timeout` is how many seconds a sentence may take.

    Raises ImportError where the client or the reader of sound files is not installed.
    """

    follows = frozenset({"pace", "energy", "pauses"})

    def __init__(
        self, model: str, url: str, *, speaker: str = "alloy", api_key: str = "", timeout: float = 30.0
    ) -> None:
        try:
            import openai
            import soundfile  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
        except ModuleNotFoundError as error:
            raise ImportError(f"a voice by URL needs {error.name}: pip install 'insula[llm,speech]'") from None
        self.name = f"{model}@{url}"
        self.url, self.model, self.speaker, self.timeout = url, model, speaker, timeout
        self._openai = openai
        key = api_key or os.environ.get("INSULA_API_KEY", "") or "none"
        self._client = openai.OpenAI(base_url=url, api_key=key, timeout=timeout, max_retries=1)
        self._told = True

    def say(self, text: str, delivery: Delivery) -> Iterator[Sound]:
        """A sound for each sentence; raises VoiceError when the server is away, slow, refuses, or sends no sound."""
        for sentence in sentences(text):
            samples, rate = self._sound(self._asked(sentence, delivery))
            samples = (samples * 10 ** (delivery.energy / 20)).clip(-1, 1)
            silence = np.zeros(int(rate * pause(sentence) * delivery.pauses), np.float32)
            yield Sound(np.concatenate([samples, silence]), rate, sentence)

    def _asked(self, sentence: str, delivery: Delivery) -> bytes:
        request: dict[str, Any] = {"model": self.model, "voice": self.speaker, "input": sentence}
        request |= {"response_format": "wav", "speed": min(max(delivery.pace, SLOWEST), FASTEST)}
        how = ", ".join(filter(None, (*delivery.feeling, describe(delivery))))
        if how and self._told:
            request["instructions"] = f"Speak so that it sounds: {how}."
        try:
            return self._client.audio.speech.create(**request).content
        except (self._openai.BadRequestError, self._openai.UnprocessableEntityError) as error:
            if "instructions" in request and "instructions" in str(error):
                self._told = False
                return self._asked(sentence, delivery)
            raise VoiceError(f"{self.url} refuses to say it: {_short(error)}") from error
        except self._openai.APITimeoutError as error:
            raise VoiceError(f"{self.url} sent no sound within {self.timeout:g} s: is it overloaded?") from error
        except self._openai.APIConnectionError as error:
            raise VoiceError(f"there is no speech server at {self.url}: start it, or check the URL") from error
        except self._openai.OpenAIError as error:
            raise VoiceError(f"{self.url} sent no sound: {_short(error)}") from error

    def _sound(self, content: bytes) -> tuple[Samples, int]:
        import soundfile  # pyright: ignore[reportMissingTypeStubs]

        try:
            samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
        except (RuntimeError, ValueError) as error:
            start = content[:24]
            raise VoiceError(
                f"{self.url} sent {len(content)} bytes that are no sound ({start!r}): does model {self.model!r} speak?"
            ) from error
        if not len(samples):
            raise VoiceError(f"{self.url} sent a sound of no length for model {self.model!r}")
        return samples.mean(1), int(rate)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
