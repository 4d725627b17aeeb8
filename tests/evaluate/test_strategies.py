"""Questions about what comes next, the preference bias of the answers, and the baseline by transitions."""

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Turn
from insula.data.gold import one_of
from insula.evaluate.baselines import Material, Texts, transition
from insula.evaluate.items import ITEMS
from insula.evaluate.metrics import preference_bias, preferences
from insula.evaluate.task import benchmark


def talk() -> Conversation:
    told = Conversation(id="made-up/test/1")
    said = [("supporter", "others"), ("seeker", ""), ("supporter", "question"), ("supporter", "affirmation")]
    for place, (speaker, strategy) in enumerate(said, 1):
        told.add(Turn(speaker, f"words of {place}", id=f"t{place}"))
        if strategy:
            told.add(one_of("esconv8", strategy, turn=f"t{place}"))
    return told


def test_each_supporters_turn_but_the_first_is_asked_about_at_the_turn_before_it():
    found = list(ITEMS["next turns"].of(0, talk()))
    assert [(x.turn.id, x.gold["support-plan"].top, x.before) for x in found] == [
        ("t2", "question", "others"),
        ("t3", "affirmation", "question"),
    ]
    assert all("words of 4" not in item.text for item in found), "the reply itself is not shown"


def test_the_first_of_a_mix_is_the_answer():
    told = talk()
    told.add(Annotation("plan", {"question": 0.4, "others": 0.6}, Anchor("t2"), "support-plan", "p", ("question",) * 2))
    item = next(ITEMS["next turns"].of(0, talk()))
    assert ITEMS["next turns"].read(told, item, ("plan",))["support-plan"].labels == ("question",)


def test_a_chooser_who_errs_evenly_has_no_bias_and_one_who_knows_one_answer_the_most():
    gold = np.repeat(np.eye(8), 8, 0)
    evenly, always = np.tile(np.eye(8), (8, 1)), np.tile(np.eye(8)[[0]], (64, 1))
    assert preference_bias(gold, gold)[0] == 0
    assert preference_bias(gold, evenly)[0] == pytest.approx(0, abs=1e-9)
    assert preference_bias(gold, always)[0] == pytest.approx(np.sqrt(7))


def test_preferences_are_bradley_terry_strengths():
    # label 0 was wrongly chosen three times for 1, label 1 once for 0: odds of three to one
    gold, said = np.eye(2)[[1, 1, 1, 0, 0]], np.eye(2)[[0, 0, 0, 1, 0]]
    assert preferences(gold, said, passes=200)[0] == pytest.approx([1.5, 0.5], abs=1e-6)


def test_weights_count_items_and_an_abstention_plays_no_game():
    random = np.random.default_rng(0)
    gold, said = np.eye(8)[random.integers(8, size=200)], np.eye(8)[random.integers(8, size=200)]
    times = random.integers(0, 3, size=200)
    assert preference_bias(gold, said, times[None])[0] == pytest.approx(
        preference_bias(np.repeat(gold, times, 0), np.repeat(said, times, 0))[0]
    )
    more = np.vstack([said, np.zeros((5, 8))]), np.vstack([gold, gold[:5]])
    assert preference_bias(more[1], more[0])[0] == pytest.approx(preference_bias(gold, said)[0])


def test_transitions_are_counted_by_what_came_before():
    items = tuple(ITEMS["next turns"].of(0, talk()))
    slice = benchmark("esconv-strategy").slices[0]
    gold = np.array([[one.gold["support-plan"].scores[label] for label in slice.labels] for one in items], np.float32)
    found = transition(Material(slice, Texts((), (), ()), gold, gold, items, items))
    assert found.decided.argmax(1).tolist() == gold.argmax(1).tolist()
    assert found.scores.sum(1) == pytest.approx(1)
