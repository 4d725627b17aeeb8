"""ConvoKit corpora: a folder with `utterances.jsonl`, an utterance a line, linked by what they reply to.

    {"id": "u2", "conversation_id": "u1", "speaker": "bo", "text": "Oh no.", "reply-to": "u1", "timestamp": 1577836800}

The lines stand in any order, so all are held at once. A conversation is read by time where every utterance has one,
else along its replies (Chang et al. 2020, "ConvoKit: A Toolkit for the Analysis of Conversations"). Whom a turn
answers, where that is not the turn before it, is `meta["reply_to"]`; what the corpus knows of its people is the
conversation's `meta["speakers"]`. A corpus written here has our log under "insula" in each meta (`corpus_folder`), and
comes back whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from insula.conversation import Addition, Conversation, Turn
from insula.wire import load

from .corpus_folder import FILE, OURS, Writer
from .source import Source, named, parse

__all__ = ["FILE", "Writer", "read", "recognised"]

_REPLY = re.compile(rb'"reply[-_]to"\s*:')
_LOG = re.compile(rb'\s*\{\s*"kind"')
_OWN = (
    "id",
    "text",
    "speaker",
    "user",
    "conversation_id",
    "root",
    "reply-to",
    "reply_to",
    "timestamp",
    "meta",
    "vectors",
)
_Placed = tuple[int, Addition]


@dataclass(frozen=True)
class _Utterance:
    """One line. `place` is the turn's in our log, None in other people's corpora; `judged` is what was said of it."""

    id: str
    line: int
    turn: Turn
    above: str | None
    time: Any
    place: int | None = None
    judged: tuple[_Placed, ...] = ()


def recognised(head: bytes) -> bool:
    """Whether these lines are utterances that say what they reply to, and not our log, whose lines have a kind."""
    first = head.split(b"\n", 1)[0]
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return bool(_REPLY.search(first)) and not _LOG.match(first)
    return isinstance(record, dict) and "kind" not in record and not {"reply-to", "reply_to"}.isdisjoint(record)


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order in which they first appear."""
    found: dict[str, dict[str, _Utterance]] = {}
    for number, record in source.objects():
        if not isinstance(record.get("text"), str) or record.get("id") is None:
            source.problem(f"line {number}", "an utterance needs an id and a text; left out")
            continue
        key = _either(record, "conversation_id", "root")
        _keep(found.setdefault("" if key is None else str(key), {}), _utterance(number, record, source), source)
    speakers, about = (_beside(source, name) for name in ("speakers.json", "conversations.json"))
    for key, utterances in found.items():
        yield _conversation(key, list(utterances.values()), _meta(about.get(key)), speakers, source)


def _utterance(number: int, record: Mapping[str, Any], source: Source) -> _Utterance:
    speaker = _either(record, "speaker", "user")
    speaker = speaker.get("id") if isinstance(speaker, dict) else speaker
    own, above = _meta(record), _either(record, "reply-to", "reply_to")
    ours = own.pop(OURS, None)
    meta = {**own, **{name: value for name, value in record.items() if name not in _OWN}}
    turn = Turn(named(speaker), record["text"], id=str(record["id"]), meta=meta)
    time = record.get("timestamp")
    found = _Utterance(turn.id, number, turn, None if above is None else str(above), time)
    if not isinstance(ours, Mapping):
        return replace(found, turn=replace(turn, meta={**meta, "time": time})) if time is not None else found
    pair = ours.get("seconds")
    seconds = (float(pair[0]), float(pair[1])) if isinstance(pair, list) and len(pair) == 2 else None
    turn = replace(turn, id=str(ours.get("id", turn.id)), speaker=str(speaker), seconds=seconds)
    return replace(found, turn=turn, place=_place(ours), judged=_log(ours.get("judged"), source, f"line {number}"))


def _keep(here: dict[str, _Utterance], one: _Utterance, source: Source) -> None:
    """Take in an utterance. Of two with one id the second gets another, for nobody's words are left out."""
    id = one.id
    while id in here:
        id += "+"
    if id != one.id:
        what = f"utterance {one.id!r} is in line {here[one.id].line} already; this one is kept as {id!r}"
        source.problem(f"line {one.line}", what)
        one = replace(one, id=id, turn=replace(one.turn, id=id), judged=())
    here[id] = one


