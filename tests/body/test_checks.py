"""Bad input of sensors: gaps, wrong units, wrong sampling rates, drifting clocks and sensors that are off are told."""

import numpy as np
import pytest

pytest.importorskip("neurokit2")

from insula.body import channels, clocks
from insula.body.gaps import flat, steady
from insula.body.person import Body, Series
from insula.body.quality import quality, reason
from insula.body.simulate import RATES, drifted, gap, simulate
from insula.conversation import Conversation, Signal

MADE = simulate(400.0, seed=4)


def body(**changed):
    """The made-up body with some samples or rates changed: samples, or (samples, rate), or None for no channel."""
    series = {}
    for name, samples in {**MADE.samples, **changed}.items():
        if samples is not None:
            samples, rate = samples if isinstance(samples, tuple) else (samples, RATES[name])
            series[name] = Series(np.asarray(samples, float), rate, 0.0)
    return Body(series)


def test_nothing_is_said_of_a_good_recording():
    assert clocks.problems(body()) == ()
    measured = quality(body(), 0.0, 60.0)
    assert [name for name in MADE.samples if reason(measured, name)] == []


@pytest.mark.parametrize(
    ("channel", "change", "said"),
    [
        ("temperature", lambda x: x * 9 / 5 + 32, "Fahrenheit"),
        ("temperature", lambda x: x + 273.15, "kelvin"),
        ("acceleration", lambda x: x * 9.80665, "metres per second squared"),
        ("acceleration", lambda x: x * 64, "sixty-fourths"),
        ("acceleration", lambda x: x * 1000, "thousandths"),
        ("eda", lambda x: x * 1e-6, "siemens"),
    ],
)
def test_a_wrong_unit_is_found_and_read(channel, change, said):
    samples, note = channels.fitted(channel, change(MADE.samples[channel]))
    assert said in note
    assert samples == pytest.approx(MADE.samples[channel], rel=1e-6, abs=1e-6)


def test_a_unit_that_could_be_two_is_said_and_left():
    resistance = 1000 / MADE.samples["eda"]  # kilohms
    samples, note = channels.fitted("eda", resistance)
    assert "kilohms" in note
    assert samples is resistance
    assert channels.converted("eda", resistance, "kOhm") == pytest.approx(MADE.samples["eda"])
    assert channels.converted("eda", MADE.samples["eda"] * 1000, "nS") == pytest.approx(MADE.samples["eda"])
    with pytest.raises(ValueError, match="parsec"):
        channels.converted("eda", resistance, "parsec")


def test_a_wrong_unit_is_an_annotation():
    from insula.catalogue import build

    samples = (MADE.samples["temperature"] * 9 / 5 + 32).astype(np.float32)
    found = list(build("body.quality")(Conversation(Signal("temperature", samples, 4.0, "ana"))))
    assert found[0].reason == "temperature: looks like degrees Fahrenheit; read as such"
    assert found[0].at.seconds == (0.0, 400.0)
    assert found[1].scores["temperature.beyond"] == 0


def test_a_rate_is_denied_by_the_other_channels():
    (said,) = clocks.problems(body(ppg=(MADE.samples["ppg"], 128.0), ecg=None))
    assert "lasts 200 s where the others last 400 s" in said
    assert "64 Hz rather than 128 Hz" in said


def test_a_rate_is_denied_by_a_heart_that_nobody_has():
    lone = Body({"ppg": Series(MADE.samples["ppg"], 256.0, 0.0)})
    assert any("beats a minute on the whole are nobody's" in said for said in clocks.problems(lone))


def test_too_few_samples_for_a_pulse():
    assert any("Hz are too few" in said for said in clocks.problems(body(ppg=(MADE.samples["ppg"][::8], 8.0))))


@pytest.mark.parametrize("drift", [-800.0, 300.0, 2000.0])
def test_clocks_that_part_are_found(drift):
    two = body(ppg=drifted(MADE.samples["ppg"], drift))
    beats = two.beats
    assert clocks.drift(beats["ecg"], beats["ppg"]) == pytest.approx(drift, abs=60)
    (said,) = [one for one in clocks.problems(two) if "clock" in one]
    assert ("behind" if drift > 0 else "ahead of") in said


def test_clocks_that_agree_are_not_said_to_drift():
    beats = body().beats
    assert abs(clocks.drift(beats["ecg"], beats["ppg"])) < clocks.DRIFT


@pytest.mark.parametrize(
    ("channel", "change", "said"),
    [
        ("eda", lambda x: gap(x, 4.0, 5.0, 55.0), "was measured"),
        ("eda", lambda x: np.where(np.arange(len(x)) < 200, 2.0, x), "stands still"),
        ("temperature", lambda x: x - 40, "is the unit right"),
        ("ppg", lambda x: 100 * np.random.default_rng(0).standard_normal(len(x)), "look alike"),
        ("ppg", lambda x: np.zeros(len(x)), "stands still"),
    ],
)
def test_what_cannot_be_read_says_why(channel, change, said):
    made = body(**{channel: change(MADE.samples[channel])})
    assert said in reason(quality(made, 0.0, 60.0), channel)
    assert not reason(quality(made, 0.0, 60.0), "rsp")


def test_runs_of_one_value():
    samples = np.concatenate([np.arange(20.0), np.full(30, 7.0), np.arange(10.0)])
    assert flat(samples, 4.0).sum() == 30
    assert not flat(np.arange(50.0), 4.0).any()


def test_times_with_a_gap_become_a_grid_with_a_gap():
    times = np.delete(np.arange(40) / 4, slice(10, 20))
    grid = steady(times, times.copy(), 4.0)
    assert len(grid) == 40
    assert np.isnan(grid[11:19]).all()
    assert grid[:10] == pytest.approx(np.arange(10) / 4)
    assert grid[21:] == pytest.approx(np.arange(21, 40) / 4)


def test_a_person_is_joined_and_told_apart():
    part = MADE.samples["eda"].astype(np.float32)
    one = Conversation(
        Signal("eda", part[:400], 4.0, "ana"),
        Signal("eda", part[480:], 4.0, "ana", start=120.0),
        Signal("eda", part, 4.0, "bo"),
    )
    ana, bo = Body.of(one, "ana"), Body.of(one, "bo")
    assert len(ana.series["eda"].samples) == len(bo.series["eda"].samples)
    assert np.isnan(ana.series["eda"].samples[400:480]).all()
    with pytest.raises(ValueError, match="several sampling rates"):
        Body.of(Conversation(Signal("eda", part, 4.0), Signal("eda", part, 8.0, start=200.0)))
    with pytest.raises(ValueError, match="0 Hz"):
        Body.of(Conversation(Signal("eda", part, 0.0)))
    with pytest.raises(ValueError, match="in a file"):
        Body.of(Conversation(Signal("eda", "x.csv", 4.0)))
