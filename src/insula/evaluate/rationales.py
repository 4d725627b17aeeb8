"""The words that show something in a turn, against the words people marked (EPITOME's rationales, Sharma et al. 2020).

    people "that must hurt", machine "must hurt so" -> 2 words of both, 4 of either: token F1 .67, overlap .5

Turns in which people marked words are scored, whatever the pipeline says of them; the baseline marks every word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conversation import Annotation, Conversation, Turn
from .answers import Answers, NoAnswer
from .bootstrap import interval
from .items import GOLD
from .task import Slice

if TYPE_CHECKING:
    from .run import Outcome, Run

Words = frozenset[int]
_WORD = re.compile(r"\w+")


def token_f1(gold: Words, said: Words) -> float:
    """F1 of the marked words of one turn."""
    return 2 * len(gold & said) / max(len(gold) + len(said), 1)


def overlap(gold: Words, said: Words) -> float:
    """Words both marked, by words either marked."""
    return len(gold & said) / max(len(gold | said), 1)


_MEASURES: Mapping[str, Callable[[Words, Words], float]] = MappingProxyType({"token_f1": token_f1, "overlap": overlap})


def rationales(run: Run, view: Slice) -> Outcome:
    """One result per metric of the words that show `view.level`; raises NoAnswer where the pipeline judges no turn."""
    from .run import Outcome

    split = run.split("test", view.items).only(run.chosen(view.items))
    numbers = sorted({item.conversation for item in split.items})
    marked: list[tuple[Words, Words, Words]] = []
    groups: list[int] = []
    raters: dict[str, None] = {}
    for number, done in zip(numbers, run.pipeline.run_many(split.bare(numbers)), strict=True):
        for turn, judged in _judged(done, view):
            raters[judged.rater] = None
            if gold := _gold(split.conversations[number], turn, view.level):
                every = frozenset(range(len(_WORD.findall(turn.text))))
                marked.append((gold, _because(done, turn, judged, view.level), every))
                groups.append(number)
    if not marked:
        raise NoAnswer(f"it says nothing of {view.level} where people marked words")
    answer = Answers(np.full((len(marked), 1), np.nan, np.float32), np.zeros((len(marked), 1), bool), tuple(raters))
    together = np.unique(groups, return_inverse=True)[1]
    results: list[Any] = []
    for metric in view.metrics:
        each = np.array([_MEASURES[metric](gold, said) for gold, said, _ in marked])
        score = interval(lambda w, v=each: w @ v / w.sum(1), len(each), seed=run.seed, groups=together)
        whole = float(np.mean([_MEASURES[metric](gold, every) for gold, _, every in marked]))
        results.append(run.result(view.name, metric, score, len(each), 1.0, {"every word": whole}, answer))
    return Outcome(run.benchmark, view, tuple(results), answer.scores, answer, answer.answered, {}, together)


def _judged(conversation: Conversation, view: Slice) -> Iterator[tuple[Turn, Annotation]]:
    layers = sorted(conversation.layers)
    for turn in conversation.turns:
        found = [x for layer in layers for x in conversation.read(layer, turn=turn.id, scheme=view.scheme)]
        if found:
            yield turn, found[-1]


def _gold(conversation: Conversation, turn: Turn, label: str) -> Words:
    marks = conversation.read("evidence", turn=turn.id, rater=GOLD)
    return _words(conversation.turn(turn.id).text, [x for x in marks if label in x.scores])


def _because(conversation: Conversation, turn: Turn, judged: Annotation, label: str) -> Words:
    marks = conversation.read("evidence", turn=turn.id)
    return _words(turn.text, [x for x in marks if x.id in judged.because and label in x.scores])


def _words(text: str, marks: list[Annotation]) -> Words:
    """Numbers of the words that a mark touches."""
    spans = [mark.at.chars for mark in marks if mark.at.chars]
    places = enumerate(_WORD.finditer(text))
    return frozenset(k for k, word in places if any(a < word.end() and word.start() < b for a, b in spans))
