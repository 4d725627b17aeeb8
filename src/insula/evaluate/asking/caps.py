"""What a run may use: seconds, tokens and money for all of it, and seconds for each answer.

    caps = Caps(seconds=600, cost=2.0, price=(0.15, 0.60))      # dollars, or whatever the price is in
    llm = caps.metered(connect("local"))

What is left unasked when something is used up says so; nothing that was answered is lost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...llm import LLM, LLMError, Message, Reply

BYTES = 4  # of text to a token, where a server does not count what it read


@dataclass
class Caps:
    """Limits, None for none, and what was used so far. `price` is for a million tokens read, and written."""

    timeout: float = 300.0
    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    price: tuple[float, float] = (0.0, 0.0)
    read: int = 0
    written: int = 0
    start: float = field(default_factory=time.monotonic)

    @property
    def paid(self) -> float:
        """What was used, in money."""
        return (self.read * self.price[0] + self.written * self.price[1]) / 1e6

    def spent(self) -> str:
        """Which limit is used up, in a sentence; "" while none is."""
        if self.seconds is not None and time.monotonic() - self.start >= self.seconds:
            return f"not asked: the {self.seconds:g} s allowed were over"
        if self.tokens is not None and self.read + self.written >= self.tokens:
            return f"not asked: the {self.tokens:,} tokens allowed were used up"
        if self.cost is not None and self.paid >= self.cost:
            return f"not asked: the cost allowed, {self.cost:g}, was reached"
        return ""

    def metered(self, llm: LLM) -> Metered:
        """`llm`, with what it reads and writes counted here; under what keeps answers, so that those cost nothing."""
        return Metered(llm, self)


class Metered:
    """A model that is asked while nothing is used up, and whose tokens are counted."""

    def __init__(self, llm: LLM, caps: Caps) -> None:
        self.name = llm.name
        self.url: str = getattr(llm, "url", "")  # answers are kept by name and place
        self.context: int | None = getattr(llm, "context", None)
        self.llm, self._caps = llm, caps

    async def reply(self, messages: Sequence[Message], **options: Any) -> Reply:
        """The model's answer; raises LLMError, also when something is used up."""
        if spent := self._caps.spent():
            raise LLMError(spent)
        self._caps.read += sum(len(one.text.encode()) for one in messages) // BYTES
        reply = await self.llm.reply(messages, **options)
        self._caps.written += reply.tokens if reply.tokens is not None else len(reply.text.encode()) // BYTES
        return reply
