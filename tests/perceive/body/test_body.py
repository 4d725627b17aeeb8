"""A body in a conversation: every window judged or said why not, gated, past only, missing channels survived."""

import numpy as np
import pytest

pytest.importorskip("neurokit2")

from insula.body.person import Body
from insula.body.rest import Rest
from insula.body.simulate import gap, simulate
from insula.body.states import MEASURES, STATES, Gaussians, States, rest, row, with_past
from insula.catalogue import build
from insula.conversation import Conversation, Signal
from insula.guard.purpose import Purpose
from insula.presets import pipeline
from insula.testing import check_component

ROWS = ("body.quality", "body.features", "body.stress")
WRIST = ("eda", "ppg", "temperature", "acceleration")
MADE = simulate(420.0, seed=6, stress=[(240.0, 420.0)])


@pytest.mark.parametrize("name", ROWS)
def test_the_contract_holds(name):
    short = simulate(30.0, seed=1).conversation("bo", *WRIST)
    check_component(build(name), [Conversation(), MADE.conversation("ana", *WRIST), short])


def test_windows_of_a_minute_every_ten_seconds():
    read = pipeline("+".join(ROWS)).run(MADE.conversation("ana"))
    for layer in ("physiology", "stress", "state"):
        found = read.read(layer)
        assert [one.at.seconds for one in found] == [(10.0 * k, 10.0 * k + 60) for k in range(37)]
        assert all(one.scores and one.at.speaker == "ana" for one in found)
    assert read.read("physiology")[0].scores["heart.rate"] == pytest.approx(65, abs=3)
    assert read.read("physiology")[0].scores["breath.rate"] == pytest.approx(14, abs=1)


def test_a_stressed_heart_beats_faster_and_the_skin_answers_more():
    found = build("body.features")(MADE.conversation("ana"))
    before, _, after = (dict(one.scores) for one in list(found)[10:37:13])
    assert after["heart.rate"] > before["heart.rate"] + 8
    assert after["skin.responses"] > before["skin.responses"]
    assert after["pulse.height"] < before["pulse.height"]
    assert after["temperature.slope"] < before["temperature.slope"]


def test_stress_is_more_likely_after_it_begins():
    found = list(build("body.stress", rest=(0.0, 240.0))(MADE.conversation("ana", *WRIST)))
    stress = [one.scores["stress"] for one in found if one.layer == "stress"]
    assert np.mean(stress[-6:]) > 3 * np.mean(stress[:12])


@pytest.mark.parametrize("name", WRIST)
def test_any_channel_alone_is_read_or_says_why(name):
    found = list(build("body.stress")(MADE.conversation("ana", name)))
    assert len(found) == 3 * 37
    for one in found:
        assert one.scores or "measures could be taken" in one.reason
    if name == "ppg":
        assert any(one.scores for one in found)


def test_a_gap_abstains_and_the_rest_is_read():
    samples = {name: gap(MADE.samples[name], MADE.rates[name], 100.0, 200.0) for name in WRIST}
    made = Conversation(*(Signal(name, x.astype(np.float32), MADE.rates[name]) for name, x in samples.items()))
    found = {one.at.seconds[0]: one for one in build("body.stress")(made) if one.layer == "stress"}
    assert "measured" in found[120.0].reason
    assert found[0.0].scores
    assert found[300.0].scores


@pytest.mark.parametrize("seconds", [1, 9, 30])
def test_a_short_recording_is_one_window(seconds):
    made = simulate(float(seconds)).conversation("ana")
    (stress,) = (one for one in build("body.stress")(made) if one.layer == "stress")
    assert "too short" in stress.reason or "measures" in stress.reason or "measured" in stress.reason
    assert len(list(build("body.features")(made))) == 1


def test_windows_do_not_hear_of_the_future():
    """More of a recording changes what was said of its beginning by no more than the filters' edge."""
    whole = [one.scores["stress"] for one in build("body.stress")(MADE.conversation()) if one.layer == "stress"]
    cut = {name: x[: int(240 * MADE.rates[name])].astype(np.float32) for name, x in MADE.samples.items()}
    half = Conversation(*(Signal(name, x, MADE.rates[name]) for name, x in cut.items()))
    early = [one.scores["stress"] for one in build("body.stress")(half) if one.layer == "stress"]
    assert early[:17] == pytest.approx(whole[:17], abs=0.05)


def test_bodies_are_gated_like_voices():
    part = build("body.stress")
    with pytest.raises(PermissionError, match="workplace"):
        Purpose("workplace", "DE").check(part)
    assert "machine" in Purpose("personal", "DE").check(part)
    assert Purpose("workplace", "DE").check(build("body.features")) == ""


def test_the_own_rest_is_kept_with_consent_alone(tmp_path):
    body = Body.of(MADE.conversation("ana"), "ana")
    with pytest.raises(PermissionError, match="consent"):
        Rest.calibrate(body, 0.0, 240.0, consent=False)
    with pytest.raises(ValueError, match="too few"):
        Rest.calibrate(body, 0.0, 60.0, consent=True)
    Rest.calibrate(body, 0.0, 240.0, consent=True).save(file := tmp_path / "ana.json")
    kept = list(build("body.stress", baselines={"ana": str(file)})(MADE.conversation("ana")))
    given = list(build("body.stress", rest=(0.0, 240.0))(MADE.conversation("ana")))
    assert kept[0].scores == pytest.approx(dict(given[0].scores), abs=0.02)
    Rest.forget(file)
    assert not file.exists()
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(ValueError, match="no baseline"):
        Rest.load(tmp_path / "x.json")


def test_gaussians_integrate_out_what_is_missing():
    """Without a measure that tells nothing the answer is the same; with nothing at all it is the rates."""
    draws = np.random.default_rng(0)
    truth = draws.integers(3, size=900)
    values = np.column_stack([truth + 0.5 * draws.standard_normal(900), draws.standard_normal(900)])
    made = Gaussians.fit(values, truth, np.repeat(["a", "b", "c"], 300), 0.0)
    known = made.chances(values)
    assert (known.argmax(1) == truth).mean() > 0.75
    missing = values.copy()
    missing[:, 1] = np.nan
    assert made.chances(missing) == pytest.approx(known, abs=0.2)
    assert made.chances(np.full((1, 2), np.nan)) == pytest.approx(np.full((1, 3), 1 / 3))


def test_the_past_is_the_mean_of_six_minutes():
    rows = np.stack([row({"heart.rate": float(k)}) for k in range(60)])
    rows[5] = np.nan
    past = with_past(rows)[:, len(MEASURES) + MEASURES.index("heart.rate")]
    assert past[0] == 0
    assert past[59] == pytest.approx(np.mean(range(24, 60)))
    assert past[10] == pytest.approx(np.mean([k for k in range(11) if k != 5]))
    assert np.isnan(rest(rows)).sum() == 2 * (len(MEASURES) - 1)


def test_the_weights_speak_of_their_states():
    states = States.open()
    assert states.stranger.means.shape == (len(STATES), 2 * len(MEASURES))
    assert set(states.margin) == {"valence", "arousal"}
    with pytest.raises(FileNotFoundError, match="no weights"):
        States.open("nowhere.json")
