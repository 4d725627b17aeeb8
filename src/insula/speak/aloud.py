"""Replies spoken: for each turn of the one who replies, sound, and beside it how it was meant to sound.

    Turn("companion", "I am so sorry.") -> Signal("audio", ...), delivery: {"sadness": .4, "pace": .88, ...}

What the reply is to express is what was planned for it (layer `plan`, scheme `reply-emotion`, at the turn before it),
else `feeling`. A signal for each sentence, as soon as it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from insula.conversation import Addition, Anchor, Annotation, Conversation, Signal, Turn

from .delivery import QUANTITIES, Delivery
from .listen_back import Ears, Heard, settle
from .plan import plan
from .text import lines
from .voices import Sound, Voice, VoiceError, voice

CALM: Mapping[str, float] = MappingProxyType({"calm": 1.0})


class Aloud:
    """Speaks the turns of `speakers` with a voice: its name, as `voice` takes it, or the voice itself.

    `feeling` and `intensity` are for replies nobody planned. A reply that cannot be spoken gets an empty `delivery`
    with the reason. With `listen` each sentence is heard before it is given out, and said again where it missed its
    plan (`listen_back`): layer `delivered` says how it came out. Raises ValueError and ImportError as `voice` does.
    """

    reads: Sequence[str] = ("turn",)

    def __init__(
        self,
        voice: str | Voice = "builtin",
        speakers: Sequence[str] = ("companion", "supporter", "listener", "therapist", "counselor"),
        feeling: Mapping[str, float] = CALM,
        intensity: float = 0.5,
        listen: bool = False,
        name: str = "speak.voice",
    ) -> None:
        self.name = self.rater = name
        self.voice = _voice(voice)
        self.speakers = frozenset(speakers)
        self._ears = Ears.open() if listen else None
        self.writes = ("delivery", "signal.audio", *(("delivered",) if listen else ()))
        self.feeling, self.intensity = dict(feeling), intensity

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        before: Turn | None = None
        waiting = {turn.id for turn in conversation.pending("delivery", self.rater)}
        for turn in conversation.turns:
            if turn.id in waiting and turn.speaker in self.speakers and turn.text.strip():
                yield from self._speak(conversation, turn, before)
            before = turn

    def _speak(self, conversation: Conversation, turn: Turn, before: Turn | None) -> Iterator[Addition]:
        planned = intended(conversation, before)
        felt = dict(planned.scores) if planned else self.feeling
        delivery = plan(turn.text, felt, self.intensity)
        start = turn.seconds[0] if turn.seconds else _end(conversation)
        try:
            yield self._annotation(turn, delivery, (planned.id,) if planned else ())
            for sound, heard in self._said(turn.text, delivery):
                yield Signal("audio", sound.samples, sound.rate, turn.speaker, start)
                if heard:
                    at = Anchor(turn.id, seconds=(start, start + sound.seconds), speaker=turn.speaker)
                    yield Annotation("delivered", heard.scores(), at, "delivered", self.rater)
                start += sound.seconds
        except VoiceError as error:
            yield Annotation("delivery", {}, Anchor(turn.id), "delivery", self.rater, reason=str(error))
        yield from self._emphasis(turn, delivery)

    def _said(self, text: str, delivery: Delivery) -> Iterator[tuple[Sound, Heard | None]]:
        if not self._ears:
            yield from ((sound, None) for sound in self.voice.say(text, delivery))
            return
        for line in lines(text, delivery):
            _, heard, sound = settle(self.voice, line, self._ears)
            yield sound, heard

    def _annotation(self, turn: Turn, delivery: Delivery, because: tuple[str, ...]) -> Annotation:
        return Annotation("delivery", scores(delivery), Anchor(turn.id), "delivery", self.rater, because=because)

    def _emphasis(self, turn: Turn, delivery: Delivery) -> Iterator[Annotation]:
        for word in delivery.emphasis:
            for found in re.finditer(rf"\b{re.escape(word)}\b", turn.text):
                at = Anchor(turn.id, found.span())
                yield Annotation("delivery", {"emphasis": 1.0}, at, "delivery", self.rater)


def intended(conversation: Conversation, before: Turn | None) -> Annotation | None:
    """What the reply to this turn was planned to express; None where nobody planned it."""
    planned = conversation.read("plan", turn=before.id, scheme="reply-emotion") if before else []
    return planned[-1] if planned and planned[-1].scores else None


def scores(delivery: Delivery) -> dict[str, float]:
    """A delivery as the scores of an annotation: its feelings, affect and intensity, and every quantity."""
    quantities = {name: getattr(delivery, name) for name in QUANTITIES}
    return {**delivery.feeling, **delivery.affect, "intensity": delivery.intensity, **quantities}


def _voice(given: str | Voice) -> Voice:
    return voice(given) if isinstance(given, str) else given


def _end(conversation: Conversation) -> float:
    """When the last sound ends; 0 where there is none, or it is a file whose length nobody has read."""
    ends = [one.start + len(one.samples) / one.sampling_rate for one in conversation.signals("audio") if _array(one)]
    return max(ends, default=0.0)


def _array(signal: Signal) -> bool:
    return hasattr(signal.samples, "shape")
