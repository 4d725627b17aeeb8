import json

import insula as package


def test_version(insula):
    assert insula("--version") == (0, f"insula {package.__version__}\n", "")


def test_without_arguments_it_helps(insula):
    code, out, err = insula()
    assert code == 2
    assert "read" in out
    assert err == ""


def test_list_shows_licence_and_whether_commercial_use_is_fine(insula):
    _, out, _ = insula("list")
    rows = {line.split("\t")[0]: line.split("\t") for line in out.splitlines()}
    assert rows["method"][2] == "commercial use"
    assert rows["made_up.reader"][2] == "yes"
    assert rows["made_up.closed"][2:4] == ["no", "research only"]


def test_list_of_one_room_holds_only_that_room(insula):
    _, out, _ = insula("list", "made_up")
    assert [line.split("\t")[0] for line in out.splitlines()[1:]] == [
        "made_up.closed",
        "made_up.reader",
        "made_up.talker",
    ]


def test_list_of_schemes_presets_and_formats(insula):
    assert "goemotions28\temotion\tmany-of\t28" in insula("list", "schemes")[1]
    assert "text\ttext.encoder" in insula("list", "presets")[1]
    assert ".jsonl" in insula("list", "formats")[1]


def test_doctor_tells_what_is_here(insula, monkeypatch):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    _, out, _ = insula("doctor")
    for what in ("python", "onnxruntime", "sha256", "extras", "INSULA_DATA is not set", "text-lexicon"):
        assert what in out


def test_doctor_finds_a_folder_that_is_not_there(insula, monkeypatch, tmp_path):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path / "nowhere"))
    code, out, _ = insula("doctor")
    assert code == 1
    assert "is no folder" in out


def test_data_list_works_without_any_data(insula, monkeypatch):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    code, out, _ = insula("data", "list")
    assert code == 0
    assert "goemotions\tno\t" in out


def test_evaluate_without_data_says_what_to_set(insula, monkeypatch):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    code, _, err = insula("evaluate", "goemotions")
    assert code == 2
    assert "INSULA_DATA" in err


def test_evaluate_of_an_unknown_benchmark_names_near_ones(insula):
    code, _, err = insula("evaluate", "goemotion")
    assert code == 2
    assert "'goemotions'" in err


def test_study_lists_what_there_is(insula):
    code, out, _ = insula("study")
    assert code == 0
    assert "tone-ontology" in out


def test_study_smoke_prints_its_record(insula):
    code, out, _ = insula("study", "tone-ontology")
    assert code == 0
    assert json.loads(out)["scale"] == "smoke"


def test_train_text_of_a_csv_without_labels(insula, tmp_path):
    (tmp_path / "mine.csv").write_text("text,mood\nhello,good\n")
    code, _, err = insula("train", "text", tmp_path / "mine.csv", "--out", tmp_path / "out")
    assert code == 2
    assert "mood" in err or "pip install" in err


def test_completion_offers_what_begins_like_this():
    from insula.cli import complete

    assert "text" in complete.pipelines("te")
    assert complete.rooms("sch") == ["schemes"]
    assert complete.benchmarks("emob") == ["emobank", "emobench", "emobench-m"]
    assert all(name.startswith("go") for name in complete.corpora("go"))
    assert "tone-ontology" in complete.studies("")
    assert "text-open" in complete.recipes("text")
