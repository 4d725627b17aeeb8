"""The runner: every system on the table, studies found without importing them, records that say how they came about."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from insula import studies

FOUR = {"leia", "sent2affect", "story-va-trajectories", "tone-ontology"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one study of our own and none of the shipped results."""
    (tmp_path / "of_rain.py").write_text('"""Rain."""\nSYSTEM = "leia"\nSTATUS = "works-scaled"\n')
    (tmp_path / "helper.py").write_text("NUMBER = 1\n")
    monkeypatch.setattr(studies, "FOLDER", tmp_path)
    studies._declared.cache_clear()
    yield tmp_path
    studies._declared.cache_clear()


@pytest.fixture
def ran(folder, monkeypatch):
    """The study of `folder` as a module that counts its runs."""
    runs = []

    def run(scale, seed=0):
        runs.append((scale, seed))
        return {"metrics": [{"name": "F1", "score": 0.5}], "data": [], "notes": ["made up"]}

    monkeypatch.setattr(studies, "import_module", lambda path: SimpleNamespace(run=run))
    return runs


def test_every_system_is_on_the_table_once():
    found = studies.systems()
    assert len(found) == 181
    assert len({system.id for system in found}) == 181
    assert all(system.title and system.what and system.works_when for system in found)


def test_the_studies_are_of_systems_on_the_table():
    assert set(studies.studies()) >= FOUR
    known = {system.id for system in studies.systems()}
    assert all(study["system"] in known for study in studies._declared().values())
    assert {study["status"] for study in studies._declared().values()} <= {"works", "works-scaled", "format-only"}


def test_naming_the_studies_loads_no_torch():
    code = "import sys, insula.studies as s; s.studies(); s.papers_table(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_a_system_without_a_result_is_not_claimed(folder):
    assert studies.studies() == {"of-rain": "insula.studies.of_rain"}
    assert studies.status("leia") == "not-claimed"
    (folder / "results").mkdir()
    (folder / "results" / "of-rain.json").write_text("{}")
    assert studies.status("leia") == "not-claimed"
    (folder / "results" / "of-rain.json").write_text('{"metrics": []}')
    assert studies.status("leia") == "works-scaled"
    assert studies.status("tone-ontology") == "not-claimed"


def test_smoke_leaves_no_file_and_full_does(folder, ran):
    record = studies.run("of-rain")
    assert ran == [("smoke", 0)]
    assert not (folder / "results").exists()
    assert record["system"] == "leia"
    assert record["command"] == "insula study of-rain --scale smoke"
    assert record["machine"]["cpu"]
    studies.run("of-rain", "full", seed=3)
    assert ran[-1] == ("full", 3)
    written = json.loads((folder / "results" / "of-rain.json").read_text())
    assert written["metrics"] == [{"name": "F1", "score": 0.5}]
    assert studies.result("of-rain") == written


def test_the_papers_table_has_every_system_and_links_only_studies():
    lines = studies.papers_table().splitlines()
    assert len(lines) == 2 + 181
    linked = [line for line in lines if "](" in line]
    assert len(linked) == len(studies.studies())
    assert all(line.count("|") == 6 for line in lines)


def test_unknown_names_are_told():
    with pytest.raises(KeyError, match="did you mean 'leia'"):
        studies.run("leya")
    with pytest.raises(ValueError, match="smoke and full"):
        studies.run("leia", "huge")


@pytest.mark.parametrize("name", sorted(studies.studies()))
def test_results_on_file_say_how_they_were_made(name):
    record = studies.result(name)
    if record is None:
        pytest.skip("no full run on file")
    assert record["scale"] == "full"
    assert record["data"] or any("our own" in note for note in record["notes"])
    assert all(corpus["sha256"] for corpus in record["data"])
    for row in record["metrics"]:
        assert row["low"] <= row["high"], row
        assert row["n"] > 0
