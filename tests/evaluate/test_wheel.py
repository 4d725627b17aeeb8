"""Free words are compared by their groups; which wheel is used is told."""

import numpy as np
import pytest

from insula.evaluate.traces import concordance, consensus, lag, line, shifted, together
from insula.evaluate.wheel import by_table, exact, f1, per_item, scored, sensitivity, tier

PAIRS = [({"angry"}, {"furious", "sad"}), ({"happy", "grateful"}, {"joyful"}), ({"zorp"}, {"blub"})]


def test_words_of_one_group_answer_each_other_and_odd_words_never():
    found = scored(PAIRS, {"exact": exact, "tier 1": tier(1)})
    assert found["exact"].f1 == 0
    assert found["tier 1"].precision == pytest.approx((0.5 + 1 + 0) / 3)
    assert found["tier 1"].recall == pytest.approx((1 + 1 + 0) / 3)
    assert found["tier 1"].unknown == pytest.approx(2 / 8)
    assert sensitivity(found) == (0, found["tier 1"].f1)


def test_a_table_knows_inflections():
    group = by_table({"worried": "fearful", "happy": "joy"})
    assert (group("worry"), group("Worries"), group("happiness"), group("table")) == (None, None, "joy", None)
    assert group("worried") == "fearful"


def test_items_can_be_drawn():
    rows = per_item(PAIRS, tier(1))
    assert rows.shape == (3, 2)
    assert f1(rows) == pytest.approx(scored(PAIRS, {"t": tier(1)})["t"].f1)
    assert f1(rows[2:]) == 0
    with pytest.raises(ValueError, match="no items"):
        scored([], {"t": tier(1)})


def test_traces_are_compared_with_what_others_felt_and_when():
    time = np.linspace(0, 6, 200)
    story = np.sin(time)
    late, half = shifted(story, 5), 0.5 * story + 0.2
    people = together([story, late, half[:190]])
    assert people.shape == (190, 3)
    assert consensus(people)[:, 0] == pytest.approx((people[:, 1] + people[:, 2]) / 2)
    assert lag(late, story, 15) == 5
    assert lag(story, late, 15) == 0
    assert line(half, story) == pytest.approx((0.5, 0.2))
    assert concordance(story, story) == pytest.approx(1)
    assert concordance(half, story) < 0.9
    assert concordance(np.zeros(9), np.zeros(9)) == 0
