"""How far a reply meets the experience of the turn it answers, as one number between 0 and 1.

    "My dog died." <- "I am so sorry, losing a dog is awful."  .9        <- "I had pasta today."  .2

Two parts are added up before they become a probability. Content: the turn and the reply are put into one space of 48
dimensions, learnt so that a reply lies near the turn it was given to and far from others of the batch; the cosine says
whether the reply speaks of the same matter in a fitting way. Stance: which emotions the reply expresses, weighed once
for pleasant and once for unpleasant turns (sympathy with the one, shared joy with the other). The idea of alignment is
that of Yang & Jurgens 2024 (arXiv:2405.00948); the model and its weights are ours.

Measured (`python -m insula.train.explain.alignment`; intervals in the weights' card): a true reply of the test of
EmpatheticDialogues lies above one of the same length from another dialogue 80 times in 100 (by the cosine of the
encoder's own states 68 times, by shared words 58). Its rank correlation with the sum of EPITOME's levels is .42, of
which .34 is left beyond a reply's length (length alone: .40). It sees interpretations (.37), hardly explorations (.13),
emotional reactions not at all (.00): for how empathic a reply is, read epitome3. It knows nothing of a reply's truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.text import Network, digest, weights_folder
from insula.network.windows import windows
from insula.scheme import mapping, scheme

Array = NDArray[np.float32]
LABELS = scheme("goemotions28").labels


class Alignment:
    """Judges every turn that answers another speaker's, by the turn just before it.

    Needs emotions under goemotions28 at both turns (`text.encoder` gives them); `threads` is how many threads one text
    may use. Raises FileNotFoundError where the weights are not there.
    """

    reads: Sequence[str] = ("turn", "emotion")
    writes: Sequence[str] = ("empathy",)

    def __init__(self, weights: str = "explain-alignment", name: str = "explain.alignment", threads: int = 1) -> None:
        self.name = name
        self._weights = open_weights(weights)
        self._network = Network.open("text-open", threads)
        self.rater = f"{name}@{self._weights.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        pending = conversation.pending("empathy", self.rater)
        if not pending:
            return
        turns = conversation.turns
        before = {turn.id: earlier for earlier, turn in zip([None, *turns], turns, strict=False)}
        pairs = [(before[turn.id], turn) for turn in pending]
        felt = {one.id: emotions(conversation, one.id) for pair in pairs for one in pair if one}
        reasons = [_reason(earlier, turn, felt) for earlier, turn in pairs]
        answers = [pair for pair, reason in zip(pairs, reasons, strict=True) if not reason]
        pooled = self._pooled({one.id: one for pair in answers for one in pair if one})
        for (earlier, turn), reason in zip(pairs, reasons, strict=True):
            if earlier is None or reason or not {earlier.id, turn.id} <= set(pooled):
                yield self._annotation(turn, {}, (), reason or "no words in it, or in the turn it answers")
                continue
            (said, first), (replied, second) = felt[earlier.id], felt[turn.id]
            score = self._weights.score(pooled[earlier.id][None], said[None], pooled[turn.id][None], replied[None])[0]
            yield self._annotation(turn, {"alignment": float(score)}, (first, second))

    def _annotation(
        self, turn: Turn, scores: Mapping[str, float], because: tuple[str, ...], reason: str = ""
    ) -> Annotation:
        return Annotation("empathy", scores, Anchor(turn.id), "alignment", self.rater, because=because, reason=reason)

    def _pooled(self, turns: Mapping[str, Turn]) -> dict[str, Array]:
        """The encoder's state for each turn that has words, the mean over its windows weighted by their lengths."""
        texts = list(turns.values())
        states = pooled_states(self._network, [turn.text for turn in texts])
        return {turn.id: state for turn, state in zip(texts, states, strict=True) if state is not None}


