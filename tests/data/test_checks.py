"""What `check` finds in a corpus that is not as it should be, and in the real ones."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from published import table, write

from insula.data import MissingData, check, corpora, corpus
from insula.data.checks import shared

HERE = [one.name for one in corpora() if one.here]


def three(root: Path, train: str, test: str) -> None:
    write(root, "carer", {"train.txt": train, "val.txt": "i feel calm;joy\n", "test.txt": test})


def test_a_file_that_was_changed_is_a_problem_and_counts_are_compared(root: Path):
    three(root, "i feel fine;joy\n", "i feel low;sadness\n")
    write(root, "carer", {"test.txt": "i feel low today;sadness\n"})
    found = check("carer")
    changed = [one for one in found if one.about == "files" and not one.ok]
    assert [one.what for one in changed if "test.txt" in one.what]
    counts = {one.what: one.ok for one in found if one.about == "count"}
    assert counts == {
        "train: 1 of 16000 conversations": False,
        "dev: 1 of 2000 conversations": False,
        "test: 1 of 2000 conversations": False,
    }


def test_a_text_in_train_and_test_is_noted_whatever_its_case(root: Path):
    three(root, "i feel so proud of you;joy\n", "I feel so proud of you!;joy\n")
    leak = [one for one in check("carer") if one.about == "leak"]
    assert [(one.verdict, one.what) for one in leak] == [("note", "1 texts of test are in train, too")]


def test_a_line_that_cannot_be_read_is_a_finding(root: Path):
    three(root, "no label here\n", "i feel low;sadness\n")
    assert any("train.txt: line 1" in one.what and not one.ok for one in check("carer"))


def test_an_absent_corpus_is_an_error(root: Path):
    with pytest.raises(MissingData):
        check("carer")


def test_texts_shared_between_corpora_are_found_and_very_short_ones_ignored(root: Path):
    three(root, "the vote is lost again;sadness\noh no;fear\n", "i feel low;sadness\n")
    rows = table(("The vote is lost again!", "25", "c1"), ("oh no", "14", "c2"), ("All new to you", "27", "c3"))
    write(root, "goemotions", {"test.tsv": rows})
    assert shared(("carer", "train"), ("goemotions", "test")) == {"goemotions/test/c1"}


@pytest.mark.skipif(not HERE, reason="INSULA_DATA holds no corpus")
@pytest.mark.parametrize("name", HERE)
def test_real_corpora_are_as_published(name: str):
    assert [one.what for one in check(name) if not one.ok] == []


@pytest.mark.skipif("INSULA_DATA" not in os.environ, reason="INSULA_DATA is not set")
def test_the_hash_is_that_of_the_file():
    one = corpus("goemotions")
    if not one.here:
        pytest.skip("INSULA_DATA does not hold goemotions")
    path = one.paths("dev")[0]
    assert sha256(path.read_bytes()).hexdigest() == one.sha256.get(path.name)
