"""Benchmarks of bodies on made-up people: nobody is on both sides, rest is not scored twice, changes are measured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("neurokit2")
pytest.importorskip("scipy")

from insula.body.simulate import simulate
from insula.body.states import MEASURES, NAMES, STATES
from insula.evaluate import benchmark, outcomes
from insula.evaluate.bodies import LEARNERS, LeftOut, people, strangers
from insula.evaluate.sensors import Windows, windows
from insula.evaluate.task import Sensing


def made_up(count: int, seed: int, shift: float = 0.0) -> Windows:
    """People whose heart beats faster and whose skin answers more under stress, from levels of their own."""
    draws = np.random.default_rng(seed)
    rows, who, starts, states = [], [], [], []
    heart, skin = NAMES.index("heart.rate"), NAMES.index("skin.responses")
    for person in range(count):
        own = 8 * draws.standard_normal()
        for place, state in enumerate(np.repeat(STATES, 40)):
            now = 0.3 * draws.standard_normal(len(MEASURES))
            now[heart] = 70 + own + 12 * (state == "stress") + 5 * (state == "amusement") + draws.standard_normal()
            now[skin] = 1 + (state == "stress") + 0.5 * draws.standard_normal()
            rows.append(np.concatenate([now, now]))
            who.append(f"p{person}")
            starts.append(10.0 * place)
            states.append(state)
    stress = np.where(np.array(states) == "stress", "stress", "rest")
    return Windows(np.array(rows), np.array(who), np.array(starts), np.array(states), stress)


@pytest.fixture(autouse=True)
def corpora(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two made-up corpora, one of which has no states."""
    other = made_up(5, 1, shift=15.0)
    known = {"wesad": made_up(6, 0), "stress-predict": replace(other, states=np.full(len(other), "", "<U1"))}
    monkeypatch.setattr("insula.evaluate.bodies.windows", known.__getitem__)


def one(name: str, of: str = "wesad", **sensing: object):
    whole = benchmark(of)
    slice = replace(next(x for x in whole.slices if x.name == name), sensing=Sensing(**sensing))  # type: ignore[arg-type]
    short = replace(whole, slices=(slice,), baselines=("blind", "heart rate"))
    (outcome,) = people(short, None, None, 0)
    return {result.metric: result for result in outcome.results}, outcome


def test_stress_is_told_from_people_left_out():
    results, outcome = one("three states")
    score = results["macro_f1"]
    assert score.score > score.baselines["heart rate"] > score.baselines["blind"]
    assert score.low <= score.score <= score.high
    assert len(np.unique(outcome.groups)) == 6
    assert one("stress against rest")[0]["macro_f1"].score > 0.8


def test_the_own_baseline_helps_and_is_not_scored():
    results, outcome = one("three states", own=True)
    assert results["macro_f1"].score > one("three states")[0]["macro_f1"].score
    assert results["own_gain"].score > 0
    assert results["macro_f1"].n == 6 * (120 - 25)  # windows that end within five minutes of the first
    assert outcome.gold.shape == (570, 3)


def test_what_is_missing_is_integrated_out():
    whole, without = (one("stress against rest", without=groups)[0] for groups in ((), ("skin",)))
    assert 0.6 < without["macro_f1"].score <= whole["macro_f1"].score
    nothing, outcome = one("stress against rest", only=("breath",))
    assert not outcome.answered.any()
    assert nothing["macro_f1"].coverage == 0


def test_another_corpus_and_what_it_costs():
    results, outcome = one("learnt on WESAD", "stress-predict", learnt="wesad")
    at_home = one("people left out", "stress-predict")[0]["macro_f1"].score
    loss = results["transfer_loss"]
    assert loss.score == pytest.approx(at_home - results["macro_f1"].score, abs=1e-6)
    assert outcome.gold.shape[1] == 2


def test_nobody_is_on_both_sides():
    with pytest.raises(AssertionError, match="in training and in test"):
        strangers(np.array(["a", "b"]), np.array(["b"]))
    run = LeftOut(benchmark("wesad"), "body")
    for judge, rows in run._fits("body", False, ""):
        assert callable(judge)
        assert len(np.unique(run.windows.people[rows])) == 1


def test_only_what_is_fitted_anew_may_judge():
    with pytest.raises(ValueError, match="fitted anew"):
        list(outcomes(["wesad"], "body.stress"))
    assert set(benchmark("wesad").baselines) < set(LEARNERS)


def test_a_limit_draws_windows():
    short = replace(benchmark("wesad"), slices=benchmark("wesad").slices[:1], baselines=("blind",))
    (outcome,) = people(short, None, 50, 0)
    assert len(outcome.gold) == 50


def test_windows_are_measured_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path / "cache"))
    made = simulate(180.0, seed=1)
    arrays = {"subjects": np.array(["S2"]), "S2_label4": np.repeat([1, 2], 360).astype(np.int8)}
    arrays |= {"S2_bvp64": (made.samples["ppg"] * 10).astype(np.int16), "S2_eda4": made.samples["eda"]}
    arrays |= {"S2_temp4": made.samples["temperature"], "S2_acc4": made.samples["acceleration"][::8] * 64}
    (tmp_path / "physio").mkdir()
    np.savez(tmp_path / "physio" / "wesad_wrist.npz", **arrays)
    found = windows("wesad")
    assert found.states.tolist() == ["baseline"] * 4 + [""] * 5 + ["stress"] * 4
    assert found.values[0, NAMES.index("heart.rate")] == pytest.approx(65, abs=4)
    (file,) = (tmp_path / "cache" / "bodies").iterdir()
    assert file.name.startswith("wesad-")
    assert np.load(file)["arr_0"] == pytest.approx(found.values, nan_ok=True)
