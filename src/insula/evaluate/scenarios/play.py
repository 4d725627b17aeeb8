"""Playing a scenario with a bot, and what became of each expectation.

    play(read("safety.yaml"), 0, responder).failures -> [Verdict(turn=1, line=9, ..., met=False, why="...")]

A bot that fails (no answer, an error of its server, an exception) fails the scenario with that sentence; the next one
is played. Nothing a bot does stops a run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ...component import Component
from ...conversation import Conversation, Turn
from ...pipeline import Pipeline
from .expectation import Expectation, Found, Heard, quoted
from .scenario import Scenario, Suite

PERSON = "person"
BOT = "companion"
LONGEST = 20_000  # characters of a reply, from which nobody reads it
Judge = Callable[[str, Conversation], Found]


@dataclass(frozen=True)
class Verdict:
    """What became of one expectation: `met` None where nobody could tell. `turn` is the reply from 1, 0 the whole."""

    expected: str
    met: bool | None
    why: str
    turn: int
    line: int


@dataclass(frozen=True)
class Outcome:
    """A scenario played: what was said, what became of every expectation, and `error` where the bot failed."""

    suite: Suite
    scenario: Scenario
    conversation: Conversation
    verdicts: tuple[Verdict, ...]
    error: str
    seconds: float

    @property
    def failures(self) -> list[Verdict]:
        """What was expected and did not come, or came and should not have."""
        return [one for one in self.verdicts if one.met is False]

    @property
    def open(self) -> list[Verdict]:
        """What nobody could tell: criteria without a judge."""
        return [one for one in self.verdicts if one.met is None]

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what nobody could tell does not count."""
        return not self.error and not self.failures


def play(suite: Suite, number: int, responder: Component, judge: Judge | None = None) -> Outcome:
    """The scenario of this number with a bot: a component that answers the last turn with a Turn.

    `judge` tells whether a criterion in plain words is met in a talk.
    """
    scenario, start = suite.scenarios[number], time.monotonic()
    conversation = Conversation(id=scenario.name)
    verdicts: list[Verdict] = []
    error = ""
    for place, turn in enumerate(scenario.turns):
        conversation.add(Turn(BOT, turn.bot) if turn.bot else Turn(PERSON, turn.person or ""))
        if not scenario.asks(place):
            continue
        replied, error = _answered(conversation, responder)
        if replied is None:
            break
        heard = Heard(conversation, replied, scenario.locale or suite.locale)
        verdicts += _judged(suite, number, place, heard, judge)
    if not error:
        verdicts += _criteria(suite, number, conversation, judge)
    return Outcome(suite, scenario, conversation, tuple(verdicts), error, time.monotonic() - start)


def _answered(conversation: Conversation, responder: Component) -> tuple[Turn | None, str]:
    """The bot's reply to the last turn, or None and why there is none."""
    asked = len(conversation.turns)
    try:
        Pipeline(responder, given=responder.reads).run(conversation)
    except Exception as error:  # whatever it is, it is the bot's, and the other scenarios are still to be played
        return None, f"the bot failed: {type(error).__name__}: {error}"
    replies = [turn for turn in conversation.turns[asked:] if turn.speaker != PERSON and turn.text.strip()]
    if not replies:
        return None, "the bot said nothing"
    if (count := len(replies[-1].text)) > LONGEST:
        return None, f"the bot's reply does not end: it has {count:,} characters"
    return replies[-1], ""


def _judged(suite: Suite, number: int, place: int, heard: Heard, judge: Judge | None) -> Iterator[Verdict]:
    """Every expectation that holds for this reply: the turn's own, then the scenario's, then the suite's."""
    scenario, at = suite.scenarios[number], ("scenarios", number)
    turn = sum(map(scenario.asks, range(place + 1)))
    levels = (
        (scenario.turns[place], (*at, "turns", place)),
        (scenario, at),
        (suite, ()),
    )
    for holder, path in levels:
        for key, wanted in (("expect", holder.expect), ("never", holder.never)):
            for rank, several in enumerate(wanted):
                line = suite.line(*path, key, rank)
                for one in _apart(several):
                    yield _verdict(one, _find(one, heard, judge), key == "expect", heard.reply, turn, line)


def _apart(one: Expectation) -> list[Expectation]:
    """Criteria each by itself: all are expected, none is to be met under `never`, and each may stay open."""
    if one.name != "meets":
        return [one]
    return [replace(one, given=(criterion,), text=f"{one.name}: {criterion}") for criterion in one.given]


def _find(one: Expectation, heard: Heard, judge: Judge | None) -> Found:
    if one.name != "meets" or judge is None:
        return one.find(heard)
    return judge(one.given[0], heard.conversation)


def _verdict(one: Expectation, found: Found, wanted: bool, reply: Turn, turn: int, line: int) -> Verdict:
    met = None if found.there is None else found.there == wanted
    shown = "" if met else f"; the reply: {quoted(reply.text)}"
    return Verdict(("" if wanted else "never ") + one.text, met, found.why + shown, turn, line)


def _criteria(suite: Suite, number: int, conversation: Conversation, judge: Judge | None) -> Iterator[Verdict]:
    for rank, criterion in enumerate(suite.scenarios[number].criteria):
        found = judge(criterion, conversation) if judge else Found(None, "this needs a judge: --judge MODEL@URL")
        yield Verdict(criterion, found.there, found.why, 0, suite.line("scenarios", number, "criteria", rank))
