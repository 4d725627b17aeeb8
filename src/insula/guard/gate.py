"""The gate a reply goes through, sentence by sentence: what passes is shown unchanged, what does not is replaced.

A sentence with a risk the policy withholds gives way to the policy's own words for that risk, once, or to nothing;
where nothing useful is left the policy's fallback is said.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from insula.conversation import Turn

from .policy import Need, Policy
from .reply import Judged
from .sentences import sentences

USEFUL = 2  # words that a reply holds at least


@dataclass
class Gate:
    """One reply's way through the gate. `opening` is said before it; `withheld` fills with the risks that were met."""

    check: Callable[[str], Judged]
    policy: Policy
    need: Need
    withhold: tuple[str, ...]
    opening: str = ""
    times: int = 0
    withheld: list[str] = field(default_factory=list[str])
    _words: int = 0

    @property
    def meta(self) -> Mapping[str, Any]:
        """What a turn says of what was withheld from it."""
        return {"withheld": tuple(dict.fromkeys(self.withheld))} if self.withheld else {}

    def turn(self, turn: Turn) -> Turn:
        """A whole reply -> the one that is shown; the same where nothing was wrong and nothing is said before it."""
        shown = [*self._before(), *map(self._pass, sentences(turn.text)), self._rest()]
        text = "".join(shown)
        changed = self.withheld or text != turn.text
        return replace(turn, text=text.strip(), meta={**turn.meta, **self.meta}) if changed else turn

    async def sentences(self, found: AsyncIterable[str]) -> AsyncIterator[str]:
        """Whole sentences as they come, one or more at a time -> those that may be shown."""
        for one in self._before():
            yield one
        async for some in found:
            if shown := "".join(map(self._pass, sentences(some))):
                yield shown
        if rest := self._rest():
            yield rest

    def _before(self) -> list[str]:
        return [f"{self.opening} "] if self.opening else []

    def _pass(self, sentence: str) -> str:
        """The sentence, the words in its stead, or ""."""
        over = [risk for risk in self.check(sentence).over(self.policy.threshold) if risk in self.withhold]
        if not over:
            self._words += len(sentence.split()) + (len(sentence) > USEFUL and not sentence.isascii())
            return sentence
        new = [risk for risk in over if risk not in self.withheld]
        self.withheld += over
        words = (self.policy.say(["instead"], replace(self.need, kind=risk), self.times) for risk in new)
        instead = next(filter(None, words), "")
        self._words += len(instead)
        return f"{instead} " if instead else ""

    def _rest(self) -> str:
        """The fallback, where too little was left to be of use."""
        return "" if self._words >= USEFUL else self.policy.say(["fallback"], self.need, self.times)
