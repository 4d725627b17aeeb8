"""Responses of the skin and breaths: found where they were put, and beside NeuroKit2's own analysis."""

import numpy as np
import pytest

pytest.importorskip("neurokit2")

from insula.body.breath import breaths
from insula.body.simulate import gap, simulate
from insula.body.skin import skin

PUT = [(20.0, 0.3), (50.0, 0.1), (80.0, 0.6), (110.0, 0.05), (150.0, 0.2)]
MADE = simulate(200.0, seed=2, responses=PUT)


def test_every_response_is_found_once():
    found = skin(MADE.samples["eda"], 4.0)
    assert len(found.feet) == len(PUT)
    for foot, height, (at, put) in zip(found.feet, found.heights, PUT, strict=True):
        assert foot == pytest.approx(at, abs=0.8)
        assert height == pytest.approx(put, rel=0.2)


def test_a_small_response_counts_beside_a_large_one():
    found = skin(simulate(120.0, seed=1, responses=[(30.0, 3.0), (80.0, 0.05)]).samples["eda"], 4.0)
    assert len(found.feet) == 2


def test_neurokit_finds_the_same():
    """Every response that passes its own threshold, within a second of ours and a tenth of its height."""
    import neurokit2

    found = skin(MADE.samples["eda"], 4.0)
    phasic = neurokit2.eda_phasic(MADE.samples["eda"], sampling_rate=4, method="highpass")["EDA_Phasic"].to_numpy()
    _, theirs = neurokit2.eda_peaks(phasic, sampling_rate=4, method="neurokit", amplitude_min=0.1)
    assert len(theirs["SCR_Peaks"]) >= 4
    for peak, height in zip(theirs["SCR_Peaks"] / 4, theirs["SCR_Amplitude"], strict=True):
        near = int(np.argmin(np.abs(found.peaks - peak)))
        assert abs(found.peaks[near] - peak) < 1.0
        assert found.heights[near] == pytest.approx(height, rel=0.1)


def test_level_slope_and_rate():
    measures = skin(MADE.samples["eda"], 4.0).measures(0.0, 200.0)
    assert measures["responses"] == pytest.approx(len(PUT) / 200 * 60)
    assert measures["level"] == pytest.approx(float(MADE.samples["eda"].mean()), rel=0.05)
    rising = 2 + np.arange(800) / 4 / 60 * 0.5
    assert skin(rising, 4.0).measures(20.0, 180.0)["slope"] == pytest.approx(0.5, rel=0.1)


def test_a_gap_is_no_response():
    samples = MADE.samples["eda"] + np.where(np.arange(800) > 260, 1.0, 0.0)  # the band was put on again, tighter
    found = skin(gap(samples, 4.0, 60.0, 70.0), 4.0)
    assert not ((found.peaks > 59) & (found.peaks < 71)).any()


def test_a_fast_signal_is_thinned():
    fast = np.repeat(MADE.samples["eda"], 175)  # 700 Hz
    assert len(skin(fast, 700.0).feet) == pytest.approx(len(PUT), abs=1)


@pytest.mark.parametrize("rate", [8.0, 14.0, 24.0])
def test_breaths_are_counted(rate):
    made = simulate(120.0, seed=5, breaths=rate)
    found = breaths(made.samples["rsp"], 25.0)
    assert found.measures(0.0, 120.0)["rate"] == pytest.approx(len(made.truth.breaths) / 2, rel=0.08)
    near = np.abs(found.times[:, None] - made.truth.breaths[None]).min(1)
    assert np.median(near) < 0.3


def test_breaths_are_neurokits():
    import neurokit2

    made = simulate(120.0, seed=5)
    signals, _ = neurokit2.rsp_process(made.samples["rsp"], sampling_rate=25)
    ours = breaths(made.samples["rsp"], 25.0).measures(0.0, 120.0)["rate"]
    assert ours == pytest.approx(float(signals["RSP_Rate"].mean()), rel=0.03)


@pytest.mark.parametrize("seconds", [0, 1, 5, 9])
def test_short_windows_say_nothing(seconds):
    assert skin(MADE.samples["eda"][: seconds * 4], 4.0).measures(0.0, float(seconds)) == {}
    assert breaths(simulate(20.0).samples["rsp"][: seconds * 25], 25.0).measures(0.0, float(seconds)) == {}
