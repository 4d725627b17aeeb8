"""RECCON: which earlier words in a dialogue caused an emotion (Poria et al. 2021, the DailyDialog half).

    turn 3 is "happiness" because of "we got the flat" in turn 1
    -> cause {"cause": 1.0} at those characters of t1; ekman7 {"joy": 1.0, ...} at t3, `because` naming it

Each published span belongs to the turn at its place in the evidence; words that are not there stand for all of it.
Targets may share a cause: it is there once, and each names it. An emotion names a cause as often as it was published,
so that what all of them name, counted, are the published positive pairs (1,894 in the test part, 1,888 of them
different). Two emotions of the train part are caused by a later turn. A cause outside the dialogue has no place to be
anchored: the turn then says `meta["cause_elsewhere"]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ...conversation import Anchor, Annotation, Conversation, Turn
from ..files import document
from ..gold import many_of, one_of, stretch

_ELSEWHERE = "b"
# the published spellings, slips included
_EMOTIONS = {
    **{"happiness": "joy", "happines": "joy", "happy": "joy", "excited": "joy"},
    **{"sad": "sadness", "surprised": "surprise", "angry": "anger"},
}


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per dialogue, speakers "A" and "B"."""
    del split
    for item, (said, *_) in document(path).items():
        conversation = Conversation(id=item)
        for one in said:
            types = one.get("type") or []
            evidence = one.get("expanded emotion cause evidence") or []
            meta = {"cause_types": tuple(types), "cause_elsewhere": _ELSEWHERE in evidence} if types or evidence else {}
            conversation.add(Turn(one["speaker"], one["utterance"], id=f"t{one['turn']}", meta=meta))
        for one in said:
            _judge(conversation, one)
        yield conversation


def _judge(conversation: Conversation, one: Mapping[str, Any]) -> None:
    causes = list(_causes(conversation, one))
    known = {annotation.id for annotation in conversation.read("cause")}
    conversation.add(*{cause.id: cause for cause in causes if cause.id not in known}.values())
    emotion: str = one["emotion"]
    gold = one_of("ekman7", _EMOTIONS.get(emotion, emotion), turn=f"t{one['turn']}")
    conversation.add(replace(gold, because=tuple(cause.id for cause in causes)))


def _causes(conversation: Conversation, one: Mapping[str, Any]) -> Iterator[Annotation]:
    places = one.get("expanded emotion cause evidence") or []
    spans = one.get("expanded emotion cause span") or []
    for place, words in zip_longest(places, spans[: len(places)], fillvalue=""):
        if place != _ELSEWHERE:
            turn = conversation.turn(f"t{place}")
            yield replace(many_of("cause", ["cause"]), at=Anchor(turn.id, chars=stretch(turn.text, words)))
