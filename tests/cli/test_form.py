import io
import json
import stat

import pytest

from insula.cli import run


def test_answers_in_one_go(capsys):
    assert run(["form", "phq9", "--answers", "1,1,1,1,1,-,0,0,0"]) == 0
    said = capsys.readouterr()
    assert 'score 6 (it can be 0 to 27), in the published bands "mild"' in said.out
    assert "not a diagnosis" in said.out
    assert said.err == ""


def test_item_nine_brings_help_lines(capsys):
    assert run(["form", "phq9", "--answers", "0,0,0,0,0,0,0,0,1", "--locale", "en-GB"]) == 0
    said = capsys.readouterr()
    assert "That matters more than any score" in said.out
    assert "116 123" in said.err


def test_json(capsys):
    assert run(["form", "gad7", "--json", "--answers", "3,3,3,3,3,0,0"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["scores"] == {"score": 15}
    assert record["bands"] == {"score": "severe"}
    assert record["risk"] is False


def test_back_skip_wrong_and_stop_then_go_on(capsys, monkeypatch, tmp_path):
    kept = tmp_path / "form.json"
    monkeypatch.setattr("sys.stdin", io.StringIO("1\nback\n2\nmaybe\nskip\nnearly\nstop\n"))
    assert run(["form", "gad7", "--keep", str(kept)]) == 0
    said = capsys.readouterr()
    assert "'maybe' is no answer here" in said.err
    assert "stopped after 3 of 7" in said.err
    assert said.out == ""
    assert json.loads(kept.read_text())["answers"] == [2, None, 3]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    monkeypatch.setattr("sys.stdin", io.StringIO("0\n0\n0\n0\n"))
    assert run(["form", "gad7", "--keep", str(kept)]) == 0
    assert "score 6" in capsys.readouterr().out  # 5 / 6 * 7 = 5.83


def test_the_end_of_the_input_is_a_stop(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(["form", "sam"]) == 0
    assert "stopped after 0 of 3 questions; nothing was kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["phq8"], "did you mean 'phq9'"),
        (["phq9", "--answers", "1,2"], "has 9 questions to answer, and --answers has 2"),
        (["phq9", "--answers", "1,1,1,1,1,1,1,1,5"], "'5' is no answer here"),
    ],
)
def test_bad_input_is_one_sentence(capsys, arguments, said):
    assert run(["form", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_form(capsys, tmp_path):
    for text, said in (
        ("{", "holds no form"),
        ("[]", "holds no form"),
        ('{"instrument": "sam", "answers": []}', "not gad7"),
    ):
        file = tmp_path / "x.json"
        file.write_text(text)
        assert run(["form", "gad7", "--keep", str(file), "--answers", "0"]) == 2
        assert said in capsys.readouterr().err
