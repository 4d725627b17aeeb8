"""Which earlier turn, and which words in it, caused the emotion of a turn.

    ben: "I crashed your car." / ana: "You did what?!" -> cause .81 at "I crashed your car", linked to ana's anger

For each turn that expresses an emotion: a cause annotation at the words of each source turn, the turn itself among
them, and one link at the turn (scheme `caused`) whose `because` names the emotion and its causes. Source: Poria et al.
2021 (RECCON: causal entailment and span extraction). The emotion is the reader's own, never given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.dialogue import Dialogue, Heard
from insula.network.exchange import REACH

Targets = Literal["emotional", "all"]
EMOTIONS = "ekman7"


class Causes:
    """Finds the causes of every pending turn's emotion among its own words and those of up to eight turns before it.

    `reader` is the row whose emotions are explained, "" for any. `targets` is "emotional": turns decided neutral get
    no causes; or "all": the strongest other emotion of a neutral turn is explained too, and turns that are no cause
    are named with their probability, undecided. Raises FileNotFoundError.
    """

    reads = ("turn", "emotion")
    writes = ("cause",)

    def __init__(
        self,
        weights: str = "dialogue",
        name: str = "explain.causes",
        reader: str = "dialogue.encoder",
        targets: Targets = "emotional",
        threads: int = 1,
    ) -> None:
        self.name = name
        self._network = Dialogue.open(weights, threads)
        self.rater = f"{name}@{self._network.revision}"
        self._reader = reader
        self._targets = targets

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation."""
        found: list[list[Addition]] = []
        for conversation in conversations:
            turns = conversation.turns
            places = {turn.id: place for place, turn in enumerate(turns)}
            waiting = conversation.pending("cause", self.rater)
            emotions = [self._emotion(conversation, turn) for turn in waiting]
            asked = [
                turns[max(0, places[turn.id] - REACH) : places[turn.id] + 1]
                for turn, emotion in zip(waiting, emotions, strict=True)
                if self._label(emotion)
            ]
            heard = iter(self._network.run(self._network.exchanges(asked)))
            known = {one.id for one in conversation.read("cause", rater=self.rater)}
            found.append(
                [
                    addition
                    for turn, emotion in zip(waiting, emotions, strict=True)
                    for addition in self._explain(turn, emotion, heard, known)
                ]
            )
        return found

    def _emotion(self, conversation: Conversation, turn: Turn) -> Annotation | None:
        found = conversation.read("emotion", turn=turn.id, scheme=EMOTIONS)
        return next((one for one in found if one.rater.split("@")[0] == self._reader or not self._reader), None)

    def _label(self, emotion: Annotation | None) -> str:
        """The emotion to explain, "" for none."""
        if emotion is None or emotion.abstained:
            return ""
        decided = emotion.labels[0] if emotion.labels else emotion.top or ""
        if decided != "neutral":
            return decided
        others = {label: score for label, score in emotion.scores.items() if label != "neutral"}
        return max(others, key=lambda label: others[label]) if self._targets == "all" else ""

    def _explain(
        self, turn: Turn, emotion: Annotation | None, heard: Iterator[Heard], known: set[str]
    ) -> Iterator[Annotation]:
        at = Anchor(turn.id)
        label = self._label(emotion)
        if emotion is None or not label:
            reason = "no emotion to explain" if emotion is None or emotion.abstained else "neutral: nothing to explain"
            yield Annotation("cause", {}, at, "caused", self.rater, reason=reason)
            return
        causes = list(self._causes(next(heard)))
        yield from (one for one in causes if one.id not in known)
        known.update(one.id for one in causes)
        because = (emotion.id, *(one.id for one in causes))
        scores = {label: emotion.scores[label]}
        yield Annotation("cause", scores, at, "caused", self.rater, labels=(label,), because=because)

    def _causes(self, heard: Heard) -> Iterator[Annotation]:
        """The sources decided, in the order they were said; where all turns are asked about, the others as well."""
        limit = self._network.cause[2]
        for entry in reversed(range(len(heard.exchange))):
            decided = bool(heard.cause[entry] >= limit)
            if (decided or self._targets == "all") and (words := heard.words(entry)):
                scores = {"cause": round(float(heard.cause[entry]), 4)}
                at = Anchor(heard.exchange[entry].turn, words[0])
                yield Annotation("cause", scores, at, "cause", self.rater, labels=("cause",) if decided else ())
