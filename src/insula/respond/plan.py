"""Which strategy of support comes next, decided before a word of the reply: from what was tried, and how the person is.

    Planner()(conversation) -> at every turn: support-plan (`labels`: the mix, one or two), support-stage, lookahead8

A recurrent network (Cho et al. 2014) reads the talk turn by turn and says what ESConv's supporters would do next (Liu
et al. 2021). Common strategies are held back in the decision, not in the probabilities, and what was done again and
again is steered away from: a supporter who always asks is of little help (Kang et al. 2024). The lookahead is Cheng et
al. 2022's idea: what is planned is the likely next step plus what it is expected to do for the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.dialogue import Dialogue
from insula.network.text import digest

from .lookahead import expected
from .strategies import strategies
from .strategy import open_table, softmax, weights_path
from .talk import STRATEGIES, SUPPORTERS, Talk, talk

Array = NDArray[np.floating]
PLAN, STAGE, LOOKAHEAD = "support-plan", "support-stage", "lookahead8"
REACH = 48  # turns before a new one that the network reads again
NEARLY = 0.8  # of the first strategy's weight: a second one joins the mix
RUN = 4  # times running after which a strategy is steered away from
HELD_BACK = 1.0  # in log-odds, for each time from then on
_FREE = "others"  # greetings and thanks may go on


class Planner:
    """Plans at every turn. `lookahead` and `state` (of the person, by the dialogue network's heads) can be left out.

    Without `hold_back` the likeliest strategy is decided on, however common or often repeated.
    `supporters` are the names of the side that replies. Strategies used before are read where they were annotated under
    esconv8, by whom ever. Raises FileNotFoundError where the weights are not there.
    """

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("plan", "stage", "lookahead")

    def __init__(
        self,
        weights: str = "respond-planner",
        supporters: Sequence[str] = SUPPORTERS,
        lookahead: bool = True,
        state: bool = True,
        hold_back: bool = True,
        name: str = "respond.planner",
        threads: int = 1,
    ) -> None:
        path = weights_path(weights)
        self.name, self.supporters = name, tuple(supporters)
        self.lookahead, self.state, self.hold_back = lookahead, state, hold_back
        self.rater = f"{name}@{digest(path)}"
        self._table = open_table(str(path))
        self._network = Dialogue.open(threads=threads)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        pending = conversation.pending("plan", self.rater)
        if not pending:
            return
        place = {turn.id: number for number, turn in enumerate(conversation.turns)}
        start = max(0, place[pending[0].id] - REACH)
        rows = talk(conversation, self._network, self.supporters, start)
        chances = softmax(next_strategy(self._table, rows, self.state))
        hoped = expected(self._table, rows)
        for turn in pending:
            row = place[turn.id] - start
            yield from self._plan(turn, chances[row], hoped[row], rows.used[: row + 1])

    def _plan(self, turn: Turn, chances: Array, hoped: Array, used: Array) -> Iterator[Addition]:
        label, times = running(used) if self.hold_back else ("", 0)
        common, towards = self._table["decide"] * (self.hold_back, self.lookahead)
        weights = decided(chances, hoped, self._table["rates"], common, towards)
        if times >= RUN:
            weights[STRATEGIES.index(label)] -= HELD_BACK * (times - RUN + 1)
        reason = f"{label} {times} times running: another is preferred" if times >= RUN else ""
        at = Anchor(turn.id)
        yield Annotation("plan", _scores(chances), at, PLAN, self.rater, mix(weights), reason=reason)
        stages = stage(chances)
        best = max(stages, key=stages.__getitem__)
        yield Annotation("stage", stages, at, STAGE, self.rater, (best,))
        yield Annotation("lookahead", _scores(hoped), at, LOOKAHEAD, self.rater)


def next_strategy(table: Mapping[str, Array], rows: Talk, state: bool = True) -> Array:
    """Logits (n, 8), after each turn, of what a supporter does next."""
    inputs = turn_inputs(table, rows, state)
    gates = inputs @ table["gru_in"] + table["gru_in_bias"]
    hidden, size = np.zeros(len(table["gru_out"]), np.float32), len(table["gru_out"])
    found = np.zeros((len(inputs), size), np.float32)
    for place, given in enumerate(gates):
        kept = hidden @ table["gru_out"] + table["gru_out_bias"]
        reset, update = 1 / (1 + np.exp(-(given[: 2 * size] + kept[: 2 * size]))).reshape(2, size)
        new = np.tanh(given[2 * size :] + reset * kept[2 * size :])
        hidden = (1 - update) * new + update * hidden
        found[place] = hidden
    direct = inputs @ table["skip"] + table["skip_bias"]
    return (found @ table["next"] + direct) * table["slope"] + table["intercept"]


def turn_inputs(table: Mapping[str, Array], rows: Talk, state: bool) -> Array:
    """States, heads and facts of each turn as the network takes them."""
    said = (rows.states - table["states_mean"]) / table["states_spread"]
    felt = (rows.heads - table["heads_mean"]) / table["heads_spread"] * float(state)
    said = np.tanh(said @ table["states"] + table["states_bias"])
    felt = np.tanh(felt @ table["heads"] + table["heads_bias"])
    return np.concatenate([said, felt, rows.facts], 1)


def running(used: Array) -> tuple[str, int]:
    """The strategy a supporter used last, and how many of their turns running; rows (n, 8) as in `Talk.used`."""
    labels = [STRATEGIES[int(row.argmax())] for row in used if row.any()]
    times = next((k for k, label in enumerate(reversed(labels)) if label != labels[-1]), len(labels))
    return (labels[-1], times) if labels and labels[-1] != _FREE else ("", 0)


def decided(chances: Array, hoped: Array, rates: Array, common: float, towards: float) -> Array:
    """What speaks for each strategy (..., 8), in logs: its chance, held back by how common it is, and the lookahead.

    `rates` (8,) are how often each is used at all; `common` and `towards` are how much the two count.
    """
    return np.log(chances) - common * np.log(rates) + towards * hoped


def mix(weights: Array) -> tuple[str, ...]:
    """The strategy most speaks for, and a second one that is nearly as good."""
    first, second = np.argsort(-weights, kind="stable")[:2]
    both = np.exp(weights[second] - weights[first]) >= NEARLY and _FREE not in (STRATEGIES[first], STRATEGIES[second])
    return (STRATEGIES[first], STRATEGIES[second]) if both else (STRATEGIES[first],)


def stage(chances: Array) -> dict[str, float]:
    """The stage (Hill 2009) each strategy belongs to, by its chance; greetings and thanks belong to none."""
    found: dict[str, float] = dict.fromkeys(("exploration", "comforting", "action"), 0.0)
    for label, chance in zip(STRATEGIES, chances, strict=True):
        if label != _FREE:
            found[strategies()[label].stage] += float(chance)
    total = sum(found.values())
    return {name: round(share / total, 4) for name, share in found.items()}


def _scores(numbers: Array) -> dict[str, float]:
    return dict(zip(STRATEGIES, np.round(numbers.astype(np.float64), 4).tolist(), strict=True))
