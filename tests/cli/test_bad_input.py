"""Everything that goes wrong is one sentence and an exit code, and nothing that was done is lost."""

import os
import signal
import sys
import time

import pytest

READER = ("--pipeline", "made_up.reader")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("empty.csv", b"", "is empty"),
        ("junk.bin", bytes(range(256)) * 40, "is not text"),
        ("junk.txt", bytes(range(256)) * 40, "is not text"),
        ("numbers.csv", b"a,b\n1,2\n", "its columns are: a, b"),
    ],
)
def test_a_source_that_cannot_be_read(insula, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    code, _, err = insula("read", tmp_path / name, *READER)
    assert code == 2
    assert says in err
    assert name in err
    assert len(err.splitlines()) == 1


def test_a_missing_file(insula):
    code, _, err = insula("read", "nowhere/chat.txt", *READER)
    assert code == 2
    assert "nowhere/chat.txt" in err


def test_one_bad_source_does_not_lose_the_others(insula, tmp_path):
    (tmp_path / "good.txt").write_text("I am glad")
    (tmp_path / "bad.txt").write_bytes(b"")
    code, out, err = insula("read", tmp_path / "bad.txt", tmp_path / "good.txt", *READER)
    assert code == 1
    assert "joy" in out
    assert "bad.txt" in err


def test_a_bad_source_does_not_cost_an_output_that_exists(insula, tmp_path):
    (tmp_path / "out.jsonl").write_text("precious")
    assert insula("read", tmp_path / "nothing.txt", *READER, "-o", tmp_path / "out.jsonl")[0] == 2
    assert insula("read", "hello", "-p", "made_up.reder", "-o", tmp_path / "out.jsonl")[0] == 2
    assert (tmp_path / "out.jsonl").read_text() == "precious"


def test_a_wrong_encoding_is_read_and_said(insula, tmp_path):
    (tmp_path / "latin.txt").write_bytes("Thank you for the café".encode("latin-1"))
    code, out, err = insula("read", tmp_path / "latin.txt", *READER)
    assert code == 0
    assert "café" in out
    assert "not UTF-8" in err


def test_a_truncated_line_among_many_is_named_and_the_rest_is_read(insula, tmp_path):
    lines = [f'{{"text": "I am glad about {i}"}}' for i in range(2000)]
    lines[1233] = lines[1233][:14]
    (tmp_path / "big.jsonl").write_text("\n".join(lines))
    code, _, err = insula("read", tmp_path / "big.jsonl", *READER, "-o", tmp_path / "out.csv")
    assert code == 0
    assert "line 1234" in err
    assert "1,999 texts" in err


def test_many_problems_are_counted(insula, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"text": "I am glad"}\n' + '{"text": \n' * 40)
    _, _, err = insula("read", tmp_path / "bad.jsonl", *READER, "-q")
    assert len(err.splitlines()) == 6
    assert "35 more problems" in err


@pytest.mark.parametrize(
    ("path", "says"),
    [("nowhere/out.csv", "folder"), ("out.docx", ".jsonl"), (".", "")],
)
def test_an_output_that_cannot_be_written(insula, tmp_path, path, says):
    code, _, err = insula("read", "I am glad", *READER, "-o", tmp_path / path)
    assert code == 2
    assert says in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_disk_that_is_full(insula, tmp_path):
    (tmp_path / "out.jsonl").symlink_to("/dev/full")
    code, _, err = insula("read", "I am glad", *READER, "-o", tmp_path / "out.jsonl")
    assert code == 1
    assert "No space left" in err


def test_resume_needs_an_output_that_can_be_resumed(insula, tmp_path):
    assert insula("read", "x y", *READER, "--resume")[0] == 2
    code, _, err = insula("read", "x y", *READER, "--resume", "-o", tmp_path / "out.html")
    assert code == 2
    assert ".jsonl" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["reed"], "No such command"),
        (["read", "x", "--limit", "many"], "--limit"),
        (["read", "x", "--colour"], "--colour"),
        (["read", "x", "-p", "made_up.reder"], "did you mean"),
        (["list", "txt"], "did you mean 'text'"),
        (["study", "no-such-study"], "no study"),
        (["train", "text"], "--help"),
        (["train", "text", "x.csv", "--recipe", "y"], "not both"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(insula, arguments, says):
    code, out, err = insula(*arguments)
    assert code == 2
    assert says in err + out


def test_a_fault_inside_is_a_sentence_too(insula, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("insula.presets.pipeline", broken)
    code, _, err = insula("read", "x y")
    assert code == 1
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize("end", ["jsonl", "csv"])
def test_interrupted_and_resumed_gives_the_file_of_an_uninterrupted_run(process, tmp_path, end):
    big = tmp_path / "big.csv"
    big.write_text("text\n" + "".join(f"I am glad about parcel {i}\n" for i in range(2000)))
    whole, cut = tmp_path / f"whole.{end}", tmp_path / f"cut.{end}"
    assert process(["read", big, *READER, "-q", "-o", whole]).wait(60) == 0
    one = process(["read", big, *READER, "-o", cut], seconds=0.002)
    while not cut.exists() or not cut.stat().st_size:
        assert one.poll() is None
        time.sleep(0.02)
    one.send_signal(signal.SIGINT)
    _, err = one.communicate(timeout=60)
    assert one.returncode == 130
    assert "--resume" in err
    assert "Traceback" not in err
    assert 0 < cut.stat().st_size < whole.stat().st_size
    assert process(["read", big, *READER, "-q", "--resume", "-o", cut]).wait(60) == 0
    assert cut.read_bytes() == whole.read_bytes()


def test_interrupted_report_is_kept_as_far_as_it_got(process, tmp_path):
    big = tmp_path / "big.csv"
    big.write_text("text\n" + "".join(f"I am glad about parcel {i}\n" for i in range(3000)))
    one = process(["read", big, *READER, "-o", tmp_path / "r.html", "-o", tmp_path / "r.csv"], seconds=0.002)
    while not (tmp_path / "r.csv").exists() or not (tmp_path / "r.csv").stat().st_size:
        assert one.poll() is None
        time.sleep(0.02)
    one.send_signal(signal.SIGINT)
    _, err = one.communicate(timeout=60)
    assert one.returncode == 130
    assert "r.partial.html" in err
    assert "joy" in (tmp_path / "r.partial.html").read_text()
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("source", ["chat.txt", "."])
def test_a_source_is_never_written_over(insula, tmp_path, source):
    (tmp_path / "chat.txt").write_text("Ana: I am glad\nBo: I miss him\n")
    out = "chat.txt" if source == "chat.txt" else "out.csv"
    code, _, err = insula("read", tmp_path / source, *READER, "-o", tmp_path / out)
    assert code == 2
    assert "another name or place" in err
    assert (tmp_path / "chat.txt").read_text().startswith("Ana")
    assert insula("read", tmp_path, *READER, "-o", tmp_path / "report.html")[0] == 0


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="files of Linux")
def test_a_camera_that_is_not_there(insula, tmp_path):
    pytest.importorskip("av", reason="pip install 'insula[face]'")
    code, out, err = insula("read", "camera:77", "-o", tmp_path / "a.jsonl")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("insula: camera:77: is not there: no camera answers at /dev/video77")
    assert not (tmp_path / "a.jsonl").exists()
