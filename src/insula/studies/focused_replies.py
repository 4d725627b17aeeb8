"""Two speakers who take over replies people gave in similar situations, with pragmatics and without, and their scores.

    replied(exchanges(train), exchanges(test)[:400], rankers, frequent, embed, draws=500, seed=0) -> rows of metrics

Focus: the context's cause words that a reply takes up, those that people's own reply took up, and whether a classifier
tells the emotion from the reply. Quality: likeness to people's reply, coherence, variety, length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from ..conversation import Conversation, Turn
from ..explain.words import words
from ..train.cause_words import emotion_of
from .cause_rankers import RANDOM, SHIPPED
from .measure import Array, measured, minus
from .pragmatic_replies import bleu2, chosen_once, listener, log_probabilities, pragmatic, stems, taken_up

NAMED = 3  # cause words the listener has to guess
ALPHAS = (0.0, 1.0, 2.0, 4.0)
SHARP_SPEAKER, SHARP_LISTENER, DISTRACTORS, CANDIDATES = 20.0, 10.0, 15, 20
OFF, CHOSEN, MISLED = "off", "alpha 2", "random words, alpha 2"
Embed = Callable[[Sequence[str]], Array]


@dataclass(frozen=True)
class Exchange:
    """What a speaker said first, what was replied, and the emotion."""

    context: str
    reply: str
    emotion: str


def exchanges(conversations: Iterable[Conversation]) -> list[Exchange]:
    """The first two turns of every conversation that has them."""
    found: list[Exchange] = []
    for conversation in conversations:
        first, second, *_ = [*conversation.turns, Turn("", ""), Turn("", "")]
        if first.speaker != second.speaker and words(first.text) and words(second.text):
            found.append(Exchange(first.text, second.text, emotion_of(conversation)))
    return found


def replied(
    pool: Sequence[Exchange],
    heard: Sequence[Exchange],
    asked: Sequence[Exchange],
    rank: Mapping[str, Callable[[Exchange], list[str]]],
    embed: Embed,
    *,
    frequent: frozenset[str],
    draws: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Focus and quality of both speakers' replies, with pragmatics at several strengths, off, and misled.

    Replies are chosen from `pool`; `heard` are other exchanges, from which the judge of a reply's emotion learns.
    `rank` gives the words a listener has to guess: under SHIPPED the causes, under RANDOM any words.
    """
    draw = np.random.default_rng(seed)
    causes = {name: [named(one)[:NAMED] for one in asked] for name, named in rank.items()}
    vectors = _Vectors.of(pool, asked, causes, embed)
    judge = _Judge(asked, causes[SHIPPED], pool, _classifier(heard), vectors, frequent)
    number = min(DISTRACTORS, len(asked) - 1)
    others = np.stack([draw.choice(np.delete(np.arange(len(asked)), k), number, False) for k in range(len(asked))])
    rows: list[dict[str, Any]] = []
    for speaker, similarity in _speakers(pool, asked, vectors).items():
        best = np.argsort(-similarity, 1)[:, :CANDIDATES]
        own = log_probabilities(np.take_along_axis(similarity, best, 1), SHARP_SPEAKER)
        hears = {name: listener(vectors.replies[best], vectors.causes[name], others, SHARP_LISTENER) for name in causes}
        arms = {f"alpha {alpha:g}" if alpha else OFF: pragmatic(own, hears[SHIPPED], alpha) for alpha in ALPHAS}
        arms[MISLED] = pragmatic(own, hears[RANDOM], 2.0)
        chosen = {arm: best[np.arange(len(asked)), scores.argmax(1)] for arm, scores in arms.items()}
        rows += _scored(judge, chosen, f"replies, {speaker}", draws)
    return rows


@dataclass(frozen=True)
class _Vectors:
    """Of length one: of the pool's contexts and replies, the contexts asked about, the replies people gave, causes."""

    contexts: Array
    replies: Array
    asked: Array
    gold: Array
    causes: Mapping[str, Array]

    @staticmethod
    def of(
        pool: Sequence[Exchange], asked: Sequence[Exchange], causes: Mapping[str, Sequence[list[str]]], embed: Embed
    ) -> _Vectors:
        def unit(texts: Sequence[str]) -> Array:
            found = embed(texts)
            return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

        return _Vectors(
            *(unit([one.context for one in pool]), unit([one.reply for one in pool])),
            *(unit([one.context for one in asked]), unit([one.reply for one in asked])),
            {name: unit([" ".join(some) or "." for some in every]) for name, every in causes.items()},
        )


