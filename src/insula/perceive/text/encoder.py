"""Emotion, affect and more from words, by the shared int8 encoder.

    "I can't believe you did this for me!" -> surprise .62, gratitude .55 because "believe", "did this for me"

A text longer than 126 tokens is read in windows: each gives annotations of its own characters (the trajectory), and the
turn gets what the mean of their raw scores says, weighted by length. What cannot be read is said with its reason, never
guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.calibrate import Head
from insula.network.text import Network, Reading
from insula.network.windows import Window, pieces_per_word, whole_words, windows
from insula.perceive.text.language import unreadable

Array = NDArray[np.float32]


@dataclass(frozen=True)
class _Text:
    turn: Turn
    windows: list[Window]
    reason: str


class Encoder:
    """Judges every pending turn under every scheme its weights have a head for.

    `weights` is the name of shipped weights or the path of a trained `.json`; `evidence` how many words to give as
    `because` of the leading emotion (0: none); `threads` how many threads one text may use. Raises FileNotFoundError.
    """

    reads = ("turn",)

    def __init__(
        self, weights: str = "text-open", name: str = "text.encoder", evidence: int = 3, threads: int = 1
    ) -> None:
        self.name = name
        self._network = Network.open(weights, threads)
        self._evidence = evidence
        self.rater = f"{name}@{self._network.revision}"
        layers = dict.fromkeys(head.kind.layer for head in self._network.heads)
        self.writes = (*layers, "evidence") if evidence else tuple(layers)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation; texts of one length go through the network together."""
        texts = [[self._text(t) for t in c.pending(self.writes[0], self.rater)] for c in conversations]
        every = [window for some in texts for text in some for window in text.windows]
        readings = iter(self._network.run(every))
        return [
            [x for text in some for x in self._judge(text, [next(readings) for _ in text.windows])] for some in texts
        ]

    def _text(self, turn: Turn) -> _Text:
        if reason := unreadable(turn.text):
            return _Text(turn, [], reason)
        found = windows(turn.text, self._network.tokenizer)
        if not found:
            return _Text(turn, [], "no words in it")
        broken = min(map(pieces_per_word, found)) > self._network.pieces_limit
        return _Text(turn, [], "hardly a word it knows") if broken else _Text(turn, found, "")

    def _judge(self, text: _Text, readings: list[Reading]) -> Iterator[Annotation]:
        reason = text.reason
        if readings and (novelty := min(r.novelty for r in readings)) > self._network.novelty_limit:
            limit = self._network.novelty_limit
            reason = f"unlike the texts it learnt from (novelty {novelty:.1f}, limit {limit:.1f})"
        at = Anchor(text.turn.id)
        if reason:
            yield from (head.abstention(at, self.rater, reason) for head in self._network.heads)
            return
        lengths = np.array([len(window.ids) for window in text.windows], np.float32)
        raw = np.stack([reading.raw for reading in readings])
        for head in self._network.heads:
            scores = head.calibrated(raw)
            whole = head.calibrated((raw * lengths[:, None]).sum(0, keepdims=True) / lengths.sum())[0]
            because = list(self._because(head, whole, text, readings))
            yield from because
            yield head.annotation(whole, at, self.rater, tuple(x.id for x in because))
            if len(text.windows) > 1:
                for window, row in zip(text.windows, scores, strict=True):
                    yield head.annotation(row, Anchor(text.turn.id, (window.start, window.end)), self.rater)

    def _because(self, head: Head, scores: Array, text: _Text, readings: list[Reading]) -> Iterator[Annotation]:
        """The words that raised the leading label most, where a head names categories.

        A head on a mean of tokens is a mean of per-token scores, so each word's share of the whole is exact.
        """
        if not self._evidence or head.kind.layer != "emotion" or head is not self._network.heads[0]:
            return
        best = int(scores.argmax())
        label = head.kind.labels[best]
        shares: dict[tuple[int, int], float] = {}
        total = sum(len(window.ids) for window in text.windows)
        for window, reading in zip(text.windows, readings, strict=True):
            column = reading.tokens[1:-1, head.columns[0] + best]
            base = float(np.median(reading.tokens[:, head.columns[0] + best]))
            for span, share in zip(whole_words(window.spans, text.turn.text), (column - base) / total, strict=True):
                shares[span] = shares.get(span, 0.0) + float(share)
        strongest = sorted(shares, key=lambda span: -shares[span])[: self._evidence]
        most = sum(share for share in shares.values() if share > 0)
        for span in sorted(span for span in strongest if shares[span] > 0.1 * most):
            share = round(min(shares[span] / most, 1.0), 4)
            yield Annotation("evidence", {label: share}, Anchor(text.turn.id, span), "words", self.rater)
