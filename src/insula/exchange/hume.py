"""Hume's former expression measurement: results of batch jobs, and event logs of its voice interface.

    [{"source": {...}, "results": {"predictions": [{"file": "a.wav", "models": {"prosody": {"grouped_predictions":
        [{"id": "unknown", "predictions": [{"text": "Hi", "time": {"begin": 0, "end": 1}, "emotions": [...]}]}]}}}]}}]
    {"events_page": [{"type": "USER_MESSAGE", "message_text": "Hi", "emotion_features": "{...}"}]}

Read as `hume-expressions` by "hume.prosody", "hume.language", "hume.burst" and "hume.face": its names and scores as
they are, at the words they were said in, or at the second. Language at the words that prosody heard is one turn with
it. Written is what this engine read of words, voice and face, in the same shape and under its own names, so that a
program that read the one reads the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Turn

from .one_rater import write_json
from .source import Source

SCHEME = "hume-expressions"
_SPOKEN = ("prosody", "language")
_MODELS = {"voice9": "prosody", "fer8": "face"}
"""Which of its models a scheme of ours stands in for; any other of emotions is read from words."""
_SAID = {"user_message": "user", "assistant_message": "assistant"}
Record = Mapping[str, Any]


def recognised(document: object) -> bool:
    """Whether a JSON document is one of these."""
    return bool(_files(document)) or bool(_events(document))


def dialogues(document: object, source: Source) -> Iterator[Conversation]:
    """A conversation per file of a batch job, or the one of an event log."""
    if events := _events(document):
        yield _logged(events, source)
        return
    files = _files(document)
    for number, (name, models) in enumerate(files, 1):
        id = source.name if len(files) == 1 else f"{source.name}:{name or number}"
        yield _measured(models, Conversation(id=id, meta={"file": name} if name else {}), source)


def read(source: Source) -> Iterator[Conversation]:
    """The conversations of a file. Raises Unreadable where it holds none of these."""
    document = source.document()
    if not recognised(document):
        raise source.unreadable("is not built like Hume's results: no predictions and no events in it")
    return dialogues(document, source)


def write(conversations: list[Conversation], path: Path) -> None:
    """One document for all of them."""
    write_json([result(one) for one in conversations], path)


def _files(document: object) -> list[tuple[str, Record]]:
    """The files of a job with what each model says of them."""
    found: list[tuple[str, Record]] = []
    for one in _list(document if isinstance(document, list) else [document]):
        results = one.get("results") if isinstance(one, Mapping) else None
        files = _list(results.get("predictions") if isinstance(results, Mapping) else None)
        whole = [file for file in files if isinstance(file, Mapping) and isinstance(file.get("models"), Mapping)]
        found += [(str(file.get("file") or ""), file["models"]) for file in whole]
    return found


def _measured(models: Record, conversation: Conversation, source: Source) -> Conversation:
    at: dict[tuple[str, Any], str] = {}
    for model in _SPOKEN:
        for who, one in _predictions(models.get(model), f"{model}", source):
            _spoken(model, who, one, conversation, at)
    for model in ("burst", "face"):
        for who, one in _predictions(models.get(model), f"{model}", source):
            if span := _span(one.get("time")):
                _add(conversation, model, one, Anchor(seconds=span, speaker=who))
    return conversation


def _predictions(model: Any, where: str, source: Source) -> Iterator[tuple[str, Record]]:
    """Who and what, in order of time; what does not fit is reported."""
    found: list[tuple[float, str, Record]] = []
    for group in _list(model.get("grouped_predictions") if isinstance(model, Mapping) else None):
        who = str(group.get("id") or "") if isinstance(group, Mapping) else ""
        for number, one in enumerate(_list(group.get("predictions") if isinstance(group, Mapping) else None), 1):
            if not isinstance(one, Mapping) or not isinstance(one.get("emotions"), list):
                source.problem(f"{where} prediction {number}", "has no list of emotions; left out")
                continue
            span = _span(one.get("time"))
            found.append((span[0] if span else float(number), "" if who == "unknown" else who, one))
    yield from ((who, one) for _, who, one in sorted(found, key=lambda three: three[0]))


def _spoken(model: str, who: str, one: Record, conversation: Conversation, at: dict[tuple[str, Any], str]) -> None:
    """Words that both models heard in one span are one turn."""
    text, span = str(one.get("text") or ""), _span(one.get("time"))
    place = (text.strip(), span)
    if place not in at:
        (turn,) = conversation.add(Turn(who, text, seconds=span))
        at[place] = turn.id
    _add(conversation, model, one, Anchor(at[place]))


def _add(conversation: Conversation, model: str, one: Record, at: Anchor) -> None:
    """Emotions, and action units where a face has them, on their scale of intensity."""
    if scores := _scores(one["emotions"]):
        conversation.add(Annotation("emotion", scores, at, SCHEME, f"hume.{model}"))


def _scores(emotions: object) -> dict[str, float]:
    """Name -> score, from a list of pairs or from a mapping."""
    if isinstance(emotions, Mapping):
        pairs = [(name, score) for name, score in emotions.items()]
    else:
        pairs = [(one.get("name"), one.get("score")) for one in _list(emotions) if isinstance(one, Mapping)]
    return {str(name): float(score) for name, score in pairs if name and isinstance(score, int | float)}


def _span(time: object) -> tuple[float, float] | None:
    """Seconds; a single number is a moment of a film, which stands for a third of a second, as it was sampled."""
    if isinstance(time, int | float):
        return (float(time), float(time) + 1 / 3)
    if not isinstance(time, Mapping):
        return None
    begin, end = time.get("begin"), time.get("end")
    if isinstance(begin, int | float) and isinstance(end, int | float) and 0 <= begin <= end:
        return (float(begin), float(end))
    return None


def _events(document: object) -> list[Record]:
    """The messages of an event log: an export's page, or the events as they were sent."""
    some = document.get("events_page") if isinstance(document, Mapping) else document
    found = [one for one in _list(some) if isinstance(one, Mapping) and str(one.get("type", "")).lower() in _SAID]
    return found if any("message_text" in one or "models" in one for one in found) else []


