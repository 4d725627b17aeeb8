"""How much care a person's safety needs now, over everything they have said so far; never a diagnosis.

    "I gave my guitar away." ... "I won't be needing it." -> risk-level concern .8, risk-kinds suicide .9, because ...

Two readers look at each turn: the cues of `cues/` with their context, and a small network on the encoder's states. What
they find adds up: each family of cues counts once, and fades slowly over the person's later turns, so that mild
signs together reach what one plain sentence reaches alone, and a later "never mind" takes nothing back. The sum becomes
probabilities of the four levels by cut-points fitted on development talks (McCullagh 1980, proportional odds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

from .context import Evidence, evidence, softened
from .readable import unreadable
from .reader import Reader
from .small_words import language

SCHEMES = ("risk-level", "risk-kinds")
REMEMBERED = 1024  # texts whose reading is kept: the next turn of a talk reads all of them again

LEVELS = scheme("risk-level").labels
KINDS = scheme("risk-kinds").labels
LEARNT = "/learnt"  # how the families of what the learnt reader finds end
FADE = 0.95  # of its points a family keeps from one turn of the person to the next
DISCLOSED = 4.5  # points of a plain disclosure, which fades no further than to a concern
KEPT = 4.2
PLAIN = 5.0  # points that one family must have before there is a crisis
MILD = 4.8  # what families without such a one add up to, at most
ANOTHER = 0.8  # points for another cue of the same family in the same turn
FORGOTTEN = 0.05
WEAKER = 0.3  # share that counts of what the reader with fewer points says
SOFTENED = 0.4  # share of its points that the learnt reader keeps where the context may mean something else


@dataclass
class _Memory:
    """What one person has shown so far: points by family, and which annotation shows each."""

    points: dict[str, float] = field(default_factory=dict[str, float])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    disclosed: set[str] = field(default_factory=set[str])

    def fade(self) -> None:
        for family, points in self.points.items():
            least = KEPT if family in self.disclosed else 0.0
            self.points[family] = max(points * FADE, min(points, least))

    def take(self, found: Evidence, shown: str) -> None:
        if found.points >= self.points.get(found.family, FORGOTTEN):
            self.points[found.family], self.shown[found.family] = found.points, shown
        if found.points >= DISCLOSED:
            self.disclosed.add(found.family)

    def total(self, kind: str = "") -> float:
        """Points of one kind, or of all: mild ones alone reach no crisis, however many they are.

        The two readers see the same words, so what the weaker of them says counts for little.
        """
        here = {family: points for family, points in self.points.items() if family.startswith(kind)}
        cues = [points for family, points in here.items() if not family.endswith(LEARNT)]
        learnt = max((points for family, points in here.items() if family.endswith(LEARNT)), default=0.0)
        seen = sum(cues)
        both = max(seen, learnt) + WEAKER * min(seen, learnt)
        return both if max(cues, default=0.0) >= PLAIN else min(both, max(MILD, learnt))

    def because(self) -> tuple[str, ...]:
        """What shows it, the weightiest first."""
        some = [family for family, points in self.points.items() if points > FORGOTTEN]
        return tuple(self.shown[family] for family in sorted(some, key=lambda one: -self.points[one]))


class Risk:
    """Judges every pending turn of everybody but the `speaker` who replies. Raises FileNotFoundError, Mistake."""

    reads = ("turn",)
    writes = ("risk", "evidence")

    def __init__(
        self, speaker: str = "companion", weights: str = "guard-risk", name: str = "guard.risk", threads: int = 1
    ) -> None:
        self.name = name
        self.speaker = speaker
        self._reader = Reader.open(weights, threads)
        self.rater = f"{name}@{self._reader.revision}"
        self._read = lru_cache(REMEMBERED)(self._look)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        pending = {turn.id for turn in conversation.pending("risk", self.rater) if turn.speaker != self.speaker}
        people: dict[str, _Memory] = {}
        for turn in conversation.turns if pending else ():
            if turn.speaker == self.speaker:
                continue
            memory = people.setdefault(turn.speaker, _Memory())
            memory.fade()
            reason, found = self._read(turn.text)
            shown = [self._shown(turn, one) for one in found]
            for one, annotation in zip(found, shown, strict=True):
                memory.take(one, annotation.id)
            if turn.id in pending:
                yield from shown
                yield from self._conclude(turn, memory, reason)

    def points(self, texts: Sequence[str]) -> list[float]:
        """The points of a person's turns so far, one by one; what the cut-points are fitted to."""
        memory, found = _Memory(), list[float]()
        for text in texts:
            memory.fade()
            for one in self._read(text)[1]:
                memory.take(one, "")
            found.append(memory.total())
        return found

    def _look(self, text: str) -> tuple[str, tuple[Evidence, ...]]:
        """Why a text cannot be read, if so, and what it shows, each family once and the weightiest first."""
        best: dict[str, Evidence] = {}
        for one in evidence(text):
            before = best.get(one.family)
            best[one.family] = _both(before, one) if before else one
        reason = unreadable(text, self._reader.network.tokenizer)
        points, kind = self._learnt(text) if not reason else (0.0, "")
        if points > FORGOTTEN:
            start = len(text) - len(text.lstrip())
            best[kind + LEARNT] = Evidence(kind, kind + LEARNT, points, start, len(text.rstrip()))
        return reason, tuple(sorted(best.values(), key=lambda one: -one.points))

    def _learnt(self, text: str) -> tuple[float, str]:
        """Points of the learnt reader, which reads English, and of what kind."""
        if language(text) != "en":
            return 0.0, ""
        points, kind = self._reader.points(text)
        return points * (SOFTENED if softened(text) else 1.0), kind

    def _shown(self, turn: Turn, found: Evidence) -> Annotation:
        score = {found.kind: round(min(1.0, found.points / PLAIN), 4)}
        return Annotation("evidence", score, Anchor(turn.id, (found.start, found.end)), "words", self.rater)

    def _conclude(self, turn: Turn, memory: _Memory, reason: str) -> Iterator[Annotation]:
        at, total, because = Anchor(turn.id), memory.total(), memory.because()
        if reason and total < self._reader.cuts[0]:
            yield from (Annotation("risk", {}, at, name, self.rater, reason=reason) for name in SCHEMES)
            return
        levels = dict(zip(LEVELS, self._reader.levels(total), strict=True))
        decided = LEVELS[self._reader.decided(total)]
        yield Annotation("risk", levels, at, SCHEMES[0], self.rater, (decided,), because=because)
        kinds = {kind: self._reader.at_least(memory.total(kind)) for kind in KINDS}
        named = tuple(kind for kind, score in kinds.items() if score >= 0.5)
        yield Annotation("risk", kinds, at, SCHEMES[1], self.rater, named, because=because)


def _both(one: Evidence, other: Evidence) -> Evidence:
    """The weightier of two cues of a family, and a little more where they stand apart."""
    best, less = (one, other) if one.points >= other.points else (other, one)
    apart = less.points > 1 and (less.end <= best.start or less.start >= best.end)
    return replace(best, points=best.points + ANOTHER) if apart and best.points < PLAIN else best
