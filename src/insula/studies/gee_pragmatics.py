"""Cause words without cause labels, and replies that speak to them.

Claim (Kim, Kim & Kim 2021, "Perspective-taking and Pragmatics for Generating Empathetic Responses Focused on Emotion
Causes", arXiv:2109.08828): a model that generates what people of an emotion say, learnt from emotion labels alone,
finds the words that caused it; a response model that reasons about a listener who must guess them speaks to them more.

Ours: the shipped estimator of `explain.words`: by Bayes, counts of EmpatheticDialogues say how much each word speaks
for an emotion, the text encoder's tokens say so too, and both log-odds are added. Beside it each part alone, the counts
of word pairs, words in random order, rare words first (TF-IDF) and late words first. Measured on the stretches people
marked as causes (RECCON, the causal turn known), and by a counterfactual: without the three first words, how far does
the emotion fall for a judge that learnt from other texts? For replies, a speaker takes over replies people gave in
similar situations, and is weighed by a listener who tells the true cause words from those of other conversations; two
speakers, since the weighing is meant for any. The control weighs by random words of the same context.

Differs: counts and a small encoder, not a BART; whole replies are weighed, not word by word; EmoCause, the paper's own
word labels, is not at hand, and RECCON's stretches are clauses, in which more than half of the words are marked.

Found: half of the claim. Against marked stretches the estimator beats random words (average precision .737 to .669)
and the order "late words first" beats it (.768): people react first and tell the cause after. Left out, its three words
lower the emotion by .16 (random words .02). Weighed replies take up more of the cause words, partly because any words
of the context would do; likeness to people's replies and the emotion told from the reply do not gain from causes.

    insula study gee-pragmatics --scale full
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..conversation import Anchor, Conversation, Span, Turn
from ..data import load
from ..data.gold import many_of, one_of
from ..evaluate.items import pairs
from ..explain.words import words
from ..train.cause_words import GROUPS, LABELS, SMOOTHING, Estimator, emotion_of, told
from .cause_rankers import RANDOM, SHIPPED, Ranker, ordered, rankers
from .essay_features import minilm
from .focused_replies import CANDIDATES, DISTRACTORS, Embed, Exchange, exchanges, mean, replied
from .measure import Array, measured, minus

SYSTEM = "gee-pragmatics"
STATUS = "works-scaled"

TOP = 3


@dataclass(frozen=True)
class Size:
    """Replies to choose from, contexts to reply to, texts to leave words out of, draws of an interval, smoothing."""

    replies: int
    contexts: int
    texts: int
    draws: int
    smoothing: float


FULL = Size(replies=3000, contexts=400, texts=400, draws=500, smoothing=SMOOTHING)
SMOKE = Size(replies=40, contexts=12, texts=12, draws=20, smoothing=1.0)


@dataclass(frozen=True)
class Material:
    """Conversations about emotions (train, dev, test), dialogues with marked causes, vectors for texts."""

    train: Sequence[Conversation]
    dev: Sequence[Conversation]
    test: Sequence[Conversation]
    marked: Sequence[Conversation]
    embed: Embed


@dataclass(frozen=True)
class Causal:
    """A turn that caused an emotion in its dialogue, with the characters people marked."""

    dialogue: int
    text: str
    emotion: str
    marked: tuple[Span, ...]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Rankings of cause words, what leaving words out does, the estimator's emotions, and replies with and without."""
    full = scale == "full"
    size = FULL if full else SMOKE
    material = _published() if full else _made_up(seed)
    estimator = Estimator.fit(told(material.train), size.smoothing)
    ranks = rankers(estimator, told(material.train), seed)
    causal = _causal(material.marked)
    metrics = [
        *_ranking(causal, ranks, estimator.frequent, size),
        *_left_out(material, ranks, estimator.frequent, size, seed),
        *_emotions(material.test, estimator, size),
        *_replies(material, ranks, estimator.frequent, size, seed),
    ]
    notes = [
        f"{len(estimator.total)} words counted in {estimator.number} texts; {len(estimator.frequent)} are too frequent "
        f"to be causes. Turns whose words are all marked, or none, say nothing of a ranking and are left out.",
        f"Left out: the first {TOP} words of each order, of what the speaker says in {size.texts} test conversations. "
        "The judge is a logistic regression on MiniLM vectors of the development conversations, by Ekman's groups.",
        f"Replies: {size.contexts} first turns of the test part, {size.replies} replies of the training part; the "
        f"speaker's {CANDIDATES} likeliest are weighed, against the cause words of {DISTRACTORS} other conversations.",
        "Words people took up: those of the context that the reply people really gave says again; of replies without "
        "any, nothing is said. The emotion of a reply: 32-way, by a classifier of other training replies.",
        "EmoCause's labels are not at hand. BLEU: to pairs of words, see `bleu2`.",
    ]
    return {"metrics": metrics, "data": ["empathetic-dialogues", "reccon"] if full else [], "notes": notes}


