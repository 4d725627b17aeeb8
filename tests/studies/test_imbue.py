"""IMBUE: the study runs on a scripted model; a good coach opens a partner, filler does not."""

import numpy as np

from insula.simulate.rehearse.agreement import labels
from insula.studies import imbue


def test_smoke():
    found = imbue.run("smoke")
    rows = {(row["name"], row["slice"]): row for row in found["metrics"]}
    assert rows["kappa with our labels, all", "signs"]["score"] > 0.3
    assert rows["kappa with our labels, all", "length"]["n"] == 8
    opens = "openness of the simulated partner at the end, 0 to 100: change"
    assert rows[opens, "the coach's version, less as written"]["score"] > 5
    assert all(row["low"] <= row["score"] <= row["high"] for row in found["metrics"] if "kappa" not in row["name"])


def test_the_items_are_split_and_cover_their_situations():
    rows = labels(imbue.ITEMS)
    parts = {part: {one.text for one in rows if one.about["part"] == part} for part in ("dev", "test")}
    assert not parts["dev"] & parts["test"]
    assert {one.situation for one in rows if one.about["part"] == "test"} == set(imbue._about())


def test_filler_has_as_many_words():
    assert len(imbue._longer("one two", "a b c d e f").split()) == 6
    assert imbue._longer("one two", "a") == "one two"


def test_area_under_the_curve():
    score, gold = np.array([0, 2, 1, 1]), np.array([False, True, True, False])
    assert imbue._auc(score, gold, np.ones((1, 4)))[0] == (2 + 1 + 0.5) / 4
