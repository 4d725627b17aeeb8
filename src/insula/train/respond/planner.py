"""`insula train respond-planner`: what a supporter does next, which strategy a reply uses, and what it does for people.

    train_planner(Path("weights")) -> weights/respond-planner.safetensors, with its card beside it

Learnt from ESConv's train dialogues, those that failed, and the stars of MultiESC's development part; its test part,
and ESConv's, are never looked at. Ten minutes on one core. Needs the extra `train`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.data import load
from insula.evaluate.metrics import accuracy, macro_f1
from insula.network.dialogue import Dialogue
from insula.network.text import digest
from insula.presets import pipeline
from insula.respond.lookahead import expected
from insula.respond.plan import decided, next_strategy
from insula.respond.strategy import softmax, tagged
from insula.respond.talk import STRATEGIES, Talk, talk

from .outlook import fit_outlook, moments
from .planning import NONE, Lesson, Table, fit_plan
from .tagger import fit_tagger, halves, reply_rows

Array = NDArray[np.floating]
Talks = list[tuple[Conversation, Talk]]
Progress = Callable[[str], None]
NAME = "respond-planner"
SUPPORTER = ("supporter",)
COMMON = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # how far common strategies may be held back
TOWARDS = (0.0, 0.5, 1.0, 2.0)  # how much the lookahead may count
COST = 0.03  # of accuracy on dev that holding back may cost


def train_planner(folder: Path, progress: Progress = lambda _: None) -> Path:
    """Train everything and write weights and card into `folder`; raises MissingData where a corpus is absent."""
    from safetensors.numpy import save_file

    progress("which strategy a reply uses")
    first, second = halves(list(load("esconv", "train")))
    taggers = [fit_tagger(half) for half in (first, second)]
    progress("reading talks")
    train = [*_lessons(first, taggers[1]), *_lessons(second, taggers[0])]
    dev = _lessons(list(load("esconv", "dev")), taggers[0])
    progress("what a supporter does next")
    table = taggers[0] | fit_plan(train, dev)
    progress("what a strategy does for people")
    table |= _outlook(table, [*first, *second], train)
    table["decide"] = choose(table, dev)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.safetensors"
    save_file({name: np.ascontiguousarray(one, np.float32).astype(np.float16) for name, one in table.items()}, path)
    path.with_suffix(".md").write_text(_card(path), encoding="utf-8")
    return path


def _lessons(conversations: Sequence[Conversation], tagger: Table) -> list[Lesson]:
    """Talks with the strategies that a tagger which did not learn from them reads."""
    network = Dialogue.open()
    return [_lesson(one, talk(one, network, SUPPORTER), tagger) for one in conversations]


def _lesson(conversation: Conversation, rows: Talk, tagger: Table) -> Lesson:
    dense, places, where = reply_rows(conversation, rows)
    used = np.zeros_like(rows.used)
    if len(where):
        used[where] = tagged(tagger, dense, places)
    following = np.where(rows.used.any(1), rows.used.argmax(1), NONE)
    return Lesson(rows.with_used(used), rows.used, np.append(following[1:], NONE))


def _outlook(table: Table, conversations: Sequence[Conversation], lessons: Sequence[Lesson]) -> Table:
    """Stars from failed and from completed talks; changes of valence, as `text.encoder` reads it, from ESConv's."""
    network, reader = Dialogue.open(), pipeline("text")
    rated = [[(one, talk(one, network, SUPPORTER)) for one in load(*part)] for part in STARS]
    stars = [moments(some, table, "stars") for some in rated]
    bare = (Conversation(*one.turns, id=one.id) for one in conversations)
    read: Talks = [(one, lesson.talk.with_used(lesson.gold)) for one, lesson in zip(reader.run_many(bare), lessons)]  # noqa: B905
    return fit_outlook(stars, "stars") | fit_outlook([moments(read, table, "change")], "change")


STARS = (("esconv-failed", "train"), ("esconv-multiesc", "dev"))


def choose(table: Table, dev: Sequence[Lesson]) -> Array:
    """How far common strategies are held back, and how much the lookahead counts: the best macro-F1 on dev whose
    accuracy is at most `COST` below the best."""
    asked = [one.next != NONE for one in dev]
    chances = np.concatenate([softmax(next_strategy(table, x.talk))[keep] for x, keep in zip(dev, asked, strict=True)])
    hoped = np.concatenate([expected(table, x.talk)[keep] for x, keep in zip(dev, asked, strict=True)])
    gold = np.eye(len(STRATEGIES))[np.concatenate([x.next[keep] for x, keep in zip(dev, asked, strict=True)])]
    found: list[tuple[float, float, Array]] = []
    for common in COMMON:
        for towards in TOWARDS:
            said = np.eye(len(STRATEGIES))[decided(chances, hoped, table["rates"], common, towards).argmax(1)]
            setting = np.array([common, towards], np.float32)
            found.append((float(accuracy(gold, said)[0]), float(macro_f1(gold, said)[0]), setting))
    enough = max(right for right, _, _ in found) - COST
    return max((one for one in found if one[0] >= enough), key=lambda one: one[1])[2]


def _card(path: Path) -> str:
    card = (resources.files("insula.train.respond") / "planner.card.md").read_text(encoding="utf-8")
    return card.format(revision=digest(path), sha256=sha256(path.read_bytes()).hexdigest())
