"""The study of long texts: every mode of every task gets a row, with an interval, beside rules that do not read."""

from __future__ import annotations

from insula.studies import run


def test_modes_are_compared_on_the_same_questions() -> None:
    record = run("longemotion")
    rows = {row["name"]: row for row in record["metrics"]}
    assert {f"accuracy, embedded, {mode}" for mode in ("base", "rag", "coem")} <= rows.keys()
    assert rows["accuracy, readers"]["score"] == 1.0
    assert rows["accuracy, coem minus base"]["slice"].endswith("4 answered in both")
    assert all(row["low"] <= row["high"] for row in rows.values())


def test_refusing_is_weighed_against_refusing_what_harms() -> None:
    rows = {row["name"]: row["score"] for row in run("mossbench")["metrics"]}
    assert (rows["gap, scripted"], rows["gap, always refuses"], rows["gap, never refuses"]) == (1.0, 0.0, 0.0)


def test_triggers_are_asked_for_without_pictures() -> None:
    rows = {row["name"]: row["score"] for row in run("eibench")["metrics"]}
    assert rows["recall, scripted"] == 0.5
