"""How well each person's signals can be read, minute by minute, and what is wrong with them as a whole.

    Signal("ppg"), Signal("eda") -> quality at 0-60 s, 10-70 s, ...: {"ppg.there": 1, "ppg.clear": .86, ...}

A unit, a sampling rate or a clock that cannot be right is an abstention with the reason over the whole recording.
"""

from __future__ import annotations

from collections.abc import Iterator

from insula.body.clocks import problems
from insula.body.person import Body
from insula.body.quality import quality
from insula.conversation import Addition, Anchor, Annotation, Conversation

from .windows import READS, bodies, judged, windows


class BodyQuality:
    """The scheme `body-quality` for every window of every person; what is wrong on the whole comes first."""

    reads = READS
    writes = ("quality",)

    def __init__(self, name: str = "body.quality") -> None:
        self.name = self.rater = name

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        done = judged(conversation, "quality", self.rater)
        for speaker, body in bodies(conversation):
            whole = Anchor(seconds=body.seconds, speaker=speaker)
            known = {one.reason for one in conversation.read("quality", rater=self.rater) if one.at == whole}
            for note in (*body.notes, *problems(body)):
                if note not in known:
                    yield self._annotation({}, whole, note)
            for start, end in windows(body):
                if (at := Anchor(seconds=(start, end), speaker=speaker)) not in done:
                    yield self._measured(body, at)

    def _measured(self, body: Body, at: Anchor) -> Annotation:
        found = quality(body, *(at.seconds or (0.0, 0.0)))
        nothing = not any(share for name, share in found.items() if name.endswith(".there"))
        return self._annotation({} if nothing else found, at, "nothing was measured here" if nothing else "")

    def _annotation(self, scores: dict[str, float], at: Anchor, why: str) -> Annotation:
        return Annotation("quality", scores, at, "body-quality", self.rater, reason=why)
