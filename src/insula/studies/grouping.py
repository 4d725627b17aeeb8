"""Texts whose labels are rolled up to the primary emotions: read, grouped in one of three ways, and predicted.

texts = corpus("carer", "train")
predict(texts, BY_NAME, ["i feel lost"], seed=0)        # -> (seeds, texts, groups) of 0 and 1
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..ontology import ontology, roll_up
from ..scheme import scheme
from .measure import Array

GROUPS = tuple(node for node, above in ontology().parents.items() if above is None)
SEEDS = 3
TRAIN = 6000

Grouping = Callable[[str, int], dict[str, str | None]]
"""(scheme, seed) -> the group of each label, None for a label without one."""


@dataclass(frozen=True)
class Text:
    """A text and the labels people gave it, in the scheme of its corpus."""

    text: str
    scheme: str
    labels: tuple[str, ...]


def by_ontology(name: str, _: int) -> dict[str, str | None]:
    """Labels by the primary emotion above them."""
    return {label: roll_up(label, 1, name) for label in scheme(name).labels}


def by_name(name: str, _: int) -> dict[str, str | None]:
    """Only labels that are called like a primary emotion: what corpora share without an ontology."""
    return {label: label if label in GROUPS else None for label in scheme(name).labels}


def at_random(name: str, seed: int) -> dict[str, str | None]:
    """The groups of the ontology, as many of each, dealt out to the same labels at random."""
    groups = {label: group for label, group in by_ontology(name, seed).items() if group}
    dealt = random.Random(seed).sample(list(groups.values()), len(groups))
    return dict.fromkeys(scheme(name).labels) | dict(zip(groups, dealt, strict=True))


def corpus(name: str, split: str, limit: int | None = None) -> list[Text]:
    """The gold texts of a corpus, or a fixed random `limit` of them; raises MissingData."""
    from ..data import load

    texts = [
        Text(conversation.turns[0].text, annotation.scheme, annotation.labels)
        for conversation in load(name, split)
        for annotation in conversation.read("emotion", rater="gold")
    ]
    return texts if limit is None else random.Random(0).sample(texts, min(limit, len(texts)))


def made_up(seed: int) -> dict[str, tuple[list[Text], list[Text]]]:
    """(train, test) of two corpora of made-up sentences whose labels differ in name and agree in group."""
    draw = random.Random(seed)
    labels = {"carer6": ("joy", "sadness", "anger", "fear"), "crowdflower13": ("fun", "sadness", "anger", "worry")}
    cues = (("sunny", "party"), ("rain", "funeral"), ("traffic", "insult"), ("dark", "exam"))
    made: dict[str, tuple[list[Text], list[Text]]] = {}
    for name, four in labels.items():
        turns = [i % 4 for i in range(240)]
        said = [f"{draw.choice(('today', 'oh'))} the {draw.choice(cues[i])} and me, {four[i]}" for i in turns]
        texts = [Text(text, name, (four[i],)) for text, i in zip(said, turns, strict=True)]
        made[name] = (texts[:160], texts[160:])
    return made


def grouped(texts: Iterable[Text]) -> list[tuple[Text, set[str]]]:
    """Texts that have at least one primary emotion, with all they have."""
    pairs = [(text, {group for label in text.labels if (group := roll_up(label, 1, text.scheme))}) for text in texts]
    return [(text, groups) for text, groups in pairs if groups]


def commonest(known: Iterable[tuple[Text, set[str]]]) -> str:
    """The group given most often."""
    return Counter(group for _, groups in known for group in sorted(groups)).most_common(1)[0][0]


def hot(sets: Sequence[set[str]]) -> Array:
    """(items, groups) of 0 and 1."""
    return np.array([[group in one for group in GROUPS] for one in sets], dtype=np.int8)


def predict(train: Sequence[Text], grouping: Grouping, texts: list[str], seed: int) -> Array:
    """(seeds, texts, groups) of 0 and 1: TF-IDF and logistic regression, a new sample of training texts per seed.

    A training text with two groups teaches neither.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier

    runs: list[Array] = []
    for one in range(seed, seed + SEEDS):
        groups = grouping(train[0].scheme, one)
        pairs = [(text.text, {group for label in text.labels if (group := groups[label])}) for text in train]
        clear = [(text, min(those)) for text, those in pairs if len(those) == 1]
        sample = random.Random(one).sample(clear, min(TRAIN, len(clear)))
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        model = SGDClassifier(loss="log_loss", class_weight="balanced", random_state=one)
        model.fit(words.fit_transform([text for text, _ in sample]), [group for _, group in sample])
        runs.append(hot([{group} for group in model.predict(words.transform(texts))]))
    return np.stack(runs)
