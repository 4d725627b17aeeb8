"""Emotion, dialogue act, intent and politeness of each turn, read with the turns before it.

    ana: "He left." / ben: "Good riddance." / ana: "Don't." -> anger .48, sadness .31; memory .3 from "He left."

A turn is judged by what came before it, never by what follows. What the leading emotion rests on is said as
influence: how much comes from the turn's own words, from the same speaker's earlier turns (memory) and from the others'
(contagion).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.calibrate import Head
from insula.network.dialogue import WORDED, Dialogue, Heard
from insula.network.exchange import REACH, Exchange
from insula.network.windows import whole_words
from insula.perceive.text.language import NO_WORDS, unreadable

Array = NDArray[np.float32]
SCHEMES = (
    "ekman7",
    "emorynlp7",
    "emocontext4",
    "empathetic32",
    "dialogue-act4",
    "empathetic-intents9",
    "politeness",
)
EMOTION = "ekman7"  # the scheme whose influence is said
WORDS = 3
WORTH_SAYING = 0.1  # of all that speaks for a label
UNKNOWN = 100  # the token of what the vocabulary lacks
_SILENT = re.compile(r"[\s.…,_*\-\u200b]*")


@dataclass(frozen=True)
class _Judged:
    turn: Turn
    said: Exchange
    reason: str


class DialogueEncoder:
    """Judges every pending turn under the schemes asked for, with up to eight turns before it.

    `domain` chooses heads fitted to one kind of talk where there are some ("meld": television; "dailydialog": everyday
    talk, mostly neutral). `weights` is the name of shipped weights or the path of a trained `.json`. Raises
    FileNotFoundError, and KeyError for a scheme the weights do not speak.
    """

    reads = ("turn",)

    def __init__(
        self,
        weights: str = "dialogue",
        name: str = "dialogue.encoder",
        schemes: Sequence[str] = SCHEMES,
        domain: str = "",
        threads: int = 1,
    ) -> None:
        self.name = name
        self._network = Dialogue.open(weights, threads)
        self.rater = f"{name}@{self._network.revision}" + (f".{domain}" if domain else "")
        heads = self._network.heads
        self._heads = [heads.get(f"{scheme}.{domain}") or heads[scheme] for scheme in schemes]
        layers = dict.fromkeys(head.kind.layer for head in self._heads)
        influence = ("influence",) if EMOTION in schemes else ()
        evidence = ("evidence",) if set(schemes) & set(WORDED) else ()
        self.writes = (*layers, *influence, *evidence)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Addition]]:
        """What it adds to each conversation."""
        judged = [self._pending(conversation) for conversation in conversations]
        heard = iter(self._network.run([one.said for some in judged for one in some if not one.reason]))
        return [
            [x for one in some for x in (self._judge(one.turn, next(heard)) if not one.reason else self._abstain(one))]
            for some in judged
        ]

    def _pending(self, conversation: Conversation) -> list[_Judged]:
        waiting = conversation.pending(self.writes[0], self.rater)
        turns = conversation.turns
        places = {turn.id: place for place, turn in enumerate(turns)} if len(waiting) > 1 else {}
        ends = [places.get(turn.id, len(turns) - 1 if turn is turns[-1] else turns.index(turn)) for turn in waiting]
        said = self._network.exchanges([turns[max(0, end - REACH) : end + 1] for end in ends])
        return [
            _Judged(turn, one, _unreadable(turn.text, one[0].words.ids))
            for turn, one in zip(waiting, said, strict=True)
        ]

    def _abstain(self, one: _Judged) -> Iterator[Annotation]:
        yield from (head.abstention(Anchor(one.turn.id), self.rater, one.reason) for head in self._heads)

    def _judge(self, turn: Turn, heard: Heard) -> Iterator[Annotation]:
        if heard.novelty > (limit := self._network.novelty_limit):
            reason = f"unlike the turns it learnt from (novelty {heard.novelty:.1f}, limit {limit:.1f})"
            yield from self._abstain(_Judged(turn, heard.exchange, reason))
            return
        for head in self._heads:
            scores = head.calibrated(heard.raw[None])[0]
            found = head.annotation(scores, Anchor(turn.id), self.rater)
            because = list(self._because(head, found.labels, turn, heard)) if head.scheme in WORDED else []
            yield from because
            yield replace(found, because=tuple(one.id for one in because if one.layer == "evidence"))

    def _because(self, head: Head, decided: Sequence[str], turn: Turn, heard: Heard) -> Iterator[Annotation]:
        """Words that speak for each decided label; for the emotion also earlier turns, and how much each kind does."""
        for label in decided:
            yield from self._words(turn, heard, head, label)
        if head.scheme == EMOTION and decided:
            yield from self._influence(head, decided[0], turn, heard)

    def _influence(self, head: Head, label: str, turn: Turn, heard: Heard) -> Iterator[Annotation]:
        index = head.kind.labels.index(label)
        parts = heard.parts[:, slice(*head.columns)]
        # against the other labels: what raises all of them alike says nothing
        for_it = parts[:, index] - parts.mean(1)
        shares = for_it / max(float(np.abs(for_it).sum()), 1e-6)
        turns = [
            Annotation("evidence", {label: round(float(share), 4)}, Anchor(said.turn), "words", self.rater)
            for said, share in zip(heard.exchange, shares[1:].clip(min=0) @ heard.weights, strict=True)
            if share > WORTH_SAYING
        ]
        yield from turns
        scores: dict[str, float] = dict(zip(("own", "memory", "contagion"), shares.round(4).tolist(), strict=True))
        because = tuple(one.id for one in turns)
        yield Annotation("influence", scores, Anchor(turn.id), "influence3", self.rater, because=because)

    def _words(self, turn: Turn, heard: Heard, head: Head, label: str) -> Iterator[Annotation]:
        """The words that raised a label most; a head on a mean of tokens is a mean of what each token adds."""
        added = heard.added(head.scheme)
        column = added[:, head.kind.labels.index(label)] - (added.mean(1) if head.exclusive else 0.0)
        column = column - np.median(column)
        shares: dict[tuple[int, int], float] = {}
        for span, share in zip(whole_words(heard.exchange[0].words.spans, turn.text), column, strict=True):
            shares[span] = shares.get(span, 0.0) + float(share)
        most = sum(share for share in shares.values() if share > 0)
        strongest = sorted(shares, key=lambda span: -shares[span])[:WORDS]
        for span in sorted(span for span in strongest if shares[span] > WORTH_SAYING * most):
            share = round(min(shares[span] / most, 1.0), 4)
            yield Annotation("evidence", {label: share}, Anchor(turn.id, span), "words", self.rater)


def _unreadable(text: str, ids: tuple[int, ...]) -> str:
    """Why a turn cannot be read; among other turns an emoji or "?!" says something, dots or unknown marks do not."""
    reason = unreadable(text)
    known = any(token != UNKNOWN for token in ids) and not _SILENT.fullmatch(text)
    return "" if known and reason in ("", NO_WORDS) else reason or NO_WORDS
