"""Learning to plan: what is learnt in torch is what numpy computes, and what holds back is chosen on dev."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs insula[train]")

from insula.respond.plan import next_strategy
from insula.respond.strategy import tagged
from insula.respond.talk import STRATEGIES, Talk
from insula.studies.support_talks import made_up
from insula.train.respond import planning
from insula.train.respond.outlook import Moment, fit_outlook, predicted
from insula.train.respond.planning import NONE, Lesson, fit_plan, logits
from insula.train.respond.tagger import fit_tagger, halves, replies


def lesson(draws: np.random.Generator, turns: int = 8) -> Lesson:
    """Supporters answer a state above 0 with a question, one below with a suggestion."""
    supports = np.arange(turns) % 2 == 1
    states = draws.normal(size=(turns, 4)).astype(np.float32)
    following = np.where(states[:, 0] > 0, STRATEGIES.index("question"), STRATEGIES.index("suggestion"))
    used = np.zeros((turns, 8), np.float32)
    used[supports] = np.eye(8)[following[:-1][supports[1:]]] if turns % 2 else np.eye(8)[following[~supports]]
    flat = np.ones(turns, np.float32)
    heads = draws.normal(size=(turns, 3)).astype(np.float32)
    rows = Talk(tuple(map(str, range(turns))), ((),) * turns, supports, states, heads, used, flat, flat)
    return Lesson(rows, used, np.where(supports, NONE, following))


@pytest.fixture(scope="module")
def fitted():
    draws = np.random.default_rng(0)
    train, dev = [lesson(draws) for _ in range(72)], [lesson(draws) for _ in range(16)]
    return fit_plan(train, dev), dev


def test_the_rule_is_learnt_and_numpy_says_what_torch_says(fitted):
    table, dev = fitted
    said = np.concatenate([next_strategy(table, one.talk)[one.next != NONE] for one in dev])
    gold = np.concatenate([one.next[one.next != NONE] for one in dev])
    assert (said.argmax(1) == gold).mean() > 0.8
    import torch

    network = planning.Network(4, 3, dev[0].talk.facts.shape[1])
    named = {
        **{f"{name}.weight": table[name].T for name in ("states", "heads", "next", "skip")},
        **{f"{name}.bias": table[f"{name}_bias"] for name in ("states", "heads", "skip")},
        **{f"gru.weight_{a}h_l0": table[b].T for a, b in (("i", "gru_in"), ("h", "gru_out"))},
        **{f"gru.bias_{a}h_l0": table[b] for a, b in (("i", "gru_in_bias"), ("h", "gru_out_bias"))},
    }
    network.load_state_dict({name: torch.tensor(np.ascontiguousarray(one)) for name, one in named.items()})
    raw = logits(network, dev, {k: v for k, v in table.items() if k.endswith(("mean", "spread"))}).numpy()
    assert np.allclose(raw * table["slope"] + table["intercept"], said, atol=1e-4)


def test_what_pleases_whom_is_learnt():
    draws, every = np.random.default_rng(0), list[Moment]()
    for k in range(600):
        heads, used = draws.normal(size=5).astype(np.float32), np.eye(8, dtype=np.float32)[draws.integers(8)]
        every.append(Moment(k, 1, heads, used, 3 + heads[0] + 0.5 * used[4], 0.0, 5, np.nan))
    table = fit_outlook([every], "stars")
    said = predicted(table, every, "stars")
    assert np.corrcoef(said, [one.outcome for one in every])[0, 1] > 0.9
    assert table["stars_strategy"].argmax() == 4
    assert "back" in fit_outlook([every], "change")


def test_a_tagger_learns_the_made_up_strategies():
    first, second = halves(made_up(16, 0))
    table = fit_tagger(first)
    dense, places, gold = replies(second)
    assert (tagged(table, dense, places).argmax(1) == gold).mean() > 0.9
