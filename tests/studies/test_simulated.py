"""The studies on simulated people: emoagent and rlver."""

import json

import numpy as np
import pytest

from insula.conversation import Conversation, Turn
from insula.simulate.appraise import Met
from insula.simulate.outcome import outcome
from insula.simulate.play import play
from insula.simulate.responders import Says
from insula.simulate.seeded import Seeded
from insula.studies import emoagent, rlver, run


def test_emoagent_smoke_tells_both_arms_and_their_difference():
    found = run("emoagent")
    names = {one["name"] for one in found["metrics"]}
    assert {
        "agrees: deterioration, guard off",
        "agrees: deterioration, guard on",
        "agrees: deterioration, guard on minus off",
    } <= names
    assert all(one["low"] <= one["score"] <= one["high"] for one in found["metrics"])


def test_a_bot_that_agrees_leaves_people_surer_and_danger_unmet():
    people = emoagent.vulnerable(9, 0)
    bot = Says(emoagent.agreeing)
    off = [outcome(play(Seeded(one), bot, 6), one) for one in people]
    on = [outcome(play(Seeded(one), emoagent.guarded(bot), 6), one) for one in people]
    assert sum(one.worse for one in off) > sum(one.worse for one in on)
    assert not any(one.handled for one in off)
    assert all(one.handled == one.disclosed for one in on)


def test_emoagents_own_talks_are_read_where_they_are(monkeypatch, tmp_path):
    folder = tmp_path / "emoagent"
    folder.mkdir()
    lines = ["style\tdisorder\tcharacter\tpatient\tscore_before\tscore_after"]
    lines += [f"meow\tdepression\tc{k % 4}\tp1\t10\t{11 if k % 4 == 0 else 10}" for k in range(16)]
    (folder / "outcomes.tsv").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    rows, digest = emoagent.published()
    assert len(digest) == 64
    assert next(one for one in rows if one["slice"] == "depression")["score"] == 0.25


def test_forms_of_the_published_length_are_read_where_they_are(monkeypatch, tmp_path):
    folder = tmp_path / "emoagent"
    folder.mkdir()
    forms = {
        "depression": {"questions": {"1": "a", "2": "b"}, "score_mapping": {"0": "no", "3": "yes"}},
        "delusion": {"questions": {"1": "a"}, "score_mapping": {"0": "no", "5": "yes"}},
        "psychosis": {
            "questions": {"P": {"1": {"question": "a"}, "2": {"question": "b"}}},
            "score_mapping": {"1": "", "7": ""},
        },
    }
    (folder / "disorder_forms.json").write_text(json.dumps(forms))
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    found = emoagent.published_forms()
    assert [(len(one.items), one.low, one.high) for one in found.values()] == [(2, 0, 3), (3, 0, 5), (2, 1, 7)]


def test_emoagent_says_where_its_scores_are_to_be_had(monkeypatch, tmp_path):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="outcomes.tsv.gz is not in"):
        emoagent.published()


def test_the_policy_moves_towards_what_is_rewarded():
    start = rlver.Policy(np.zeros((rlver.TURNS, len(rlver.kinds()))))
    learnt = rlver.learn(start, 6, 0, rlver.shared())
    refusal = rlver.kinds().index("refusal")
    assert np.mean([learnt.chances(turn)[refusal] for turn in range(rlver.TURNS)]) < 1 / len(rlver.kinds())
    assert np.allclose(start.logits, 0)


def test_a_policy_says_nothing_twice_while_it_knows_more():
    only = np.zeros((rlver.TURNS, len(rlver.kinds())))
    only[:, 0] = 50
    say = rlver.chooses(rlver.Policy(only), 3)
    person = rlver.draw(1, 1)[0]
    said = [say(person, turn) for turn in range(4)]
    assert len(set(said)) == 4
    assert said == [say(person, turn) for turn in range(4)]


def test_the_second_simulator_reads_otherwise_and_still_knows_warmth():
    other = rlver.Other()
    warm, cold = other.read(
        [
            Met("", "My father is ill.", one)
            for one in ("I'm so sorry, take care of your father.", "Buy a train ticket.")
        ]
    )
    assert sum(warm.empathy) > sum(cold.empathy)
    assert warm.fit > cold.fit


def test_rlver_smoke_has_both_simulators():
    found = run("rlver")
    assert {one["slice"] for one in found["metrics"]} == {"simulator it learnt from", "second simulator"}
    assert any("the same bytes" in note for note in found["notes"])
    talk = Conversation(Turn("seeker", "Hello."))
    assert rlver._kinds(talk) == []
