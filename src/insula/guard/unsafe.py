"""The learnt reader of replies: five lines over the shared encoder's states of a reply and of what it answers.

    "I'm so sad." / "Who cares." -> diasafety5 {"risk-ignorance": .81, "offending-user": .34, ...}

Taught by DiaSafety (Sun et al. 2022), whose replies are those of dialogue models and of people on the net, against
replies of supporters. It reads English. It tells where to look; `Guarded` withholds nothing for it, since among talk
like DiaSafety's own it takes every fifth safe reply for an unsafe one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.dialogue import Dialogue
from insula.network.exchange import tokenised
from insula.network.text import digest, weights_folder
from insula.scheme import scheme

from .reply import before
from .small_words import language

Array = NDArray[np.float32]
SCHEME = "diasafety5"
LABELS = scheme(SCHEME).labels
MOST = 64  # tokens that are read: the last of what is answered, the first of the reply


@dataclass(frozen=True)
class Lines:
    """`lines` (5, 1536) and `intercepts` (5,) over states brought to `mean` 0 and `spread` 1; `thresholds` (5,)."""

    lines: Array
    intercepts: Array
    mean: Array
    spread: Array
    thresholds: Array
    revision: str

    def probabilities(self, found: Array) -> Array:
        """States (pairs, 1536) -> calibrated probabilities (pairs, 5)."""
        raw = ((found - self.mean) / self.spread) @ self.lines.T + self.intercepts
        return (1 / (1 + np.exp(-raw))).astype(np.float32)


class Unsafe:
    """Judges every pending turn of `speaker` that answers somebody; with speaker "" every turn that answers another's.

    `weights` is the name of shipped weights or a path. Raises FileNotFoundError.
    """

    reads = ("turn",)
    writes = ("boundary",)

    def __init__(
        self, speaker: str = "companion", weights: str = "guard-reply", name: str = "guard.unsafe", threads: int = 1
    ) -> None:
        path = Path(weights) if weights.endswith(".safetensors") else weights_folder() / f"{weights}.safetensors"
        if not path.is_file():
            raise FileNotFoundError(f"no weights {weights!r}: {path} is not there")
        self.lines, self.network = opened(path), Dialogue.open(threads=threads)
        self.name, self.rater, self.speaker = name, f"{name}@{self.lines.revision}", speaker

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("boundary", self.rater):
            said = before(conversation, turn)
            if said and self.speaker in ("", turn.speaker) and turn.text.strip():
                yield self._judge(turn, said[0])

    def _judge(self, turn: Turn, context: str) -> Annotation:
        spoken = language(turn.text, "en")
        if spoken != "en":
            reason = f"it reads English, and this looks like {spoken!r}"
            return Annotation("boundary", {}, Anchor(turn.id), SCHEME, self.rater, reason=reason)
        scores = self.lines.probabilities(states(self.network, [(context, turn.text)]))[0]
        decided = tuple(label for label, over in zip(LABELS, scores >= self.lines.thresholds, strict=True) if over)
        values = {label: round(float(score), 4) for label, score in zip(LABELS, scores, strict=True)}
        return Annotation("boundary", values, Anchor(turn.id), SCHEME, self.rater, decided)


def states(network: Dialogue, pairs: Sequence[tuple[str, str]]) -> Array:
    """Per context and reply the mean and largest states of each (pairs, 1536); zeros where there are no words."""
    words = tokenised((text for pair in pairs for text in pair), network.tokenizer)
    both = [(words[context].ids[-MOST:], words[reply].ids[:MOST]) for context, reply in pairs]
    read = network.states([one for one in dict.fromkeys(ids for pair in both for ids in pair) if one])
    return np.stack([np.concatenate([_pooled(read.get(ids)) for ids in pair]) for pair in both])


def _pooled(hidden: Array | None) -> Array:
    """Mean and largest (768,) of states whose first and last token are marks, not words."""
    if hidden is None:
        return np.zeros(768, np.float32)
    return np.concatenate([hidden[1:-1].mean(0), hidden[1:-1].max(0)])


@cache
def opened(path: Path) -> Lines:
    """The lines of a file, read once."""
    return Lines(**{name: one.astype(np.float32) for name, one in load_file(path).items()}, revision=digest(path))
