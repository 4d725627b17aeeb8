"""`POST /v1/guard`: how much care each turn of a talk needs, by which words, what to do, and whom to call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from ..guard.policy import Policy
from ..guard.verdict import verdicts
from .forms import GuardForm, replier, talk

router = APIRouter(prefix="/v1", tags=["guard"])


@router.post("/guard", summary="Risk in a talk")
async def guard(form: GuardForm, request: Request) -> dict[str, list[dict[str, Any]]]:
    """A verdict per turn: the level of a person's (none, watch, concern, crisis), or the risks of a reply.

    Not a diagnosis, and "none" is no promise of safety.
    """
    state = request.app.state
    said, by = talk(form.turns), replier(form.turns, form.replies)
    policy = Policy(form.locale or state.settings.locale)
    found = await state.engine.work(said, lambda: list(verdicts(said, by, policy)))
    for one in found:
        if level := one.get("level"):
            state.metrics.risks.labels(level).inc()
    return {"verdicts": found}
