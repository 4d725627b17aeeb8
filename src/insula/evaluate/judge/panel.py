"""Several language models as judges: none judges itself, pairs are shown both ways round, and what they cost is capped.

    panel = Panel(["local:base"], under_test="local", calls=500, seconds=600)
    panel.ratings(items, rubric("empathy"))[0].expected      # 1.2
    panel.preferences(pairs, "Which reply is kinder?")[0]    # Preference(second=.7, steady=True)

Panels of small judges: Verga et al. 2024 (arXiv:2404.18796); position bias: Zheng et al. 2023 (arXiv:2306.05685).
"""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ...llm import LLM, Cached, LLMError, Message, Reply, connect
from .item import TURNS, Item, cut
from .rubric import Rubric
from .tokens import Reading, read

SYSTEM = "You judge the supporter in talks of emotional support. Be strict. How long a text is does not matter."
SCORE, BETTER = "Score: ", "The better one is Reply "
"""What an answer begins with; the blank at the end makes a number the likeliest next token of small models."""
ROOM = 6  # tokens a judge may answer with
PAIR_TURNS, PAIR_WORDS = 3, 60  # of the talk that is told before two replies
AT_ONCE = 4  # questions that are on their way to judges by URL
Asked = TypeVar("Asked")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Rating:
    """The weighted mean of the judges that could be read; None, and why, where none could."""

    expected: float | None
    likeliest: float | None
    by: Mapping[str, Reading] = field(default_factory=dict[str, Reading], hash=False)
    why: str = ""


@dataclass(frozen=True)
class Preference:
    """How likely the judges find the second reply the better one, over both orders; None, and why, where unreadable.

    `steady` says whether every judge took the same reply both ways round: one that does not goes by the place.
    """

    second: float | None
    steady: bool | None = None
    why: str = ""


@dataclass
class Spent:
    """What a panel has cost so far; characters are those of the questions, tokens those of the answers."""

    calls: int = 0
    characters: int = 0
    tokens: int = 0
    seconds: float = 0.0


