"""RECCON: dialogues with an emotion per turn, and the turns and words that caused it (Poria et al. 2021).

    {"tr_1": [[{"turn": 1, "speaker": "A", "utterance": "We got the flat!", "emotion": "happiness",
                "expanded emotion cause evidence": [1], "expanded emotion cause span": ["got the flat"],
                "type": ["no-context"]}, ...]]}

Read as `ekman7` by "gold", whose `because` names annotations of scheme `cause` at those words. A cause outside the
dialogue ("b") is `meta["cause_elsewhere"]`. Written is the view of one rater: gold, else the machine that found most
causes; a turn on which nothing was decided has no emotion, for that is not "neutral". What these fields cannot say of
that view, such as a machine's name and scores, stands beside them under "insula" and is read back. Times, other layers
and other raters are left out: JSON lines keep everything.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

from .one_rater import View, extras, numbered, packed, put, unpacked, view, write_json
from .source import Source, named

SCHEME = "ekman7"
_EVIDENCE, _SPAN = "expanded emotion cause evidence", "expanded emotion cause span"
_OWN = ("turn", "speaker", "utterance", "emotion", _EVIDENCE, _SPAN, "type", "insula")
_META = ("cause_types", "cause_elsewhere")
_ELSEWHERE = "b"
# the published spellings, slips included
_EMOTIONS = {
    **{"happiness": "joy", "happines": "joy", "happy": "joy", "excited": "joy"},
    **{"sad": "sadness", "surprised": "surprise", "angry": "anger"},
}
_WRITTEN = {"joy": "happiness"}
Record = Mapping[str, Any]
Tell = Callable[[str], None]


def recognised(document: object) -> bool:
    """Whether a JSON document holds dialogues whose turns have a number and an utterance."""
    return any("utterance" in one and "turn" in one for _, said in _dialogues(document) for one in said)


def read(source: Source) -> Iterator[Conversation]:
    """The dialogues of a file. Raises Unreadable where it holds none."""
    document = source.document()
    if not recognised(document):
        raise source.unreadable("is not built like RECCON: no dialogue has turns with a number and an utterance")
    return dialogues(document, source)


def dialogues(document: object, source: Source) -> Iterator[Conversation]:
    """A conversation per dialogue, called as the document calls it. What does not fit is reported."""
    for key, records in _dialogues(document):
        said = list(_said(records, source, f"dialogue {key}"))
        conversation = Conversation(*(turn for turn, _, _ in said), id=key)
        known = set[str]()
        for turn, record, where in said:
            tell = partial(source.problem, where)
            put(conversation, _judgements(record, turn, conversation, tell), known, tell)
        if said:
            yield conversation


def _dialogues(document: object) -> Iterator[tuple[str, list[Record]]]:
    """Each dialogue's name and turns; the published files put the turns into a list within a list."""
    pairs = document.items() if isinstance(document, Mapping) else enumerate(_list(document), 1)
    for key, said in pairs:
        inner = [one for part in _list(said) for one in (part if isinstance(part, list) else [part])]
        yield str(key), [one for one in inner if isinstance(one, Mapping)]


def _said(records: list[Record], source: Source, where: str) -> Iterator[tuple[Turn, Record, str]]:
    """The turns of a dialogue. Those that are numbered out of order stay as they stand."""
    ids, last = set[str](), 0
    for place, record in enumerate(records, 1):
        number = _number(record.get("turn")) or place
        here, id = f"{where}, turn {number}", f"t{number}"
        if not isinstance(record.get("utterance"), str):
            source.problem(here, "has no utterance; left out")
            continue
        if id in ids:
            source.problem(here, "a second turn has this number; it is kept, and causes point to the first")
        elif number < last:
            source.problem(here, f"stands after turn {last}; the turns are kept in the order of the file")
        while id in ids:
            id += "+"
        ids.add(id)
        last = max(last, number)
        yield Turn(named(record.get("speaker")), record["utterance"], id=id, meta=_about(record)), record, here


def _about(record: Record) -> dict[str, Any]:
    about = {name: value for name, value in record.items() if name not in _OWN}
    types, evidence = _list(record.get("type")), _list(record.get(_EVIDENCE))
    if types or evidence:
        about |= {"cause_types": tuple(types), "cause_elsewhere": _ELSEWHERE in evidence}
    return about


