"""What lies beside turns in time: words, judgements of windows, and of a face's seconds, on tiers of their own.

    tier "ana | words"                                 0.52-0.81  "did"
    tier "ana | emotion | voice9 | speech.voice | windows"        0.50-2.50  "joy=0.83"
    tier "ana | emotion | voice9 | speech.voice | windows (2)"    1.50-3.50  "joy=0.61"
    tier "face 1 | emotion | fer8 | face.expression | seconds"    3.00-4.00  "joy=0.72"    of nobody's turn

Windows that overlap lie on lanes, so that no tier overlaps itself. A tier has no room for how sure a word is: words
come back as [start, end, word].
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Turn

from . import timeline
from .timeline import Slot

WORDS, WINDOWS, SECONDS = "words", "windows", "seconds"
_WITHIN = re.compile(r"(?P<tier>.*) \| (?P<kind>words|windows|seconds)(?: \(\d+\))?", re.DOTALL)


@dataclass(frozen=True)
class Mark:
    """A word, or what was judged of a window, from `start` to `end` milliseconds, on a tier without overlaps."""

    tier: str
    start: int
    end: int
    text: str
    speaker: str
    rater: str = ""


def marks(conversation: Conversation) -> list[Mark]:
    """The words of every turn that has them, judgements of windows and of seconds, each on its tier, in order."""
    slots = timeline.slots(conversation)
    windows = timeline.windows(conversation)
    found = [mark for slot in slots for mark in _words(slot)]
    found += [mark for slot in slots for mark in _windows(slot, windows.get(slot.turn.id, ()))]
    found += [_mark(one, one.at.speaker or "", SECONDS, one.at.speaker or "") for one in timeline.moments(conversation)]
    return list(_lanes(sorted(found, key=lambda mark: (mark.tier, mark.start, mark.end))))


def words(turn: Turn) -> list[tuple[float, float, str]]:
    """(start, end, word) of a turn that was heard; [] of one that was not."""
    return [(float(start), float(end), str(word)) for start, end, word, *_ in turn.meta.get("words", ())]


def spoken(turn: Turn, seconds: tuple[float, float]) -> str:
    """The words of a turn whose middle lies in these seconds; "" where no times of words are known."""
    start, end = seconds
    return " ".join(word.strip() for a, b, word in words(turn) if start <= (a + b) / 2 < end)


def within(name: str) -> tuple[str, str] | None:
    """The tier that a tier of marks belongs to, and its kind; None for any other tier."""
    found = _WITHIN.fullmatch(name)
    return (found["tier"], found["kind"]) if found else None


def put_back(
    turns: Sequence[Turn], tiers: Sequence[str], found: Iterable[tuple[str, float, float, str]]
) -> tuple[list[Turn], list[Annotation]]:
    """Turns with their words again, and the judgements of windows, from (tier, start, end, text).

    `tiers` names the tier of each turn. What should lie within a turn and does not is left out.
    """
    heard: dict[str, list[list[Any]]] = {}
    judged = list[Annotation]()
    for name, start, end, text in sorted(found, key=lambda mark: mark[1:3]):
        about, kind = within(name) or ("", "")
        tier, *rest = (about,) if kind == WORDS else timeline.apart(about) or ("", "", "", "")
        if kind == SECONDS:
            at = Anchor(seconds=(start, end), speaker=tier or None)
            judged.append(dataclasses.replace(timeline.unspell(text, None, *rest), at=at))
            continue
        turn = _around(turns, tiers, tier, start, end)
        if turn is None:
            continue
        if kind == WORDS:
            heard.setdefault(turn.id, []).append([start, end, text])
        else:
            whole = timeline.unspell(text, turn.id, *rest)
            judged.append(dataclasses.replace(whole, at=Anchor(turn.id, seconds=(start, end))))
    meta = {turn.id: {**turn.meta, "words": heard[turn.id]} for turn in turns if turn.id in heard}
    return [dataclasses.replace(turn, meta=meta.get(turn.id, turn.meta)) for turn in turns], judged


def _words(slot: Slot) -> Iterator[Mark]:
    for start, end, word in words(slot.turn):
        first = round(1000 * start)
        last = max(round(1000 * end), first + 1)
        yield Mark(f"{slot.tier} | {WORDS}", first, last, word.strip(), slot.turn.speaker)


def _windows(slot: Slot, judged: Iterable[Annotation]) -> Iterator[Mark]:
    for one in judged:
        yield _mark(one, slot.tier, WINDOWS, slot.turn.speaker)


def _mark(one: Annotation, tier: str, kind: str, speaker: str) -> Mark:
    start, end = (round(1000 * at) for at in one.at.seconds or (0, 0))
    name = f"{timeline.judged_by(tier, one)} | {kind}"
    return Mark(name, start, max(end, start + 1), timeline.spell(one), speaker, one.rater)


def _lanes(found: Iterable[Mark]) -> Iterator[Mark]:
    ends: dict[str, int] = {}
    for mark in found:
        tier, lane = mark.tier, 1
        while ends.get(tier, 0) > mark.start:
            lane += 1
            tier = f"{mark.tier} ({lane})"
        ends[tier] = mark.end
        yield dataclasses.replace(mark, tier=tier)


def _around(turns: Sequence[Turn], tiers: Sequence[str], tier: str, start: float, end: float) -> Turn | None:
    """The turn of a tier that shares most time with a mark."""
    shared = [
        (min(end, turn.seconds[1]) - max(start, turn.seconds[0]), -place)
        for place, (turn, own) in enumerate(zip(turns, tiers, strict=True))
        if turn.seconds and own == tier
    ]
    most, place = max(shared, default=(0.0, 0))
    return turns[-place] if most > 0 else None
