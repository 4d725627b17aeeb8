"""What a person expresses at a turn with words, voice, face and body together, and whether these contradict each other.

    "I'm fine." in a sad voice -> emotion {sadness .5, joy .3, ...}, conflict .84 (go by the voice .76) and the sentence
    "The words are glad (0.70), the voice sounds sad (0.62): ...; going by the voice, because its reading is surer ...".

Any of the channels may be missing or abstain: what stays is what the others say, and one alone is taken as calibrated.
A conflict is not averaged away: both feelings stay in the scores, and which channels to go by is said with its reason.
That incongruous messages are mostly understood by their tone: Mehrabian & Wiener 1967; here it is learnt how sure each
channel is, and those are gone by that are surer, or agree. `fuse.words-voice` is this with two of the channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn

from .ambivalence import ambivalence, hesitancy
from .channels import Heard, heard
from .fusion import CHANNELS, EMOTIONS, Joined, fitted
from .wording import sentence

Array = NDArray[np.float64]
HELD = 0.5  # from which ambivalence or hesitancy is decided
TOGETHER = 0.8  # of the most trusted channel's trust: one that says the same is gone by with it


class Person:
    """Fuses what is known of every pending turn; `weights` is shipped by name or the path of a trained `.json`.

    Raises FileNotFoundError where the weights are not there, ValueError for a channel that does not exist.
    """

    reads = ("turn", "emotion", "affect")
    writes = ("emotion", "affect", "conflict", "ambivalence", "explanation")

    def __init__(self, weights: str = "person", name: str = "fuse.person", channels: Sequence[str] = CHANNELS) -> None:
        if unknown := set(channels) - set(CHANNELS):
            raise ValueError(f"no channel {', '.join(sorted(unknown))}: there are {', '.join(CHANNELS)}")
        self.name = name
        self._channels = tuple(channels)
        self._fitted = fitted(weights)
        self.rater = f"{name}@{self._fitted.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("conflict", self.rater):
            yield from self._judge(conversation, turn)

    def _judge(self, conversation: Conversation, turn: Turn) -> Iterator[Annotation]:
        channels = heard(conversation, turn, self._channels)
        given = [one for one in channels if one.emotion]
        if len(given) > 1:
            yield from self._together(turn, given)
            return
        at, reason = Anchor(turn.id), "; ".join(one.reason for one in channels if one.reason)
        if given:
            yield from self._alone(turn, given[0])
        else:
            yield Annotation("emotion", {}, at, "ekman7", self.rater, reason=reason)
            yield Annotation("affect", {}, at, "vad", self.rater, reason=reason)
            yield Annotation("ambivalence", {}, at, "ambivalence", self.rater, reason=reason)
        yield Annotation(
            "conflict", {}, at, "channel-conflict", self.rater, reason=f"fewer than two channels: {reason}"
        )

    def _alone(self, turn: Turn, one: Heard) -> Iterator[Annotation]:
        at = Anchor(turn.id)
        read = self._fitted.pool.channels[one.reader].read(one.seven)
        if one.channel == "body":
            reason = "a body alone says how aroused somebody is, not what they express"
            yield Annotation("emotion", {}, at, "ekman7", self.rater, reason=reason, because=one.because)
        else:
            yield self._emotion(at, read, (EMOTIONS[int(read.argmax())],), one.because)
        yield from self._affect(at, [one], {one.channel: 1.0}, 0.0)
        yield self._ambivalence(turn, [one], [read], 0.0)

    def _together(self, turn: Turn, given: list[Heard]) -> Iterator[Annotation]:
        at, fit = Anchor(turn.id), self._fitted
        tell = [one.channel for one in given if one.tells]
        among = tell if len(tell) > 1 else [one.channel for one in given]
        quality = {one.reader: one.quality for one in given}
        joined = fit.join({one.reader: one.seven for one in given}, quality, among)
        conflict, trusted = float(joined.conflict), {name: float(one) for name, one in joined.trust.items()}
        # a channel that cannot tell contradicts nobody
        decided = len(tell) > 1 and conflict >= fit.disagreement(among).threshold
        by = _gone_by(joined, trusted)
        tops = [EMOTIONS[int(one.argmax())] for name, one in joined.read.items() if name != "body"]
        because = tuple(id for one in given for id in one.because)
        top = joined.read[by[0]] if decided and by[0] != "body" else joined.fused
        yield self._emotion(at, joined.fused, (EMOTIONS[int(top.argmax())],), because, tops if decided else ())
        yield from self._affect(at, given, trusted, conflict)
        yield self._ambivalence(turn, given, [joined.read[name] for name in among], conflict)
        scores = {"conflict": conflict, **{f"trust-{name}": share for name, share in trusted.items()}}
        labels = ("conflict", *(f"trust-{name}" for name in by)) if decided else ()
        found = Annotation(
            "conflict", _rounded(scores), at, "channel-conflict", self.rater, labels=labels, because=because
        )
        yield found
        if decided:
            yield self._sentence(at, found, given, joined, by)

    def _sentence(
        self, at: Anchor, found: Annotation, given: list[Heard], joined: Joined, by: Sequence[str]
    ) -> Annotation:
        places = {one.channel: self._fitted.affect.places(one.channel, one.affect) for one in given}
        stress = next((one.emotion.scores["stress"] for one in given if one.channel == "body" and one.emotion), 0.0)
        said = sentence(joined, places, {one.channel: one.quality for one in given}, by, stress)
        confidence, rests = {said: found.scores["conflict"]}, (found.id, *found.because)
        return Annotation("explanation", confidence, at, "sentences", self.rater, (said,), because=rests)

    def _emotion(
        self, at: Anchor, read: Array, labels: tuple[str, ...], because: tuple[str, ...], also: Sequence[str] = ()
    ) -> Annotation:
        scores = dict(zip(EMOTIONS, read.tolist(), strict=True))
        possible = tuple(one for one in EMOTIONS if scores[one] >= self._fitted.keep or one in {*labels, *also})
        return Annotation("emotion", _rounded(scores), at, "ekman7", self.rater, labels, possible, because=because)

    def _affect(
        self, at: Anchor, channels: list[Heard], trusted: Mapping[str, float], conflict: float
    ) -> Iterator[Annotation]:
        given = {one.channel: one.affect for one in channels if one.affect}
        if not given:
            yield Annotation("affect", {}, at, "vad", self.rater, reason="no channel was placed")
            return
        scores, margin = self._fitted.affect.fuse(given, trusted, conflict)
        because = tuple(one.id for one in given.values())
        yield Annotation("affect", _rounded(scores), at, "vad", self.rater, margin=_rounded(margin), because=because)

    def _ambivalence(self, turn: Turn, given: list[Heard], read: Sequence[Array], conflict: float) -> Annotation:
        words = next((one.emotion for one in given if one.channel == "words"), None)
        scores = {"ambivalence": ambivalence(read, conflict, words)}
        if turn.text:
            scores["hesitancy"] = hesitancy(turn)[0]
        labels = tuple(name for name, score in scores.items() if score >= HELD)
        because = tuple(id for one in given for id in one.because)
        at = Anchor(turn.id)
        return Annotation("ambivalence", _rounded(scores), at, "ambivalence", self.rater, labels, because=because)


def _gone_by(joined: Joined, trusted: Mapping[str, float]) -> list[str]:
    """The most trusted channel, and those nearly as trusted that say the same."""
    first = max(trusted, key=trusted.__getitem__)
    top = int(joined.read[first].argmax())
    near = [name for name, share in trusted.items() if share >= TOGETHER * trusted[first]]
    return [first, *(name for name in near if name not in (first, "body") and int(joined.read[name].argmax()) == top)]


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in numbers.items()}
