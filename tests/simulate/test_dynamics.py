"""What a reply is worth, and what that does to somebody."""

import pytest

from insula.simulate.dynamics import dynamics
from simulated import KNOWN, appraisal


def test_an_ordinary_reply_is_worth_one():
    assert KNOWN.worth(appraisal()) == pytest.approx(1.0, abs=0.01)


def test_warmth_and_fit_add_and_harm_takes_away():
    ordinary = KNOWN.worth(appraisal())
    assert KNOWN.worth(appraisal(empathy=(1.5, 1, 1))) > ordinary > KNOWN.worth(appraisal(empathy=(0, 0, 0)))
    assert KNOWN.worth(appraisal(fit=0.9)) > ordinary > KNOWN.worth(appraisal(fit=0.4))
    assert KNOWN.worth(appraisal(fit=0.1)) < 0
    assert KNOWN.worth(appraisal(**{"empty-refusal": 0.9})) < -1
    assert KNOWN.worth(appraisal(), repeated=True) < 0


def test_what_somebody_secretly_wants_decides_what_counts():
    advice, warm = appraisal(suggests=True), appraisal(empathy=(2, 0.5, 0.5))
    assert KNOWN.worth(advice, "advised") > KNOWN.worth(advice, "heard")
    assert KNOWN.worth(warm, "heard") > KNOWN.worth(warm, "advised")


def test_relief_is_a_share_of_what_is_left_and_nobody_leaves_the_scale():
    first = KNOWN.after(0.0, 1.0) - 0.0
    later = KNOWN.after(80.0, 1.0) - 80.0
    assert first > later > 0
    assert KNOWN.after(25.0, 0.0) == 25.0
    assert 0 < KNOWN.after(25.0, -3.0) < 25.0
    assert KNOWN.after(100.0, 50.0) == 100.0
    assert KNOWN.after(25.0, 1.0, sensitivity=2.0) > KNOWN.after(25.0, 1.0)


def test_the_shipped_constants_are_those_of_people_who_felt_better():
    shipped = dynamics()
    assert 0.03 < shipped.relief < 0.3
    assert sum(shipped.intensities.values()) == pytest.approx(1)
    assert sum(one["share"] for one in shipped.intentions.values()) == pytest.approx(1)
    assert sum(shipped.quality.values()) == pytest.approx(1)
