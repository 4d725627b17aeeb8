"""The study of weighed judges, on made-up talks."""

from insula.studies import feel


def test_a_judge_that_agrees_with_people_carries_the_ensemble_and_one_that_says_one_thing_does_not():
    found = feel.run("smoke")
    rows = {row["name"].removeprefix("rank agreement: "): row for row in found["metrics"]}
    assert rows["judges weighed together, expected score"]["score"] > 0.95
    assert rows["always 2 alone, expected score"]["score"] == 0
    assert rows["judges weighed together, expected score minus always 2 alone, expected score"]["low"] > 0.5
    assert {"BLEU-2", "ROUGE-L", "length in words", "readers, no language model"} <= rows.keys()
    assert {f"{one}, weighed together" for one in feel.ASPECTS[:2]} <= rows.keys()
    assert all(row["low"] <= row["score"] <= row["high"] for row in rows.values())
    assert "always 2: weight 0.00, read 1.00" in found["notes"][0]
