"""Forecasts of a week: split by time and by person, better than persistence where there is something to find alone."""

import csv

import numpy as np
import pytest

from insula import studies
from insula.studies import wearable_diary_forecast as forecast


def weeks(telling=1.0):
    return forecast.of_days(forecast.made_up(8, 24, telling, 0), forecast._marks)


def test_a_forecast_sees_the_past_alone():
    days = forecast.made_up(2, 12, 1.0, 0)
    whole, cut = (
        forecast.of_days([day for day in days if day["date"] <= last], forecast._marks)
        for last in (days[-1]["date"], days[7 * 8 - 1]["date"])
    )
    for person in ("p00", "p01"):
        some = cut.people == person
        same = np.flatnonzero(whole.people == person)[: some.sum()]
        assert whole.inputs("sd")[same] == pytest.approx(cut.inputs("sd")[some])
    assert np.isnan(cut.after).any(1).sum() == 2


def test_what_a_forecast_rests_on_adds_up_to_it():
    some = weeks()
    known = np.isfinite(some.after).all(1)
    parts = forecast.shares(some, known, 5)
    assert sum(one[1] for one in parts) == pytest.approx(forecast.forecast(some, known)[5, 0], abs=0.01)
    assert {name for name, *_ in parts} == set(some.names)


def test_a_table_of_ones_own(tmp_path):
    days = forecast.made_up(3, 20, 1.0, 1)
    with (path := tmp_path / "days.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(days[0]))
        table.writeheader()
        table.writerows(days)
    told = list(forecast.tell(forecast.from_csv(path), forecast._marks))
    assert told[0].startswith("positive: right in")
    assert told[-1].startswith("p02: positive")
    path.write_text("person,date,positive\n")
    with pytest.raises(ValueError, match="no days"):
        forecast.from_csv(path)
    path.write_text("person,date,positive\na,2026-01-01,3\n")
    with pytest.raises(ValueError, match="no column negative"):
        forecast.from_csv(path)
    path.write_text("person,date,positive,negative\na,yesterday,3,4\n")
    with pytest.raises(ValueError, match="row 2"):
        forecast.from_csv(path)
    few = [day for day in days if day["date"].month == 1]
    assert "too few" in next(iter(forecast.tell(few, forecast._marks)))


def test_smoke():
    record = studies.run("wearable-diary-forecast")
    score = {(row["name"], row["slice"]): row["score"] for row in record["metrics"]}
    gain = "accuracy positive, both less persistence"
    assert score[gain, "sensors and diaries tell, later weeks"] > 0.1
    assert score[gain, "sensors and diaries tell, other people"] > 0.1
    assert abs(score[gain, "control: they tell nothing, other people"]) < 0.12
