"""What words and voice express together, and whether they contradict each other.

    "I'm fine." in a sad voice -> emotion {sadness .5, joy .3, ...}, conflict .84 (go by the voice .76) and the sentence
    "The words are glad (0.70), the voice sounds sad (0.62): ...; going by the voice, because it is surer (0.62 ...)."

Where both may mean the same, their opinions are multiplied (a log-linear pool), so that two weak hints become a strong
one. As far as they are in conflict they are mixed by trust instead: both feelings stay in the scores, and which one to
go by is said with its reason. A channel that is missing or abstains leaves the other's calibrated reading as it is.
That incongruous messages are mostly understood by their tone: Mehrabian & Wiener 1967; here it is learnt how sure each
channel is, and the surer is gone by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.text import digest, weights_folder
from insula.scheme import mapping, scheme

from .affect import Affect
from .disagreement import Disagreement, trust
from .pool import Pool
from .wording import sentence

Array = NDArray[np.float64]
EMOTIONS = scheme("ekman7").labels
NEUTRAL = EMOTIONS.index("neutral")
WORDS = ("text.encoder", "dialogue.encoder")  # readers of words, the first that has something to say counts
VOICE = "speech.voice"
CLEAR = 20.0  # dB of signal over noise from which a voice counts in full
NOBODY = {"words": "nobody read the words", "voice": "nobody listened to the voice"}


@dataclass(frozen=True)
class Heard:
    """One channel at one turn: the annotations it rests on, and how well it could be received, 0..1."""

    channel: str
    emotion: Annotation | None = None
    affect: Annotation | None = None
    quality: float = 1.0
    because: tuple[str, ...] = ()
    reason: str = ""


class WordsVoice:
    """Fuses what is known of every pending turn; `weights` is shipped by name or the path of a trained `.json`.

    Raises FileNotFoundError where the weights are not there.
    """

    reads = ("turn", "emotion", "affect")
    writes = ("emotion", "affect", "conflict", "explanation")

    def __init__(self, weights: str = "words-voice", name: str = "fuse.words-voice") -> None:
        self.name = name
        self._fitted = fitted(weights)
        self.rater = f"{name}@{self._fitted.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("conflict", self.rater):
            yield from self._judge(conversation, turn)

    def _judge(self, conversation: Conversation, turn: Turn) -> Iterator[Annotation]:
        words, voice = _words(conversation, turn), _voice(conversation, turn)
        given = [one for one in (words, voice) if one.emotion]
        if len(given) == 2:
            yield from self._both(turn, words, voice)
            return
        at, reason = Anchor(turn.id), "; ".join(one.reason for one in (words, voice) if one.reason)
        for one in given:
            yield from self._alone(at, one)
        if not given:
            yield Annotation("emotion", {}, at, "ekman7", self.rater, reason=reason)
            yield Annotation("affect", {}, at, "vad", self.rater, reason=reason)
        yield Annotation("conflict", {}, at, "channel-conflict", self.rater, reason=f"not both channels: {reason}")

    def _alone(self, at: Anchor, one: Heard) -> Iterator[Annotation]:
        read = self._fitted.pool.fuse({_fitted_name(one): _seven(one)})
        yield self._emotion(at, read, (EMOTIONS[int(read.argmax())],), one.because)
        yield from self._affect(at, [one], {one.channel: 1.0}, 0.0)

    def _both(self, turn: Turn, words: Heard, voice: Heard) -> Iterator[Annotation]:
        at, fit = Anchor(turn.id), self._fitted
        read = {one.channel: fit.pool.channels[_fitted_name(one)].read(_seven(one)) for one in (words, voice)}
        conflict = float(fit.disagreement.probability(read["words"], read["voice"], NEUTRAL))
        sure = {
            one.channel: float(fit.pool.channels[_fitted_name(one)].reliability(read[one.channel])) * one.quality
            for one in (words, voice)
        }
        trusted = trust(sure)
        # a channel that cannot tell contradicts nobody
        told = all(one.emotion and one.emotion.labels for one in (words, voice))
        decided = told and conflict >= fit.disagreement.threshold
        fused = fit.fused(words, voice, read, conflict, trusted)
        by = max(trusted, key=trusted.__getitem__)
        tops = {name: EMOTIONS[int(one.argmax())] for name, one in read.items()}
        because = (*words.because, *voice.because)
        label = tops[by] if decided else EMOTIONS[int(fused.argmax())]
        yield self._emotion(at, fused, (label,), because, tuple(tops.values()) if decided else ())
        yield from self._affect(at, [words, voice], trusted, conflict)
        scores = {"conflict": conflict, **{f"trust-{name}": share for name, share in trusted.items()}}
        labels = ("conflict", f"trust-{by}") if decided else ()
        found = Annotation(
            "conflict", _rounded(scores), at, "channel-conflict", self.rater, labels=labels, because=because
        )
        yield found
        if decided:
            places = {one.channel: fit.affect.places(one.channel, one.affect) for one in (words, voice)}
            said = sentence(tops, read, places, sure, {one.channel: one.quality for one in (words, voice)}, by)
            confidence = {said: round(conflict, 4)}
            rests = (found.id, *because)
            yield Annotation("explanation", confidence, at, "sentences", self.rater, (said,), because=rests)

    def _emotion(
        self, at: Anchor, read: Array, labels: tuple[str, ...], because: tuple[str, ...], also: tuple[str, ...] = ()
    ) -> Annotation:
        scores = dict(zip(EMOTIONS, read.tolist(), strict=True))
        possible = tuple(one for one in EMOTIONS if scores[one] >= self._fitted.keep or one in {*labels, *also})
        return Annotation("emotion", _rounded(scores), at, "ekman7", self.rater, labels, possible, because=because)

    def _affect(
        self, at: Anchor, channels: list[Heard], trusted: Mapping[str, float], conflict: float
    ) -> Iterator[Annotation]:
        given = {one.channel: one.affect for one in channels if one.affect}
        if not given:
            yield Annotation("affect", {}, at, "vad", self.rater, reason="neither words nor voice were placed")
            return
        scores, margin = self._fitted.affect.fuse(given, trusted, conflict)
        because = tuple(one.id for one in given.values())
        yield Annotation("affect", _rounded(scores), at, "vad", self.rater, margin=_rounded(margin), because=because)


@dataclass(frozen=True)
class Fitted:
    """What was learnt on pairs with known answers, and the revision of the file that holds it."""

    pool: Pool
    disagreement: Disagreement
    affect: Affect
    keep: float
    revision: str

    def fused(
        self, words: Heard, voice: Heard, read: Mapping[str, Array], conflict: float, trusted: Mapping[str, float]
    ) -> Array:
        """The product of both opinions as far as they may mean the same, else both, mixed by trust."""
        scores = {_fitted_name(one): _seven(one) for one in (words, voice)}
        product = self.pool.fuse(scores, {_fitted_name(one): one.quality for one in (words, voice)})
        return (1 - conflict) * product + conflict * sum(trusted[name] * one for name, one in read.items())


@cache
def fitted(weights: str) -> Fitted:
    """What is in the shipped `words-voice.json`, or in the file of this path. Raises FileNotFoundError."""
    path = Path(weights) if weights.endswith(".json") else weights_folder() / f"{weights}.json"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {weights!r}: {path} is not there; `insula train words-voice` makes them")
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Fitted(
        Pool.from_record(record["emotion"]),
        Disagreement(**record["conflict"]),
        Affect.from_record(record["affect"]),
        float(record["keep"]),
        digest(path),
    )


def _words(conversation: Conversation, turn: Turn) -> Heard:
    """The first reader of words that has something to say; how sure the transcriber was is the channel's quality."""
    reason = NOBODY["words"]
    affect = _latest(conversation.read("affect", turn=turn.id, scheme="vad"), WORDS)
    for reader in WORDS:
        if found := _latest(conversation.read("emotion", turn=turn.id, scheme="ekman7"), (reader,)):
            if found.scores:
                quality = float(np.clip(turn.meta.get("confidence", 1.0), 0.0, 1.0))
                return Heard("words", found, _placed(affect), quality, (found.id,))
            reason = f"the words: {found.reason}"
    return Heard("words", reason=reason)


