"""Counts over everything read, kept in constant memory however much that is."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from insula.conversation import Annotation, Conversation

from .view import View

EXTREMES = 5
BINS = 20
MOST_SPEAKERS = 10_000
"""Speakers told apart; with more there is no point in a number."""


@dataclass
class Tally:
    """What was expressed, by whom, how often nothing could be told, and the most and least pleasant turns."""

    turns: int = 0
    judged: int = 0
    emotions: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    speakers: set[str] = field(default_factory=set[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    raters: Counter[str] = field(default_factory=Counter[str])
    seen: set[str] = field(default_factory=set[str])
    valence: list[int] = field(default_factory=lambda: [0] * BINS)
    _pleasant: list[tuple[float, int, View]] = field(default_factory=list[tuple[float, int, View]])
    _unpleasant: list[tuple[float, int, View]] = field(default_factory=list[tuple[float, int, View]])

    def add(self, view: View) -> None:
        """Count one turn."""
        self.turns += 1
        if len(self.speakers) < MOST_SPEAKERS:
            self.speakers.add(view.turn.speaker)
        for annotation in (view.emotion, view.affect, *view.beside):
            if annotation:
                self.raters[annotation.rater] += 1
        if reason := view.cannot_tell:
            # "(novelty 8.2, limit 7.9)" and the like would make every reason its own kind
            self.reasons[reason.partition(" (")[0]] += 1
        elif view.emotion or view.affect:
            self.judged += 1
        for label, _ in view.expressed:
            self.emotions[view.emotion.scheme if view.emotion else "", label] += 1
        self._add_valence(view)

    def look(self, conversation: Conversation) -> None:
        """Count what was judged of seconds and not of a turn: who was seen, and by whom."""
        self.seen |= {one.speaker for one in conversation.signals("face") if one.speaker}
        for x in conversation:
            if isinstance(x, Annotation) and not x.at.turn and x.at.seconds:
                self.raters[x.rater] += 1

    def read_by(self, most: int) -> str:
        """Who judged most, and how many others did."""
        names = [rater for rater, _ in self.raters.most_common(most)]
        rest = len(self.raters) - len(names)
        return ", ".join(names) + (f" and {rest} more" if rest else "") or "nobody"

    @property
    def pleasant(self) -> list[View]:
        """The turns with the highest valence, highest first."""
        return [view for _, _, view in sorted(self._pleasant, key=lambda x: (-x[0], x[1]))]

    @property
    def unpleasant(self) -> list[View]:
        """The turns with the lowest valence, lowest first."""
        return [view for _, _, view in sorted(self._unpleasant, key=lambda x: (-x[0], x[1]))]

    def _add_valence(self, view: View) -> None:
        if not (found := view.affect_of("valence")):
            return
        valence = found[0]
        self.valence[min(int((valence + 1) / 2 * BINS), BINS - 1)] += 1
        for heap, key in ((self._pleasant, valence), (self._unpleasant, -valence)):
            # the second key is unique, so that views are never compared
            heapq.heappush(heap, (key, self.turns, view))
            if len(heap) > EXTREMES:
                heapq.heappop(heap)