class Panel:
    """`judges` are models or what `llm.connect` takes; `weights` by their place are what each counts (1 unless told).

    `under_test` is the model that is judged. After `calls` questions or `seconds` of asking nothing more is asked and
    what is left stays unread, with the reason. `cache` is a file for answers. Raises ValueError when there is no judge
    or when one is the model under test.
    """

    def __init__(
        self,
        judges: Sequence[str | LLM],
        *,
        weights: Sequence[float] | None = None,
        under_test: str | LLM | None = None,
        cache: str | Path | None = None,
        calls: int | None = None,
        seconds: float | None = None,
    ) -> None:
        if not judges:
            raise ValueError("a panel needs a judge: name a model, as in local:base or MODEL@URL")
        models = [_model(one) for one in judges]
        tested = _model(under_test) if under_test is not None else None
        for one in models:
            if tested is not None:
                vet(one, tested)
        self.judges: dict[str, LLM] = {one.name: Cached(one, cache) if cache else one for one in models}
        if len(self.judges) < len(models):
            raise ValueError("a judge is named twice: one voice counts once")
        self.weights = dict(zip(self.judges, weights or [1.0] * len(models), strict=True))
        self.spent = Spent()
        self._calls, self._seconds = calls, seconds
        self._at_once = AT_ONCE if all(getattr(one, "url", "") for one in models) else 1

    def ratings(self, items: Sequence[Item], rubric: Rubric, turns: int = TURNS) -> list[Rating]:
        """A rating of each item, of which `turns` turns are told."""
        return [rating for (rating,) in self.aspects(items, [rubric], turns)]

    def aspects(self, items: Sequence[Item], rubrics: Sequence[Rubric], turns: int = TURNS) -> list[list[Rating]]:
        """For each item a rating by each rubric; all of one item's are asked in a row, so that it is read once."""

        async def asked(item: Item) -> list[Rating]:
            return [await self.rate(item, one, turns) for one in rubrics]

        return asyncio.run(self._each(asked, items))

    def preferences(self, pairs: Sequence[tuple[Item, Item]], question: str | Sequence[str]) -> list[Preference]:
        """For each pair of replies to one talk, which answers better; one question for all, or one each."""
        asked = [question] * len(pairs) if isinstance(question, str) else question

        async def preferred(of: tuple[tuple[Item, Item], str]) -> Preference:
            (first, second), said = of
            return await self.prefer(first, second, said)

        return asyncio.run(self._each(preferred, list(zip(pairs, asked, strict=True))))

    async def rate(self, item: Item, rubric: Rubric, turns: int = TURNS) -> Rating:
        """One item by one rubric."""
        judged = f"\n\nReply to judge: {cut(item.reply)}" if item.reply else ""
        said = f"{item.told(turns)}{judged}\n\n{rubric.asked}"
        by = {name: await self._read(name, said, SCORE, rubric.scores) for name in self.judges}
        return self._together(by)

    async def prefer(self, first: Item, second: Item, question: str) -> Preference:
        """One pair, shown both ways round to every judge."""
        by: dict[str, Reading] = {}
        steady = True
        for name in self.judges:
            there = await self._read(name, _pair(first, second.reply, question), BETTER, {"1": 0.0, "2": 1.0})
            back = await self._read(name, _pair(second, first.reply, question), BETTER, {"1": 1.0, "2": 0.0})
            if there.expected is None or back.expected is None:
                by[name] = Reading(why=there.why or back.why)
                continue
            by[name] = Reading((there.expected + back.expected) / 2, there.likeliest)
            steady = steady and there.likeliest == back.likeliest
        found = self._together(by)
        return Preference(found.expected, steady if found.expected is not None else None, found.why)

    async def answer(self, name: str, messages: Sequence[Message], **options: object) -> Reply:
        """One judge's reply; raises LLMError, also when the panel has spent what it may."""
        if self._calls is not None and self.spent.calls >= self._calls:
            raise LLMError(f"the panel has asked the {self._calls} questions it may")
        if self._seconds is not None and self.spent.seconds >= self._seconds:
            raise LLMError(f"the panel has used the {self._seconds:g} s it may")
        start = time.perf_counter()
        try:
            reply = await self.judges[name].reply(messages, **options)  # pyright: ignore[reportArgumentType]
            self.spent.tokens += reply.tokens or 0
        finally:
            self.spent.calls += 1
            self.spent.characters += sum(len(message.text) for message in messages)
            self.spent.seconds += time.perf_counter() - start
        return reply

    async def _read(self, name: str, said: str, opening: str, scores: Mapping[str, float]) -> Reading:
        messages = [Message("system", SYSTEM), Message("user", said), Message("assistant", opening)]
        try:
            return read(await self.answer(name, messages, max_tokens=ROOM, logprobs=True, stop=["\n"]), scores)
        except LLMError as error:
            return Reading(why=str(error))

    async def _each(self, ask: Callable[[Asked], Awaitable[Found]], asked: Sequence[Asked]) -> list[Found]:
        """What `ask` finds of each, in order; models in this process get one item at a time and keep what they read."""
        free = asyncio.Semaphore(self._at_once)

        async def one(of: Asked) -> Found:
            async with free:
                return await ask(of)

        return list(await asyncio.gather(*map(one, asked)))

    def _together(self, by: Mapping[str, Reading]) -> Rating:
        known = {name: one for name, one in by.items() if one.expected is not None and self.weights[name]}
        if not known:
            return Rating(None, None, by, "; ".join(f"{name}: {one.why}" for name, one in by.items()))
        total = sum(self.weights[name] for name in known)
        expected = sum(self.weights[name] * (one.expected or 0.0) for name, one in known.items()) / total
        likeliest = sum(self.weights[name] * (one.likeliest or 0.0) for name, one in known.items()) / total
        return Rating(expected, likeliest, by)


def vet(judge: LLM, tested: LLM) -> None:
    """Raises ValueError when the judge is the model under test, and warns of one with its weights."""
    if judge is tested or (judge.name, _place(judge)) == (tested.name, _place(tested)):
        raise ValueError(f"{judge.name} would judge itself, and models favour their own: name another judge")
    if _kin(judge) == _kin(tested):
        why = "the same model up to an adapter or a place: its marks may favour its own answers"
        warnings.warn(f"{judge.name} judges {tested.name}, {why}", stacklevel=3)


def _place(model: LLM) -> str:
    return str(getattr(model, "url", "")).rstrip("/")


def _pair(item: Item, other: str, question: str) -> str:
    told = item.told(PAIR_TURNS, PAIR_WORDS)
    return f"{told}\n\nReply 1: {cut(item.reply)}\nReply 2: {cut(other)}\n\n{question} Answer with 1 or 2."


def _model(model: str | LLM) -> LLM:
    return connect(model) if isinstance(model, str) else model


def _kin(model: LLM) -> str:
    return model.name.partition("+")[0]
