"""A reply of the companion as plain data: what was said, why, what is expected of it, and whom to call."""

from __future__ import annotations

from typing import Any

from ..guard.helplines import helplines
from ..respond.answer import Answer


def told(answer: Answer, locale: str) -> dict[str, Any]:
    """What a page or a program shows beside the words. Help lines are there where the level is concern or crisis."""
    found: dict[str, Any] = {
        "turn": answer.turn.id,
        "answers": answer.answers.id if answer.answers else None,
        "text": answer.text,
        "tier": answer.tier,
        "model": answer.model,
        "strategies": list(answer.strategies),
        "stage": answer.stage,
        "feeling": answer.feeling,
        "affect": dict(answer.affect),
        "reasons": list(answer.reasons),
        "expected": answer.expected,
        "understood": {
            "emotion": answer.understood.primary,
            "fine": list(answer.understood.fine),
            "valence": answer.understood.valence,
            "causes": list(answer.understood.causes),
            "cannot_tell": answer.understood.unread,
        },
        "memories": [{"episode": id, "strength": strength} for id, strength in answer.memories],
        "drafts": [{"text": text, "score": score} for text, score in answer.drafts],
        "risk": {"level": answer.risk or "none", "kinds": list(answer.kinds), "lines": []},
    }
    if answer.risk in ("concern", "crisis"):
        lines = helplines(locale, answer.kinds[0] if answer.kinds else "suicide").lines
        found["risk"]["lines"] = [line.plain() for line in lines]
    return found
