"""Violated expectations: nothing of the future, and a person sees and deletes what was inferred of them."""

import pytest

pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula.respond.memory.expect import habits
from insula.studies import voe_tom


def test_smoke_remembers_what_helps_and_deletes_on_demand():
    scores = {(row["slice"], row["name"]): row for row in voe_tom.run("smoke")["metrics"]}
    assert scores["made-up", "inferences a person sees"]["score"] > 0
    assert scores["made-up", "inferences left once they deleted them"]["score"] == 0
    gain = scores["made-up", "loss in nats, violations remembered minus no memory"]
    assert gain["high"] < 0
    plain = scores["made-up", "loss in nats, no memory"]
    assert plain["score"] < plain["baseline"]
    assert scores["made-up", "share of turns that an inference changed"]["score"] > 0.1


@pytest.mark.parametrize("arm", voe_tom.ARMS[:3])
def test_later_turns_change_no_expectation(arm):
    person = voe_tom.made_up(1)[0]
    short = voe_tom.Person(person.talk, person.said[:6], person.annotated[:6])
    whole = [expected.felt for expected, *_ in voe_tom._foreseen(person, arm, habits(), None)]
    start = [expected.felt for expected, *_ in voe_tom._foreseen(short, arm, habits(), None)]
    assert all((one == other).all() for one, other in zip(whole, start, strict=False))
