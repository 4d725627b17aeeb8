"""Models of this engine among those of inspect_ai, and any model of inspect_ai as one of this engine.

inspect eval insula/emobench --model insula/local -M cache=answers.sqlite
llm = Inspected(get_model("openai/gpt-4o-mini"))      # has `reply`, as every LLM here
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Content,
    ContentAudio,
    ContentImage,
    ContentText,
    ContentVideo,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    ResponseSchema,
    get_model,
    modelapi,
)
from inspect_ai.util import JSONSchema, materialize_media

from ...llm import LLM, Cached, LLMError, Message, Reply, connect
from ...llm.protocol import ALTERNATIVES
from ..judge import vet
from .agent import Answering, is_agent
from .caps import Caps, Metered
from .likely import alternatives, told

AT_ONCE = 8  # questions a server is asked at the same time
_STOPS = {"length": "max_tokens", "refusal": "content_filter"}
_FINISHES = {"max_tokens": "length", "model_length": "length", "content_filter": "refusal"}
_SOUNDS = {".wav": "wav", ".mp3": "mp3"}
MEDIA = "media"  # files that go with a message to a model of this engine
_FILMS = {".mp4": "mp4", ".mpeg": "mpeg", ".mov": "mov"}


def folder() -> Path:
    """Where answers and logs are kept: the folder INSULA_CACHE, or ~/.cache/insula."""
    found = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")
    found.mkdir(parents=True, exist_ok=True)
    return found


def opened(spec: str, cache: bool | str | Path = True, caps: Caps | None = None) -> LLM:
    """An agent by name, or a model, asked each question once unless `cache` is False; raises what `connect` raises."""
    return capped(Answering(spec), caps) if is_agent(spec) else _once(connect(spec), cache, caps)


def capped(llm: LLM, caps: Caps | None) -> LLM:
    """`llm`, asked while the caps allow it."""
    return caps.metered(llm) if caps else llm


def in_log(model: Model, cache: bool | str | Path = True, caps: Caps | None = None) -> LLM:
    """A model as an LLM whose calls are in the log; `model_of` has seen to caps and kept answers of this engine's."""
    llm = Inspected(model)
    return llm if hasattr(model.api, "llm") else _once(llm, cache, caps)


def vetted(judge: LLM, model: Model) -> LLM:
    """The judge of a model's answers; raises ValueError where the model would judge itself."""
    vet(_bare(judge), _bare(getattr(model.api, "llm", None) or Inspected(model)))
    return judge


def model_of(model: str | LLM, cache: bool | str | Path = True, caps: Caps | None = None) -> Model:
    """`model` is what `connect` takes, an LLM, or a name of inspect_ai such as openai/gpt-4o-mini."""
    if not isinstance(model, str):
        return Model(InsulaAPI(model.name, llm=capped(model, caps)), GenerateConfig())  # pyright: ignore[reportCallIssue]
    try:
        llm = opened(model, cache, caps)
    except ValueError:
        if "/" not in model or "@" in model:
            raise
        return _inspects(model)
    return Model(InsulaAPI(model, llm=llm), GenerateConfig())  # pyright: ignore[reportCallIssue]


def _inspects(model: str) -> Model:
    """A model of inspect_ai; what it raises, such as for a missing key, becomes a ValueError in one sentence."""
    try:
        return get_model(model)
    except Exception as error:
        words = " ".join(re.sub(r"\[/?[a-z ]+\]", "", str(error)).split())
        raise ValueError(f"{model}: {words.removeprefix('ERROR: ')}") from error


