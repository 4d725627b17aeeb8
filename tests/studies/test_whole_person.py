"""Studies of several channels: scores fall where they have to, gates learn, words misheard cost, groups are joined."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="these studies train with scikit-learn: pip install 'insula[train]'")
pytest.importorskip("torch", reason="states of texts come with torch: pip install 'insula[train]'")

from insula import studies
from insula.evaluate.wheel import tier
from insula.studies import ca_mer_mosear, clip_words, emolysis, ov_mer, textualized_cer


@pytest.mark.parametrize("name", ["ca-mer-mosear", "emer", "ov-mer", "emolysis"])
def test_smoke(name):
    record = studies.run(name)
    assert all(row["low"] <= row["high"] for row in record["metrics"])
    assert record["notes"]


def test_a_clue_holds_no_word_for_a_feeling():
    text = "He looks angry and shouts happily about his sorrow."
    assert not {"angry", "happily", "sorrow"} & set(clip_words.masked(text).split())
    assert clip_words.overlap("He shouts loudly at the door.", "Shouting at a door, sad.") == pytest.approx(0.8)
    assert clip_words.overlap("", "") == 0


def test_the_mean_of_wheels_is_over_wheels():
    wheels = {"wheel 1": tier(1), "wheel 2": tier(3), "Parrott": tier(2)}
    gold, said = [{"angry"}], [{"furious"}]
    each = [ov_mer._rows(gold, said, group) for group in (tier(1), tier(3))]
    assert ov_mer._mean_rows(gold, said, wheels) == pytest.approx(np.mean(each, axis=0))


def test_arms_see_no_actor_they_learnt_from_and_a_gate_learns_whom_to_follow():
    votes = ca_mer_mosear.made_up(0)
    said = ca_mer_mosear.judged(votes)
    right = {name: (one.argmax(1) == votes.both).mean() for name, one in said.items()}
    assert right["experts with a learnt gate"] > max(right["voice alone"], right["experts alike"] - 0.02)
    assert all(one.sum(1) == pytest.approx(1) for one in said.values())


def test_words_are_misheard_as_often_as_said():
    text, pool = "one two three four five six seven eight nine ten " * 20, ["zip zap zup"]
    heard = textualized_cer._misheard(text, pool, 0.5, 0).split()
    assert 0.4 < np.mean([word in {"zip", "zap", "zup"} for word in heard]) < 0.6
    assert textualized_cer._misheard(text, pool, 0.0, 0) == text.strip()


def test_what_stands_out_is_told():
    clips = textualized_cer.made_up(0)
    numbers = np.zeros_like(clips.face)
    numbers[0, clips.names["face"].index("AU12_mean")] = 2.0
    told = textualized_cer._told(clips, numbers, "face")
    assert told[0] == "Her face: corners of the mouth raised."
    assert told[1] == "Her face: at rest."


def test_a_group_of_glad_people_is_glad():
    _, parts = emolysis.made_up(0)
    joy = emolysis.EMOTIONS.index("joy")
    rows = np.flatnonzero(parts["face"].gold == joy)
    group = emolysis.Group((joy, joy), ((*rows[:3].tolist(),), (*rows[3:6].tolist(),)), int(rows[0]), int(rows[0]))
    assert emolysis.judged(group, parts, "person", ("face", "voice", "words")) > 0.2
