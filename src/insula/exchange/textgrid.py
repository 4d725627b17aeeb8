"""Praat TextGrids: an interval tier per speaker, and beside it one for each scheme and rater.

    tier "ana"                            1.0-2.5  "I did it!"
    tier "ana | emotion | ekman6 | gold"  1.0-2.5  "joy"
    tier "ana | words"                    1.0-1.2  "I"             windows, faces: see `marks`

Read in the long and the short form; written in the long form, UTF-8, with empty intervals where nobody speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from insula.conversation import Conversation, Turn

from . import marks, timeline
from .source import Source

_TOKEN = re.compile(r'"((?:[^"]|"")*)"|\[[^\]\n]*\]|(?<![^\s<])(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![^\s>])|<exists>')
_Interval = tuple[float, float, str]


def read(source: Source) -> Iterator[Conversation]:
    """One conversation: what the tiers of the speakers say, in order of time, with the judgements beside them."""
    try:
        tiers = dict(_tiers(source.text()))
    except (StopIteration, RuntimeError, ValueError):
        raise source.unreadable("is not a whole TextGrid") from None
    said = [
        (*interval, name) for name, intervals in tiers.items() if not _judges(name, tiers) for interval in intervals
    ]
    within = [(name, *one) for name, intervals in tiers.items() if marks.within(name) for one in intervals]
    if not said and not within:
        raise source.unreadable("is a TextGrid in which nobody says anything")
    ids, turns, own = dict[tuple[str, float], str](), list[Turn](), list[str]()
    for number, (start, end, text, tier) in enumerate(sorted(said, key=lambda one: one[:2]), 1):
        turns.append(Turn(timeline.speaker(tier), text, (start, end), id=f"t{number}"))
        own.append(tier)
        ids[tier, start] = f"t{number}"
    turns, windows = marks.put_back(turns, own, within)
    conversation = Conversation(*turns, *windows, id=source.name)
    for name, intervals in tiers.items():
        parts = timeline.apart(name) or ("", "", "", "")
        for start, _, text in intervals:
            if turn_id := ids.get((parts[0], start)):
                conversation.add(timeline.unspell(text, turn_id, *parts[1:]))
    yield conversation


def write(conversations: list[Conversation], path: Path) -> None:
    """Write one conversation."""
    tiers: dict[str, list[_Interval]] = {}
    for conversation in conversations:
        judged = timeline.judgements(conversation)
        for slot in timeline.slots(conversation):
            start, end = slot.start / 1000, slot.end / 1000
            tiers.setdefault(slot.tier, []).append((start, end, slot.turn.text))
            for judgement in timeline.one_each(judged[slot.turn.id]):
                name = timeline.judged_by(slot.tier, judgement)
                tiers.setdefault(name, []).append((start, end, timeline.spell(judgement)))
        for mark in marks.marks(conversation):
            tiers.setdefault(mark.tier, []).append((mark.start / 1000, mark.end / 1000, mark.text))
    end = max((end for intervals in tiers.values() for _, end, _ in intervals), default=1.0)
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {end}", "tiers? <exists>"]
    lines = [*head, f"size = {len(tiers)}", "item []:"]
    for number, (name, intervals) in enumerate(tiers.items(), 1):
        lines += _tier(number, name, list(_filled(intervals, end)), end)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")


def _judges(name: str, tiers: dict[str, list[_Interval]]) -> bool:
    """Whether a tier says something of another one: its words, or what was judged of it; or of nobody's turn."""
    about, kind = marks.within(name) or (name, "")
    if kind == marks.SECONDS:
        return True
    parts = (about,) if kind == marks.WORDS else timeline.apart(about)
    return parts is not None and parts[0] in tiers


def _tiers(text: str) -> Iterator[tuple[str, list[_Interval]]]:
    """The interval tiers; point tiers have no length in time and hold no speech."""
    tokens = iter([m[1] if m[1] is not None else m[2] for m in _TOKEN.finditer(text) if m[1] is not None or m[2]])
    _file_type, _object_class, _xmin, _xmax, size = (next(tokens) for _ in range(5))
    for _ in range(int(size)):
        kind, name, _xmin, _xmax = (next(tokens) for _ in range(4))
        count, intervals = int(next(tokens)), list[_Interval]()
        for _ in range(count):
            start, end = float(next(tokens)), 0.0
            end = float(next(tokens)) if kind == "IntervalTier" else start
            words = _unquote(next(tokens))
            intervals += [(start, end, words)] if words.strip() else []
        if kind == "IntervalTier":
            yield _unquote(name), intervals


def _filled(intervals: list[_Interval], end: float) -> Iterator[_Interval]:
    clock = 0.0
    for start, stop, text in sorted(intervals):
        if start > clock:
            yield clock, start, ""
        yield start, stop, text
        clock = stop
    if clock < end:
        yield clock, end, ""


def _tier(number: int, name: str, intervals: list[_Interval], end: float) -> Iterator[str]:
    yield f"    item [{number}]:"
    yield '        class = "IntervalTier"'
    yield f"        name = {_quote(name)}"
    yield "        xmin = 0"
    yield f"        xmax = {end}"
    yield f"        intervals: size = {len(intervals)}"
    for place, (start, stop, text) in enumerate(intervals, 1):
        yield f"        intervals [{place}]:"
        yield f"            xmin = {start}"
        yield f"            xmax = {stop}"
        yield f"            text = {_quote(text)}"


def _quote(text: str) -> str:
    return '"' + timeline.printable(text).replace('"', '""') + '"'


def _unquote(text: str) -> str:
    return text.replace('""', '"')