def _speakers(pool: Sequence[Exchange], asked: Sequence[Exchange], vectors: _Vectors) -> dict[str, Array]:
    """Two response models: how much each reply of the pool suits each context (contexts, replies)."""
    weighted = TfidfVectorizer(sublinear_tf=True).fit([one.context for one in pool])
    sides = [weighted.transform([one.context for one in some]) for some in (asked, pool)]
    return {
        "speaker by meaning": vectors.asked @ vectors.contexts.T,
        "speaker by words": (sides[0] @ sides[1].T).toarray(),
    }


def _classifier(heard: Sequence[Exchange]) -> Callable[[Sequence[str]], Array]:
    """The emotion (of 32) that a reply answers to, learnt from replies outside the pool."""
    weighted = TfidfVectorizer(min_df=2, sublinear_tf=True, ngram_range=(1, 2))
    x = weighted.fit_transform([one.reply for one in heard])
    model = LogisticRegression(C=3.0, max_iter=200).fit(x, [one.emotion for one in heard])
    return lambda replies: model.predict(weighted.transform(replies))


@dataclass(frozen=True)
class _Judge:
    """Everything the scores of a reply need."""

    asked: Sequence[Exchange]
    causes: Sequence[list[str]]
    pool: Sequence[Exchange]
    emotion: Callable[[Sequence[str]], Array]
    vectors: _Vectors
    frequent: frozenset[str]

    def scores(self, chosen: Array) -> dict[str, Array]:
        """Metric -> a number per context, NaN where there is nothing to say."""
        replies = [self.pool[k].reply for k in chosen]
        both = list(zip(self.asked, replies, strict=True))
        rare = [
            {s for word, _ in words(one.context) if word not in self.frequent for s in stems(word)}
            for one in self.asked
        ]
        took = [some & stems(one.reply) for some, one in zip(rare, self.asked, strict=True)]
        named = [{stem for word in some for stem in stems(word)} for some in self.causes]
        felt = self.emotion(replies)
        return {
            "cause words taken up": _shares(named, replies),
            "words people took up": _shares(took, replies),
            "emotion of the reply": np.array(
                [float(one.emotion == f) for one, f in zip(self.asked, felt, strict=True)]
            ),
            "BLEU with the given reply": np.array([bleu2(one.reply, reply) for one, reply in both]),
            "likeness to the given reply": (self.vectors.replies[chosen] * self.vectors.gold).sum(1),
            "coherence with the context": (self.vectors.replies[chosen] * self.vectors.asked).sum(1),
            "replies chosen once": chosen_once(chosen).astype(float),
            "words a reply": np.array([float(len(words(reply))) for reply in replies]),
        }


def _shares(wanted: Sequence[set[str]], replies: Sequence[str]) -> Array:
    return np.array([taken_up(some, r) if some else np.nan for some, r in zip(wanted, replies, strict=True)])


def mean(_: Array, values: Array) -> float:
    """The mean of numbers that are scores already."""
    return float(values.mean())


def _scored(judge: _Judge, chosen: Mapping[str, Array], part: str, draws: int) -> list[dict[str, Any]]:
    every = {arm: judge.scores(some) for arm, some in chosen.items()}
    rows: list[dict[str, Any]] = []
    for name, values in every[OFF].items():
        kept = ~np.isnan(values)
        each = {arm: scores[name][kept][None] for arm, scores in every.items()}
        gold = np.zeros(int(kept.sum()))
        rows += [
            measured(f"{name}, {arm}", part, mean, gold, one, baseline=float(values[kept].mean()), draws=draws)
            for arm, one in each.items()
        ]
        rows += [
            measured(f"{name}, {CHOSEN} minus {arm}", part, minus(mean), gold, each[CHOSEN], each[arm], draws=draws)
            for arm in (OFF, MISLED)
        ]
    return rows