def _causal(conversations: Sequence[Conversation]) -> list[Causal]:
    """Every turn that caused an emotion up to two clauses later, once per emotional turn."""
    found: dict[tuple[int, str, str], Causal] = {}
    for number, conversation in enumerate(conversations):
        for item in pairs(number, conversation):
            cause = item.gold["cause"]
            assert item.target
            if cause.scores["cause"] < 0.5 or cause.at.chars is None:
                continue
            key = (number, item.target.id, item.turn.id)
            emotion = conversation.read("emotion", turn=item.target.id)[0].top or ""
            known = found[key].marked if key in found else ()
            found[key] = Causal(number, item.turn.text, emotion, (*known, cause.at.chars))
    return list(found.values())


def _ranking(
    causal: Sequence[Causal], ranks: Mapping[str, Ranker], frequent: frozenset[str], size: Size
) -> list[dict[str, Any]]:
    """Average precision, precision of the first word and recall of the first three, per order."""
    hits: dict[str, list[Array]] = {name: [] for name in ranks}
    groups: list[int] = []
    for one in causal:
        orders = {name: ordered(rank(one.text, one.emotion), one.text, frequent) for name, rank in ranks.items()}
        inside = {name: np.array([_inside(span, one.marked) for span in order]) for name, order in orders.items()}
        if inside[RANDOM].any() and not inside[RANDOM].all():
            groups.append(one.dialogue)
            for name in ranks:
                hits[name].append(inside[name])
    rows: list[dict[str, Any]] = []
    for name, measure in (("average precision", _precision), ("precision at 1", _first), ("recall at 3", _recall)):
        each = {ranker: np.array([measure(one) for one in some])[None] for ranker, some in hits.items()}
        rows += _compared(name, "cause words", each, SHIPPED, np.array(groups), size.draws)
    return rows


def _inside(span: Span, marked: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in marked)


def _precision(hits: Array) -> float:
    """Average precision of one order of words."""
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def _first(hits: Array) -> float:
    return float(hits[0])


def _recall(hits: Array) -> float:
    return float(hits[:TOP].sum() / hits.sum())


def _compared(
    name: str, part: str, each: Mapping[str, Array], best: str, groups: Array, draws: int
) -> list[dict[str, Any]]:
    """The mean of every arm, and of one arm minus each of the others on the same items."""
    gold = np.zeros(len(groups))
    floor = float(each[RANDOM].mean()) if RANDOM in each else None
    rows = [
        measured(f"{name}, {arm}", part, mean, gold, one, baseline=floor, groups=groups, draws=draws)
        for arm, one in each.items()
    ]
    return rows + [
        measured(f"{name}, {best} minus {arm}", part, minus(mean), gold, each[best], one, groups=groups, draws=draws)
        for arm, one in each.items()
        if arm != best
    ]


def _left_out(
    material: Material, ranks: Mapping[str, Ranker], frequent: frozenset[str], size: Size, seed: int
) -> list[dict[str, Any]]:
    """How far the judge's probability of the emotion falls without the first words of each order."""
    known, of_known = _grouped(material.dev)
    said, felt = _grouped(material.test)
    rows = np.random.default_rng(seed).permutation(len(said))[: size.texts]
    judge = LogisticRegression(C=10.0, max_iter=500).fit(material.embed(known), of_known)
    column = [list(judge.classes_).index(felt[row]) for row in rows]

    def probability(some: Sequence[str]) -> Array:
        return judge.predict_proba(material.embed(some))[np.arange(len(some)), column]

    whole = probability([said[row] for row in rows])
    falls: dict[str, Array] = {}
    for name, rank in ranks.items():
        orders = [ordered(rank(said[row], felt[row]), said[row], frequent)[:TOP] for row in rows]
        falls[name] = (whole - probability([without(said[r], o) for r, o in zip(rows, orders, strict=True)]))[None]
    return _compared("fall of the emotion", "words left out", falls, SHIPPED, np.arange(len(rows)), size.draws)


