"""Why a reply is what it is, in plain sentences, each resting on the annotations it names.

reasons(asked, drafts, model, failure) -> ("It answers sadness, ...", 0.8, (id of the emotion,)), ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .rerank import Draft

if TYPE_CHECKING:
    from .reply import Asked

Reason = tuple[str, float, tuple[str, ...]]
_SMALL = 0.05  # of a lookahead, 1 being two stars: not worth a word


def reasons(asked: Asked, drafts: Sequence[Draft], model: str, failure: str) -> list[Reason]:
    """A sentence, how sure it is (0..1) and the ids it rests on, for each thing that decided."""
    found = (_understood(asked), _cause(asked), _plan(asked), _effect(asked), _memory(asked))
    return [*(one for one in found if one), *_made(drafts, model, failure)]


def _understood(asked: Asked) -> Reason | None:
    known = asked.evidence
    if not known.primary:
        why = f": {known.unread}" if known.unread else ""
        return f"What turn {asked.turn.id} expresses could not be read{why}.", 1.0, ()
    fine = f", perhaps {' or '.join(known.fine)}" if known.fine else ""
    feeling = "no particular feeling" if known.primary == "neutral" else f"{known.primary}{fine}"
    emotion = next((one for one in _read(asked, "emotion") if one.scheme == "ekman7"), None)
    sure = emotion.scores[known.primary] if emotion else 1.0
    return f"It answers what turn {asked.turn.id} seems to express: {feeling}.", round(sure, 4), known.ids[:2]


def _read(asked: Asked, layer: str):
    return [one for one in asked.conversation.read(layer, turn=asked.turn.id) if one.id in asked.evidence.ids]


def _cause(asked: Asked) -> Reason | None:
    causes = [one for one in asked.conversation.read("cause", scheme="cause") if one.id in asked.evidence.ids]
    if not causes or not asked.evidence.causes:
        return None
    words = asked.evidence.causes[0][:120]
    return f"The feeling seems to come from: “{words}”.", round(max(causes[0].scores.values()), 4), (causes[0].id,)


def _plan(asked: Asked) -> Reason | None:
    composed, plan = asked.composed, asked.because.get("support-plan")
    used = " and ".join(composed.strategies)
    if composed.moment and composed.exact:
        return f"The moment ({composed.moment}) has an answer of its own, whatever was planned.", 1.0, ()
    if plan is None:
        return f"Nothing was planned; it uses {used}.", 1.0, ()
    stage = asked.because.get("support-stage")
    at = f", the talk being at the stage of {asked.plan.stage}" if stage else ""
    because = tuple(one.id for one in (plan, stage) if one)
    sure = round(min(1.0, sum(plan.scores.get(one, 0.0) for one in asked.plan.strategies)), 4)
    return f"Planned for now: {' and '.join(asked.plan.strategies)}{at}.", sure, because


def _effect(asked: Asked) -> Reason | None:
    look = asked.because.get("lookahead8")
    known = [look.scores[one] for one in asked.plan.strategies if look and one in look.scores]
    if look is None or not known:
        return None
    level = sum(known) / len(known)
    change = "be found helpful" if level > _SMALL else "be found little helpful" if level < -_SMALL else "change little"
    return f"It is expected to {change} ({level:+.2f} of -1 to 1).", 0.5, (look.id,)


def _memory(asked: Asked) -> Reason | None:
    recalled = asked.conversation.read("memory", turn=asked.turn.id, scheme="recalled")
    if not asked.memories or not recalled:
        return None
    names = ", ".join(asked.memories)
    return (
        f"It was worded knowing earlier talks: {names}.",
        round(max(recalled[-1].scores.values()), 4),
        (recalled[-1].id,),
    )


def _made(drafts: Sequence[Draft], model: str, failure: str) -> Iterator[Reason]:
    best = drafts[0]
    if failure:
        yield f"The model gave no reply, so the composer answered: {failure}", 1.0, ()
    elif best.tier == "composer":
        yield "It was composed of prepared sentences, without a language model.", 1.0, ()
    else:
        yield f"It was worded by {model} ({best.tier}).", 1.0, ()
    if len(drafts) > 1:
        parts = ", ".join(f"{name} {value:.2f}" for name, value in best.parts.items())
        yield f"Of {len(drafts)} drafts it was weighed best, {best.score:.2f}: {parts}.", best.score, ()
    for draft in drafts[1:]:
        if draft.faults:
            yield f"A draft was held back because it {_joined(draft.faults)}.", 1.0, ()


def _joined(faults: Sequence[str]) -> str:
    return " and ".join("is unfinished" if one == "unfinished" else one for one in faults)