def _conversation(
    key: str, said: list[_Utterance], about: dict[str, Any], speakers: Mapping[str, Any], source: Source
) -> Conversation:
    ours = about.pop(OURS, None)
    ours = ours if isinstance(ours, Mapping) else {}
    people = {one.turn.speaker: _meta(speakers.get(one.turn.speaker)) for one in said}
    if known := {name: meta for name, meta in people.items() if meta}:
        about["speakers"] = known
    id = ours.get("id") or (f"{source.name}:{key}" if key else source.name)
    conversation = Conversation(id=str(id), meta=about)
    judged = [
        *(one for utterance in said for one in utterance.judged),
        *_log(ours.get("log"), source, f"conversation {key}"),
    ]
    if all(one.place is not None for one in said):
        log = sorted([*((one.place or 0, one.turn) for one in said), *judged], key=lambda placed: placed[0])
    else:
        log = [*enumerate(_answering(_in_order(said, source, key))), *sorted(judged, key=lambda placed: placed[0])]
    for _, addition in log:
        try:
            conversation.add(addition)
        except ValueError as error:
            source.problem(f"conversation {key}", f"{error}; left out")
    return conversation


def _answering(said: Sequence[_Utterance]) -> Iterator[Turn]:
    """The turns, with whom they answer where that is not the turn before."""
    before = None
    for one in said:
        meta = one.turn.meta if one.above == before else {**one.turn.meta, "reply_to": one.above}
        yield replace(one.turn, meta=meta)
        before = one.id


def _in_order(said: list[_Utterance], source: Source, key: str) -> list[_Utterance]:
    try:
        return sorted(said, key=lambda one: float(one.time))
    except (TypeError, ValueError):
        pass
    answers: dict[str | None, list[_Utterance]] = {}
    here = {one.id for one in said}
    for one in said:
        answers.setdefault(one.above if one.above in here else None, []).append(one)
    ordered, waiting = list[_Utterance](), answers.pop(None, [])[::-1]
    while waiting:
        ordered.append(one := waiting.pop())
        waiting += answers.pop(one.id, [])[::-1]
    if rest := sorted((one for several in answers.values() for one in several), key=lambda one: one.line):
        lines = ", ".join(str(one.line) for one in rest[:5]) + (", ..." if len(rest) > 5 else "")
        what = f"the utterances in lines {lines} reply to one another in a circle; they come last, as they stand"
        source.problem(f"conversation {key}", what)
    return ordered + rest


def _log(records: object, source: Source, where: str) -> tuple[_Placed, ...]:
    found = list[_Placed]()
    for record in records if isinstance(records, list) else []:
        try:
            addition, _ = load(json.dumps({name: value for name, value in record.items() if name != "place"}))
            if isinstance(addition, Mapping):
                raise ValueError("neither an annotation nor a signal")
            found.append((_place(record), addition))
        except (ValueError, AttributeError) as error:
            source.problem(where, f'"insula" holds what cannot be read ({error}); left out')
    return tuple(found)


def _place(record: Mapping[str, Any]) -> int:
    place = record.get("place")
    return place if isinstance(place, int) else 0


def _beside(source: Source, name: str) -> Mapping[str, Any]:
    """What another file of the corpus holds; nothing where there is none, or where the utterances came alone."""
    path = Path(str(getattr(source.file, "name", "")))
    if path.name != FILE or not (beside := path.with_name(name)).exists():
        return {}
    try:
        found = parse(beside.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        source.problem(name, f"cannot be read ({error}); the utterances are")
        return {}
    return found if isinstance(found, Mapping) else {}


def _meta(record: object) -> dict[str, Any]:
    """A copy of the meta of an utterance, speaker or conversation; the older files have none around it."""
    if not isinstance(record, Mapping):
        return {}
    found = record.get("meta", {} if "text" in record else record)
    return dict(found) if isinstance(found, Mapping) else {}


def _either(record: Mapping[str, Any], name: str, older: str) -> Any:
    return record.get(name, record.get(older))
