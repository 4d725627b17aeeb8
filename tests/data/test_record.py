"""Records of corpora, where their files are, and how splits are carved."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from published import table, write

from insula.data import MissingData, corpora, corpus, load
from insula.data import root as data_root
from insula.scheme import scheme

NAMES = [one.name for one in corpora()]


def test_without_a_folder_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    with pytest.raises(MissingData, match="INSULA_DATA is not set: set it to the folder"):
        data_root()
    with pytest.raises(MissingData):
        load("goemotions", "train")
    assert not corpus("goemotions").here


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(MissingData, match="nowhere, which is not a folder"):
        data_root()


def test_an_absent_file_is_named_with_its_source(root: Path):
    with pytest.raises(MissingData, match=r"goemotions: train.tsv is not in .*github.com"):
        load("goemotions", "train")


def test_wrong_names_bring_near_ones():
    with pytest.raises(KeyError, match="did you mean 'goemotions'"):
        corpus("goemotion")
    with pytest.raises(KeyError, match="no split 'valid': it has train, dev, test"):
        load("goemotions", "valid")


@pytest.mark.parametrize("name", NAMES)
def test_a_record_says_where_from_and_under_what_licence(name: str):
    one = corpus(name)
    assert one.url.startswith("https://")
    assert one.licence
    assert one.paper
    assert set(one.splits) <= {"train", "dev", "test"}
    assert set(one.counts) <= set(one.splits)
    assert set(one.carve) | set(one.counts) == set(one.splits)
    assert all(len(digest) == 64 for digest in one.sha256.values())
    assert all(scheme(each) for each in one.schemes)


def test_commercial_use_needs_a_stated_permissive_licence():
    permissive = ("CC-BY-4.0", "CC-BY-SA-4.0", "MIT", "Apache-2.0", "CC0")
    allowed = [one for one in corpora() if one.commercial_ok]
    assert {one.name for one in allowed} == {
        "goemotions",
        "emobank",
        "empathic-reactions",
        "banking77",
        "nlupp",
        "diasafety",
    }
    assert all(one.licence.startswith(permissive) for one in allowed)


def tweets(count: int) -> str:
    return "tweet_id,sentiment,content\n" + "".join(f'{n},worry,"day {n} of waiting"\n' for n in range(count))


def test_carved_splits_are_the_same_again_do_not_meet_and_have_their_shares(root: Path):
    write(root, "crowdflower", {"text_emotion_noauthor.csv.gz": tweets(2000)})
    parts = {split: [x.id.split("/")[-1] for x in load("crowdflower", split)] for split in ("train", "dev", "test")}
    assert sum(map(len, parts.values())) == 2000
    assert all(not set(a) & set(b) for a, b in combinations(parts.values(), 2))
    assert len(parts["dev"]) == pytest.approx(200, abs=50)
    assert len(parts["test"]) == pytest.approx(400, abs=70)
    # the digest is part of what was published: changing it would move items that models were trained on
    assert parts["dev"][:3] == ["1", "6", "8"]


def test_carving_keeps_together_what_differs_in_names_links_and_case(root: Path):
    same = ["Late again, @ann!", "late again @bob", "RT @cy: LATE again http://x.example/1"]
    rows = "".join(f'{n},worry,"{text}"\n' for n, text in enumerate(same))
    write(root, "crowdflower", {"text_emotion.csv": "tweet_id,sentiment,content\n" + rows})
    sizes = [len(list(load("crowdflower", split))) for split in ("train", "dev", "test")]
    assert sorted(sizes) == [0, 0, 3]


def test_a_published_id_that_comes_again_gets_a_number(root: Path):
    rows = table(("7:", "first try", ":: joy"), ("7:", "second try", ":: fear"))
    write(root, "tec", {"tweets_clean.txt": rows})
    items = {x.id.split("/")[-1] for split in ("train", "dev", "test") for x in load("tec", split)}
    assert items == {"7", "7-2"}


@pytest.mark.parametrize("place", ["train.tsv", "train.tsv.gz", "data/train.tsv", "deep/er/train.tsv.gz"])
def test_files_are_found_packed_or_plain_and_in_the_publishers_folders(root: Path, place: str):
    write(root, "goemotions", {place: table(("Well done!", "0", "c1"))})
    assert [x.id for x in load("goemotions", "train")] == ["goemotions/train/c1"]


@pytest.mark.parametrize("place", ["English/E-c/2018-E-c-En-dev.txt", "E-c/E-c-En-dev.txt.gz", "2018_E-c_En_dev.txt"])
def test_files_are_found_under_the_names_their_publishers_gave_them(root: Path, place: str):
    labels = scheme("semeval11").labels
    found = table(("ID", "Tweet", *labels), ("1", "Ok", *[0] * 11))
    write(root, "semeval2018-e-c", {"EI-oc/2018-EI-oc-En-dev.txt": "another task", place: found})
    assert [x.turns[0].text for x in load("semeval2018-e-c", "dev")] == ["Ok"]


def test_importing_it_loads_nothing_heavy():
    code = "import sys, insula.data; sys.exit(bool({'numpy', 'pandas', 'onnxruntime', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
