"""Plans: causal, the same live and at once, steering away from what is done again and again."""

import numpy as np
import pytest

from insula import Conversation, Turn
from insula.catalogue import build
from insula.data.gold import one_of
from insula.respond.plan import RUN, Planner, mix, running, stage
from insula.respond.talk import STRATEGIES
from insula.scheme import scheme
from insula.testing import check_component

SAID = [
    ("ana", "I lost my job and I feel awful."),
    ("companion", "Oh no. What happened?"),
    ("ana", "They closed the office."),
    ("companion", "Do you have somebody to talk to?"),
    ("ana", "My sister. But she is far away."),
]


@pytest.fixture(scope="module")
def planner() -> Planner:
    return build("respond.planner")


def talk(strategies: dict[int, str] | None = None, count: int = len(SAID)) -> Conversation:
    told = Conversation()
    for place, (speaker, text) in enumerate(SAID[:count]):
        (turn,) = told.add(Turn(speaker, text))
        if strategies and place in strategies:
            told.add(one_of("esconv8", strategies[place], rater="somebody", turn=turn.id))
    return told


def plans(planner: Planner, told: Conversation):
    return {one.at.turn: one for one in planner(told) if one.layer == "plan"}


def test_it_is_a_component(planner):
    check_component(planner, [talk()])


def test_every_turn_has_a_plan_a_stage_and_a_lookahead_that_fit_their_schemes(planner):
    found = list(planner(talk()))
    assert {(one.at.turn, one.scheme) for one in found} == {
        (f"t{k}", name) for k in range(1, 6) for name in ("support-plan", "support-stage", "lookahead8")
    }
    for one in found:
        scheme(one.scheme).check(one.scores)
    assert all(1 <= len(one.labels) <= 2 for one in found if one.layer == "plan")


def test_what_follows_changes_nothing(planner):
    whole, start = plans(planner, talk({1: "question"})), plans(planner, talk({1: "question"}, count=3))
    for turn, plan in start.items():
        assert list(plan.scores.values()) == pytest.approx(list(whole[turn].scores.values()), abs=2e-4)


def test_turn_by_turn_is_as_at_once(planner):
    live, last = Conversation(), None
    for speaker, text in SAID:
        live.add(Turn(speaker, text))
        found = list(planner(live))
        assert {one.at.turn for one in found} == {live.last.id}
        live.add(*found)
        last = found[0]
    assert list(last.scores.values()) == pytest.approx(list(plans(planner, talk())["t5"].scores.values()), abs=2e-4)


def test_what_was_tried_before_matters(planner):
    asked, told = (plans(planner, talk({1: label, 3: label}))["t5"] for label in ("question", "suggestion"))
    assert asked.scores["suggestion"] < told.scores["suggestion"]


def test_the_persons_state_can_be_left_out(planner):
    without = build("respond.planner", state=False)
    assert plans(planner, talk())["t5"].scores != plans(without, talk())["t5"].scores


def test_a_question_four_times_running_is_steered_away_from(planner):
    told, plain = Conversation(), build("respond.planner", hold_back=False)
    for k in range(RUN):
        told.add(Turn("ana", f"It is bad, number {k}."), asked := Turn("companion", "And then?", id=f"q{k}"))
        told.add(one_of("esconv8", "question", rater="somebody", turn=asked.id))
    told.add(Turn("ana", "I do not know what to say."))
    last, freely = plans(planner, told)[told.last.id], plans(plain, told)[told.last.id]
    assert last.reason == f"question {RUN} times running: another is preferred"
    assert last.labels[0] != "question"
    assert not freely.reason
    assert freely.labels[0] == max(freely.scores, key=freely.scores.__getitem__)
    assert dict(last.scores) == dict(freely.scores), "probabilities are not bent, decisions are"


def test_greetings_may_go_on_and_people_do_not_count():
    used = np.zeros((6, 8), np.float32)
    used[::2, STRATEGIES.index("others")] = 1
    assert running(used) == ("", 0)
    used[0::2] = np.eye(8)[STRATEGIES.index("question")]
    assert running(used) == ("question", 3)
    assert running(np.zeros((0, 8), np.float32)) == ("", 0)


def test_a_mix_is_of_two_that_are_nearly_as_good():
    weights = np.log(np.array([0.3, 0.28, 0.2, 0.1, 0.05, 0.03, 0.02, 0.02]))
    assert mix(weights) == ("question", "restatement")
    weights[1] = np.log(0.1)
    assert mix(weights) == ("question",)


def test_stages_sum_to_one_and_follow_the_strategies():
    chances = np.full(8, 0.02)
    chances[STRATEGIES.index("suggestion")] = 0.86
    found = stage(chances)
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)
    assert max(found, key=found.__getitem__) == "action"


@pytest.mark.parametrize("text", ["", "ok", "?!", "\ud800", "a" * 20_000])
def test_odd_turns_are_planned_after(planner, text):
    assert plans(planner, Conversation(Turn("ana", text)))


def test_missing_weights_say_what_to_do():
    with pytest.raises(FileNotFoundError, match="insula train respond-planner"):
        Planner("nowhere")
