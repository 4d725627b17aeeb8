"""A spoken conversation: it hears, understands, answers sentence by sentence, and can be interrupted.

    talk = Talk(Companion(None, voice=True), Track())
    for block in blocks: talk.hear(block)         # float32 at 16 kHz, any size
    talk.close(); talk.timings[0].first           # seconds from the end of speech to the first sound of the reply

Words are looked for as soon as the person may have finished, and kept if they had: the wait that tells the end of a
turn is not lost. Who speaks into the reply is listened to, and the reply ends there.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from .conversation import Anchor, Annotation, Signal, Turn
from .network.words import Transcript, transcriber
from .perceive.speech.stretches import Stretch, Stretches
from .perceive.speech.turns import heard_turn
from .speak.aloud import CALM, intended, scores
from .speak.delivery import Delivery
from .speak.plan import plan
from .speak.voices import Sound, Voice, voice

if TYPE_CHECKING:
    from collections.abc import Generator

    from .companion import Companion
    from .network.words import Transcriber

Array = NDArray[np.float32]
RATE = 16000
ENDS = 0.4
"""Seconds of silence after which a turn is over; people leave .2 between turns, and .5 within them where they think
(Heldner & Edlund 2010, Pauses, gaps and overlaps in conversations)."""
MAYBE = 0.16
"""Seconds of silence after which words are looked for, in case the turn is over."""
INTERRUPTS = 0.35
"""Seconds of voice that end a reply; a shorter one is a nod ("mhm")."""
AHEAD = 1.0
"""Seconds left to play when the next sentence is made."""
UNHEARD = "Sorry, I did not catch that. Could you say it again?"
MUMBLED = 1.0
"""Seconds of speech without a word that are worth asking about."""


class Player(Protocol):
    """Where a reply is heard; `at` is the second of the talk it happens at."""

    def play(self, sound: Sound, at: float) -> None:
        """Play this after what is playing."""
        ...

    def stop(self, at: float) -> None:
        """Play nothing of what is left."""
        ...

    def left(self, at: float) -> float:
        """Seconds still to be played."""
        ...


@dataclass(frozen=True)
class Timing:
    """Seconds after the person stopped speaking until each stage was done; `cut` is whether the reply was interrupted.

    ended: it was clear that they had; words: what they said; understood and planned; worded: the first sentence;
    first: its first sound. `ended` is a wait, the rest is work.
    """

    ended: float
    words: float
    worded: float
    first: float
    cut: bool = False


class Talk:
    """One companion, one person, one `player`. `spoken_by` is a voice or its name, `words` a transcriber or its name.

    Raises what they raise where they are not installed: ImportError and LookupError that say what to do.
    """

    def __init__(
        self,
        companion: Companion,
        player: Player,
        *,
        spoken_by: Voice | str = "builtin",
        words: Transcriber | str = "local",
        intensity: float = 0.5,
        threads: int = 1,
    ) -> None:
        self.companion, self.player = companion, player
        self.voice = voice(spoken_by) if isinstance(spoken_by, str) else spoken_by
        self.transcribe = transcriber(words, threads) if isinstance(words, str) else words
        self.intensity = intensity
        self.timings: list[Timing] = []
        self._ears = Stretches(silence=ENDS)
        self._early = _Early(self.transcribe)
        self._reply: _Reply | None = None
        self._warm()
        self._now = 0.0  # seconds of the talk at the end of the last block
        self._arrived = time.perf_counter()

    def hear(self, block: Array) -> None:
        """The next sound of the person, float32 [n] at 16 kHz in -1..1; replies go to the player."""
        self._arrived = time.perf_counter()
        self._now += len(block) / RATE
        for stretch in self._ears.feed(block):
            self._answer(stretch)
        opened = self._ears.opened
        if opened and self._ears.quiet >= MAYBE:
            self._early.begin(opened)
        if opened and self._reply and opened.end - opened.start >= INTERRUPTS and self._ears.quiet == 0:
            self._interrupt()
        self._go_on()

    def close(self) -> None:
        """The person is gone: what they said last is answered, and the reply made to its end."""
        self._arrived = time.perf_counter()
        for stretch in self._ears.close():
            self._answer(stretch)
        while self._reply:
            self._next()
        self._early.close()

    @property
    def clock(self) -> float:
        """Seconds since the talk began: what was heard, and the time spent on it since."""
        return self._now + time.perf_counter() - self._arrived

    def _warm(self) -> None:
        """Load what the first answer needs before it is waited for."""
        from .audio.decode import resample
        from .companion import Companion

        hello = next(self.voice.say("Hello there.", Delivery()))
        samples = resample(hello.samples, hello.rate, RATE)
        self.transcribe(samples)
        turn = Turn("person", "Hello there.", seconds=(0.0, len(samples) / RATE))
        list(Companion(None, voice=True).stream(turn, Signal("audio", samples, RATE)))

    def _answer(self, stretch: Stretch) -> None:
        """Understand what was said, and let the reply begin."""
        ended = self.clock
        transcript = self._early.result(stretch) or self.transcribe(stretch.samples)
        worded = self.clock
        turn = heard_turn(self.companion.person, (stretch.start, stretch.end), transcript)
        if not turn.text:
            if stretch.end - stretch.start >= MUMBLED and not self._reply:
                self.player.play(next(self.voice.say(UNHEARD, plan(UNHEARD, {}, 0.0))), self.clock)
            return
        if self._reply:
            self._interrupt()
        sound = Signal("audio", stretch.samples, RATE, start=stretch.start)
        self._reply = _Reply(turn, self.companion.stream(turn, sound))
        self._reply.times = {"ended": ended - stretch.end, "words": worded - stretch.end}
        self._next()

    def _go_on(self) -> None:
        if self._reply and self.player.left(self.clock) < AHEAD:
            self._next()

    def _next(self) -> None:
        """The reply's next sentence, spoken."""
        reply = self._reply
        if reply is None:
            return
        sentence = next(reply.sentences, None)
        if sentence is None:
            self._finish()
            return
        since = reply.turn.seconds[1] if reply.turn.seconds else 0.0
        reply.times.setdefault("worded", self.clock - since)
        for sound in self.voice.say(sentence, self._delivery(sentence, reply.turn)):
            self.player.play(sound, self.clock)
            reply.times.setdefault("first", self.clock - since)
            reply.sounds.append(sound)

    def _delivery(self, text: str, turn: Turn) -> Delivery:
        """How a reply to this turn is to be said."""
        asked = next(one for one in reversed(self.companion.conversation.turns) if one.seconds == turn.seconds)
        planned = intended(self.companion.conversation, asked)
        return plan(text, planned.scores if planned else CALM, self.intensity)

    def _interrupt(self) -> None:
        """Say no more; the conversation keeps what was said so far."""
        self.player.stop(self.clock)
        self._finish(cut=True)

    def _finish(self, cut: bool = False) -> None:
        reply, self._reply = self._reply, None
        if reply is None:
            return
        reply.sentences.close()
        if "first" in reply.times:
            self.timings.append(Timing(**reply.times, cut=cut))
        said = self.companion.conversation.last
        if said and said.speaker == self.companion.name:
            delivery = scores(self._delivery(said.text, reply.turn))
            self.companion.conversation.add(
                Annotation("delivery", delivery, Anchor(said.id), "delivery", "speak.voice")
            )


