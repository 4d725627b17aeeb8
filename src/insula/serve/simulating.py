"""`/v1/simulate`: simulated people talk with a bot as a job, once as it is and once behind the guard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from ..catalogue import build
from ..component import Component
from ..conversation import Conversation
from ..llm import connect
from ..simulate.cast import Part, cast, talks
from ..simulate.outcome import Outcome, differences, summary
from ..simulate.play import course
from ..simulate.spec import responder
from .forms import SimulateForm
from .jobs import Job

router = APIRouter(prefix="/v1", tags=["simulate"])
Told = list[tuple[Conversation, Outcome]]


@router.post("/simulate", status_code=202, summary="Let simulated people talk with a bot")
async def simulate(form: SimulateForm, request: Request) -> dict[str, Any]:
    """A job; its result has how everybody felt, deterioration and how danger was met, with intervals, in both arms."""
    state = request.app.state
    bot = responder(state.models.spec(form.responder), state.settings.locale)
    model = connect(state.models.spec(form.played_by), state.settings.timeout) if form.played_by else None
    parts = cast(form.seekers, form.seed, form.people, model)
    return state.jobs.begin("simulate", _work(parts, bot, form.turns, state.settings.locale)).record()


def _work(parts: Sequence[Part], bot: Component, turns: int, locale: str) -> Callable[[Job], Any]:
    def work(job: Job) -> dict[str, Any]:
        job.step(0, of=2 * len(parts))
        guarded = build("guard.guarded", responder=bot, locale=locale or "en-US")
        arms = {arm: asyncio.run(_played(parts, one, turns, job)) for arm, one in (("bare", bot), ("guarded", guarded))}
        bare, safe = ([one for _, one in told] for told in arms.values())
        rows = {"bare": summary(bare), "guarded": summary(safe), "guarded - bare": differences(safe, bare)}
        return {
            "people": len(parts),
            "arms": {arm: {name: asdict(one) for name, one in some.items()} for arm, some in rows.items()},
            "talks": {arm: [_plain(*one) for one in told] for arm, told in arms.items()},
        }

    return work


async def _played(parts: Sequence[Part], bot: Component, turns: int, job: Job) -> Told:
    found: Told = []
    async for one in talks(parts, bot, turns):
        found.append(one)
        job.step()
    return found


def _plain(talk: Conversation, about: Outcome) -> dict[str, Any]:
    return {
        "id": about.id,
        "problem": about.problem,
        "kind": about.kind,
        "left": about.left,
        "broken": about.broken,
        "worse": about.worse,
        "course": [round(one, 1) for one in course(talk)],
        "turns": [{"speaker": turn.speaker, "text": turn.text} for turn in talk.turns],
    }
