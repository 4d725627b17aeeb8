"""The tone-ontology study on made-up texts: its arms differ where they should, and its measures can fail."""

import pytest

pytest.importorskip("sklearn", reason="studies train with scikit-learn: pip install 'insula[eval]'")

from insula.studies import grouping, tone_ontology


@pytest.fixture(scope="module")
def rows():
    return {(row["name"], row["slice"]): row for row in tone_ontology.run("smoke")["metrics"]}


def test_every_number_has_an_interval_and_a_count(rows):
    for row in rows.values():
        assert row["low"] <= row["score"] <= row["high"]
        assert row["n"] > 0


def test_the_ontology_joins_labels_that_differ_in_name(rows):
    assert rows["macro-F1, tier 1", "crowdflower13 -> carer6"]["score"] > 0.95
    assert rows["macro-F1, ontology minus names only", "crowdflower13 -> carer6"]["low"] > 0.3
    pairs = "all pairs of different corpora"
    assert rows["accuracy, ontology minus random groups", pairs]["low"] > 0.3


def test_groupings():
    assert grouping.by_ontology("crowdflower13", 0)["worry"] == "fear"
    assert grouping.by_name("crowdflower13", 0)["worry"] is None
    assert grouping.by_name("crowdflower13", 0)["love"] == "love"
    dealt, ours = grouping.at_random("goemotions28", 1), grouping.by_ontology("goemotions28", 1)
    assert sorted(map(str, dealt.values())) == sorted(map(str, ours.values())), "as many labels per group"
    assert dealt["neutral"] is None
    assert dealt != ours
    assert dealt == grouping.at_random("goemotions28", 1)


def test_open_words_are_compared_by_group():
    pairs = [({"furious"}, {"angry"}), ({"wistful"}, {"zorp"})]
    found = {row["name"]: row for row in tone_ontology.open_words("made up", pairs)}
    assert found["coverage of open words"]["score"] == 0.75
    assert found["set F1 at tier 1"]["score"] == 0.5
    assert found["set F1 at tier 1"]["baseline"] == 0
    assert found["set F1 at tier 3"]["score"] == 0


def test_detection_counts_what_it_cannot_tell_apart():
    texts = [grouping.Text(text, "carer6", (label,)) for text, label in [("i am so furious", "anger"), ("oh", "joy")]]
    found = {row["name"]: row["score"] for row in tone_ontology.detect("made up", texts)}
    assert found["coverage by words"] == 0.5
    assert found["accuracy by words where it speaks"] == 1
