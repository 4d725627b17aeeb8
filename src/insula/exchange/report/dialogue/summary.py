"""What adds up over a conversation: how emotions follow one another, how people meet each other, where it is heading.

    transitions(found, same=True) -> {("anger", "anger"): 3, ("anger", "sadness"): 1}

Counts are of decided emotions, turns that could not be told left out; the report says that they are counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from insula.catalogue import rows
from insula.exchange.report.view import family

from .view import MECHANISMS, Edge, Reading

NEAR = 0.15
"""Valence that differs by less is called the same."""


@dataclass(frozen=True)
class Forecast:
    """Where a speaker's valence was at their last turn, and where it is expected at the next, with its margin."""

    speaker: str
    now: float | None
    valence: float
    margin: float

    @property
    def words(self) -> str:
        """One sentence for a person."""
        where = "pleasant" if self.valence > NEAR else "unpleasant" if self.valence < -NEAR else "neither way"
        change = ""
        if self.now is not None:
            by = self.valence - self.now
            change = ", about as now" if abs(by) < NEAR else ", brighter than now" if by > 0 else ", darker than now"
        sure = "" if abs(self.valence) > self.margin else "; it may as well go the other way"
        return f"{self.speaker}'s next turn: {where}{change}{sure}"


@dataclass(frozen=True)
class Meeting:
    """How one person's replies met another: mean levels 0..2, mean alignment 0..1, over so many replies."""

    replier: str
    other: str
    replies: int
    levels: dict[str, float]
    alignment: float | None


def speakers(found: Sequence[Reading]) -> dict[str, int]:
    """Every speaker, and the number of their style: the order in which they first spoke."""
    return {speaker: i for i, speaker in enumerate(dict.fromkeys(one.speaker for one in found))}


def broad(reading: Reading) -> str:
    """The leading emotion as one of Ekman's; "" where there is none."""
    emotion = reading.view.emotion
    return family(emotion.scheme, reading.emotion) if emotion and reading.emotion else ""


def transitions(found: Sequence[Reading], same: bool) -> Counter[tuple[str, str]]:
    """How often one emotion follows another: in the same speaker's next turn, or in a turn right after another's."""
    steps: Iterable[tuple[Reading, Reading]] = pairwise(found)
    if same:
        by_speaker: dict[str, list[Reading]] = {}
        for one in found:
            by_speaker.setdefault(one.speaker, []).append(one)
        steps = (step for turns in by_speaker.values() for step in pairwise(turns))
    else:
        steps = (step for step in steps if step[0].speaker != step[1].speaker)
    return Counter((broad(a), broad(b)) for a, b in steps if broad(a) and broad(b))


def forecasts(found: Sequence[Reading]) -> list[Forecast]:
    """Where each speaker's next turn is expected, those who spoke last first; only the latest word counts."""
    latest: dict[str, Forecast] = {}
    for one in reversed(found):
        said = one.by_scheme.get("trajectory")
        if one.speaker not in latest and said and "forecast" in said.scores:
            now = one.view.affect_of("valence")
            valence, margin = said.scores["forecast"], said.margin.get("forecast", 0.0)
            latest[one.speaker] = Forecast(one.speaker, now[0] if now else None, valence, margin)
    return list(latest.values())


def meetings(found: Sequence[Reading]) -> list[Meeting]:
    """Every pair of replier and person replied to, those with the most replies first."""
    pairs: dict[tuple[str, str], list[Reading]] = {}
    other: dict[str, str] = {}
    for before, one in pairwise(found):
        if before.speaker != one.speaker:
            other[one.speaker] = before.speaker
        if (one.met or one.score("alignment", "alignment") is not None) and one.speaker in other:
            pairs.setdefault((one.speaker, other[one.speaker]), []).append(one)
    made = [_meeting(*pair, replies) for pair, replies in pairs.items()]
    return sorted(made, key=lambda meeting: -meeting.replies)


def mean_of(found: Iterable[Reading], scheme: str, label: str) -> float | None:
    """The mean of one number over the turns that have it."""
    return _mean(one.score(scheme, label) for one in found)


def strongest(found: Sequence[Reading], most: int) -> list[Edge]:
    """The most probable causes, in the order of the turns they caused."""
    every = sorted((edge for one in found for edge in one.edges), key=lambda edge: -edge.score)
    return sorted(every[:most], key=lambda edge: (edge.target, edge.source))


def chosen(found: Sequence[Reading], room: int) -> set[int]:
    """The numbers of the turns worth drawing where there is room for so many.

    All of them if they fit; else the beginning and the end, then what was found, the clearest emotions with their
    causes, and what is left of the room evenly over the conversation.
    """
    if len(found) <= room:
        return {one.number for one in found}
    end = max(room // 10, 1)
    kept = dict.fromkeys(one.number for one in (*found[:end], *found[-end:]))
    kept |= dict.fromkeys(spread((one for one in found if one.findings), _certainty)[: room // 3])
    for number in spread((one for one in found if one.edges), _clarity)[: room // 4]:
        kept |= dict.fromkeys((number, *(edge.source for edge in found[number - 1].edges)))
    kept |= dict.fromkeys(spread(found, lambda _: 0.0)[:room])
    return set(list(kept)[:room])


def weightiest(found: Sequence[Reading], most: int) -> list[Reading]:
    """The turns whose explanation says most: with findings and causes before others, clear feelings first; in order."""
    every = [one for one in found if one.telling and one.short]
    return sorted(sorted(every, key=_telling, reverse=True)[:most], key=lambda one: one.number)


def spread(found: Iterable[Reading], weight: Callable[[Reading], float]) -> list[int]:
    """Numbers of turns, the weightiest first; of equals those that lie apart come first."""
    # multiples of the golden ratio, modulo 1, fill a line evenly from the first few on
    return [one.number for one in sorted(found, key=lambda one: (-round(weight(one), 2), one.number * 0.618034 % 1))]


def accuracy(rater: str) -> str:
    """How well a method that must not be trusted blindly did where it was measured, by its catalogue row."""
    name = rater.partition("@")[0]
    measured = next((row.number for row in rows() if row.name == name), {})
    words = "not measured here"
    if measured:
        words = f"{measured['metric']} {measured['score']}, {measured['benchmark']}, {measured['slice']}"
    return f"Personality from a few turns is a weak guess ({name}: {words}). Judge nobody by it."


def _telling(one: Reading) -> tuple[int, float]:
    return bool(one.findings) + any(edge.source != edge.target for edge in one.edges), _clarity(one)


def _certainty(one: Reading) -> float:
    return max((max(x.scores.values()) for x in one.findings if x.scores), default=0.0)


def _clarity(one: Reading) -> float:
    return one.view.expressed[0][1] if one.emotion and one.emotion != "neutral" else 0.0


def _meeting(replier: str, other: str, replies: list[Reading]) -> Meeting:
    levels = {name: mean_of(replies, "epitome3", name) for name in MECHANISMS}
    known = {name: level for name, level in levels.items() if level is not None}
    return Meeting(replier, other, len(replies), known, mean_of(replies, "alignment", "alignment"))


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
