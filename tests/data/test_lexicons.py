"""Word lists as tables."""

from pathlib import Path

import pytest

from insula.data import MissingData
from insula.data.lexicons import lexicon, lexicons, scores


def write(root: Path, name: str, text: str) -> None:
    folder = root / lexicon(name).folder
    folder.mkdir()
    (folder / lexicon(name).file).write_text(text, encoding="utf-8")


def test_norms_are_moved_to_minus_one_to_one(root: Path):
    write(root, "warriner", ",Word,V.Mean.Sum,A.Mean.Sum,D.Mean.Sum\n1,plum,9,1,5\n")
    write(root, "nrc-vad", "Word\tValence\tArousal\tDominance\nplum\t1.0\t0.0\t0.5\n")
    expected = {"plum": {"valence": 1.0, "arousal": -1.0, "dominance": 0.0}}
    assert scores("warriner") == scores("nrc-vad") == expected


def test_associations_are_gathered_by_word_and_emoji(root: Path):
    write(root, "emolex", "plum\tjoy\t1\nplum\tfear\t0\npit\tjoy\t0\n")
    assert scores("emolex") == {"plum": {"joy": 1.0, "fear": 0.0}, "pit": {"joy": 0.0}}
    names = "anger,anticipation,disgust,fear,joy,sadness,surprise,trust"
    write(root, "emotag", f"unicode,emoji,name,{names}\n1F351,🍑,peach,0,0,0,0,0.5,0,0,0.25\n")
    assert scores("emotag")["🍑"]["joy"] == 0.5


def test_an_absent_list_and_a_wrong_name(root: Path):
    with pytest.raises(MissingData, match="get it at https"):
        scores("warriner")
    with pytest.raises(KeyError, match="did you mean 'emolex'"):
        scores("emolx")


@pytest.mark.parametrize("name", [one.name for one in lexicons()])
def test_real_lists_have_their_published_size_and_columns(name: str):
    try:
        found = scores(name)
    except MissingData as error:
        pytest.skip(str(error))
    assert len(found) == lexicon(name).entries
    assert all(set(row) == set(lexicon(name).columns) for row in found.values())
    assert all(-1 <= score <= 1 for row in found.values() for score in row.values())
