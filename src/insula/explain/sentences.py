"""Why, in plain sentences: who expresses what, how sure that is, since when, because of which words of whom.

    sentences: {"Ana likely expresses anger in turn 2 (0.71).": 0.71} at t2, because = (the emotion's id,)

Every sentence rests on annotations and names them in `because`. Without a language model it is composed from them
(`insula.explain.compose`, templates filled with data: Reiter & Dale 1997). A language model may only say it in other
words: a rephrasing that names anything else, or anything in another order, or denies what was not denied, is dropped
for the composed sentence. That an explanation be faithful to its model: Jacovi & Goldberg 2020, arXiv:2004.03685.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from insula.component import Additions
from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.explain.compose import Composer, Sentence
from insula.explain.support import same_facts, supported
from insula.llm import LLM, Message, connect

NOTHING = "nobody looked at what this turn expresses"


class Sentences:
    """Explains every pending turn, an annotation for each sentence; an abstention where no emotion was looked for.

    `llm` (a model or "MODEL@URL") rephrases the sentences of a turn in one call at temperature 0; one that cannot be
    reached raises LLMError. `kept_rate` says how many of its sentences could be kept.
    """

    reads = ("turn", "emotion")
    writes = ("explanation",)

    def __init__(self, llm: LLM | str | None = None, name: str = "explain.sentences", seed: int = 0) -> None:
        self.llm = connect(llm) if isinstance(llm, str) else llm
        self.name = name
        self.asynchronous = self.llm is not None
        self._seed = seed
        model = f"{self.llm.name}\n{_prompt()}" if self.llm else ""
        self.rater = f"{name}@{sha256(f'{_templates()}{model}'.encode()).hexdigest()[:12]}"
        self._asked = self._kept = 0

    @property
    def kept_rate(self) -> float | None:
        """Share of the sentences asked for so far whose rephrasing was kept; None before the first."""
        return self._kept / self._asked if self._asked else None

    def __call__(self, conversation: Conversation) -> Additions:
        return self._rephrased(conversation, self.llm) if self.llm else self._composed(conversation)

    def _composed(self, conversation: Conversation) -> Iterator[Annotation]:
        pending = conversation.pending("explanation", self.rater)
        composer = Composer(conversation, pending) if pending else None
        for turn in pending:
            if composer:
                yield from self._annotations(turn, composer.sentences(turn))

    async def _rephrased(self, conversation: Conversation, llm: LLM) -> AsyncIterator[Annotation]:
        pending = conversation.pending("explanation", self.rater)
        composer = Composer(conversation, pending) if pending else None
        for turn in pending:
            if composer:
                said = composer.sentences(turn)
                for one in self._annotations(turn, await self._rephrase(conversation, said, llm) if said else said):
                    yield one

    async def _rephrase(self, conversation: Conversation, said: list[Sentence], llm: LLM) -> list[Sentence]:
        texts = json.dumps([one.text for one in said], ensure_ascii=False)
        messages = [Message("system", _prompt()), Message("user", texts)]
        size = 64 + 2 * len(texts)
        reply = await llm.reply(messages, seed=self._seed, temperature=0.0, max_tokens=size)
        others = parse(reply.text, len(said))
        found = [_accepted(one, other, conversation) for one, other in zip(said, others, strict=True)]
        self._asked += len(said)
        self._kept += sum(new is not old for new, old in zip(found, said, strict=True))
        return found

    def _annotations(self, turn: Turn, said: list[Sentence]) -> Iterator[Annotation]:
        at = Anchor(turn.id)
        if not said:
            yield Annotation("explanation", {}, at, "sentences", self.rater, reason=NOTHING)
        for one in said:
            because = tuple(dict.fromkeys(x.id for x in one.because))
            yield Annotation(
                "explanation", {one.text: one.confidence}, at, "sentences", self.rater, (one.text,), because=because
            )


def parse(reply: str, count: int) -> list[str]:
    """The JSON list of `count` strings in a model's reply, whatever stands around it; else as many empty strings."""
    start, end = reply.find("["), reply.rfind("]")
    try:
        found: Any = json.loads(reply[start : end + 1]) if 0 <= start < end else None
    except json.JSONDecodeError:
        found = None
    right = isinstance(found, list) and len(found) == count
    return [one if isinstance(one, str) else "" for one in found] if right else [""] * count


def _accepted(one: Sentence, other: str, conversation: Conversation) -> Sentence:
    """The rephrasing where its evidence supports it and it says the same things, else the composed sentence."""
    other = " ".join(other.split())
    kept = supported(other, one.because, conversation) and same_facts(other, one.text, one.because, conversation)
    return Sentence(other, one.confidence, one.because) if kept else one


@cache
def _prompt() -> str:
    return (resources.files("insula.explain") / "prompts" / "rephrase.md").read_text(encoding="utf-8")


@cache
def _templates() -> str:
    return (resources.files("insula.explain") / "wording.toml").read_text(encoding="utf-8")
