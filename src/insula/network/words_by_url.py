"""Words from any server that speaks OpenAI's transcription protocol: speaches, vLLM, LocalAI, or a provider on the net.

    transcriber("whisper-1@http://localhost:8000/v1")(samples)

A key is sent only when one is given here or in INSULA_API_KEY; the sound and the model's name are all else that leaves
this machine, and no redirect is followed. What a server does not know (word times) is asked for without.
"""

from __future__ import annotations

import asyncio
import io
import json
import math
import os
import wave
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from insula.llm.openai_compatible import SENT
from insula.network.words import NOTHING, RATE, SHORTEST, Samples, Transcript, TranscriptionError, Word, guarded

BROKEN = (json.JSONDecodeError, UnicodeDecodeError, TypeError, KeyError, AttributeError, ValueError)
TIMED = ("response_format", "timestamp_granularities")


class ByURL:
    """One model at one URL. `timeout` is how many seconds a server may be silent; ten times that ends any answer.

    `retries` are for connections that fail or stay silent, for 429 and 5xx. Raises ImportError when the `openai` client
    is not installed.
    """

    def __init__(self, name: str, url: str, *, api_key: str = "", timeout: float = 60.0, retries: int = 2) -> None:
        try:
            import openai
        except ModuleNotFoundError:
            raise ImportError("a transcriber by URL needs openai: pip install 'insula[llm]'") from None
        self.name = name
        self.url = url
        self._openai = openai
        self._key = api_key or os.environ.get("INSULA_API_KEY", "")
        self._timeout = timeout
        self._retries = retries

    def __call__(self, samples: Samples, language: str = "") -> Transcript:
        """Mono samples at 16 kHz -> what was said; raises TranscriptionError when the server gives no transcript."""
        if len(samples) < SHORTEST * RATE:
            return NOTHING
        # a loop of its own, in a thread of its own: whoever asks may be inside a loop, and only a loop can break off
        with ThreadPoolExecutor(1) as thread:
            return guarded(thread.submit(asyncio.run, self._answered(sound(samples), language)).result())

    async def _answered(self, file: bytes, language: str) -> Transcript:
        try:
            async with asyncio.timeout(10 * self._timeout):
                return _read(await self._ask(file, language))
        except (self._openai.OpenAIError, TimeoutError, *BROKEN) as error:
            raise TranscriptionError(self._explain(error)) from error

    async def _ask(self, file: bytes, language: str) -> Any:
        request: dict[str, Any] = {"model": self.name, "file": ("speech.wav", file, "audio/wav"), "temperature": 0.0}
        request |= {"language": language} if language else {}
        timed = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
        async with self._client() as client:
            try:
                return await client.audio.transcriptions.create(**request, **timed)
            except (self._openai.BadRequestError, self._openai.UnprocessableEntityError) as error:
                if not any(word in error.response.text for word in TIMED):
                    raise
                return await client.audio.transcriptions.create(**request, response_format="json")

    def _client(self) -> Any:
        http = self._openai.DefaultAsyncHttpxClient(
            follow_redirects=False, event_hooks={"request": [self._only_what_is_asked]}
        )
        return self._openai.AsyncOpenAI(
            base_url=self.url,
            api_key=self._key or "none",
            timeout=self._timeout,
            max_retries=self._retries,
            http_client=http,
        )

    async def _only_what_is_asked(self, request: Any) -> None:
        """The client adds what it finds in OPENAI_* variables, and what machine this is; neither is the server's."""
        for name in set(request.headers) - {*SENT, "transfer-encoding"}:
            del request.headers[name]
        request.headers["user-agent"] = "insula"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"

    def _explain(self, error: Exception) -> str:
        openai, url = self._openai, self.url
        if isinstance(error, openai.APITimeoutError | TimeoutError):
            return f"{url} gave no transcript within {self._timeout:g} s: raise the timeout or use a smaller model"
        if isinstance(error, openai.APIConnectionError):
            return f"cannot reach {url}: is the server running, and is the URL right (it often ends in /v1)?"
        status, response = getattr(error, "status_code", None), getattr(error, "response", None)
        if status is None or response is None:
            return f"{url} sent no transcript: is it an OpenAI-compatible server, and did it break off? {error}"
        words = " ".join(response.text.split())[:500].replace(self._key or "\0", "***")
        if status // 100 == 3:
            return f"{url} sends on to {response.headers.get('location')}: give that URL if you trust it"
        reason = {
            401: "refuses the key: set INSULA_API_KEY",
            403: "refuses the key: set INSULA_API_KEY",
            404: f"knows no model {self.name!r}, or hears no speech at this URL",
            413: "takes no recording as long as this: send shorter stretches",
            429: "takes no more requests now: wait, or look at your quota there",
        }.get(status, f"failed inside ({status}): look at its log" if status >= 500 else f"refuses ({status})")
        return f"{url} {reason}: {words}"


def sound(samples: Samples) -> bytes:
    """Samples at 16 kHz as a wav file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _read(came: Any) -> Transcript:
    """The client's object as a transcript. It checks nothing itself, and hands on a web page or half an answer too."""
    record = came.model_dump(warnings=False)
    text = " ".join(record["text"].split())
    parts = record.get("segments") or []
    likely = [float(x["avg_logprob"]) for x in parts if x.get("avg_logprob") is not None]
    silent = [float(x["no_speech_prob"]) for x in parts if x.get("no_speech_prob") is not None]
    # a server that tells no probabilities is believed
    sure = min(1.0, math.exp(float(np.mean(likely)))) if likely else 1.0
    words = tuple(
        Word(float(x["start"]), float(x["end"]), x["word"].strip(), round(float(x.get("probability") or sure), 4))
        for x in record.get("words") or ()
    )
    if words and likely:
        sure = max(sure, float(np.mean([word.confidence for word in words])))
    return Transcript(text, words, record.get("language") or "", round(sure, 4), min(silent, default=0.0))
