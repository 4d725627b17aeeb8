"""The same exam through inspect_ai's own command, and its logs read back."""

import pytest
from misbehaving import answer

from insula.evaluate.asking.leaderboard import Board, beside, read_logs
from insula.evaluate.asking.run import examine
from insula.evaluate.asking.statistics import scores
from insula.llm import Scripted


def test_inspect_finds_the_exam_and_the_model_by_name(emobench, server, tmp_path):
    from inspect_ai import eval as run

    server.script = [answer("B")]
    how = {"model": "insula/m", "model_base_url": server.url, "model_args": {"cache": False}}
    (log,) = run(
        "insula/emobench", **how, task_args={"seeds": 2}, limit=6, display="none", log_dir=str(tmp_path / "logs")
    )
    assert log.status == "success"
    metrics = {name: one.value for name, one in log.results.scores[0].metrics.items()}
    assert metrics["parse rate"] == 1
    assert metrics["asked"] == 12
    ours = examine(emobench, Scripted("B"), seeds=2, limit=6)
    (found, *_) = scores([ours], slices=False)
    assert metrics["accuracy"] == pytest.approx(found.score)
    assert metrics["accuracy low"] == pytest.approx(found.low)
    (back,) = read_logs(tmp_path / "logs")
    assert {row.id for row in back.rows} == {row.id for row in ours.rows}


def test_logs_become_a_board(emobench, tmp_path):
    pandas = pytest.importorskip("pandas")
    examine(emobench, Scripted("B", "bee"), seeds=2, limit=8, logs=tmp_path / "logs")
    examine(emobench, Scripted("Well ...", "mute"), limit=8, logs=tmp_path / "logs")
    sheets = read_logs(tmp_path / "logs")
    assert {sheet.answerer for sheet in sheets} == {"bee", "mute"}
    Board([*sheets, *beside(sheets)]).write(tmp_path / "board.html")
    page = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert "nothing could be read" in page
    assert "always the third" in page
    table = pandas.read_parquet(tmp_path / "board.parquet")
    assert set(table.answerer) >= {"bee", "mute", "the longest"}
    with pytest.raises(FileNotFoundError, match="no folder of logs"):
        read_logs(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no logs of an exam"):
        read_logs(tmp_path / "empty")
