"""The equation of skin: its numbers come back, nobody is on both sides, and what is claimed is compared."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from insula import studies
from insula.studies import pinn_eda


def test_made_up_skin_obeys_the_equation():
    bodies, (alpha, beta, gamma) = pinn_eda.made_up(2, 90, 0)
    stressed = bodies.states == pinn_eda.STRESS
    assert bodies.skin[stressed].max() < (alpha + beta) / gamma + 0.1
    assert bodies.skin[~stressed].min() > alpha / gamma - 0.1
    assert (bodies.following == -1).sum() == 2


def test_folds_are_of_people_or_of_windows():
    bodies, _ = pinn_eda.made_up(10, 30, 0)
    for out in pinn_eda._folds(bodies.people, 5):
        assert not set(bodies.people[out]) & set(bodies.people[~out])
    scattered = pinn_eda._scattered(len(bodies.people), 0)
    assert any(set(bodies.people[out]) & set(bodies.people[~out]) for out in pinn_eda._folds(scattered, 5))


def test_smoke():
    record = studies.run("pinn-eda")
    score = {(row["name"], row["slice"]): row["score"] for row in record["metrics"]}
    assert score["macro-F1, whole", "folds of people"] > 0.8
    assert score["r of skin, whole", "folds of people"] > 0.8
    assert score["r of skin, persistence", "all"] > 0.95
    gamma = next(row for row in record["metrics"] if row["name"] == "made-up skin: gamma")
    assert gamma["score"] == pytest.approx(gamma["baseline"], rel=0.3)
    assert np.isfinite([row["score"] for row in record["metrics"]]).all()
