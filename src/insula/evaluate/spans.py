"""Stretches of text that caused an emotion, against the words people marked (RECCON's first subtask).

    gold "we lost the flat", answered "lost the flat" -> exact match 0, token F1 .86

One question per annotated cause, as published, and one per turn that holds none. An answer is the surest stretch of
the turn, where the turn is decided to be a cause at all, and otherwise empty. Scoring after Poria et al. 2021 (exact
match as written; nothing where neither stretch holds the other) and, kinder, after SQuAD (Rajpurkar et al. 2016).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .answers import Answers
from .baselines import Texts, tfidf
from .bootstrap import interval
from .items import Item
from .metrics import Array, macro_f1
from .task import Slice

if TYPE_CHECKING:
    from .run import Outcome, Run

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MARKS = str.maketrans("", "", string.punctuation)
_CLAUSE = re.compile(r"[^.,;:!?…]+[.,;:!?…]*\s*|[.,;:!?…]+\s*")


def normalised(text: str) -> str:
    """Lower case, without punctuation and articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_MARKS)).split())


def exact_match(gold: str, answer: str) -> float:
    """Whether both are the same as written, but for spaces around them."""
    return float(gold.strip() == answer.strip())


def squad_match(gold: str, answer: str) -> float:
    """Whether both are the same once normalised."""
    return float(normalised(gold) == normalised(answer))


def token_f1(gold: str, answer: str) -> float:
    """F1 of the words both have, normalised; of two empty answers 1."""
    truth, said = normalised(gold).split(), normalised(answer).split()
    if not truth or not said:
        return float(truth == said)
    return 2 * sum((Counter(truth) & Counter(said)).values()) / (len(truth) + len(said))


def contained_f1(gold: str, answer: str) -> float:
    """The same where one stretch holds the other as written, else 0; an answer may be empty only where gold is."""
    truth, said = gold.strip(), answer.strip()
    if not truth or not said:
        return float(truth == said)
    return token_f1(truth, said) if truth in said or said in truth else 0.0


_PER_ITEM: Mapping[str, Callable[[str, str], float]] = MappingProxyType(
    {"exact_match": exact_match, "squad_match": squad_match, "token_f1": token_f1, "contained_f1": contained_f1}
)


def gold_words(item: Item) -> str:
    """The words people marked in the turn; "" where it holds no cause."""
    cause = item.gold["cause"]
    if cause.scores["cause"] < 0.5:
        return ""
    return item.turn.text[slice(*cause.at.chars)] if cause.at.chars else item.turn.text


def spans(
    run: Run, view: Slice, places: NDArray[np.intp], answer: Answers, baselines: Mapping[str, Answers]
) -> Outcome:
    """The results of a slice on the chosen items at `places`, with what each baseline's stretches get."""
    from .run import Outcome

    split = run.split("test", view.items).only(run.chosen(view.items)[places])
    items, groups, answer = split.items, split.groups, answer.only(places)
    readings = run.readings("test", view.items)
    said = _answered_words(items, answer, [readings[place] for place in places])
    others = {"positional": _whole(items, baselines["positional"].only(places))}
    others["tfidf"] = _clauses(run, view, items, baselines["tfidf"].only(places))
    gold = [gold_words(item) for item in items]
    results: list[Any] = []
    for metric in view.metrics:
        score = interval(_measure(metric, gold, said), len(items), seed=run.seed, groups=groups)
        once = np.ones((1, len(items)), np.float32)
        beside = {name: float(_measure(metric, gold, words)(once)[0]) for name, words in others.items()}
        results.append(run.result(view.name, metric, score, len(items), float(answer.answered.mean()), beside, answer))
    truth = np.array([[float(bool(words))] for words in gold], np.float32)
    return Outcome(run.benchmark, view, tuple(results), truth, answer, answer.answered, baselines, groups)


def _measure(metric: str, gold: Sequence[str], said: Sequence[str]) -> Callable[[Array], Array]:
    """Weights of the items -> the metric under each of them."""
    if metric == "no_answer_f1":
        none, left = ([[not words.strip()] for words in texts] for texts in (gold, said))
        return lambda weights: macro_f1(none, left, weights)
    each = np.array([_PER_ITEM[metric](*both) for both in zip(gold, said, strict=True)])
    return lambda weights: weights @ each / weights.sum(1)


def _answered_words(items: Sequence[Item], answer: Answers, readings: Sequence[Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    for item, decided, reading in zip(items, answer.decided[:, 0], readings, strict=True):
        at = reading["cause"].at.chars if decided else None
        found.append((item.turn.text[slice(*at)] if at else item.turn.text) if decided else "")
    return found


def _whole(items: Sequence[Item], answer: Answers) -> list[str]:
    """The whole turn wherever it is called a cause."""
    return [item.turn.text if said else "" for item, said in zip(items, answer.decided[:, 0], strict=True)]


def _clauses(run: Run, view: Slice, items: Sequence[Item], answer: Answers) -> list[str]:
    """The clauses TF-IDF finds likely in each turn that is called a cause, from the first to the last of them."""
    train, dev, test = (run.split(part, view.items).items for part in ("train", "dev", "test"))
    cut = {text: _cut(text) for text in dict.fromkeys(item.turn.text for item in test)}
    learnt, tuning = (list(_labelled_clauses(some)) for some in (train, dev))
    every = tuple(clause for clauses in cut.values() for clause in clauses)
    texts = Texts(tuple(text for text, _ in learnt), tuple(text for text, _ in tuning), every)
    gold = [np.array([[inside] for _, inside in some], np.float32) for some in (learnt, tuning)]
    made = tfidf(texts, gold[0], gold[1], view)
    scores, decided = iter(made.scores[:, 0]), iter(made.decided[:, 0])
    best = {
        text: _stretch(some, [*islice(scores, len(some))], [*islice(decided, len(some))]) for text, some in cut.items()
    }
    return [best[item.turn.text] if said else "" for item, said in zip(items, answer.decided[:, 0], strict=True)]


def _labelled_clauses(items: Sequence[Item]) -> Iterator[tuple[str, float]]:
    """The clauses of turns that hold a cause, and whether the middle of each is in the words people marked."""
    for item in items:
        if not gold_words(item):
            continue
        low, high = item.gold["cause"].at.chars or (0, len(item.turn.text))
        start = 0
        for clause in _cut(item.turn.text):
            yield clause, float(low <= start + len(clause) / 2 <= high)
            start += len(clause)


def _stretch(clauses: Sequence[str], scores: Sequence[float], decided: Sequence[bool]) -> str:
    """From the first to the last decided clause; the likeliest alone where none is."""
    chosen = [k for k, said in enumerate(decided) if said] or [int(np.argmax(scores))]
    return "".join(clauses[chosen[0] : chosen[-1] + 1]).strip()


def _cut(text: str) -> list[str]:
    """A text in clauses that join to it again."""
    return _CLAUSE.findall(text) or [text]
