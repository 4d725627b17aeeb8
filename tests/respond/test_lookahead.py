"""What strategies are expected to do, from made-up weights."""

import numpy as np
import pytest

from insula.respond.lookahead import expected, person
from insula.respond.talk import Talk


def rows(supports: list[bool], heads: np.ndarray) -> Talk:
    count = len(supports)
    nothing = np.zeros((count, 8), np.float32)
    ids = tuple(f"t{k}" for k in range(count))
    flat = np.zeros(count, np.float32)
    return Talk(ids, ((),) * count, np.array(supports), np.zeros((count, 2)), heads, nothing, flat, flat)


TABLE = {
    "heads_mean": np.zeros(2),
    "heads_spread": np.ones(2),
    "stars": np.array([1.0, 0.0]),
    "stars_sides": np.array([[0.0], [1.0]]),
    "stars_by_side": np.eye(8)[[2]],
    "stars_strategy": np.full(8, 3.0),
}


def test_the_persons_last_turn_counts_until_they_speak_again():
    heads = np.array([[9.0, 9.0], [1.0, 0.0], [9.0, 9.0], [0.0, 1.0]])
    assert person(TABLE, rows([True, False, True, False], heads)).tolist() == [[0, 0], [1, 0], [1, 0], [0, 1]]


def test_stars_become_minus_one_to_one_and_strategies_differ_by_side():
    found = expected(TABLE, rows([False, False, False], np.array([[1.0, 0.0], [0.0, 1.0], [99.0, 0.0]])))
    assert found[0] == pytest.approx(0.5)
    assert found[1, 2] == pytest.approx(0.5)
    assert found[1, 0] == pytest.approx(0)
    assert found[2] == pytest.approx(1)
