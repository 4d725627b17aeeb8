"""Made-up readers that write what the trained ones write, by a handful of words, so that explainers can be tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest

from insula import Anchor, Annotation, Conversation, Pipeline, Turn
from insula.conversation import Addition

EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
WORDS = {"angry": "anger", "furious": "anger", "sad": "sadness", "cried": "sadness", "glad": "joy", "love": "joy"}


class Reader:
    """An emotion per turn from its words and, half as strongly, from those of the turns before; counts its readings."""

    reads = ("turn",)
    writes = ("emotion", "sentiment")

    def __init__(self, name: str = "dialogue.encoder", context: bool = True) -> None:
        self.name = name
        self.rater = f"{name}@1"
        self.context = context
        self.read = 0

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        return [[x for turn in c.pending("emotion", self.rater) for x in self._judge(c, turn)] for c in conversations]

    def _judge(self, conversation: Conversation, turn: Turn) -> Iterator[Annotation]:
        self.read += 1
        at = Anchor(turn.id)
        if not turn.text.strip():
            yield Annotation("emotion", {}, at, "ekman7", self.rater, reason="no words in it")
            return
        weights = dict.fromkeys(EKMAN, 0.1) | {"neutral": 0.6}
        before = conversation.turns[: conversation.turns.index(turn)][-8:] if self.context else []
        for text, weight in [(turn.text, 2.0), *((one.text, 1.0) for one in before)]:
            for word, label in WORDS.items():
                weights[label] += weight * text.lower().split().count(word)
        total = sum(weights.values())
        scores = {label: weight / total for label, weight in weights.items()}
        best = max(scores, key=lambda label: scores[label])
        possible = tuple(label for label in EKMAN if scores[label] >= 0.2)
        yield Annotation("emotion", scores, at, "ekman7", self.rater, (best,), possible)
        if not self.context:
            positive, negative = scores["joy"], scores["anger"] + scores["sadness"]
            both = {"positive": positive, "negative": negative, "ambiguous": 0.0, "neutral": scores["neutral"]}
            yield Annotation("sentiment", both, at, "sentiment4", self.rater)


class Causes:
    """Every turn with a word of feeling causes the emotions after it, and its own."""

    reads = ("turn", "emotion")
    writes = ("cause",)
    name = "explain.causes"
    rater = "explain.causes@1"

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        done = {x.at.turn for x in conversation.read("cause", scheme="caused")}
        made = {x.id for x in conversation.read("cause")}
        for turn in conversation.turns:
            felt = conversation.read("emotion", turn=turn.id, rater="dialogue.encoder@1")
            if turn.id in done or not felt or felt[0].top in (None, "neutral"):
                continue
            place = conversation.turns.index(turn)
            causes = [x for one in conversation.turns[max(0, place - 8) : place + 1] for x in self._spans(one)]
            for one in causes:
                if one.id not in made:
                    made.add(one.id)
                    yield one
            because = (felt[0].id, *(x.id for x in causes))
            label = felt[0].top or ""
            scores = {label: felt[0].scores[label]}
            yield Annotation("cause", scores, Anchor(turn.id), "caused", self.rater, because=because)

    def _spans(self, turn: Turn) -> Iterator[Annotation]:
        for word in WORDS:
            if (start := f"{turn.text.lower()} ".find(f"{word} ")) >= 0:
                at = Anchor(turn.id, (start, start + len(word)))
                yield Annotation("cause", {"cause": 0.8}, at, "cause", self.rater, ("cause",))


TURNS = (
    Turn("ana", "I cried all night because he left."),
    Turn("bo", "Oh."),
    Turn("ana", "And I am furious and sad still"),
    Turn("bo", ""),
    Turn("bo", "I am glad you told me"),
    Turn("ana", "It is nothing."),
    Turn("ana", "Oh I love you glad"),
)


def live(*parts, turns: Sequence[Turn] = TURNS) -> Conversation:
    """The conversation as it grows when every turn is read as it comes."""
    conversation, pipeline = Conversation(id="made-up"), Pipeline(*parts)
    for turn in turns:
        conversation.add(turn)
        pipeline.run(conversation)
    return conversation


@pytest.fixture
def made_up() -> SimpleNamespace:
    """`Reader`, `Causes` and `live` for tests that put their own conversations together."""
    return SimpleNamespace(Reader=Reader, Causes=Causes, live=live)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def read(reader: Reader) -> Conversation:
    """A conversation with emotions by both readers and their causes."""
    return live(reader, Reader("text.encoder", context=False), Causes())
