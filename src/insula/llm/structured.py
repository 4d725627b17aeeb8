"""Answers in a form: JSON cut out of what the model wrote, checked by pydantic, and asked for again if wrong.

class Feeling(BaseModel):
    word: str
    strength: float = Field(ge=0, le=1)

feeling = await ask(llm, [Message("user", "My dog died.")], Feeling)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from .protocol import LLM, LLMError, Message

Form = TypeVar("Form", bound=BaseModel)
STARTS = 1000  # of possible JSON that are tried, so that an endless row of brackets ends
SHOWN = 300  # characters of a bad answer that an error quotes


async def ask(
    llm: LLM,
    messages: Sequence[Message],
    form: type[Form],
    *,
    repairs: int = 2,
    seed: int = 0,
    max_tokens: int = 512,
) -> Form:
    """The model's answer as a `form`, at temperature 0.

    A server that can hold its model to a schema is asked to; in any case the schema is in the words. An answer that
    does not fit goes back with what was wrong, up to `repairs` times. Raises LLMError with the last answer as its
    `partial` when none fits, or when the model refuses.
    """
    schema = form.model_json_schema()
    talk = _with_form(messages, json.dumps(schema, ensure_ascii=False))
    said = problem = ""
    for _ in range(repairs + 1):
        reply = await llm.reply(talk, seed=seed, schema=schema, max_tokens=max_tokens)
        said = reply.text
        if reply.finish == "refusal":
            raise LLMError(f"{llm.name} refuses to answer: {said[:SHOWN]}", said)
        found, problem = fitting(said, form)
        if found is not None:
            return found
        cut = " It was cut off: be shorter." if reply.finish == "length" else ""
        again = f"That answer cannot be used: {problem}.{cut} Answer again with the corrected JSON only."
        talk = [*talk, Message("assistant", said or "(nothing)"), Message("user", again)]
    raise LLMError(
        f"{llm.name} gave no {form.__name__} in {repairs + 1} tries: {problem}. Its last answer: {said[:SHOWN]!r}", said
    )


def fitting(text: str, form: type[Form]) -> tuple[Form | None, str]:
    """The largest JSON in a text that fits, or None and what is wrong with the largest there is."""
    problem = ""
    for candidate in sorted(json_in(text), key=len, reverse=True):
        try:
            return form.model_validate_json(candidate), ""
        except ValidationError as error:
            problem = problem or _in_words(error)
    return None, problem or "there is no whole JSON in it"


def json_in(text: str) -> list[str]:
    """Every outermost whole JSON object or list in a text, as it stands there, whatever is around it."""
    decoder = json.JSONDecoder()
    found: list[str] = []
    at = 0
    for _ in range(STARTS):
        at = min((place for mark in "{[" if (place := text.find(mark, at)) >= 0), default=-1)
        if at < 0:
            break
        try:
            end = decoder.raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            at += 1
        else:
            found.append(text[at:end])
            at = end
    return found


def _with_form(messages: Sequence[Message], schema: str) -> list[Message]:
    words = f"Answer with JSON only, one value that fits this JSON schema:\n{schema}"
    first, *rest = messages
    if first.role == "system":
        return [Message("system", f"{first.text}\n\n{words}"), *rest]
    return [Message("system", words), *messages]


def _in_words(error: ValidationError) -> str:
    wrong = [(".".join(map(str, one["loc"])) or "the whole", one["msg"]) for one in error.errors()[:5]]
    return "; ".join(f"{place}: {words}" for place, words in wrong)
