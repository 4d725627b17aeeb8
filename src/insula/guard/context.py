"""What is left of a cue where it stands: an idiom, a song, a friend, a time long past, a no.

evidence("My song goes 'I want to die'", ...) -> a cue of suicide, but of few points
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cues import Cue, Found, classes, contexts, risks, vocabulary
from .spelling import Word, words

_QUOTED = re.compile(r"[\"“«„][^\"”»“]{3,}[\"”»“]")
# the most points that the risk of somebody else has, by kind; abuse and an emergency are as grave whoever tells of them
_OTHERS_LESS = {"suicide": 4.0, "self-harm": 4.0, "eating-disorder": 4.0, "violence": 3.0}
_NEGATED_WITHIN, _PERSON_WITHIN = 4, 8  # words before a cue that are looked at
SOFTENING = ("idiom", "fiction", "hypothetical", "past", "joke")
OTHERS = "suicide/third"  # the family of cues that are about somebody else, whatever else they contain
PAST = 1.2  # points at most of what is over
FICTION, UNQUOTED, JOKE = 0.1, 0.45, 0.7  # what remains of the points


@dataclass(frozen=True)
class Evidence:
    """A cue at characters `[start, end)`: its kind of risk, what counts once, and the points that are left of it."""

    kind: str
    family: str
    points: float
    start: int
    end: int


@dataclass(frozen=True)
class _Text:
    words: Sequence[Word]
    context: Sequence[Found]
    quotes: Sequence[tuple[int, int]]

    def said(self, effect: str, at: Found) -> bool:
        """Whether the context has this effect where the cue stands."""
        sentence = self.words[at.first].sentence
        return any(
            one.cue.what == effect
            and (
                one.cue.family == "turn"
                or (one.cue.family == "sentence" and self.words[one.first].sentence == sentence)
                or (one.cue.family == "over" and one.first <= at.last and one.last >= at.first)
            )
            for one in self.context
        )


def evidence(text: str) -> list[Evidence]:
    """What a text shows, cue by cue, with the points that its context leaves."""
    return list(_evidence(_read(text)))


def softened(text: str) -> bool:
    """Whether something in a text may take weight from what it seems to say: an idiom, a song, a no, a time past."""
    here = _read(text)
    if any(one.cue.what in SOFTENING for one in here.context):
        return True
    return any(_negated(cue, here) for cue in risks().find(here.words))


def _read(text: str) -> _Text:
    found = words(text, vocabulary())
    return _Text(found, tuple(contexts().find(found)), [match.span() for match in _QUOTED.finditer(text)])


def _evidence(here: _Text) -> Iterator[Evidence]:
    found = here.words
    every = list(risks().find(found))
    about_others = [one for one in every if one.cue.family == OTHERS]
    for cue in every:
        if (
            cue not in about_others
            and any(_overlap(cue, one) for one in about_others)
            and _subject(cue, here) != "first"
        ):
            continue
        points = round(cue.cue.points * _left(cue, here), 3)
        points = min(points, _most(cue, here))
        if points > 0:
            start, end = found[cue.first].start, max(word.end for word in found[cue.first : cue.last + 1])
            yield Evidence(cue.cue.what, cue.cue.family, points, start, end)


def _left(cue: Found, here: _Text) -> float:
    """The share of its points that a cue keeps."""
    if here.said("idiom", cue) or _negated(cue, here) or here.said("hypothetical", cue):
        return 0.0
    share = JOKE if here.said("joke", cue) and cue.cue.points < 6 else 1.0
    start, quoted = here.words[cue.first].start, False
    quoted = any(first <= start < last for first, last in here.quotes)
    if here.said("fiction", cue) or (quoted and any(one.cue.what == "fiction" for one in here.context)):
        first_person = _subject(cue, here) == "first" and not quoted
        share *= UNQUOTED if first_person else FICTION
    return share


def _most(cue: Found, here: _Text) -> float:
    """The most points a cue may keep: less where it is past, or about somebody else."""
    most = cue.cue.points
    if here.said("past", cue) and not here.said("present", cue):
        most = min(most, PAST)
    if cue.cue.what in _OTHERS_LESS and _subject(cue, here) == "third":
        most = min(most, _OTHERS_LESS[cue.cue.what])
    return most


def _negated(cue: Found, here: _Text) -> bool:
    clause = here.words[cue.first].clause
    before = range(max(0, cue.first - _NEGATED_WITHIN), cue.first)
    near = [place for place in before if here.words[place].clause == clause]
    said = [{one.cue.what for one in here.context if one.cue.family == "before" and one.first == p} for p in near]
    return any("negated" in effects for effects in said) and not any("unnegated" in effects for effects in said)


def _subject(cue: Found, here: _Text) -> str:
    """Whose risk it is: "first" or "third" person, the nearest named in the cue or before it; "" where none is."""
    words, sentence = here.words, here.words[cue.first].sentence
    for place in range(cue.first, max(-1, cue.first - _PERSON_WITHIN), -1):
        if words[place].sentence != sentence:
            break
        for person in ("first", "third"):
            if words[place].text in classes()[person]:
                return person
    after = words[cue.last + 1].text if cue.last + 1 < len(words) else ""
    return "third" if after in classes()["third"] and _alone(cue.cue) else ""


def _overlap(one: Found, other: Found) -> bool:
    return one.first <= other.last and one.last >= other.first


def _alone(cue: Cue) -> bool:
    """A single word, such as "suicidal", may stand before the person it is about."""
    return len(cue.elements) == 1
