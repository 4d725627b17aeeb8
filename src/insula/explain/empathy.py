"""How a reply meets the one it answers: emotional reactions, interpretations and explorations, with the words that do.

    ana: "I failed again." / ben: "That must hurt. What happened?" -> emotional-reactions 1.4, explorations 1.8
    because "That must hurt", "What happened"

Source: Sharma et al. 2020 (EPITOME); levels 0 none, 1 weak, 2 strong, scaled so that rounding decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from insula.conversation import Addition, Anchor, Annotation, Conversation
from insula.network.dialogue import Dialogue, Heard
from insula.network.exchange import REACH

SCHEME = "epitome3"
SHORTEST = 2  # tokens of a rationale


class Empathy:
    """Rates every pending turn that answers another speaker. Raises FileNotFoundError."""

    reads = ("turn",)
    writes = ("empathy", "evidence")

    def __init__(self, weights: str = "dialogue", name: str = "explain.empathy", threads: int = 1) -> None:
        self.name = name
        self._network = Dialogue.open(weights, threads)
        self._head = self._network.heads[SCHEME]
        self.rater = f"{name}@{self._network.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation."""
        found: list[list[Addition]] = []
        for conversation in conversations:
            turns = conversation.turns
            places = {turn.id: place for place, turn in enumerate(turns)}
            ends = [places[turn.id] for turn in conversation.pending("empathy", self.rater)]
            said = self._network.exchanges([turns[max(0, end - REACH) : end + 1] for end in ends])
            heard = self._network.run(said)
            found.append([one for reply in heard for one in self._judge(reply)])
        return found

    def _judge(self, heard: Heard) -> Iterator[Annotation]:
        at = Anchor(heard.exchange[0].turn)
        if reason := self._reason(heard):
            yield self._head.abstention(at, self.rater, reason)
            return
        scores = self._head.calibrated(heard.raw[None])[0]
        because = list(self._rationales(heard, scores))
        yield from because
        yield self._head.annotation(scores, at, self.rater, tuple(one.id for one in because))

    def _reason(self, heard: Heard) -> str:
        if not heard.exchange[0].words.ids:
            return "no words in it"
        if all(said.same for said in heard.exchange):
            return "no reply: nobody else has spoken before it"
        if heard.novelty > self._network.novelty_limit:
            return f"unlike the replies it learnt from (novelty {heard.novelty:.1f})"
        return ""

    def _rationales(self, heard: Heard, scores: np.ndarray) -> Iterator[Annotation]:
        """Per mechanism that is decided to be there, the stretches of words that show it."""
        spans = heard.exchange[0].words.spans
        for index, mechanism in enumerate(self._head.kind.labels):
            if scores[index] < 0.5:
                continue
            slope, intercept, limit = self._network.rationale[index]
            sure = 1 / (1 + np.exp(-(slope * heard.rationale_of(index) + intercept)))
            for first, last in _stretches(sure >= limit):
                if last - first + 1 >= SHORTEST:
                    score = {mechanism: round(float(sure[first : last + 1].mean()), 4)}
                    at = Anchor(heard.exchange[0].turn, (spans[first][0], spans[last][1]))
                    yield Annotation("evidence", score, at, "words", self.rater)


def _stretches(chosen: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last index of each run of chosen tokens."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)
