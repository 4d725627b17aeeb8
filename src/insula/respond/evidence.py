"""What the readers know of the turn to be answered, as the prompt's evidence: emotion in two stages, causes, appraisal.

    evidence(conversation, turn) -> Evidence("sadness", ("lonely", "sad"), ("he left",), ...)

Source: Yang et al. 2024 (HEF): a primary emotion, then finer candidates, and cause words, steer a larger model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insula.conversation import Annotation, Conversation, Turn
from insula.scheme import mapping

PRIMARY, FINE = "ekman7", "empathetic32"
CANDIDATES = 2  # fine emotions named
LEAST = 0.0625  # of a fine emotion's probability: twice what each of 32 has by chance
APPRAISALS = 2
CAUSES = 2
LONGEST = 240  # characters of a cause


@dataclass(frozen=True)
class Evidence:
    """`primary` is "" where no reader can tell, and `unread` then says why. `valence` is -1..1.

    `ids` are the annotations it rests on.
    """

    primary: str = ""
    fine: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    appraisals: tuple[str, ...] = ()
    valence: float | None = None
    ids: tuple[str, ...] = ()
    unread: str = ""


def evidence(conversation: Conversation, turn: Turn) -> Evidence:
    """What the conversation's annotations say of this turn; nothing is read anew."""
    found = {scheme: _latest(conversation, "emotion", turn, scheme) for scheme in (PRIMARY, FINE)}
    affect = _latest(conversation, "affect", turn, "vad")
    appraisal = _latest(conversation, "appraisal", turn, "appraisal7")
    causes = _causes(conversation, turn)
    used = [one for one in (*found.values(), affect, appraisal, *causes) if one is not None]
    primary = _decided(found[PRIMARY])
    return Evidence(
        primary=primary,
        fine=_finer(found[FINE], primary),
        causes=tuple(_words(conversation, cause) for cause in causes),
        appraisals=tuple(appraisal.labels[:APPRAISALS]) if appraisal else (),
        valence=affect.scores.get("valence") if affect else None,
        ids=tuple(one.id for one in used),
        unread="" if primary else _reason(conversation, turn),
    )


def _latest(conversation: Conversation, layer: str, turn: Turn, scheme: str) -> Annotation | None:
    found = [one for one in conversation.read(layer, turn=turn.id, scheme=scheme) if not one.abstained]
    return found[-1] if found else None


def _reason(conversation: Conversation, turn: Turn) -> str:
    return next((one.reason for one in conversation.read("emotion", turn=turn.id) if one.abstained), "")


def _decided(annotation: Annotation | None) -> str:
    """What the reader decided on, which need not be its likeliest label: "neutral" has a threshold of its own."""
    if annotation is None:
        return ""
    return max(annotation.labels or annotation.scores, key=annotation.scores.__getitem__)


def _finer(annotation: Annotation | None, primary: str) -> tuple[str, ...]:
    """The likeliest fine emotions of the primary one's kind."""
    if annotation is None:
        return ()
    kinds = mapping(FINE, PRIMARY).table
    fits = [x for x, p in annotation.scores.items() if p >= LEAST and primary in kinds.get(x, {})]
    return tuple(sorted(fits, key=annotation.scores.__getitem__, reverse=True)[:CANDIDATES])


def _causes(conversation: Conversation, turn: Turn) -> Sequence[Annotation]:
    """What the turn's emotion is linked to in the same person's words, the surest first."""
    linked = {id for one in conversation.read("cause", turn=turn.id, scheme="caused") for id in one.because}
    causes = [one for one in conversation.read("cause", scheme="cause") if one.id in linked and not one.abstained]
    own = [one for one in causes if conversation.turn(one.at.turn or "").speaker == turn.speaker]
    return sorted(own, key=lambda one: -max(one.scores.values()))[:CAUSES]


def _words(conversation: Conversation, cause: Annotation) -> str:
    text = conversation.turn(cause.at.turn or "").text
    return (text[slice(*cause.at.chars)] if cause.at.chars else text)[:LONGEST].strip(" ,;")