@dataclass
class _Reply:
    """A reply on its way: the turn it answers, its sentences to come, what was spoken of it, and when."""

    turn: Turn
    sentences: Generator[str]
    sounds: list[Sound] = field(default_factory=list[Sound])
    times: dict[str, float] = field(default_factory=dict[str, float])


class _Early:
    """Words of a stretch that may be over, looked for in a thread; thrown away where it went on."""

    def __init__(self, transcribe: Transcriber) -> None:
        self._transcribe, self._pool = transcribe, ThreadPoolExecutor(1)
        self._of: tuple[float, float] | None = None
        self._found: Future[Transcript] | None = None

    def begin(self, stretch: Stretch) -> None:
        if self._of != (stretch.start, stretch.end):
            self._of = (stretch.start, stretch.end)
            self._found = self._pool.submit(self._transcribe, stretch.samples)

    def result(self, stretch: Stretch) -> Transcript | None:
        """The words, where just this stretch was begun with."""
        found = self._found if self._of == (stretch.start, stretch.end) else None
        return found.result() if found else None

    def close(self) -> None:
        self._pool.shutdown()


class Track:
    """A player into memory: what a talk's replies sound like, each at the second it was heard at."""

    def __init__(self) -> None:
        self.pieces: list[tuple[float, Sound]] = []
        self._until = 0.0

    def play(self, sound: Sound, at: float) -> None:
        start = max(at, self._until)
        self.pieces.append((start, sound))
        self._until = start + sound.seconds

    def stop(self, at: float) -> None:
        kept: list[tuple[float, Sound]] = []
        for start, sound in self.pieces:
            size = max(0, round((at - start) * sound.rate))
            if size:
                kept.append((start, Sound(sound.samples[:size], sound.rate, sound.text)))
        self.pieces, self._until = kept, min(self._until, at)

    def left(self, at: float) -> float:
        return max(0.0, self._until - at)

    def samples(self, rate: int, seconds: float = 0.0) -> Array:
        """All of it as float32 [n], at least `seconds` long, silent where nothing was said."""
        from .audio.decode import resample

        whole = np.zeros(round(max(seconds, self._until) * rate) + rate, np.float32)
        for start, sound in self.pieces:
            piece = resample(sound.samples, sound.rate, rate)
            at = round(start * rate)
            whole[at : at + len(piece)] += piece[: len(whole) - at]
        return whole
