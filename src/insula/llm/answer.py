"""An answer as it comes: chunks in the form of OpenAI's chat protocol, from a server or from llama.cpp."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .protocol import LLMError, Message, Reply

FINISHES = {"length": "length", "content_filter": "refusal"}  # anything else is a stop


class Answer:
    """Collects chunks, or one whole answer. `opening` is what the model was asked in words to begin with."""

    def __init__(self, model: str, heard: Callable[[str], None] | None = None, opening: str = "") -> None:
        self.finished = self.begun = False
        self._reply = Reply("", model)
        self._heard = heard
        self._opening = opening
        self._held: str | None = "" if opening else None  # what came before it is known how the answer begins

    @property
    def text(self) -> str:
        """What came so far."""
        return self._reply.text + (self._held or "")

    def add(self, chunk: Mapping[str, Any]) -> None:
        """Takes one chunk; raises LLMError for one that tells of an error."""
        if error := chunk.get("error"):
            words = error.get("message") if isinstance(error, Mapping) else error
            raise LLMError(f"{self._reply.model}: {words}", self.text)
        usage, timings = chunk.get("usage") or {}, chunk.get("timings") or {}
        tokens = usage.get("completion_tokens", timings.get("predicted_n", self._reply.tokens))
        self._reply = replace(self._reply, tokens=tokens)
        for choice in (chunk.get("choices") or ())[:1]:
            self._choice(choice)

    def end(self) -> Reply:
        """The whole of it."""
        if self._held:
            self._say(_continued(self._opening, self._held))
        self._held = None
        return self._reply

    def _choice(self, choice: Mapping[str, Any]) -> None:
        self.begun = True
        part = choice.get("delta") or choice.get("message") or {}
        if finish := choice.get("finish_reason"):
            self.finished = True
            self._reply = replace(self._reply, finish=FINISHES.get(finish, "stop"))
        self._weigh((choice.get("logprobs") or {}).get("content") or ())
        self._take(part.get("content") or "")
        if part.get("refusal"):
            self._take(part["refusal"])
            self._reply = replace(self._reply, finish="refusal")

    def _weigh(self, tokens: Sequence[Mapping[str, Any]]) -> None:
        """How likely each token was, and what else was likely there; of tokens that read alike the likeliest counts."""
        if not tokens:
            return
        likely = tuple(token["logprob"] for token in tokens)
        self._reply = replace(self._reply, logprobs=(self._reply.logprobs or ()) + likely)
        others = tuple(
            {other["token"]: other["logprob"] for other in reversed(token.get("top_logprobs") or ())}
            for token in tokens
        )
        if any(others):
            self._reply = replace(self._reply, alternatives=(self._reply.alternatives or ()) + others)

    def _take(self, piece: str) -> None:
        if self._held is None:
            self._say(piece)
            return
        self._held += piece
        if len(self._held) > 2 * len(self._opening) + 8:
            held, self._held = self._held, None
            self._say(_continued(self._opening, held))

    def _say(self, piece: str) -> None:
        if piece:
            self._reply = replace(self._reply, text=self._reply.text + piece)
            if self._heard:
                self._heard(piece)


def opening_in_words(messages: Sequence[Message]) -> tuple[list[Message], str]:
    """For servers that cannot go on from a text: the messages with the opening asked for in words, and the opening."""
    if not messages or messages[-1].role != "assistant":
        return list(messages), ""
    *before, last = messages
    if not last.text.strip():
        return before, ""
    ask = f'Begin your reply with exactly these words, then go on from them: "{last.text.strip()}"'
    place = next((k for k in reversed(range(len(before))) if before[k].role == "system"), None)
    if place is None:
        return [Message("system", ask), *before], last.text
    before[place] = Message("system", f"{before[place].text}\n\n{ask}")
    return before, last.text


def _continued(opening: str, text: str) -> str:
    """The text after the opening, whether the model repeated that or not."""
    words = r"\W+".join(map(re.escape, re.findall(r"\w+", opening)))
    if words and (repeated := re.match(rf"\W*{words}(?!\w)", text, re.IGNORECASE)):
        rest = text[repeated.end() :]
        return rest.lstrip() if opening[-1:].isspace() else rest
    apart = text[:1].isalnum() and not opening[-1:].isspace()
    return f" {text}" if apart else text
