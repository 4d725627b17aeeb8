"""A plan as text to read and edit: one line a sentence, how it is said in brackets, emphasised words in asterisks.

    [sadness 0.7; intensity 0.7; pace 0.81; pitch -1.75 st] I am *so* sorry to hear that.
    [joy -0.5] Well.

A line that gives a feeling and no quantity gets the rule's numbers (`plan`); a line without brackets is read plainly.
Empty lines and lines that begin with # are notes. A backslash keeps `*`, `[` and `\\` from meaning anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from insula.catalogue import nearest
from insula.scheme import scheme

from .delivery import QUANTITIES, Delivery
from .plan import feelings, plan
from .sentences import sentences
from .voices.protocol import Sound, Voice

_AXES = scheme("vad").labels
_HEAD = re.compile(r"\s*\[(?P<how>[^\]]*)\]\s*(?P<text>.*)")
_ITEM = re.compile(r"(?P<name>[A-Za-z][\w \-]*?)\s*[:=]?\s*(?P<number>[+-]?\d*\.?\d+)\s*(?P<unit>\S*)")
_STRESSED = re.compile(r"(?<!\\)\*([^*\s][^*]*)(?<!\\)\*")
_WORD = re.compile(r"[^\W_][\w'’]*")


@dataclass(frozen=True)
class Line:
    """One sentence and how it is said."""

    text: str
    delivery: Delivery = field(default_factory=Delivery)


def lines(text: str, delivery: Delivery) -> tuple[Line, ...]:
    """A line for each sentence of a text, each emphasising those of the words that are in it."""
    return tuple(Line(one, replace(delivery, emphasis=_inside(one, delivery.emphasis))) for one in sentences(text))


def say(voice: Voice, plan: Iterable[Line]) -> Iterator[Sound]:
    """The plan spoken, a sound for each sentence; raises VoiceError."""
    for line in plan:
        yield from voice.say(line.text, line.delivery)


def write(plan: Iterable[Line]) -> str:
    """The plan as text."""
    return "".join(f"{_head(line.delivery)}{_marked(line)}\n" for line in plan)


def read(text: str) -> tuple[Line, ...]:
    """The plan in a text; raises ValueError that names the line, what is wrong in it and what would be right."""
    found: list[Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(_line(line))
            except (ValueError, KeyError) as error:
                raise ValueError(f"line {number}: {error.args[0]}") from None
    return tuple(found)


def _line(line: str) -> Line:
    head = _HEAD.fullmatch(line)
    if not head and line.lstrip().startswith("["):
        raise ValueError("the bracket that opens it is never closed: write [how it is said] and then the words")
    words = head["text"] if head else line.strip()
    stressed = tuple(_plain(one) for one in _STRESSED.findall(words))
    text = _plain(_STRESSED.sub(r"\1", words))
    if not _WORD.search(text):
        raise ValueError("there are no words to say in it")
    return Line(text, replace(_delivery(head["how"], text) if head else Delivery(), emphasis=stressed))


def _delivery(how: str, text: str) -> Delivery:
    numbers: dict[str, Any] = {}
    feeling: dict[str, float] = {}
    affect: dict[str, float] = {}
    for item in filter(None, map(str.strip, re.split(r"[;,]", how))):
        name, number = _item(item)
        where = numbers if name in (*QUANTITIES, "intensity") else affect if name in _AXES else feeling
        if name in where:
            raise ValueError(f"{name} is given twice")
        where[name] = number
    intensity = numbers.pop("intensity", 1.0)
    ruled = plan(text, feeling, intensity, affect=affect)  # also says which feeling is none
    if numbers:
        return Delivery(feeling, affect, intensity, **numbers)
    return replace(ruled, feeling=feeling, affect=affect)


def _item(item: str) -> tuple[str, float]:
    found = _ITEM.fullmatch(item)
    known = (*QUANTITIES, "intensity", *_AXES, *feelings())
    if not found:
        raise ValueError(f"{item!r} is no name with a number, as in pace 0.9 or sadness 0.7")
    name, unit = found["name"].strip().lower(), found["unit"]
    wanted = QUANTITIES[name].unit if name in QUANTITIES else ""
    if unit not in ("", wanted):
        raise ValueError(f"{name} is given in {unit!r}; it is {f'in {wanted}' if wanted else 'a plain number'}")
    if name not in known:
        try:
            plan("", name)
        except KeyError:
            raise ValueError(f"{name!r} is no quantity and no feeling; did you mean {nearest(name, known)}?") from None
    return name, float(found["number"])


def _head(delivery: Delivery) -> str:
    items = [f"{label} {weight:.6g}" for label, weight in (*delivery.feeling.items(), *delivery.affect.items())]
    if delivery.intensity != 1.0:
        items.append(f"intensity {delivery.intensity:.6g}")
    changed = [name for name, about in QUANTITIES.items() if getattr(delivery, name) != about.plain]
    # with a feeling and no number the rule's numbers would be read back
    for name in changed or (["pace"] if items else []):
        unit = QUANTITIES[name].unit
        gap = "" if unit in ("", "x") else " "
        items.append(f"{name} {getattr(delivery, name):.6g}{gap}{unit}")
    return f"[{'; '.join(items)}] " if items else ""


def _marked(line: Line) -> str:
    text = re.sub(r"([\\*\[])", r"\\\1", " ".join(line.text.split()))
    for word in line.delivery.emphasis:
        text = re.sub(rf"(?<![\w*]){re.escape(word)}(?![\w*])", f"*{word}*", text, count=1)
    return text


def _plain(text: str) -> str:
    return re.sub(r"\\([\\*\[])", r"\1", text)


def _inside(sentence: str, words: Iterable[str]) -> tuple[str, ...]:
    there = {word.casefold(): word for word in _WORD.findall(sentence)}
    return tuple(there[word.casefold()] for word in words if word.casefold() in there)
