"""Made-up talks with every kind of gold that benchmarks of conversations use, and components to be scored on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from insula import Anchor, Annotation, Conversation, Turn
from insula.scheme import scheme

FELT = {"joy": "glad", "anger": "furious", "neutral": "here"}
EVENTS = ("the bus never came", "they gave me the job", "my sister called at noon", "the roof leaks again")


def one_of(name: str, label: str, at: Anchor, because: tuple[str, ...] = ()) -> Annotation:
    scores = {one: float(one == label) for one in scheme(name).labels}
    return Annotation(scheme(name).layer, scores, at, name, "gold", (label,), because=because)


def cause(turn: str, chars: tuple[int, int] | None = None, rater: str = "gold", score: float = 1.0) -> Annotation:
    labels = ("cause",) if score >= 0.5 else ()
    return Annotation("cause", {"cause": score}, Anchor(turn, chars), "cause", rater, labels)


def talk(number: int, name: str) -> Conversation:
    """Six turns of two people; what is felt at t3 and t6 comes from the event told in t1 and t4, at t6 also from t6."""
    draws = np.random.default_rng(number)
    found = Conversation(id=name)
    for place in range(1, 7):
        speaker = "ana" if place % 2 else "bo"
        label = str(draws.choice(["joy", "anger"])) if place in (3, 6) else "neutral"
        event = EVENTS[int(draws.integers(len(EVENTS)))]
        text = f"so {event}, you know" if place in (1, 4) else f"well I am {FELT[label]} {number % 7}"
        found.add(Turn(speaker, text, id=f"t{place}", meta={"label": label}))
        why: list[Annotation] = []
        if place in (3, 6):
            told = found.turn(f"t{place - 2}").text
            start, end = told.index("so ") + 3, told.index(",")
            why = [cause(f"t{place - 2}", (start, end)), *([cause("t6")] if place == 6 else [])]
            found.add(*why)
        found.add(one_of("ekman7", label, Anchor(f"t{place}"), tuple(one.id for one in why)))
    found.add(one_of("empathetic32", str(draws.choice(["proud", "angry"])), Anchor(speaker="ana")))
    levels = {label: float(draws.integers(3)) for label in scheme("epitome3").labels}
    marks = [Annotation("evidence", {label: 1.0}, Anchor("t2", (5, 9)), "words", "gold") for label in levels]
    shown = tuple(one.id for one in marks)
    found.add(*marks, Annotation("empathy", levels, Anchor("t2"), "epitome3", "gold", because=shown))
    polite = {"politeness": float(np.round(draws.uniform(-1, 1), 2))}
    return _with(found, Annotation("politeness", polite, Anchor("t1"), "politeness", "gold"))


def _with(found: Conversation, *more: Annotation) -> Conversation:
    found.add(*more)
    return found


def talks(corpus: str, split: str) -> Iterator[Conversation]:
    """Talks of a corpus, the same in every run."""
    first, count = {"train": (0, 60), "dev": (100, 30), "test": (200, 30)}[split]
    for number in range(first, first + count):
        yield talk(number, f"{corpus}/{split}/{split}-{number}")


class GoldAsSystem:
    """Answers with what people said: of speakers at each of their turns, of causes by links, as pipelines do."""

    reads = ("turn",)
    writes = ("emotion", "cause", "empathy", "evidence", "politeness")
    name = "people"
    rater = "people@1"

    def __init__(self) -> None:
        self._known = {one.id: one for split in ("train", "dev", "test") for one in talks("any", split)}

    def known(self, conversation: Conversation) -> Conversation:
        """The talk with its gold, whatever corpus it is said to be from."""
        return self._known["/".join(("any", *conversation.id.split("/")[1:]))]

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        known = self.known(conversation)
        here = {turn.id for turn in conversation.turns}
        renamed: dict[str, str] = {}
        for one in (x for x in known if isinstance(x, Annotation)):
            because = tuple(renamed[id] for id in one.because)
            for at in self._places(known, one):
                if at.turn not in here:
                    continue
                said = replace(one, rater=self.rater, at=at, because=() if one.layer == "emotion" else because)
                renamed[one.id] = said.id
                yield said
                if because and one.layer == "emotion":
                    link = {str(said.top): 1.0}
                    yield Annotation("cause", link, at, "caused", self.rater, because=(said.id, *because))

    @staticmethod
    def _places(known: Conversation, one: Annotation) -> list[Anchor]:
        if one.at.turn:
            return [one.at]
        return [Anchor(turn.id) for turn in known.turns if turn.speaker == one.at.speaker]
