"""RECCON: pairs are counted as published, arms see no gold, chance is as generous as the rule, stretches are scored."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="studies need scikit-learn: pip install 'insula[train]'")

from insula.studies import cause_regression, reccon


@pytest.fixture(scope="module")
def found():
    return {(row["name"], row["slice"]): row["score"] for row in reccon.run("smoke")["metrics"]}


@pytest.fixture(scope="module")
def items():
    return reccon._questions(reccon._made_up().test)


def test_every_turn_up_to_the_feeling_is_asked_about(items):
    assert len(items) == 4 * 5
    assert reccon.truth(items).sum() == 4
    assert {item.distance for item in items} == {0, 1, 2, 3, 4}


def test_smoke_learns_and_beats_the_rule(found):
    assert found["F1 of causes, regression", "turns"] > found[f"F1 of causes, {reccon.RULE}", "turns"]
    assert found[f"F1 of causes, {reccon.OURS}", "turns"] == 1.0
    assert found[f"exact match, {reccon.OURS}", "stretches"] == 1.0
    assert found[f"token F1, {reccon.RULE}", "stretches"] < 0.5


def test_the_component_gets_turns_and_nothing_else(items):
    seen = []

    class Spy:
        reads, writes = ("turn",), ("cause",)

        def __call__(self, conversation):
            seen.append(conversation.log)
            return ()

    answer = reccon._component(reccon.Pipeline(Spy()), items, reccon._made_up().test, alone=False)
    assert not answer.decided.any()
    assert len(seen) == 4
    assert all(type(one).__name__ == "Turn" and not one.meta for log in seen for one in log)
    seen.clear()
    reccon._component(reccon.Pipeline(Spy()), items, reccon._made_up().test, alone=True)
    assert {len(log) for log in seen} == {1, 2}


def test_random_turns_are_as_many_as_the_rule_takes(items):
    for seed in range(3):
        decided = reccon.random_turns(items, seed)
        for number in {item.conversation for item in items}:
            assert sum(d for d, item in zip(decided, items, strict=True) if item.conversation == number) == 2
    assert (reccon.random_turns(items, 0) != reccon.random_turns(items, 1)).any()


def test_scores():
    gold, decided = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    assert reccon.cause_f1(gold, decided) == 0.5
    assert reccon.other_f1(gold, decided) == 0.5
    assert reccon.both_f1(gold, gold) == 1.0
    assert reccon.calibration_error(np.array([0, 1] * 10), np.full(20, 0.5)) == pytest.approx(0.0)
    assert reccon.calibration_error(np.zeros(20, int), np.full(20, 0.9)) == pytest.approx(0.9)


def test_without_history_nothing_says_how_far_apart_turns_are(items):
    known = cause_regression.looks(cause_regression.texts(reccon._made_up().test))
    near, far = (next(item for item in items if item.distance == d) for d in (2, 3))
    moved = reccon.replace(far, turn=near.turn)
    for history in (True, False):
        one, other = (cause_regression._pair_features([item], known, history) for item in (near, moved))
        assert (one != other).any() == history


def test_clauses_cover_the_text():
    text = "Oh no! The train, again; late"
    cut = cause_regression.clauses(text)
    assert [text[a:b].strip() for a, b in cut] == ["Oh no!", "The train,", "again;", "late"]
    assert cause_regression.clauses("") == [(0, 0)]
    assert cause_regression.best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.9])) > 0.2