def _voice(conversation: Conversation, turn: Turn) -> Heard:
    """The voice at the whole turn; noise takes weight from it until it counts in full from 20 dB."""
    found = _latest(conversation.read("emotion", turn=turn.id, scheme="voice9"), (VOICE,))
    if not found or not found.scores:
        return Heard("voice", reason=f"the voice: {found.reason}" if found else NOBODY["voice"])
    affect = _latest(conversation.read("affect", turn=turn.id, scheme="vad"), (VOICE,))
    marks = [one for one in conversation.read("quality", turn=turn.id, scheme="audio-quality") if "snr" in one.scores]
    clear = min(max(marks[-1].scores["snr"] / CLEAR, 0.0), 1.0) if marks else 1.0
    return Heard("voice", found, _placed(affect), clear, (found.id, *(one.id for one in marks[-1:])))


def _latest(marks: list[Annotation], raters: tuple[str, ...]) -> Annotation | None:
    """The last annotation of the whole turn by one of these raters, whatever their revision."""
    whole = (x for x in reversed(marks) if not x.at.chars and not x.at.seconds)
    return next((x for x in whole if x.rater.partition("@")[0] in raters), None)


def _placed(mark: Annotation | None) -> Annotation | None:
    return mark if mark and mark.scores else None


def _fitted_name(one: Heard) -> str:
    assert one.emotion is not None
    return one.emotion.rater.partition("@")[0]


def _seven(one: Heard) -> Array:
    assert one.emotion is not None
    scores = one.emotion.scores
    seven = scores if one.emotion.scheme == "ekman7" else mapping(one.emotion.scheme, "ekman7").scores(scores)
    return np.array([seven.get(label, 0.0) for label in EMOTIONS])


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in numbers.items()}