def _judgements(record: Record, turn: Turn, conversation: Conversation, tell: Tell) -> list[Annotation]:
    """The emotion of a turn and its causes, these first."""
    if "insula" in record:
        try:
            return unpacked(record["insula"])
        except ValueError as error:
            tell(f'"insula" cannot be read ({error}); the other fields are')
    causes = list(_causes(record, conversation, tell))
    if (said := record.get("emotion")) is None:
        return causes
    label = _EMOTIONS.get(str(said).strip().lower(), str(said).strip().lower())
    absent = dict.fromkeys(scheme(SCHEME).labels, 0.0)
    if label not in absent:
        tell(f"emotion {said!r} is none of {', '.join(_WRITTEN.get(x, x) for x in absent)}; the turn is kept without")
        return causes
    because = tuple(cause.id for cause in causes)
    scores = {**absent, label: 1.0}
    return [*causes, Annotation("emotion", scores, Anchor(turn.id), SCHEME, "gold", (label,), because=because)]


def _causes(record: Record, conversation: Conversation, tell: Tell) -> Iterator[Annotation]:
    for number, spans in _evidence(record, tell).items():
        try:
            text = conversation.turn(f"t{number}").text
        except KeyError:
            tell(f"its cause is said to be turn {number}, and the dialogue has none; this cause is left out")
            continue
        if number > (_number(record.get("turn")) or number):
            tell(f"its cause is said to be turn {number}, which comes later; it is kept")
        found = [(start, start + len(words)) for words in spans if (start := text.find(words)) >= 0]
        for chars in dict.fromkeys(found) or [None]:
            yield Annotation("cause", {"cause": 1.0}, Anchor(f"t{number}", chars), "cause", "gold", ("cause",))


def _evidence(record: Record, tell: Tell) -> dict[int, list[str]]:
    """The turns that are causes, each with its words: a place in one list is the same place in the other.

    Where the lists are not of one length, words may belong to any of the turns.
    """
    places = _list(record.get(_EVIDENCE))
    spans = [words.strip() if isinstance(words, str) else "" for words in _list(record.get(_SPAN))]
    aligned = len(places) == len(spans)
    found: dict[int, list[str]] = {}
    for place, one in enumerate(places):
        if (number := _number(one)) is not None:
            said = spans[place : place + 1] if aligned else spans
            found.setdefault(number, []).extend(filter(None, said))
        elif one != _ELSEWHERE:
            tell(f"the cause {one!r} is neither the number of a turn nor {_ELSEWHERE!r}; left out")
    return found


def write(conversations: list[Conversation], path: Path) -> None:
    """Write any number of dialogues; one without an id, or with one that is taken, gets its place in its name."""
    document: dict[str, Any] = {}
    judged = False
    for place, given in enumerate(conversations, 1):
        conversation = numbered(given)
        views = view(conversation, SCHEME, "emotion")
        judged = judged or bool(views)
        key = given.id if given.id and given.id not in document else f"{given.id}+{place}".lstrip("+")
        document[key] = [[_record(turn, views.get(turn.id), conversation) for turn in conversation.turns]]
    if conversations and not judged:
        warnings.warn(f"nobody judged a turn under {SCHEME}: no emotion is written as RECCON", stacklevel=2)
    write_json(document, path)


def _record(turn: Turn, seen: View | None, conversation: Conversation) -> Record:
    record: dict[str, Any] = {"turn": int(turn.id[1:]), "speaker": turn.speaker, "utterance": turn.text}
    if seen:
        record |= {"emotion": _WRITTEN.get(seen.label, seen.label), **_caused(turn, seen, conversation)}
        if _judgements(record, turn, conversation, _silent) != seen.annotations:
            record["insula"] = packed(seen.annotations)
    return {**record, **extras(turn, (*_OWN, *_META))}


def _caused(turn: Turn, seen: View, conversation: Conversation) -> Record:
    """The fields of an emotion's causes; none where it has none."""
    sources = [conversation.turn(cause.at.turn or "") for cause in seen.causes]
    evidence: list[int | str] = [int(source.id[1:]) for source in sources]
    words = [source.text[slice(*x.at.chars or (None,))] for source, x in zip(sources, seen.causes, strict=True)]
    if turn.meta.get("cause_elsewhere"):
        evidence, words = [_ELSEWHERE, *evidence], [_ELSEWHERE, *words]
    if not evidence:
        return {}
    types = turn.meta.get("cause_types") or _types(turn, sources)
    return {_EVIDENCE: evidence, _SPAN: words, "type": list(types)}


def _types(turn: Turn, sources: list[Turn]) -> list[str]:
    """What the authors call a cause by where it stands: in the turn itself, before it in others' words, or its own."""
    earlier = {source.speaker == turn.speaker for source in sources if source.id != turn.id}
    own = ["no-context"] if turn in sources else []
    name = "hybrid" if len(earlier) == 2 else "self-contagion" if True in earlier else "inter-personal"
    return [*own, *([name] if earlier else [])] or ["latent"]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> int | None:
    try:
        return None if isinstance(value, bool) else int(str(value))
    except ValueError:
        return None


def _silent(problem: str) -> None:
    del problem
