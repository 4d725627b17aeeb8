"""`insula evaluate EXAM --model MODEL`, `insula board` and `insula list exams`, on a made-up exam."""

import json
import re
from dataclasses import replace

import pytest

from insula.evaluate.asking import exam


@pytest.fixture
def emobench(tmp_path, monkeypatch):
    """Eight made-up items of EmoBench's application part, and a bot that answers them."""
    pytest.importorskip("inspect_ai", reason="needs insula[eval]")
    from insula.evaluate.exams import emobench

    folder = tmp_path / "data" / "emobench"
    folder.mkdir(parents=True)
    row = {"language": "en", "scenario": "Kim won.", "subject": "Kim", "question type": "Response"}
    rows = [
        row | {"qid": str(k), "choices": ["Well done", "Oh", "No", "What of it, then?"], "label": "Well done"}
        for k in range(8)
    ]
    (folder / "EA.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "EU.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setenv("INSULA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(emobench, "EXAM", replace(emobench.EXAM, size=8))
    exam.cache_clear()
    bot = tmp_path / "bot.py"
    bot.write_text(
        "def praise(talk):\n    return 'Well done'\n\ndef mumble(talk):\n    return 'Hm.'\n", encoding="utf-8"
    )
    yield bot
    exam.cache_clear()


def test_a_model_stands_beside_the_blind_rules(insula, emobench, tmp_path):
    page = tmp_path / "page.html"
    models = ["--model", f"{emobench}:praise", "-m", f"{emobench}:mumble"]
    code, said, told = insula("evaluate", "emobench", *models, "--seeds", 2, "--limit", 4, "--report", page)
    assert code == 0
    (praise,) = [line for line in said.splitlines() if line.startswith(f"{emobench}:praise\tall\taccuracy")]
    _, _, _, score, span, *rest = praise.split("\t")
    assert (score, rest) == ("1.000", ["100.0%", "8", "0", "0.000"])
    assert float(span.split()[0]) < 0.6  # all right, of four questions
    assert f"{emobench}:mumble\tall\taccuracy\t\t\t0.0%\t8\t0\t" in said
    assert "blind: the longest\tall\taccuracy\t0.000" in said
    assert "8 of 8 could not be read: 8 × it names no option" in said
    assert f"{emobench}:praise − {emobench}:mumble" not in said  # no answer both gave could be read
    assert re.search(r"praise − (always|by chance|the longest|first).*: \+\d.\d+ \(", said)
    assert "is another version" in told
    assert "inspect view --log-dir" in told
    assert page.exists()
    assert page.with_suffix(".parquet").exists()


def test_one_json_object(insula, emobench):
    code, said, _ = insula("evaluate", "emobench", "-m", f"{emobench}:praise", "--json")
    assert code == 0
    found = json.loads(said)
    assert found["results"][0]["score"] == 1
    assert found["results"][0]["unasked"] == 0
    assert found["differences"][0]["difference"] > 0


def test_what_the_caps_left_is_said(insula, emobench):
    code, said, _ = insula("evaluate", "emobench", "-m", f"{emobench}:praise", "--max-seconds", 0)
    assert code == 0
    assert "8 of 8 could not be asked: 8 × not asked: the 0 s allowed were over" in said


def test_the_board_of_all_that_was_run(insula, emobench, tmp_path):
    insula("evaluate", "emobench", "-m", f"{emobench}:praise")
    insula("evaluate", "emobench", "-m", f"{emobench}:mumble")
    code, _, told = insula("board", "-o", tmp_path / "board.html")
    assert code == 0, told
    assert "2 sheets" in told
    assert "nothing could be read" in (tmp_path / "board.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["emobench", "--mode", "base", "--mode", "typo"], "not asked in the mode 'typo'"),
        (["emobench", "-m", "nonsense"], "'nonsense' names no model"),
        (["emobench", "eqbench3"], "eqbench3: "),
        (["emobench", "--judge", "nobody"], "'nobody' names no model"),
    ],
)
def test_nothing_is_asked_where_something_later_is_wrong(insula, emobench, tmp_path, arguments, sentence):
    asked = tmp_path / "asked"
    emobench.write_text(f"def praise(talk):\n    open({str(asked)!r}, 'a').write('x')\n    return 'Well done'\n")
    code, _, told = insula("evaluate", *arguments[:1], "-m", f"{emobench}:praise", *arguments[1:])
    assert code == 2
    assert sentence in told
    assert not asked.exists()


def test_what_was_measured_is_told_where_a_later_model_fails(insula, emobench, tmp_path):
    """A bot that can be opened once, to be looked at, and not once more."""
    once = tmp_path / "once.py"
    once.write_text(
        "from pathlib import Path\nPath(__file__).unlink()\ndef praise(talk):\n    return 'Well done'\n",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    models = ["-m", f"{emobench}:praise", "-m", f"{once}:praise"]
    code, said, told = insula("evaluate", "emobench", *models, "--report", page)
    assert code == 2
    assert "no file" in told
    assert f"{emobench}:praise\tall\taccuracy\t1.000" in said
    assert page.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["emobnch"], "no benchmark or exam 'emobnch'; did you mean 'emobench'"),
        (["emobench", "goemotions"], "emobench is asked of models, the rest is not"),
        (["goemotions", "-m", "local"], "--model is for exams"),
        (["emobench", "-m", "nonsense"], "'nonsense' names no model"),
        (["emobench", "-m", "x", "--only", "language"], "write a slice and its name"),
        (["emobench", "-m", "x", "--max-cost", 1], "--max-cost needs --price"),
        (["emobench", "-m", "x", "--price", "cheap"], "write two numbers"),
        (["emobench", "-m", "nowhere.py:bot"], "no file nowhere.py"),
        (["emobench", "-m", "nosuch/model"], "nosuch/model: Model API nosuch"),
    ],
)
def test_bad_input_is_told_in_a_sentence(insula, emobench, arguments, sentence):
    code, _, told = insula("evaluate", *arguments)
    assert code == 2
    assert sentence in told


def test_exams_are_listed(insula, emobench):
    code, said, _ = insula("list", "exams")
    assert code == 0
    assert "emobench\t8\tbase cot\tMIT" in said