def _logged(events: Sequence[Record], source: Source) -> Conversation:
    conversation = Conversation(id=source.name)
    for number, one in enumerate(events, 1):
        if one.get("interim"):
            continue
        message = one.get("message")
        text = one.get("message_text") or (message.get("content") if isinstance(message, Mapping) else None)
        if not isinstance(text, str):
            source.problem(f"event {number}", "has no text; left out")
            continue
        span = _span(_in_seconds(one.get("time")))
        speaker = _SAID[str(one["type"]).lower()]
        (turn,) = conversation.add(Turn(speaker, text, seconds=span))
        if scores := _heard(one, source, number):
            conversation.add(Annotation("emotion", scores, Anchor(turn.id), SCHEME, "hume.prosody"))
    return conversation


def _in_seconds(time: object) -> dict[str, float]:
    """Events tell milliseconds."""
    pairs = time.items() if isinstance(time, Mapping) else ()
    return {str(name): at / 1000 for name, at in pairs if isinstance(at, int | float)}


def _heard(one: Record, source: Source, number: int) -> dict[str, float]:
    """What was heard in a message: a text that holds JSON in exports, an object in events."""
    models: Any = one.get("models")
    found: Any = one.get("emotion_features")
    if isinstance(models, Mapping) and isinstance(models.get("prosody"), Mapping):
        found = models["prosody"].get("scores")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except json.JSONDecodeError:
            source.problem(f"event {number}", "its emotion_features are no JSON; left out")
            return {}
    return _scores(found)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def result(conversation: Conversation) -> dict[str, Any]:
    """What was read of a conversation as one source of a batch job."""
    models: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in conversation.read("emotion"):
        if one.abstained or one.at.chars or not (one.at.turn or one.at.seconds):
            continue
        model = one.rater.removeprefix("hume.") if one.scheme == SCHEME else _MODELS.get(one.scheme, "language")
        turn = conversation.turn(one.at.turn) if one.at.turn else None
        who = (turn.speaker if turn else one.at.speaker) or "unknown"
        models.setdefault(model, {}).setdefault(who, []).append(_prediction(model, one, turn))
    grouped = {
        model: {"metadata": None, "grouped_predictions": [{"id": who, "predictions": some} for who, some in by.items()]}
        for model, by in models.items()
    }
    file = str(conversation.meta.get("file") or conversation.id)
    return {
        "source": {"type": "file", "filename": file},
        "results": {"predictions": [{"file": file, "models": grouped}], "errors": []},
    }


def _prediction(model: str, one: Annotation, turn: Turn | None) -> dict[str, Any]:
    span = turn.seconds if turn else one.at.seconds
    time: Any = {"begin": span[0], "end": span[1]} if span else None
    told: dict[str, Any] = {"text": turn.text, "time": time, "confidence": None} if turn else {"time": time}
    if model == "language" and turn:
        told["position"] = {"begin": 0, "end": len(turn.text)}
    if model == "face" and span:
        told |= {"time": span[0], "frame": None, "prob": None, "box": None}
    names = one.scores if one.scheme == SCHEME else {name.capitalize(): score for name, score in one.scores.items()}
    return {**told, "emotions": [{"name": name, "score": score} for name, score in names.items()]}
