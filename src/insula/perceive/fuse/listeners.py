"""What a turn did to those who listened: how the valence and arousal of each listener's face changed over it.

    ana tells, bo's face falls -> listened {"valence": -.4, "arousal": .1} of "face 2" at ana's turn

Before is the mean of the two seconds before the turn, after that of its last two seconds, of what the reader of faces
says second by second; a listener is a face that is seen in both and does not speak the turn. A change goes along with
what was told; what brought it about is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from insula.conversation import Anchor, Annotation, Conversation, Turn

WINDOW = 2.0  # seconds before a turn begins, and before it ends
DIMENSIONS: tuple[str, ...] = ("valence", "arousal")


class Listeners:
    """Judges every pending turn, an annotation for each listener seen; `face` reads the faces second by second."""

    reads = ("turn", "affect")
    writes = ("listened",)

    def __init__(self, face: str = "face.expression", name: str = "fuse.listeners") -> None:
        self.name = self.rater = name
        self._face = face

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        for turn in conversation.pending("listened", self.rater):
            yield from self._judge(conversation, turn)

    def _judge(self, conversation: Conversation, turn: Turn) -> Iterator[Annotation]:
        speaking = {label for x in conversation.read("speaker_face", turn=turn.id) for label in x.labels}
        people: dict[str, list[Annotation]] = {}
        for one in conversation.read("affect"):
            mine = one.rater.partition("@")[0] == self._face and one.at.turn is None and one.scores
            if mine and one.at.seconds and one.at.speaker and one.at.speaker not in speaking:
                people.setdefault(one.at.speaker, []).append(one)
        start, end = turn.seconds or (0.0, 0.0)
        found = 0
        for name, marks in people.items() if turn.seconds else ():
            before, after = _within(marks, start - WINDOW, start), _within(marks, max(start, end - WINDOW), end)
            if before and after:
                change = (_mean(after) - _mean(before)).round(4).tolist()
                at, because = Anchor(turn.id, speaker=name), tuple(x.id for x in (*before, *after))
                scores = dict(zip(DIMENSIONS, change, strict=True))
                yield Annotation("listened", scores, at, "listened", self.rater, because=because)
                found += 1
        if not found:
            reason = "no listener is seen before and in this turn"
            yield Annotation("listened", {}, Anchor(turn.id), "listened", self.rater, reason=reason)


def _within(marks: list[Annotation], start: float, end: float) -> list[Annotation]:
    return [x for x in marks if x.at.seconds and x.at.seconds[0] < end and start < x.at.seconds[1] <= end]


def _mean(marks: list[Annotation]) -> np.ndarray:
    return np.mean([[x.scores.get(one, 0.0) for one in DIMENSIONS] for x in marks], axis=0)
