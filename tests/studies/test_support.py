"""The studies of strategies, on made-up talks."""

import numpy as np

from insula.llm import Scripted
from insula.respond.plan import Planner
from insula.studies import esc_preference_bias, multiesc
from insula.studies.support_talks import Choices, made_up, one_hot

PARTS = {"lookahead off", "user state off", "given the true earlier strategies"}


def test_multiesc_leaves_every_part_out_and_measures_the_lookahead():
    found = {row["name"]: row for row in multiesc.run("smoke")["metrics"]}
    assert {f"macro-F1 (Q), whole minus {part}" for part in PARTS} <= found.keys()
    assert {"rank agreement with stars: lookahead", "rank agreement with change of valence: lookahead"} <= found.keys()
    assert all(row["low"] <= row["high"] for row in found.values())


def test_a_model_that_always_asks_is_as_biased_as_can_be_and_one_bound_to_a_plan_is_not():
    found = {row["name"]: row["score"] for row in esc_preference_bias.run("smoke")["metrics"]}
    assert found["preference bias B, model alone"] > 2.6
    assert found["preference bias B, model bound to the planner"] < found["preference bias B, model alone"]


def test_advice_reaches_the_model_and_an_answer_that_is_none_counts_as_others():
    asked = esc_preference_bias.sampled(made_up(2, 0), Planner(supporters=("supporter",)), 2, 0)
    model = Scripted("I would rather not.")
    found, failed = esc_preference_bias.of_model(model, asked)
    assert failed == 4
    assert found.chosen["model alone"].tolist() == [one_hot("others").tolist()] * 2
    advised = ["A planner advises" in messages[0].text for messages in model.asked]
    assert any(advised)
    assert not all(advised)


def test_gaps_are_paired():
    done = np.eye(8)[[0, 1, 2, 3]]
    found = Choices(np.arange(4), done, {"a": done, "b": done})
    assert all(row["score"] == row["low"] == row["high"] == 0 for row in found.gaps("made up", "a", ["b"]))
