"""Clips told in words, with the words for feelings taken out, and what a reader of words makes of each channel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..catalogue import build
from ..conversation import Annotation, Conversation, Turn
from ..data import load
from ..ontology import ontology
from ..scheme import scheme

Array = NDArray[np.float64]
CHANNELS = ("face", "voice", "words")
SEVEN, MANY = scheme("ekman7").labels, scheme("goemotions28").labels
LEAST = 0.01  # added to what is usual, so that what is hardly ever read says little
_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
# words that carry no clue of their own
_PLAIN_WORDS = """
a an and are as at be been being but by can could for from had has have he her him his i if in into is it its may
might more no not of on one or other our she so some such than that the their them then there these they this to
too very was we were what when which while who will with would you your also character person video audio text
subtitle sentence scene see seems appears indicating suggesting expressing expression expresses feeling
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())


@dataclass(frozen=True)
class Clip:
    """One clip: its subtitle, clues by channel, explanations and feelings by group of annotators."""

    name: str
    subtitle: str
    clues: Mapping[str, str]
    told: Mapping[str, str]
    feelings: Mapping[str, tuple[str, ...]]


def clips() -> list[Clip]:
    """Every clip of EMER. Raises MissingData."""
    found = list[Clip]()
    for one in load("emer", "test"):
        turn = one.turns[0]
        told = {x.rater: x.labels[0] if x.labels else next(iter(x.scores)) for x in one.read("explanation")}
        feelings = {x.rater: x.labels for x in one.read("emotion")}
        found.append(Clip(one.id, turn.text, turn.meta["clues"], told, feelings))
    return found


def made_up(count: int, seed: int) -> list[Clip]:
    """Clips whose clues go with the feeling."""
    draw = np.random.default_rng(seed)
    shown = {
        "angry": ("He glares, brows drawn, jaw set.", "He shouts, loud and fast.", "Get out of my house!"),
        "happy": ("He smiles, cheeks raised.", "He laughs while he speaks.", "What a lovely day, thank you!"),
        "sad": ("Tears run down, eyes lowered.", "A low, slow voice that breaks.", "I miss my mother every day."),
    }
    found = list[Clip]()
    for number in range(count):
        feeling = str(draw.choice(list(shown)))
        clues: dict[str, str] = dict(zip(CHANNELS, shown[feeling], strict=True))
        told: dict[str, str] = dict.fromkeys(("v1", "v2"), f"{clues['face']} {clues['voice']} He is {feeling}.")
        feelings: dict[str, tuple[str, ...]] = dict.fromkeys(("v1", "v2", "gold"), (feeling,))
        found.append(Clip(f"clip {number}", clues["words"], clues, told, feelings))
    return found


def masked(text: str) -> str:
    """A text without its words for feelings: a clue must not hold the answer."""
    return _WORD.sub(lambda found: "" if ontology().find(found.group().lower()) else found.group(), text)


def content(text: str) -> set[str]:
    """What a text is about: its words but the plain ones and those for feelings, inflections cut."""
    words = (word.lower() for word in _WORD.findall(masked(text)))
    return {re.sub(r"(?:ing|ed|es|s|ly)$", "", word) for word in words if word not in _PLAIN and len(word) > 2}


def overlap(one: str, other: str) -> float:
    """F1 of the content of two texts."""
    left, right = content(one), content(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 0.0


def read(texts: Sequence[str]) -> tuple[Array, Array]:
    """What text.encoder says of texts: (n, 7) under ekman7 and (n, 28) under goemotions28; zeros of an empty one."""
    encoder = build("text.encoder", evidence=0)
    said = encoder.batch([Conversation(Turn("a", text, id="t1")) for text in texts])
    rows = [{x.scheme: x.scores for x in one if isinstance(x, Annotation) and x.layer == "emotion"} for one in said]
    return tuple(
        np.array([[row.get(name, {}).get(label, 0.0) for label in labels] for row in rows])
        for name, labels in (("ekman7", SEVEN), ("goemotions28", MANY))
    )  # pyright: ignore[reportReturnType]


def lifted(scores: Array) -> Array:
    """Scores (n, labels) over what is usual of a clue, so that telling what was seen is not taken for calm.

    What is usual is the mean of the other half of the clips; neutral, which any sober sentence is, is left out.
    """
    half = np.arange(len(scores)) % 2
    usual = np.stack([scores[half != one].mean(0) for one in half.tolist()])
    found = scores / (usual + LEAST)
    found[:, SEVEN.index("neutral") if scores.shape[1] == len(SEVEN) else MANY.index("neutral")] = 0
    return found
