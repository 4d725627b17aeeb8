"""Beats: found where they were put, measured as NeuroKit2 measures them, and not made up where nothing is."""

import numpy as np
import pytest

pytest.importorskip("neurokit2")

from insula.body import pulse
from insula.body.simulate import RATES, gap, simulate

MADE = simulate(300.0, seed=3, rate=68.0)


def found(channel, samples=None):
    return pulse.beats(channel, MADE.samples[channel] if samples is None else samples, RATES[channel])


@pytest.mark.parametrize(("channel", "late", "exact"), [("ecg", 0.0, 0.006), ("ppg", 0.18, 0.02)])
def test_every_beat_is_found_where_it_was_put(channel, late, exact):
    times = found(channel).times - late
    near = np.abs(times[:, None] - MADE.truth.beats[None]).min(1)
    assert abs(len(times) - len(MADE.truth.beats)) <= 3
    assert np.median(near) < exact
    assert np.quantile(near, 0.98) < 3 * exact


def test_the_measures_are_neurokits():
    """On the same beats: to two in a hundred; shares to half a percent."""
    import neurokit2

    beats = found("ecg")
    ours = pulse.variability(beats, 0.0, 300.0)
    peaks = np.round(beats.times * 10000).astype(int)
    theirs = neurokit2.hrv_time(peaks, 10000).iloc[0]
    for name, key in (("rmssd", "HRV_RMSSD"), ("sdnn", "HRV_SDNN"), ("pnn50", "HRV_pNN50"), ("pnn20", "HRV_pNN20")):
        assert ours[name] == pytest.approx(theirs[key], rel=0.02, abs=0.5 if "pnn" in name else 0), name
    assert ours["rate"] == pytest.approx(60000 / theirs["HRV_MeanNN"], rel=1e-3)
    nonlinear = neurokit2.hrv_nonlinear(peaks, 10000).iloc[0]
    assert ours["sd1"] == pytest.approx(nonlinear["HRV_SD1"], rel=0.02)
    assert ours["sd2"] == pytest.approx(nonlinear["HRV_SD2"], rel=0.05)


def test_light_and_heart_agree():
    ecg, ppg = (pulse.variability(found(channel), 0.0, 300.0) for channel in ("ecg", "ppg"))
    assert ppg["rate"] == pytest.approx(ecg["rate"], rel=0.01)
    assert ppg["rmssd"] == pytest.approx(ecg["rmssd"], rel=0.25)


def test_breathing_shows_in_the_intervals():
    powers = pulse.powers(found("ecg"), 0.0, 120.0)
    assert powers["hf_peak"] == pytest.approx(14 / 60, abs=0.03)
    assert 0 < powers["hf_share"] < 1


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 5.0, 10.0, 20.0, 60.0])
def test_short_windows_measure_what_they_can(seconds):
    measures = pulse.variability(found("ecg", MADE.samples["ecg"][: int(seconds * 250)]), 0.0, seconds)
    assert bool(measures) == (seconds >= 10)
    assert all(np.isfinite(list(measures.values())))
    assert pulse.powers(found("ecg"), 0.0, min(seconds, 50.0)) == {}


def test_nothing_is_found_in_a_gap():
    samples = gap(MADE.samples["ppg"], 64.0, 100.0, 130.0)
    beats = found("ppg", samples)
    assert not ((beats.times > 100.1) & (beats.times < 129.9)).any()
    whole, holed = (pulse.variability(one, 0.0, 300.0) for one in (found("ppg"), beats))
    assert holed["rate"] == pytest.approx(whole["rate"], rel=0.01)
    assert holed["rmssd"] == pytest.approx(whole["rmssd"], rel=0.2)


def test_a_missed_beat_makes_no_variability():
    times = np.cumsum(np.full(60, 0.9))
    missed = np.delete(times, 30)
    beats = pulse.Beats(missed, pulse.plausible(np.diff(missed)), np.ones(59), np.ones(59))
    assert pulse.variability(beats, 0.0, 60.0)["rmssd"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("samples", [np.zeros(64 * 30), np.full(64 * 30, np.nan), np.zeros(0), np.ones(3)])
def test_no_signal_has_no_beats(samples):
    assert pulse.variability(found("ppg", samples), 0.0, 30.0) == {}
