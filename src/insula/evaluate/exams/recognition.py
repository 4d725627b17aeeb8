"""Which feeling: turns of three corpora, all seven labels alike often; this engine's readers answer the same items.

    insula evaluate recognition --model local:base

Mode "few" puts one example of each label before the question, from the train part and never the words of an item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from ...catalogue import build
from ...conversation import Conversation, Turn
from ...data.gold import GOLD
from ...scheme import scheme
from ..asking import Asked, Choice, Exam, Question
from ..asking.drawn import SHORT, balanced, learnt, one_each, part, plain, shown, until
from ..asking.exam import mean
from ..asking.naming import always, mark, name_one, over
from ..metrics import macro_f1
from ..split import to_scheme

LABELS = scheme("ekman7").labels
CORPORA = ("goemotions", "dailydialog", "meld")
READERS = {"goemotions": "text.encoder", "dailydialog": "dialogue.encoder", "meld": "dialogue.encoder"}
EACH = 10  # items of each label and corpus
BEFORE = 3  # turns shown before the one asked about
EXAMPLE = 25  # words of an example at most
TOLD = "You name feelings. Answer with one word, one of: {labels}."
ASKS = "What does the one who speaks last feel?"
OPENING = "The feeling is"


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Up to ten turns of each label of each corpus, one a conversation, none of them in the corpus' train part."""
    del paths
    return [question for corpus in CORPORA for question in _drawn(corpus)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """In mode "few" after seven examples of the same corpus, in an order of the seed."""
    shots = examples(seed) if mode == "few" else ()
    return name_one(question, seed, mode, told=TOLD, asks=ASKS, opening=OPENING, examples=shots)


@cache
def examples(seed: int) -> tuple[tuple[str, str], ...]:
    """A short turn of each label, the corpora taking turns, from train talks that hold no words of an item."""
    asked = {plain(question.about["turn"].text) for corpus in CORPORA for question in _drawn(corpus)}
    found: list[tuple[str, str]] = []
    for place, label in enumerate(Random(f"examples/{seed}").sample(LABELS, len(LABELS))):
        every = part(CORPORA[place % len(CORPORA)], "train")
        for at in Random(f"{label}/{seed}").sample(range(len(every)), len(every)):
            if not asked & {plain(turn.text) for turn in every[at].turns} and (turn := _short(every[at], label)):
                found.append((f"{_text(until(every[at], turn))}\n\n{ASKS}", f"{OPENING} {label}"))
                break
    return tuple(found)


def _short(conversation: Conversation, label: str) -> Turn | None:
    own = (turn for _, turn, one in labelled([conversation]) if one == label)
    return next((turn for turn in own if SHORT < len(turn.text.split()) <= EXAMPLE), None)


def read(asked: Sequence[Asked]) -> list[str]:
    """This engine's reader of each corpus: the label it finds most, from the bare turns up to the one asked."""
    readers = {corpus: _reader(corpus) for corpus in dict.fromkeys(one.question.slices["corpus"] for one in asked)}
    return [readers[one.question.slices["corpus"]](one.question) for one in asked]


def labelled(conversations: Sequence[Conversation]) -> Iterator[tuple[Conversation, Turn, str]]:
    """Every turn that people gave exactly one of the seven labels."""
    for conversation in conversations:
        for turn in conversation.turns:
            found = {one.scheme: one for one in conversation.read("emotion", turn=turn.id, rater=GOLD)}
            gold = to_scheme(found, "ekman7")
            if gold and len(gold.labels) == 1:
                yield conversation, turn, gold.labels[0]


@cache
def _drawn(corpus: str) -> tuple[Question, ...]:
    known = learnt(corpus)
    fresh = (one for one in labelled(part(corpus, "test")) if plain(one[1].text) not in known)
    drawn = balanced(one_each(fresh, lambda one: (one[0].id, one[2]), corpus), lambda one: one[2], EACH, corpus)
    return tuple(_question(corpus, *one) for one in drawn)


def _question(corpus: str, conversation: Conversation, turn: Turn, label: str) -> Question:
    bare = until(conversation, turn)
    return Question(
        f"{conversation.id}/{turn.id}",
        _text(bare),
        (Choice("feeling", LABELS, LABELS.index(label)),),
        group=conversation.id,
        slices={"corpus": corpus},
        about={"conversation": bare, "turn": turn},
    )


def _text(bare: Conversation) -> str:
    return shown(bare.turns[-BEFORE - 1 :])


def _reader(corpus: str) -> Callable[[Question], str]:
    """Probabilities against how often a label is in the train part: here all are asked about alike often."""
    parameters: dict[str, Any] = {"domain": corpus} if corpus == "dailydialog" else {}
    component = build(READERS[corpus], **parameters)
    rates = Counter(label for _, _, label in labelled(part(corpus, "train")))

    def answer(question: Question) -> str:
        bare = Conversation(*question.about["conversation"].turns)
        bare.add(*component(bare))
        found = bare.read("emotion", turn=question.about["turn"].id, scheme="ekman7")
        scores = found[-1].scores if found else {}
        return max(scores, key=lambda label: scores[label] / rates[label], default="")

    return answer


EXAM = Exam(
    name="recognition",
    title="Recognition: one of seven feelings, in comments, everyday talk and a series",
    paper="GoEmotions, arXiv:2005.00547; DailyDialog, arXiv:1710.03957; MELD, arXiv:1810.02508",
    licence="that of each corpus: CC-BY-4.0, CC-BY-NC-SA-4.0, GPL-3.0; nothing of them is kept here",
    differs="Ten turns of every label and corpus, drawn by seed from the test parts, where feelings are far from alike "
    "often; turns with one label alone, none of which stands in the train part. The readers learnt from "
    "these corpora's train parts, a language model has not been taught them here.",
    load=load,
    ask=ask,
    mark=mark,
    metrics={"macro-F1": over(macro_f1, len(LABELS)), "accuracy": mean("accuracy")},
    blind={"always neutral": always("neutral"), "always joy": always("joy")},
    modes=("base", "few"),
    reader=read,
)
