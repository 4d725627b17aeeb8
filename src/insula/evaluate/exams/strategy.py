"""Which step of support comes next: turns of ESConv right after the seeker spoke, and how lopsided the choices are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ...catalogue import build
from ...conversation import Conversation
from ...respond.strategies import strategies
from ..asking import Asked, Choice, Exam, Question
from ..asking.drawn import SHORT, balanced, learnt, one_each, part, plain, shown, some, until
from ..asking.exam import mean
from ..asking.naming import always, mark, name_one, over
from ..items import next_turns
from ..metrics import macro_f1, preference_bias

LABELS = tuple(strategies())
COUNT = 120
TURNS = 6  # of the talk that are shown
EXAMPLE = (6, 25)  # words of an example
ASKS, OPENING = "Which step comes next?", "The next step is"
TOLD = (
    "You help a supporter choose the next step of a talk. Steps: "
    + "; ".join(f"{name}: {one.instruction}" for name, one in strategies().items())
    + ". Answer with the name of one step, one of: {labels}."
)


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Turns of seekers of the test talks after which a supporter's follows, drawn without looking."""
    del paths
    known = learnt("esconv")
    found = [one for talk in part("esconv", "test") for one in _questions(talk) if plain(one.text) not in known]
    return some(found, COUNT, "strategy")


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The eight steps with what they mean, in mode "few" one example of each, then the last turns of the talk."""
    shots = examples(seed) if mode == "few" else ()
    return name_one(question, seed, mode, told=TOLD, asks=ASKS, opening=OPENING, examples=shots)


@cache
def examples(seed: int) -> tuple[tuple[str, str], ...]:
    """A short turn of a seeker before each step, from talks of the train part that share no turn with a test talk."""
    asked = {
        plain(turn.text) for talk in part("esconv", "test") for turn in talk.turns if len(turn.text.split()) > SHORT
    }
    every = [talk for talk in part("esconv", "train") if not asked & {plain(turn.text) for turn in talk.turns}]
    found = [
        one for talk in every for one in _questions(talk) if EXAMPLE[0] <= len(one.about["last"].split()) <= EXAMPLE[1]
    ]
    drawn = balanced(one_each(found, lambda x: (x.group, _step(x)), f"{seed}"), _step, 1, f"{seed}")
    return tuple((f"{one.about['last']}\n\n{ASKS}", f"{OPENING} {_step(one)}") for one in drawn)


def _step(question: Question) -> str:
    return LABELS[question.choices[0].right]


def read(asked: Sequence[Asked]) -> list[str]:
    """The planner's choice, after strategies that a tagger read from the supporter's words."""
    tagger, planner = build("respond.strategy"), build("respond.planner")
    replies: list[str] = []
    for one in asked:
        bare = Conversation(*one.question.about["conversation"].turns)
        bare.add(*tagger(bare))
        bare.add(*planner(bare))
        replies.append(bare.read("plan", turn=bare.turns[-1].id)[-1].labels[0])
    return replies


def _questions(talk: Conversation) -> list[Question]:
    items = [item for item in next_turns(0, talk) if item.turn.speaker != "supporter"]
    return [
        Question(
            f"{talk.id}/{item.turn.id}",
            shown(until(talk, item.turn).turns[-TURNS:]),
            (Choice("step", LABELS, LABELS.index(item.gold["support-plan"].labels[0])),),
            group=talk.id,
            about={"conversation": until(talk, item.turn), "last": shown([item.turn])},
        )
        for item in items
    ]


EXAM = Exam(
    name="strategy",
    title="Strategy: the next step of support, and preference bias",
    paper="Liu et al. 2021, arXiv:2106.01144; bias: Kang et al. 2024, arXiv:2402.13211",
    licence="CC-BY-NC-4.0; nothing of it is kept here",
    differs="120 turns drawn by seed, right after the seeker spoke, with the six turns up to it. Bias of few turns is "
    "larger than of many, so compare answerers of one run. What the supporter did is one of several good steps.",
    load=load,
    ask=ask,
    mark=mark,
    metrics={
        "macro-F1": over(macro_f1, len(LABELS)),
        "accuracy": mean("accuracy"),
        "preference bias": over(preference_bias, len(LABELS)),
    },
    blind={"always question": always("question"), "always suggestion": always("suggestion")},
    modes=("base", "few"),
    reader=read,
)
