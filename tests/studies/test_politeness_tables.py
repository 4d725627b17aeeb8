"""Tables of politeness: effect sizes and corrections whose answer is known, and the report of a log."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="tests of tables need scipy: pip install 'insula[eval]'")

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.data.gold import dimensions, one_of
from insula.studies.politeness_tables import Turns, association, compared, counts, holm, report


def _turns(politeness, emotion, act=None):
    count = len(politeness)
    acts = np.array(act or ["inform"] * count)
    return Turns(np.array(politeness), np.array(emotion), acts, np.ones(count, int), np.zeros(count, int), (-0.2, 0.2))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_delta_is_one_when_every_turn_is_politer_than_every_other():
    found = {
        row.name: row for row in compared(_turns([0.9, 0.8, -0.5, 0.1], ["joy", "joy", "anger", "neutral"]), "emotion")
    }
    assert found["joy"].delta == 1
    assert found["anger"].delta == -1
    assert (found["joy"].polite, found["joy"].impolite, found["joy"].count) == (1, 0, 2)
    assert found["fear"].count == 0
    assert found["fear"].p == 1


def test_a_class_that_is_everything_is_compared_with_nothing():
    (row, *_) = [row for row in compared(_turns([0.1, 0.2], ["joy", "joy"]), "act") if row.count]
    assert (row.delta, row.p) == (0.0, 1.0)


def test_counts_and_cramers_v():
    classes, level = np.array(["a", "a", "b", "b"] * 20), np.array([0, 0, 2, 2] * 20)
    assert counts(classes, level).tolist() == [[40, 0, 0], [0, 0, 40]]
    assert association(classes, level).v > 0.95
    assert association(classes, np.array([0, 2, 0, 2] * 20)).v == pytest.approx(0)
    assert association(classes, np.zeros(80, int)).p == 1.0  # nothing to compare


def _log():
    conversation = Conversation(id="log")
    for number in range(1, 13):
        happy, turn = number % 2 == 0, f"t{number}"
        conversation.add(Turn("ana", "Thank you, that is kind." if happy else "Go away."))
        conversation.add(one_of("ekman7", "joy" if happy else "anger", "me", turn))
        conversation.add(dimensions("politeness", {"politeness": (0.4 if happy else -0.4) + number / 100}, "me", turn))
    return conversation


def test_a_log_of_ones_own_is_reported():
    lines = report([_log()]).splitlines()
    joy = next(line for line in lines if line.startswith("joy"))
    anger = next(line for line in lines if line.startswith("anger"))
    assert joy.split()[1] == anger.split()[1] == "6"
    assert "+1.00" in joy
    assert "-1.00" in anger
    assert any(line.startswith("emotion by level: chi-square") for line in lines)
    assert not any(line.startswith("act") for line in lines)  # nobody said anything of acts


def test_a_turn_on_which_a_rater_abstained_is_left_out_and_a_bare_log_is_told():
    log = _log()
    log.add(Turn("ana", "?"), Annotation("politeness", {}, Anchor("t13"), "politeness", "me", reason="no words"))
    assert report([log]) == report([_log()])
    with pytest.raises(ValueError, match='run the pipeline "dialogue" first'):
        report([Conversation(Turn("ana", "Hm."))])
