"""One JSON object per addition: the log, the wire and the file are the same lines.

    {"kind": "turn", "id": "t1", "speaker": "ana", "text": "I miss him."}

A line carries `"conversation"` when the conversation has an id, so a file may hold many and a lost line loses only itself.
Empty fields are left out; unknown fields are an error that names them, because a typo must not silently lose a judgement.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, cast

from .conversation import Addition, Anchor, Annotation, Signal, Turn

_ANNOTATION = ("layer", "scheme", "rater", "scores", "labels", "possible", "margin", "because", "reason")


def dump(addition: Addition, conversation: str = "") -> str:
    """One addition as one line of JSON, without the line's end."""
    record: dict[str, Any] = {"kind": type(addition).__name__.lower(), "id": addition.id}
    if conversation:
        record["conversation"] = conversation
    if isinstance(addition, Annotation):
        record |= {name: _plain(getattr(addition, name)) for name in _ANNOTATION if getattr(addition, name)}
        # empty scores are an answer ("cannot tell"), so they are written
        record["scores"] = dict(addition.scores)
        if at := {k: _plain(v) for k, v in vars(addition.at).items() if v is not None}:
            record["at"] = at
    elif isinstance(addition, Turn):
        record |= {"speaker": addition.speaker, "text": addition.text}
        record |= {"seconds": list(addition.seconds)} if addition.seconds else {}
        record |= {"meta": dict(addition.meta)} if addition.meta else {}
    else:
        record |= {k: v for k, v in vars(addition).items() if k not in ("id", "samples") and v is not None}
        record["samples"] = _dump_samples(addition.samples)
    return json.dumps(record, ensure_ascii=False, default=str)


def load(line: str) -> tuple[Addition, str]:
    """One line of JSON -> the addition and the id of its conversation.

    Raises ValueError with a sentence for a person: not JSON, an unknown kind, a missing or unknown field.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not a whole JSON object ({error.msg} at character {error.pos + 1})") from None
    if not isinstance(record, dict):
        raise ValueError("a line holds one JSON object, this one holds something else")
    fields = cast("dict[str, Any]", record)
    conversation = str(fields.pop("conversation", ""))
    kind = fields.pop("kind", None)
    if kind not in _LOADERS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(_LOADERS)}")
    try:
        return _LOADERS[kind](fields), conversation
    except (TypeError, KeyError) as error:
        raise ValueError(f"{kind}: {error}") from None


def _load_turn(fields: dict[str, Any]) -> Turn:
    if fields.get("seconds"):
        fields["seconds"] = tuple(fields["seconds"])
    return Turn(**fields)


def _load_signal(fields: dict[str, Any]) -> Signal:
    return Signal(**{**fields, "samples": _load_samples(fields.get("samples"))})


def _load_annotation(fields: dict[str, Any]) -> Annotation:
    id = fields.pop("id", "")
    at = cast("dict[str, Any]", fields.pop("at", {}))
    for name in ("labels", "possible", "because"):
        fields[name] = tuple(fields.get(name, ()))
    scores = cast("Mapping[str, float]", fields.get("scores", {}))
    if any(not isinstance(x, int | float) or math.isnan(x) for x in scores.values()):
        raise ValueError("annotation: scores must be numbers")
    anchor = Anchor(**{k: tuple(v) if isinstance(v, list) else v for k, v in at.items()})
    annotation = Annotation(**fields, at=anchor)
    if id:
        # the id a file states is kept even where a person edited the line, so that references to it still hold
        annotation.__dict__["id"] = id
    return annotation


_LOADERS = {"turn": _load_turn, "signal": _load_signal, "annotation": _load_annotation}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value


def _dump_samples(samples: Any) -> Any:
    if not hasattr(samples, "dtype"):
        return str(samples)
    return {
        "dtype": str(samples.dtype),
        "shape": list(samples.shape),
        "base64": base64.b64encode(samples.tobytes()).decode(),
    }


def _load_samples(samples: Any) -> Any:
    if not isinstance(samples, dict):
        return samples
    import numpy

    packed = cast("dict[str, Any]", samples)
    flat = numpy.frombuffer(base64.b64decode(packed["base64"]), packed["dtype"])
    return flat.reshape(packed["shape"])
