"""What formats with a timeline share: a place in time for turns, tiers without overlaps, judgements spelled out.

spell(annotation)  ->  "joy=0.83, love=0.41"  |  "valence=0.31, arousal=-0.2"  |  "-" (none applies)  |  "? too short"
                       "# heart_rate=61.2, eda_level=3.1"    measures under an open scheme, where nothing is decided
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

_BETWEEN, _MEASURED = " | ", "# "
# evidence; sentences, which do not come back from the few words of a tier; functionals, a table of their own
_LEFT_OUT = ("evidence", "explanation", "prosody")
_LANE = re.compile(r" \(\d+\)$")
_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Slot:
    """A turn from `start` to `end` milliseconds, on a tier where nothing else overlaps it."""

    turn: Turn
    start: int
    end: int
    tier: str


def slots(conversation: Conversation) -> list[Slot]:
    """Every turn in its place. One without times gets the second after what came before it.

    A tier is called by its speaker; where people are put down as talking over themselves, the second tier is "ana (2)".
    """
    found, clock, ends = list[Slot](), 0, dict[str, int]()
    for turn in conversation.turns:
        start, end = (round(1000 * at) for at in turn.seconds) if turn.seconds else (clock, clock + 1000)
        end = max(end, start + 1)
        tier, lane = turn.speaker, 1
        while ends.get(tier, 0) > start:
            lane += 1
            tier = f"{turn.speaker} ({lane})"
        ends[tier], clock = end, max(clock, end)
        found.append(Slot(turn, start, end, tier))
    return found


def speaker(tier: str) -> str:
    """The speaker of a tier."""
    return _LANE.sub("", tier)


def invented(conversation: Conversation) -> bool:
    """Whether turns have no times of their own."""
    return any(turn.seconds is None for turn in conversation.turns)


def judgements(conversation: Conversation) -> Mapping[str, list[Annotation]]:
    """What was judged of each whole turn, by the turn's id. Stretches of text have no time.

    Evidence, sentences that explain and functionals of prosody are left out.
    """
    return _by_turn(conversation, windows=False)


def windows(conversation: Conversation) -> Mapping[str, list[Annotation]]:
    """What was judged of windows in time of a turn, by the turn's id."""
    return _by_turn(conversation, windows=True)


def moments(conversation: Conversation) -> list[Annotation]:
    """What was judged of somebody's seconds and of no turn, such as a face or a group, in order of time."""
    found = [
        one
        for one in conversation
        if isinstance(one, Annotation) and not one.at.turn and one.at.seconds and one.layer not in _LEFT_OUT
    ]
    return sorted(found, key=lambda one: one.at.seconds or (0.0, 0.0))


def _by_turn(conversation: Conversation, windows: bool) -> Mapping[str, list[Annotation]]:
    found: dict[str, list[Annotation]] = {turn.id: [] for turn in conversation.turns}
    for addition in conversation:
        if isinstance(addition, Annotation) and addition.at.turn and addition.layer not in _LEFT_OUT:
            fits = not addition.at.chars and bool(addition.at.seconds) == windows
            found[addition.at.turn] += [addition] if fits else []
    return found


def one_each(judged: list[Annotation]) -> list[Annotation]:
    """One judgement for each tier: of several by one rater under one scheme, which would overlap, the last stands."""
    return list({(one.layer, one.scheme, one.rater): one for one in judged}.values())


def judged_by(tier: str, annotation: Annotation) -> str:
    """The name of the tier that judges another: "ana | emotion | ekman6 | gold"."""
    return _BETWEEN.join((tier, annotation.layer, annotation.scheme, annotation.rater))


def apart(name: str) -> tuple[str, str, str, str] | None:
    """The tier that is judged, and the layer, scheme and rater; None for a tier that judges none."""
    parts = name.rsplit(_BETWEEN, 3)
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 else None


def measures(annotation: Annotation) -> bool:
    """Whether it holds numbers in units of their own, about which nothing is decided."""
    return not annotation.labels and not annotation.abstained and _kind(annotation.scheme) == "open"


def spell(annotation: Annotation) -> str:
    """What a judgement decides, in a few words; scores of labels it does not decide on are left out."""
    if annotation.abstained:
        return f"? {annotation.reason}"
    measured = measures(annotation)
    scores = (
        annotation.scores
        if measured or _dimensional(annotation.scheme)
        else {x: annotation.scores.get(x, 1.0) for x in annotation.labels}
    )
    said = (
        label if score == 1 and label in annotation.labels else f"{label}={score:.4g}"
        for label, score in scores.items()
    )
    return (_MEASURED if measured else "") + ", ".join(said) or "-"


def unspell(text: str, turn: str | None, layer: str, scheme_name: str, rater: str) -> Annotation:
    """The judgement that was spelled. Where every label is certain, the scheme's others are put down as absent."""
    at = Anchor(turn)
    if text.startswith("?"):
        return Annotation(layer, {}, at, scheme_name, rater, reason=text[1:].strip())
    measured, text = text.startswith(_MEASURED), text.removeprefix(_MEASURED)
    pairs = [part.strip().rpartition("=") for part in text.split(",")] if text.strip() != "-" else []
    scores = {label or number: _number(number) if label else 1.0 for label, _, number in pairs}
    if measured or _dimensional(scheme_name):
        return Annotation(layer, scores, at, scheme_name, rater)
    absent = dict.fromkeys(_labels(scheme_name), 0.0) if all(score == 1 for score in scores.values()) else {}
    reason = "" if absent or scores else "no label was decided on"
    return Annotation(layer, absent | scores, at, scheme_name, rater, labels=tuple(scores), reason=reason)


def printable(text: str) -> str:
    """The text without the control characters that XML and Praat do not allow."""
    return _INVALID.sub("\ufffd", text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _dimensional(name: str) -> bool:
    return _kind(name) == "dimensional"


def _kind(name: str) -> str:
    try:
        return scheme(name).kind
    except KeyError:
        return ""


def _labels(name: str) -> tuple[str, ...]:
    try:
        return scheme(name).labels
    except KeyError:
        return ()
