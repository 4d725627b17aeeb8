"""What the guard says of every turn of a talk, for a person or a program to act on.

list(verdicts(Conversation(Turn("ana", "I can't go on.")), "", Policy("en-GB")))[0]["level"] -> "concern"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insula.catalogue import build
from insula.conversation import Annotation, Conversation, Turn
from insula.pipeline import Pipeline

from .guarded import level_of, need_of
from .helplines import helplines
from .policy import Policy

REPLIES = ("companion", "assistant", "bot", "ai", "supporter", "therapist", "counsellor")


def verdicts(conversation: Conversation, replies: str, policy: Policy) -> Iterator[dict[str, Any]]:
    """A record per turn, as plain data: level, kinds, words and what to do for a person's; the risks of a reply.

    `replies` is whose turns are replies, "" for whoever is called as repliers usually are. Raises ValueError where
    nobody is called that.
    """
    speakers = list(dict.fromkeys(turn.speaker for turn in conversation.turns))
    replier = replies or next((one for one in speakers if one.lower() in REPLIES), "companion")
    if replies and replies not in speakers:
        raise ValueError(f"nobody is called {replies!r} here: {', '.join(speakers)}")
    Pipeline(build("guard.risk", speaker=replier), build("guard.reply", speaker=replier)).run(conversation)
    for turn in conversation.turns:
        about = {"conversation": conversation.id, "turn": turn.id, "speaker": turn.speaker, "text": turn.text}
        if turn.speaker == replier:
            yield about | _reply(conversation, turn)
        else:
            yield about | _person(conversation, turn, policy)


def _reply(conversation: Conversation, turn: Turn) -> dict[str, Any]:
    found = conversation.read("boundary", turn=turn.id)
    if not found or not found[-1].labels:
        return {"reply_risks": []}
    return {"reply_risks": list(found[-1].labels), "words": _words(conversation, found)}


def _person(conversation: Conversation, turn: Turn, policy: Policy) -> dict[str, Any]:
    verdicts = conversation.read("risk", turn=turn.id)
    reason = next((one.reason for one in verdicts if one.abstained), "")
    level, need = level_of(verdicts, turn.id), need_of(conversation, turn, verdicts, policy)
    record: dict[str, Any] = {"level": level, "words": _words(conversation, verdicts)}
    if reason:
        return record | {"cannot_tell": reason}
    if level == "none":
        return record
    kinds = [one for one in verdicts if one.scheme == "risk-kinds"]
    record["kinds"] = {label: kinds[-1].scores[label] for label in kinds[-1].labels or (need.kind,)} if kinds else {}
    step = policy.steps[level]
    record["who"], record["do"] = need.who, "answer, and stay with it" if step.responder else "take over"
    if not step.responder:
        found = helplines(policy.locale, need.kind)
        record["say"] = policy.say(step.first, need)
        record["hand_over"] = step.hand_over
        record["lines"] = [line.plain() for line in found.lines]
        record["place_known"] = found.known
    return record


def _words(conversation: Conversation, verdicts: list[Annotation]) -> list[str]:
    """The words that the verdicts rest on, the weightiest first."""
    ids = {id for one in verdicts for id in one.because}
    found = [one for one in conversation.read("evidence") if one.id in ids and one.at.turn and one.at.chars]
    found.sort(key=lambda one: -max(one.scores.values(), default=0))
    return list(dict.fromkeys(conversation.turn(one.at.turn or "").text[slice(*one.at.chars or ())] for one in found))