def without(text: str, spans: Iterable[Span]) -> str:
    """The text without these characters; a full stop where nothing is left."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return " ".join(text.split()) or "."


def _grouped(conversations: Iterable[Conversation]) -> tuple[list[str], list[str]]:
    """What the speaker said in each conversation, and the first of Ekman's groups its emotion is in."""
    said, felt = [], []
    for conversation in conversations:
        emotion = emotion_of(conversation)
        said.append(_said(conversation))
        felt.append(group_of(emotion))
    return said, felt


def _said(conversation: Conversation) -> str:
    return " ".join(turn.text for turn in conversation.turns if turn.speaker == "speaker") or "."


def _emotions(conversations: Sequence[Conversation], estimator: Estimator, size: Size) -> list[dict[str, Any]]:
    """How often the estimator's likeliest of 32 emotions is the one, with and without the emotions' own names."""
    gold = np.array([LABELS.index(emotion_of(one)) for one in conversations])
    names = {label[:5] for label in LABELS}
    rows: list[dict[str, Any]] = []
    for part, hidden in (("as said", False), ("names of emotions left out", True)):
        texts = [_said(one) for one in conversations]
        if hidden:
            texts = [without(text, [span for word, span in words(text) if word[:5] in names]) for text in texts]
        guessed = np.array([int(estimator.posterior(text).argmax()) for text in texts])
        most = float(np.bincount(gold).max() / len(gold))
        rows.append(
            measured(
                "accuracy of the emotion, counts",
                part,
                lambda truth, said: float((truth == said).mean()),
                *(gold, guessed[None]),
                baseline=most,
                draws=size.draws,
            )
        )
    return rows


def _replies(
    material: Material, ranks: Mapping[str, Ranker], frequent: frozenset[str], size: Size, seed: int
) -> list[dict[str, Any]]:
    """The first exchanges of training conversations, to choose from and to judge by, and of test conversations."""
    draw = np.random.default_rng(seed)
    train, test = exchanges(material.train), exchanges(material.test)
    order = draw.permutation(len(train))
    pool, heard = [train[k] for k in order[: size.replies]], [train[k] for k in order[size.replies : 4 * size.replies]]
    asked = [test[k] for k in draw.permutation(len(test))[: size.contexts]]

    def causes(one: Exchange, name: str) -> list[str]:
        spans = ordered(ranks[name](one.context, group_of(one.emotion)), one.context, frequent)
        return [one.context[start:end].lower() for start, end in spans]

    rank = {name: (lambda one, name=name: causes(one, name)) for name in (SHIPPED, RANDOM)}
    return replied(pool, heard, asked, rank, material.embed, frequent=frequent, draws=size.draws, seed=seed)


def group_of(emotion: str) -> str:
    """The first of Ekman's groups one of the 32 emotions is in."""
    return next(name for name, some in GROUPS.items() if emotion in some)


def _published() -> Material:
    train, dev, test = ([*load("empathetic-dialogues", split)] for split in ("train", "dev", "test"))
    seen = {_said(one) for one in train}
    test = [one for one in test if _said(one) not in seen]
    return Material(train, dev, test, [*load("reccon", "test")], minilm)


def _made_up(seed: int) -> Material:
    """Three feelings, each about things of its own, told to somebody who says the thing again or does not."""
    things = {"angry": ("traffic", "neighbour"), "afraid": ("spider", "thunder"), "joyful": ("garden", "wedding")}
    draw = np.random.default_rng(seed)

    def talk(number: int) -> Conversation:
        emotion = list(things)[number % 3]
        thing = things[emotion][int(draw.integers(2))]
        reply = f"Tell me of the {thing}, please." if number % 2 else "I see what you mean."
        turns = Turn("speaker", f"Something happened to me with the {thing} today."), Turn("listener", reply)
        felt = replace(one_of("empathetic32", emotion), at=Anchor(speaker="speaker"))
        return Conversation(*turns, felt, id=f"{number}", meta={"situation": f"the {thing} of last week"})

    def marked(thing: str) -> Conversation:
        text = f"Nothing new today. Only the {thing} came near."
        cause = replace(many_of("cause", ["cause"]), at=Anchor("t1", chars=(text.index("Only"), len(text))))
        felt = replace(one_of("ekman7", "fear"), because=(cause.id,))
        return Conversation(Turn("ana", text), cause, felt)

    def hashed(texts: Sequence[str]) -> Array:
        return np.stack([sum((_vector(word) for word, _ in words(text)), np.zeros(16)) for text in texts])

    every = [talk(number) for number in range(120)]
    return Material(every[:80], every[80:100], every[100:], [marked(t) for t in ("spider", "thunder")], hashed)


def _vector(word: str) -> Array:
    return np.random.default_rng(crc32(word.encode())).normal(size=16)
