"""Two components take turns on one conversation: a seeker speaks, a responder answers, until somebody stops.

    play(seeker, Says("What happened?"), turns=8) -> <Conversation 's-7-1': 17 turns, 9 annotations>

The responder is any component that answers the last turn with a Turn, sync or async; a guarded one is one, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from insula.component import Component
from insula.conversation import Anchor, Annotation, Conversation
from insula.llm import LLMError
from insula.pipeline import Pipeline

from .seeker import LAYER, SCHEME, Seeker, left

TURNS = 8  # replies of a talk, at most
FAILED = "play"  # the rater that says why a talk was broken off


def play(
    seeker: Seeker, responder: Component, turns: int = TURNS, meta: Mapping[str, Any] | None = None
) -> Conversation:
    """One talk of at most `turns` replies. It ends earlier where the seeker leaves or the responder says nothing.

    A responder that fails in whatever way breaks the talk off, and so does a model that plays the seeker: what was said
    stays, and `broken` says why.
    """
    work = aplay(seeker, responder, turns, meta)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def aplay(
    seeker: Seeker, responder: Component, turns: int = TURNS, meta: Mapping[str, Any] | None = None
) -> Conversation:
    """`play`, for inside an event loop."""
    talk = Conversation(id=seeker.id, meta=meta or {})
    try:
        await _grow(talk, seeker)
        for _ in range(turns):
            if left(talk, seeker.speaker):
                break
            await _answer(talk, responder)
            await _grow(talk, seeker)
    except LLMError as error:
        talk.add(Annotation(LAYER, {}, Anchor(), SCHEME, FAILED, reason=f"broken off: {error}"))
    return talk


async def play_many(
    seekers: Iterable[Seeker], responder: Component, turns: int = TURNS, at_once: int = 1
) -> AsyncIterator[Conversation]:
    """A talk with each seeker, in their order, `at_once` of them at a time: servers answer several at once."""
    gate = asyncio.Semaphore(at_once)

    async def one(seeker: Seeker) -> Conversation:
        async with gate:
            return await aplay(seeker, responder, turns)

    waiting: list[asyncio.Task[Conversation]] = []
    try:
        for seeker in seekers:
            waiting.append(asyncio.create_task(one(seeker)))
            if len(waiting) >= at_once:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()


def course(conversation: Conversation) -> list[float]:
    """How the seeker felt at the beginning and after each reply, 0 to 100."""
    return [one.scores["emotion"] for one in conversation.read(LAYER, scheme=SCHEME) if not one.abstained]


def broken(conversation: Conversation) -> str:
    """Why a talk was broken off; "" where it was not."""
    return next((one.reason for one in conversation.read(LAYER, rater=FAILED)), "")


def reward(conversation: Conversation) -> float:
    """How the seeker felt in the end, 0 to 1: the reward of RLVER (Wang et al. 2025, arXiv:2507.03112).

    Raises ValueError where nobody felt anything.
    """
    felt = course(conversation)
    if not felt:
        raise ValueError("there is no seeker in this conversation who felt anything")
    return felt[-1] / 100


async def _answer(talk: Conversation, responder: Component) -> None:
    """Raises LLMError where no reply comes: whatever went wrong is the bot's, and other talks go on."""
    said = len(talk.turns)
    try:
        await _grow(talk, responder)
    except LLMError:
        raise
    except Exception as error:
        raise LLMError(f"the bot failed: {type(error).__name__}: {error}") from error
    if len(talk.turns) == said:
        raise LLMError("the responder said nothing")


async def _grow(talk: Conversation, part: Component | Seeker) -> None:
    reads: Sequence[str] = part.reads
    async for _ in Pipeline(part, given=reads).listen(talk):
        pass
