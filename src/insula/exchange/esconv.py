"""ESConv: a supporter helps a seeker, one strategy a turn (Liu et al. 2021, Towards Emotional Support Dialog Systems).

    [{"emotion_type": "anxiety", "problem_type": "job crisis", "situation": "...", "survey_score": {...},
      "dialog": [{"text": "Hi.", "speaker": "usr"}, {"text": "What is it?", "speaker": "sys", "strategy": "Question"}]}]

Also with `content` and `annotation`, as first published, and a dialogue per line. "usr" is read as seeker, "sys" as
supporter, a strategy as `esconv8` by "gold"; what is said of the whole dialogue is the conversation's `meta`. Written
are the strategies of one rater: gold, else the machine that judged most turns, whose name and scores stand beside them
under "insula" and are read back. People with other names keep these. Other layers are left out.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

from .one_rater import View, extras, numbered, packed, put, unpacked, view, write_json
from .source import Source, named

SCHEME = "esconv8"
_OWN = ("text", "content", "speaker", "strategy", "annotation", "insula")
_ROLES = {"usr": "seeker", "sys": "supporter", "speaker": "seeker", "listener": "supporter"}
_WRITTEN_ROLES = {"seeker": "usr", "supporter": "sys"}
_STRATEGIES = {
    "question": "Question",
    "restatement": "Restatement or Paraphrasing",
    "reflection": "Reflection of feelings",
    "self-disclosure": "Self-disclosure",
    "affirmation": "Affirmation and Reassurance",
    "suggestion": "Providing Suggestions",
    "information": "Information",
    "others": "Others",
}
_READ = {published.lower(): label for label, published in _STRATEGIES.items()} | {
    "other": "others",
    "questions": "question",
}
Record = Mapping[str, Any]


def recognised(document: object) -> bool:
    """Whether a JSON document is a dialogue, or a list with dialogues, of this kind."""
    found = document if isinstance(document, list) else [document]
    return any(isinstance(one, Mapping) and isinstance(one.get("dialog"), list) for one in found)


def read(source: Source) -> Iterator[Conversation]:
    """The dialogues of a file. Raises Unreadable where it holds none."""
    document = source.document()
    if not recognised(document):
        raise source.unreadable('is not built like ESConv: there is no dialogue with a "dialog"')
    return dialogues(document, source)


def dialogues(document: object, source: Source) -> Iterator[Conversation]:
    """A conversation per dialogue. What does not fit is reported."""
    for number, one in enumerate(document if isinstance(document, list) else [document], 1):
        yield from dialogue(one, source, f"dialogue {number}", f"{source.name}:{number}")


def dialogue(record: Any, source: Source, where: str, id: str) -> Iterator[Conversation]:
    """One conversation, called by the `id` in the record, else by the one given; none where nobody says anything."""
    if not isinstance(record, Mapping) or not isinstance(record.get("dialog"), list):
        source.problem(where, 'has no "dialog"; left out')
        return
    about = {name: value for name, value in record.items() if name not in ("dialog", "id")}
    conversation = Conversation(id=str(record.get("id") or id), meta=about)
    known = set[str]()
    for place, said in enumerate(record["dialog"], 1):
        tell = partial(source.problem, f"{where}, turn {place}")
        if (turn := _turn(said, f"t{place}")) is None:
            tell("has no text; left out")
            continue
        conversation.add(turn)
        put(conversation, _judgements(said, turn.id, tell), known, tell)
    if conversation.turns:
        yield conversation


def _turn(said: Any, id: str) -> Turn | None:
    if not isinstance(said, Mapping):
        return None
    content = said.get("content")
    text = said.get("text", content.removesuffix("\n") if isinstance(content, str) else None)
    if not isinstance(text, str):
        return None
    role = named(said.get("speaker"))
    about = {name: value for name, value in {**_first(said), **said}.items() if name not in _OWN}
    if (strategy := _strategy(said)) is not None and strategy.lower() not in _READ:
        about["strategy"] = strategy
    return Turn(_ROLES.get(role, role), text, id=id, meta=about)


def _first(said: Record) -> Record:
    """What the first publication holds under "annotation"."""
    found = said.get("annotation")
    return found if isinstance(found, Mapping) else {}


def _strategy(said: Record) -> str | None:
    found = said.get("strategy", _first(said).get("strategy"))
    return None if found is None else str(found).strip()


def _judgements(said: Record, turn: str, tell: Any) -> list[Annotation]:
    if "insula" in said:
        try:
            return unpacked(said["insula"])
        except ValueError as error:
            tell(f'"insula" cannot be read ({error}); the other fields are')
    if (strategy := _strategy(said)) is None:
        return []
    if (label := _READ.get(strategy.lower())) is None:
        tell(f"strategy {strategy!r} is none of {', '.join(_STRATEGIES.values())}; the turn is kept without")
        return []
    scores = dict.fromkeys(scheme(SCHEME).labels, 0.0) | {label: 1.0}
    return [Annotation("strategy", scores, Anchor(turn), SCHEME, "gold", (label,))]


def write(conversations: list[Conversation], path: Path) -> None:
    """Write any number of dialogues."""
    document, others = list[Record](), dict[str, None]()
    for given in conversations:
        conversation = numbered(given)
        views = view(conversation, SCHEME, "strategy")
        said = [_record(turn, views.get(turn.id)) for turn in conversation.turns]
        others |= dict.fromkeys(turn.speaker for turn in conversation.turns if turn.speaker not in _WRITTEN_ROLES)
        document.append({**({"id": given.id} if given.id else {}), **given.meta, "dialog": said})
    if others:
        known = ", ".join(list(others)[:3])
        warnings.warn(f"ESConv knows a seeker and a supporter; written by name: {known}", stacklevel=2)
    write_json(document, path)


def _record(turn: Turn, seen: View | None) -> Record:
    record: dict[str, Any] = {"text": turn.text, "speaker": _WRITTEN_ROLES.get(turn.speaker, turn.speaker)}
    if seen:
        record["strategy"] = _STRATEGIES[seen.label]
        if _judgements(record, turn.id, None) != seen.annotations:
            record["insula"] = packed(seen.annotations)
    return {**record, **extras(turn, record)}
