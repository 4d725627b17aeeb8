import io
import json
import os
import subprocess
import sys

import pytest

READER = ("--pipeline", "made_up.reader")


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.csv"
    rows = [f'{i},"I am {"glad" if i % 3 else "furious"} about parcel number {i}"' for i in range(300)]
    path.write_text("id,text\n" + "\n".join(rows) + "\n")
    return path


def test_a_quoted_text_is_shown_with_its_label_and_its_doubt(insula):
    code, out, _ = insula("read", "I am so glad you came", *READER)
    assert code == 0
    assert "joy" in out
    assert "could also be confusion" in out
    assert "not what is felt" in out


def test_two_texts_are_both_read_and_kept_apart(insula, tmp_path):
    insula("read", "I am glad", "I am furious", *READER, "-o", tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {r["conversation"] for r in records} == {"text:1", "text:2"}


def test_files_of_one_name_are_kept_apart(insula, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "chat.txt").write_text("Ana: I am glad\nBo: I miss him\n")
    insula("read", tmp_path / "a/chat.txt", tmp_path / "b/chat.txt", *READER, "-o", tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {r["conversation"] for r in records} == {"1/chat.txt", "2/chat.txt"}


def test_standard_input(insula, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"I miss him so much")))
    code, out, _ = insula("read", "-", *READER)
    assert code == 0
    assert "sadness" in out


def test_several_outputs_in_one_run_say_where_they_are(insula, reviews, tmp_path):
    paths = [tmp_path / f"out.{end}" for end in ("jsonl", "csv", "parquet", "html")]
    code, out, err = insula("read", reviews, *READER, *(x for path in paths for x in ("-o", path)))
    assert code == 0
    assert out == ""
    assert "300 texts" in err
    assert all(path.stat().st_size for path in paths)


def test_show_prints_the_timeline_beside_the_files(insula, tmp_path):
    _, out, _ = insula("read", "I am glad", *READER, "--show", "-o", tmp_path / "out.jsonl")
    assert "joy" in out


def test_quiet_prints_nothing(insula):
    assert insula("read", "I am glad", *READER, "--quiet") == (0, "", "")


def test_limit_counts_conversations(insula, reviews, tmp_path):
    insula("read", reviews, *READER, "--limit", "7", "-o", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text()
    assert "number 6" in text
    assert "number 7" not in text


def test_long_input_stops_printing_turns_but_counts_them_all(insula, reviews):
    _, out, _ = insula("read", reviews, *READER)
    assert "100 of 300 texts are shown" in out
    assert "200  67% of texts" in out


def test_the_text_column_can_be_named(insula, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nI am glad,1\n")
    code, _, err = insula("read", path, *READER)
    assert code == 2
    assert "a, b" in err
    assert "--text-column" in err
    code, out, _ = insula("read", path, *READER, "--text-column", "a")
    assert code == 0
    assert "joy" in out


def test_commercial_ok_refuses_what_is_not(insula):
    code, _, err = insula("read", "hello", "-p", "made_up.closed", "--commercial-ok")
    assert code == 2
    assert "research only" in err


def test_terminal_escapes_in_a_text_are_not_passed_on(insula):
    _, out, _ = insula("read", "I am glad\x1b[2J\x1b]0;owned\x07 about it", *READER)
    assert "\x1b" not in out
    assert "\x07" not in out


def test_no_colour_codes_where_output_is_not_a_terminal(process):
    out, _ = process(["read", "I am glad", *READER]).communicate(timeout=60)
    assert "joy" in out
    assert "\x1b" not in out


def test_a_reader_that_has_seen_enough_ends_the_run_quietly(reviews, process):
    one = process(["read", reviews, *READER], seconds=0.01)
    one.stdout.readline()
    one.stdout.close()
    err = one.stderr.read()
    one.stdout = open(os.devnull)  # noqa: SIM115, PTH123 - communicate() in the fixture needs a file
    assert err == ""


def test_help_is_fast():
    code = "import time, insula.cli; insula.cli.run(['--help']); print(time.process_time())"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)]
    assert min(float(said.split()[-1]) for said in runs) < 0.5
