"""What a picture, or a film every few seconds, brings about in those who look: valence and arousal.

    Conversation(Signal("video", "beach.jpg", 0)) -> affect {"valence": .6, "arousal": -.1} of "viewer" at 0-1 s

What is said is of people who look at it, on average; what a face in it expresses is `face.expression`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from insula.conversation import Anchor, Annotation, Conversation, Signal
from insula.network.scene import Scene as Network
from insula.vision.frames import Film, Unseeable

VIEWER = "viewer"


class Scene:
    """Looks at every video signal once: at each still, and at a film every `every` seconds."""

    reads = ("signal.video",)
    writes = ("affect",)

    def __init__(self, every: float = 2.0, name: str = "image.scene", threads: int = 1) -> None:
        if every <= 0:
            raise ValueError(f"every is {every:g}: a film is looked at every so many seconds, more than 0")
        self.name, self.every = name, every
        self._network = Network.open(threads=threads)
        self.rater = f"{name}@{self._network.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        if conversation.read("affect", rater=self.rater):
            return
        for signal in conversation.signals("video"):
            yield from self._film(signal)

    def _film(self, signal: Signal) -> Iterator[Annotation]:
        start = signal.start
        try:
            film = Film.open(signal.samples, signal.sampling_rate)
            step = 1 / film.rate(1 / self.every)
            for frame in film.frames(1 / self.every):
                (reading,) = self._network.read([frame.image])
                at = Anchor(seconds=(start + frame.seconds, start + frame.seconds + step), speaker=VIEWER)
                known = {"margin": reading.margin, "reason": reading.reason}
                yield Annotation("affect", reading.affect, at, "vad", self.rater, **known)
        except (Unseeable, OSError) as error:
            why = str(error) if isinstance(error, Unseeable) else f"cannot be read: {error.strerror}"
            yield Annotation("affect", {}, Anchor(speaker=VIEWER), "vad", self.rater, reason=why)