def _reason(earlier: Turn | None, turn: Turn, felt: Mapping[str, tuple[Array, str]]) -> str:
    """Why this turn cannot be judged as a reply; "" where it can."""
    if earlier is None:
        return "it opens the conversation and answers nobody"
    if earlier.speaker == turn.speaker:
        return "its speaker goes on; it answers nobody"
    if not felt[turn.id][1]:
        return "nobody could tell the emotions of this turn"
    return "" if felt[earlier.id][1] else "nobody could tell the emotions of the turn it answers"


def emotions(conversation: Conversation, turn: str) -> tuple[Array, str]:
    """The scores of a whole turn under goemotions28 (28,) and the id of the annotation; zeros and "" where none."""
    for one in conversation.read("emotion", turn=turn, scheme="goemotions28"):
        if one.at.chars is None and one.scores:
            return np.array([one.scores.get(label, 0.0) for label in LABELS], np.float32), one.id
    return np.zeros(len(LABELS), np.float32), ""


def pooled_states(network: Network, texts: Sequence[str]) -> list[Array | None]:
    """The encoder's pooled state (384,) of each text, None for one without words."""
    found = [windows(text, network.tokenizer) for text in texts]
    readings = iter(network.run([window for some in found for window in some]))
    states: list[Array | None] = []
    for some in found:
        rows = [next(readings).pooled * len(window.ids) for window in some]
        states.append(np.sum(rows, 0) / sum(len(window.ids) for window in some) if some else None)
    return states


@dataclass(frozen=True)
class Weights:
    """The two sides of the space (412, 48) with their biases (48,), and the line that makes one number of both parts.

    `line` is the weight of the cosine and the intercept; `stance` (2, 28) weighs the reply's emotions after a pleasant
    and after an unpleasant turn.
    """

    experience: Array
    experience_bias: Array
    reply: Array
    reply_bias: Array
    stance: Array
    line: Array
    revision: str

    def cosine(self, said_states: Array, said: Array, reply_states: Array, replied: Array) -> Array:
        """States (pairs, 384) and emotions (pairs, 28) of turns and of their replies -> nearness (pairs,), -1..1."""
        one = features(said_states, said) @ self.experience + self.experience_bias
        two = features(reply_states, replied) @ self.reply + self.reply_bias
        return (one * two).sum(1) / np.maximum(np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1), 1e-9)

    def score(self, said_states: Array, said: Array, reply_states: Array, replied: Array) -> Array:
        """As `cosine` -> alignment (pairs,), 0..1."""
        logits = self.line[0] * self.cosine(said_states, said, reply_states, replied) + self.line[1]
        logits = logits + (stances(said, replied) * self.stance.ravel()).sum(1)
        return 1 / (1 + np.exp(-logits))


def features(states: Array, felt: Array) -> Array:
    """What goes into the space (texts, 412): the state, and square roots of the emotions, which spreads small ones."""
    return np.concatenate([states, np.sqrt(felt)], 1).astype(np.float32)


def stances(said: Array, replied: Array) -> Array:
    """The reply's emotions (pairs, 56): once by how pleasant the turn it answers is, once by how unpleasant."""
    pleasant = 1 - np.prod(1 - said[:, _group("positive")], 1) + 0.05
    unpleasant = 1 - np.prod(1 - said[:, _group("negative")], 1) + 0.05
    share = (pleasant / (pleasant + unpleasant))[:, None]
    return np.concatenate([share * np.sqrt(replied), (1 - share) * np.sqrt(replied)], 1)


@cache
def _group(sentiment: str) -> list[int]:
    table = mapping("goemotions28", "sentiment4").table
    return [place for place, label in enumerate(LABELS) if sentiment in table.get(label, {})]


@cache
def open_weights(name: str) -> Weights:
    """By name from the shipped weights, or by path; raises FileNotFoundError."""
    path = Path(name) if name.endswith(".safetensors") else weights_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}: {path} is not there")
    table = {key: value.astype(np.float32) for key, value in load_file(path).items()}
    return Weights(**table, revision=digest(path))
