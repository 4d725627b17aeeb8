"""What feeling and affect each turn's voice expresses, and every two seconds of a longer one.

    Turn(seconds=(1.0, 7.2)) -> emotion at the turn, and at 1-3 s, 2-4 s, ...; affect at the same places

A voice is read against its speaker's own, as far as earlier turns or a calibration have made that known. A turn that is
too short, too noisy or unlike any voice is an abstention with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from insula.audio.contours import Contours
from insula.audio.decode import Inaudible
from insula.audio.quality import reason as unclear
from insula.audio.span import samples
from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.voice import Heard, Person, Voice, VoiceReading
from insula.network.whisper import RATE

from .baseline import Baseline, Running

WINDOW, STEP = 2.0, 1.0  # seconds
LONG = 3.0  # seconds from which on a turn is also read in windows


class SpeechVoice:
    """Reads every pending turn by what was heard until its end, so that a stream and a file say the same.

    `baselines` gives files of `Baseline.save` by speaker; with `running=False` earlier turns of a talk change nothing.
    Raises FileNotFoundError for a baseline or weights that are not there, and LookupError saying what to install.
    """

    reads = ("turn", "signal.audio")
    writes = ("emotion", "affect")

    def __init__(
        self,
        weights: str = "voice",
        name: str = "speech.voice",
        baselines: Mapping[str, str] | None = None,
        running: bool = True,
        threads: int = 1,
    ) -> None:
        self.name = name
        self._voice = Voice.open(weights, threads)
        self.rater = f"{name}@{self._voice.revision}"
        self._known = {speaker: Baseline.load(Path(path)).person for speaker, path in (baselines or {}).items()}
        self._running = running
        self._talks: WeakKeyDictionary[Conversation, Running] = WeakKeyDictionary()

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("emotion", self.rater):
            yield from self._turn(conversation, turn, self._talk(conversation))

    def _talk(self, conversation: Conversation) -> Running:
        """Who was heard in this talk so far; turns read before this component saw it are heard again."""
        if conversation not in self._talks:
            talk = self._talks[conversation] = Running(self._known)
            read = {one.at.turn for one in conversation.read("emotion", rater=self.rater) if one.scores}
            for turn in conversation.turns if self._running else ():
                if turn.id in read:
                    heard = self._voice.hear(samples(conversation, turn))
                    talk.heard(turn.speaker, heard.features(), _seconds(turn))
        return self._talks[conversation]

    def _turn(self, conversation: Conversation, turn: Turn, talk: Running) -> Iterator[Annotation]:
        at = Anchor(turn.id)
        try:
            found = samples(conversation, turn)
        except (LookupError, Inaudible) as error:
            yield from self._annotations(VoiceReading({}, {}, reason=str(error.args[0])), at)
            return
        if why := _unclear(conversation, turn) or self._voice.unreadable(found):
            yield from self._annotations(VoiceReading({}, {}, reason=why), at)
            return
        heard, person = self._voice.hear(found, _measured(conversation, turn)), talk.person(turn.speaker)
        whole = heard.features()
        reading = self._voice.judge(whole, person)
        yield from self._annotations(reading, at)
        yield from self._windows(heard, turn, len(found) / RATE, person)
        if self._running and not reading.reason:
            talk.heard(turn.speaker, whole, len(found) / RATE)

    def _windows(self, heard: Heard, turn: Turn, seconds: float, person: Person | None) -> Iterator[Annotation]:
        if seconds <= LONG or turn.seconds is None:
            return
        for start in np.arange(0.0, seconds - WINDOW + 1e-6, STEP):
            at = Anchor(turn.id, seconds=(turn.seconds[0] + float(start), turn.seconds[0] + float(start) + WINDOW))
            window = heard.features(float(start), float(start) + WINDOW)
            yield from self._annotations(self._voice.judge(window, person), at)

    def _annotations(self, reading: VoiceReading, at: Anchor) -> Iterator[Annotation]:
        common = {"at": at, "rater": self.rater, "reason": reading.reason}
        yield Annotation(
            "emotion", reading.emotion, scheme="voice9", labels=reading.labels, possible=reading.possible, **common
        )
        yield Annotation("affect", reading.affect, scheme="vad", margin=reading.margin or {}, **common)


def _unclear(conversation: Conversation, turn: Turn) -> str:
    """Why this turn's quality does not let it be read, where somebody has measured it."""
    judged = (one for one in conversation.read("quality", turn=turn.id) if one.scores)
    return next((why for one in judged if (why := unclear(one.scores, _seconds(turn)))), "")


def _measured(conversation: Conversation, turn: Turn) -> Contours | None:
    """The turn's contours, where `speech.prosody` has them already."""
    signals = conversation.signals("prosody")
    return next((Contours(signal.samples) for signal in reversed(signals) if signal.id == f"prosody.{turn.id}"), None)


def _seconds(turn: Turn) -> float:
    start, end = turn.seconds or (0.0, 0.0)
    return end - start