@modelapi(name="insula")
class InsulaAPI(ModelAPI):
    """What `insula.llm.connect` opens, by name: local, local:base, PATH.gguf, MODEL@URL; or an agent: companion."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        llm: LLM | None = None,
        cache: bool | str = True,
    ) -> None:
        config = config or GenerateConfig()
        super().__init__(model_name, base_url, api_key, [], config)
        if config.max_connections is None:  # else as many as 20 at once would wait for one processor
            config.max_connections = self.max_connections()
        self.llm = llm or opened(f"{model_name}@{base_url}" if base_url else model_name, cache)

    def max_connections(self) -> int:
        return AT_ONCE if "@http" in self.model_name or self.base_url else 1

    async def generate(
        self,
        input: list[ChatMessage],
        tools: Any,  # noqa: ARG002 - the signature of inspect_ai
        tool_choice: Any,  # noqa: ARG002
        config: GenerateConfig,
    ) -> ModelOutput:
        form = config.response_schema.json_schema.model_dump(exclude_none=True) if config.response_schema else None
        reply = await self.llm.reply(
            [_message(one) for one in input],
            seed=config.seed or 0,
            temperature=config.temperature or 0.0,
            max_tokens=config.max_tokens or 512,
            stop=config.stop_seqs or (),
            schema=form,
            logprobs=bool(config.logprobs),
        )
        output = ModelOutput.from_content(reply.model, reply.text, _STOPS.get(reply.finish, "stop"))  # pyright: ignore
        written = reply.tokens or 0
        output.usage = ModelUsage(output_tokens=written, total_tokens=written)
        output.choices[0].logprobs = told(reply)
        return output


class Inspected:
    """A model of inspect_ai as an LLM: every call is in its log."""

    def __init__(self, model: Model) -> None:
        here = hasattr(model.api, "llm")
        self.name = model.name if here else str(model)  # with its provider: many serve models of one name
        self.url = str(getattr(getattr(model.api, "client", None), "base_url", None) or model.api.base_url or "")
        self.context: int | None = getattr(getattr(model.api, "llm", None), "context", None)
        self._model = model

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        max_tokens: int = 512,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        logprobs: bool = False,
        heard: Callable[[str], None] | None = None,
    ) -> Reply:
        """The model's answer; raises LLMError, whatever its provider raises."""
        form = ResponseSchema(name="answer", json_schema=JSONSchema.model_validate(schema)) if schema else None
        config = GenerateConfig(seed=seed, temperature=temperature, max_tokens=max_tokens, response_schema=form)
        config.stop_seqs = [x for x in stop if x] or None
        config.max_retries = 2
        if logprobs:
            config.logprobs, config.top_logprobs = True, ALTERNATIVES
        try:
            here = hasattr(self._model.api, "llm")
            output = await self._model.generate([await _said(one, here) for one in messages], config=config)
        except LLMError:
            raise
        except Exception as error:
            raise LLMError(f"{self.name}: {error or type(error).__name__}") from error
        if heard:
            heard(output.completion)
        written = output.usage.output_tokens if output.usage else None
        finish = _FINISHES.get(output.stop_reason, "stop")
        return Reply(output.completion, output.model, written, finish=finish, alternatives=alternatives(output))


def _once(llm: LLM, cache: bool | str | Path, caps: Caps | None) -> LLM:
    metered = capped(llm, caps)
    return Cached(metered, folder() / "answers.sqlite" if cache is True else cache) if cache else metered


def _bare(llm: LLM) -> LLM:
    while isinstance(llm, Cached | Metered):
        llm = llm.llm
    return llm


def _message(one: ChatMessage) -> Message:
    role = one.role if one.role in ("system", "assistant") else "user"
    media = tuple(Path(file) for file in (one.metadata or {}).get(MEDIA, ()))
    return Message(role, one.text, media)  # pyright: ignore[reportArgumentType]


async def _said(one: Message, here: bool) -> ChatMessage:
    """For models of this engine (`here`) the files are named beside the words; others are given what is in them."""
    makes = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    if not one.media or here:
        named = {MEDIA: [str(file) for file in one.media]} if one.media else None
        return makes[one.role](content=one.text, metadata=named)
    parts = [_shown(file, await materialize_media(str(file))) for file in one.media]
    return makes[one.role](content=[*parts, ContentText(text=one.text)])


def _shown(file: Path, data: str) -> Content:
    kind = file.suffix.lower()
    if kind in _SOUNDS:
        return ContentAudio(audio=data, format=_SOUNDS[kind])  # pyright: ignore[reportArgumentType]
    if kind in _FILMS:
        return ContentVideo(video=data, format=_FILMS[kind])  # pyright: ignore[reportArgumentType]
    return ContentImage(image=data)
