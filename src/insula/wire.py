"""One JSON object per addition: the log, the wire and the file are the same lines.

    {"kind": "turn", "id": "t1", "speaker": "ana", "text": "I miss him."}

A line carries `"conversation"` when the conversation has an id, so a file may hold many and a lost line loses only
itself. What is known of a conversation as a whole, its `meta`, is a line of its own, of kind "conversation". Empty
fields are left out; unknown fields are an error that names them, because a typo must not silently lose a judgement.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from .conversation import Addition, Anchor, Annotation, Signal, Turn

_OPTIONAL = ("scheme", "rater", "labels", "possible", "margin", "because", "reason")


def dump(addition: Addition | Mapping[str, Any], conversation: str = "") -> str:
    """One addition, or the `meta` of a conversation, as one line of JSON, without the line's end."""
    about = isinstance(addition, Mapping)
    record: dict[str, Any] = {"kind": "conversation"} if about else {"kind": type(addition).__name__.lower()}
    if not about:
        record["id"] = addition.id
    if conversation:
        record["conversation"] = conversation
    if about:
        record["meta"] = dict(addition)
    elif isinstance(addition, Annotation):
        # empty scores are an answer ("cannot tell"), so they are written
        record |= {"layer": addition.layer, "scores": dict(addition.scores)}
        record |= {name: _plain(getattr(addition, name)) for name in _OPTIONAL if getattr(addition, name)}
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


def load(line: str) -> tuple[Addition | Mapping[str, Any], str]:
    """One line of JSON -> the addition, or the `meta` of a conversation, and the id of its conversation.

    Raises ValueError with a sentence for a person: not JSON, an unknown kind, a missing, unknown or misshapen field.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not a whole JSON object ({error.msg} at character {error.pos + 1})") from None
    except RecursionError:
        raise ValueError("not a whole JSON object (nested too deeply)") from None
    if not isinstance(record, dict):
        raise ValueError("a line holds one JSON object, this one holds something else")
    fields = cast("dict[str, Any]", record)
    conversation = str(fields.pop("conversation", ""))
    kind = str(fields.pop("kind", None))
    if kind not in _KINDS:
        raise ValueError(f"kind is {kind}, not one of {', '.join(_KINDS)}")
    make, shapes, needed = _KINDS[kind]
    if missing := [name for name in needed if name not in fields]:
        raise ValueError(f"{kind}: {missing[0]} is missing")
    return make(**_shaped(kind, fields, shapes)), conversation


def _annotation(id: str = "", **fields: Any) -> Annotation:
    annotation = Annotation(**fields)
    if id:
        # the id a file states is kept even where a person edited the line, so that references to it still hold
        annotation.__dict__["id"] = id
    return annotation


def _meta(meta: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(meta)


def _shaped(kind: str, fields: dict[str, Any], shapes: Mapping[str, _Shape]) -> dict[str, Any]:
    """The fields, each checked and made what the class wants; raises ValueError naming the one that does not fit."""
    for field, value in fields.items():
        if field not in shapes:
            raise ValueError(f"{kind}: no field is called {field!r}; there are {', '.join(shapes)}")
        shape, convert = shapes[field]
        try:
            fields[field] = convert(value)
        except (TypeError, KeyError, OverflowError):
            raise ValueError(f"{kind}: {field} must be {shape}, not {value!r:.60}") from None
    return fields


_Shape = tuple[str, Callable[[Any], Any]]


def _of(kind: type | tuple[type, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError
        return value

    return check


def _finite(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return value


def _pair(value: Any) -> tuple[Any, Any]:
    start, end = map(_finite, cast("list[Any]", _of(list)(value) if len(value) == 2 else None))
    return start, end


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_of(str), _of(list)(value)))


def _numbers(value: Any) -> dict[str, float]:
    return {label: float(_finite(number)) for label, number in cast("dict[str, Any]", _of(dict)(value)).items()}


def _anchor(value: Any) -> Anchor:
    return Anchor(**_shaped("at", _of(dict)(value), _ANCHOR))


def _samples(value: Any) -> Any:
    if isinstance(value, str):
        return value
    import numpy

    packed = cast("dict[str, Any]", _of(dict)(value))
    flat = numpy.frombuffer(base64.b64decode(packed["base64"]), packed["dtype"])
    return flat.reshape(packed["shape"])


_TEXT: _Shape = ("a text", _of(str))
_LIST: _Shape = ("a list of texts", _texts)
_NUMBER: _Shape = ("a number", _finite)
_SCORES: _Shape = ("numbers by label", _numbers)
_SPAN: _Shape = ("[start, end]", _pair)
_ANCHOR = {"turn": _TEXT, "chars": _SPAN, "seconds": _SPAN, "speaker": _TEXT}
_TURN = {"id": _TEXT, "speaker": _TEXT, "text": _TEXT, "seconds": _SPAN, "meta": ("an object", _of(dict))}
_SIGNAL = {
    **{"id": _TEXT, "channel": _TEXT, "sampling_rate": _NUMBER, "speaker": _TEXT, "start": _NUMBER},
    "samples": ("a path, or dtype, shape and base64", _samples),
}
_ANNOTATION = {
    **{"id": _TEXT, "layer": _TEXT, "scheme": _TEXT, "rater": _TEXT, "scores": _SCORES, "margin": _SCORES},
    **{"labels": _LIST, "possible": _LIST, "because": _LIST, "reason": _TEXT, "at": ("an object", _anchor)},
}
_KINDS: Mapping[str, tuple[Callable[..., Addition | Mapping[str, Any]], Mapping[str, _Shape], tuple[str, ...]]] = {
    "conversation": (_meta, {"meta": ("an object", _of(dict))}, ("meta",)),
    "turn": (Turn, _TURN, ("speaker",)),
    "signal": (Signal, _SIGNAL, ("channel", "samples", "sampling_rate")),
    "annotation": (_annotation, _ANNOTATION, ("layer", "scores")),
}


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
