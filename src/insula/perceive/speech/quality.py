"""How well each turn can be heard: noise, clipping, reverberation, seconds of speech, width of the band.

    Turn(seconds=(1.0, 3.2)) -> quality: snr 24 dB, clipped 0, reverberation 0.3 s, speech 1.9 s, bandwidth 7800 Hz

What cannot be read at this quality is said by `insula.audio.quality.reason`; readers of voices abstain with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from insula.audio.decode import Inaudible
from insula.audio.quality import quality
from insula.audio.span import samples
from insula.conversation import Addition, Anchor, Annotation, Conversation


class Quality:
    """The scheme `audio-quality` for every pending turn; a turn without sound is an abstention."""

    reads = ("turn", "signal.audio")
    writes = ("quality",)

    def __init__(self, name: str = "speech.quality") -> None:
        self.name = self.rater = name

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("quality", self.rater):
            scores, reason = {}, ""
            try:
                scores = quality(samples(conversation, turn))
            except (LookupError, Inaudible) as error:
                reason = str(error.args[0])
            yield Annotation("quality", scores, Anchor(turn.id), "audio-quality", self.rater, reason=reason)
