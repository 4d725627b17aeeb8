"""Everybody seen, second by second: what the group expresses, how pleasant that is, and how far people differ.

    face 1 glad, face 2 sad at 3 to 4 s -> emotion {joy .45, sadness .4, ...} and valence 0, margin .5, of "group"

Each person counts once: one who speaks by all their channels (`fuse.person` at their turn), others by their faces.
A group is two people at least; a second with fewer gets nothing, one in which nobody could be read an abstention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor

import numpy as np

from insula.conversation import Anchor, Annotation, Conversation, Seconds
from insula.scheme import mapping, scheme

EMOTIONS = scheme("ekman7").labels
DIMENSIONS: tuple[str, ...] = ("valence", "arousal")
FACE, PERSON = "face.expression", "fuse.person"
NAME = "group"


class Group:
    """Joins the faces of every second that is new; readers are named without their revision."""

    reads = ("turn", "emotion", "affect")
    writes = ("emotion", "affect")

    def __init__(self, face: str = FACE, person: str = PERSON, name: str = "fuse.group") -> None:
        self.name = self.rater = name
        self._face, self._person = face, person

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        done = {x.at.seconds for x in conversation.read("emotion", rater=self.rater)}
        feelings, places = (_by_second(conversation, layer, self._face) for layer in ("emotion", "affect"))
        spoken = {layer: self._spoken(conversation, layer) for layer in ("emotion", "affect")}
        for seconds in sorted(set(feelings) - done):
            people, placed = dict(feelings[seconds]), dict(places.get(seconds, {}))
            if len(people) < 2:
                continue
            people.update(_at(spoken["emotion"], seconds, people))
            placed.update(_at(spoken["affect"], seconds, people))
            yield self._emotion(seconds, people)
            yield self._affect(seconds, placed)

    def _emotion(self, seconds: Seconds, people: Mapping[str, Annotation]) -> Annotation:
        at, read = Anchor(seconds=seconds, speaker=NAME), [x for x in people.values() if x.scores]
        if not read:
            reason = "; ".join(dict.fromkeys(f"{name}: {x.reason}" for name, x in people.items()))
            return Annotation("emotion", {}, at, "ekman7", self.rater, reason=reason)
        mean = np.mean([_seven(x) for x in read], axis=0)
        scores = dict(zip(EMOTIONS, mean.round(4).tolist(), strict=True))
        label, because = EMOTIONS[int(mean.argmax())], tuple(x.id for x in read)
        return Annotation("emotion", scores, at, "ekman7", self.rater, (label,), because=because)

    def _affect(self, seconds: Seconds, people: Mapping[str, Annotation]) -> Annotation:
        at, read = Anchor(seconds=seconds, speaker=NAME), [x for x in people.values() if x.scores]
        if not read:
            return Annotation("affect", {}, at, "vad", self.rater, reason="nobody of the group was placed")
        stack = np.array([[x.scores.get(one, 0.0) for one in DIMENSIONS] for x in read])
        mean, spread = stack.mean(0).round(4).tolist(), stack.std(0).round(4).tolist()
        scores, margin = dict(zip(DIMENSIONS, mean, strict=True)), dict(zip(DIMENSIONS, spread, strict=True))
        return Annotation("affect", scores, at, "vad", self.rater, margin=margin, because=tuple(x.id for x in read))

    def _spoken(self, conversation: Conversation, layer: str) -> dict[int, list[tuple[str, Annotation]]]:
        """By whole second, the faces that speak then and what all their channels say."""
        found: dict[int, list[tuple[str, Annotation]]] = {}
        whose = {x.at.turn: max(x.scores, key=x.scores.__getitem__) for x in _decided(conversation)}
        for turn in conversation.turns:
            marks = [x for x in conversation.read(layer, turn=turn.id) if _of(x, self._person) and x.scores]
            if marks and turn.seconds and turn.id in whose:
                for second in range(floor(turn.seconds[0]), floor(turn.seconds[1]) + 1):
                    found.setdefault(second, []).append((whose[turn.id], marks[-1]))
        return found


def _at(
    spoken: Mapping[int, list[tuple[str, Annotation]]], seconds: Seconds, people: Mapping[str, Annotation]
) -> dict[str, Annotation]:
    """Those seen in this second who speak in it."""
    return {name: mark for name, mark in spoken.get(floor(seconds[0]), ()) if name in people}


def _by_second(conversation: Conversation, layer: str, rater: str) -> dict[Seconds, dict[str, Annotation]]:
    found: dict[Seconds, dict[str, Annotation]] = {}
    for one in conversation.read(layer):
        if one.at.seconds and one.at.speaker and not one.at.turn and _of(one, rater):
            found.setdefault(one.at.seconds, {})[one.at.speaker] = one
    return found


def _decided(conversation: Conversation) -> Iterator[Annotation]:
    return (x for x in conversation.read("speaker_face") if x.labels)


def _of(mark: Annotation, rater: str) -> bool:
    return mark.rater.partition("@")[0] == rater


def _seven(mark: Annotation) -> np.ndarray:
    scores = mark.scores if mark.scheme == "ekman7" else mapping(mark.scheme, "ekman7").scores(mark.scores)
    found = np.array([scores.get(label, 0.0) for label in EMOTIONS])
    return found / found.sum() if found.sum() else np.full(len(EMOTIONS), 1 / len(EMOTIONS))
