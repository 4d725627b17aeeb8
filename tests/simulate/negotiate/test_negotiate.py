"""Negotiating: tables read and checked, policies within limits, clients that are the same for each of them."""

import numpy as np
import pytest

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.data.files import MalformedData, MissingData
from insula.simulate.negotiate import EMOTIONS, LIMITS, POLICIES, Anticipate, EmotionPlan, Passive, bargain, tables
from insula.simulate.negotiate.policy import NO_LIMITS
from insula.studies import eq_negotiator
from insula.studies.eq_negotiator import made_up
from insula.testing import check_component


def written(folder):
    known = made_up(1)
    square = [("transition.tsv", "from", known.transition), ("emission.tsv", "state", known.emission)]
    for name, key, rows in square:
        lines = ["\t".join((key, *EMOTIONS))]
        lines += ["\t".join((one, *map(str, row * 2))) for one, row in zip(EMOTIONS, rows, strict=True)]
        (folder / name).write_text("\n".join(lines) + "\n")
    bias = ["emotion\tweight", *(f"{one}\t{weight}" for one, weight in zip(EMOTIONS, known.bias, strict=True))]
    (folder / "negative_bias.tsv").write_text("\n".join(bias) + "\n")
    pairs = [
        (a, b, known.client[i, j], known.agent[i, j]) for i, a in enumerate(EMOTIONS) for j, b in enumerate(EMOTIONS)
    ]
    lines = ["client_emotion\tagent_emotion\tclient_payoff\tagent_payoff", *("\t".join(map(str, one)) for one in pairs)]
    (folder / "payoffs.tsv").write_text("\n".join(lines) + "\n")
    return known


def test_tables_are_read_and_rows_that_do_not_sum_to_one_are_scaled(tmp_path):
    known = written(tmp_path)
    found = tables(tmp_path)
    np.testing.assert_allclose(found.transition, known.transition)
    np.testing.assert_allclose(found.agent, known.agent)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("payoffs.tsv", "client_payoff", "client_pay", "line 1: no column 'client_payoff'"),
        ("transition.tsv", "Joy\t", "Joyful\t", "transition.tsv"),
        ("negative_bias.tsv", "Neutral\t", "Neutral\tx", "negative_bias.tsv, line 8"),
    ],
)
def test_another_version_is_told(tmp_path, file, old, new, said):
    written(tmp_path)
    text = (tmp_path / file).read_text()
    (tmp_path / file).write_text(text.replace(old, new))
    with pytest.raises(MalformedData, match=said):
        tables(tmp_path)


def test_a_file_cut_short_and_one_that_is_missing(tmp_path):
    written(tmp_path)
    text = (tmp_path / "payoffs.tsv").read_text().splitlines()
    (tmp_path / "payoffs.tsv").write_text("\n".join(text[:20]) + "\n")
    with pytest.raises(MalformedData, match="cut short"):
        tables(tmp_path)
    with pytest.raises(MissingData, match=r"payoffs\.tsv"):
        tables(tmp_path / "nowhere")


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_presses(name):
    known = made_up(2)
    for first in EMOTIONS:
        choice = POLICIES[name](known).choose([first, "Anger", first])
        assert choice.shows not in LIMITS.never
        assert choice.because


def test_nothing_cheerful_to_somebody_in_distress():
    known = made_up(3)
    assert {EMOTIONS[one] for one in LIMITS.allowed(0.9)} == {"Sadness", "Neutral"}
    assert Passive(known, NO_LIMITS).choose(["Anger"]).shows == "Anger"
    assert Passive(known).choose(["Anger"]).shows == "Neutral"


def test_history_counts():
    known = made_up(4)
    policy = Anticipate(known)
    assert not np.allclose(policy.belief(["Joy"]), policy.belief(["Anger", "Anger", "Joy"]))
    assert policy.belief(["Fear"] * 9).sum() == pytest.approx(1)
    assert set(policy.table()) == set(EMOTIONS)


def test_the_same_seed_is_the_same_client():
    known = made_up(5)
    assert bargain(Anticipate(known), known, 7) == bargain(Anticipate(known), known, 7)
    assert len({bargain(Anticipate(known), known, seed).days for seed in range(9)}) == 9


def test_a_policy_is_a_component():
    plan = EmotionPlan(Anticipate(made_up(6)), speaker="agent")
    talk = Conversation(Turn("client", "I can't pay."), Turn("agent", "I see."), Turn("client", "You never listen!"))
    angry = {"anger": 0.9, "joy": 0.1}
    talk.add(Annotation("emotion", angry, Anchor("t3"), "ekman7", "made-up", ("anger",)))
    first, last = plan(talk)
    assert first.reason == "nobody has read the client's emotion"
    assert last.labels[0] in ("sadness", "neutral", "joy", "surprise")
    check_component(plan, conversations=[talk, Conversation()])


def test_study_smoke():
    rows = {(row["name"], row["slice"]): row for row in eq_negotiator.run("smoke")["metrics"]}
    pressed = "share of rounds in which the agent showed anger, disgust or fear"
    assert rows[pressed, "anticipate"]["score"] == 0
    assert rows["rounds", "steady"]["baseline"] == rows["rounds", "steady"]["score"]
