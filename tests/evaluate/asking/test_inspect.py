"""The same exam through inspect_ai's own command, and its logs read back."""

from dataclasses import replace

import pytest
from misbehaving import answer

from insula.evaluate.asking.exam import exam
from insula.evaluate.asking.leaderboard import Board, beside, read_logs
from insula.evaluate.asking.run import examine
from insula.evaluate.asking.statistics import scores
from insula.llm import LLMError, Message, Scripted


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


@pytest.mark.parametrize("cache", [True, False])
def test_inspect_does_not_let_a_model_judge_itself(emobench, server, tmp_path, cache):
    from inspect_ai import eval as run

    how = {"model": "insula/m", "model_base_url": server.url, "model_args": {"cache": cache}}
    with pytest.raises(ValueError, match="m would judge itself"):
        run("insula/emobench", **how, task_args={"judge": f"m@{server.url}"}, display="none", log_dir=str(tmp_path))
    assert not server.requests


def test_a_task_is_made_before_its_model_is_known(emobench, server, monkeypatch):
    from insula.evaluate.asking.registry import emobench as made

    monkeypatch.delenv("INSPECT_EVAL_MODEL", raising=False)
    assert made(judge=f"m@{server.url}").metadata["judge"] == ""  # the exam has no use for one


def test_a_failure_never_counts_for_an_answer(emobench, tmp_path):
    def away(_):
        raise LLMError("the server is away")

    for model in (Scripted("B", "bee"), Scripted(away, "bee"), Scripted("C", "bee"), Scripted(away, "bee")):
        examine(emobench, model, limit=4, only={"part": "application"}, logs=tmp_path)
    (sheet,) = read_logs(tmp_path)
    assert [row.reply for row in sheet.rows] == ["C"] * 4


def test_marks_of_two_judges_and_of_none_stand_apart(emobench, tmp_path, monkeypatch):
    from insula.evaluate.exams import emobench as module

    async def judge(asked, reply, llm):
        said = await llm.reply([Message("user", reply)])
        return replace(emobench.mark(asked, reply), said=said.text)

    monkeypatch.setattr(module, "EXAM", judged := replace(emobench, judge=judge))
    exam.cache_clear()
    for marker in (Scripted("good", "kind"), Scripted("bad", "strict"), None):
        examine(judged, Scripted("B", "bee"), judge=marker, limit=4, only={"part": "application"}, logs=tmp_path)
    sheets = {sheet.exam.name: sheet for sheet in read_logs(tmp_path)}
    assert set(sheets) == {"emobench", "emobench, judged by kind", "emobench, judged by strict"}
    assert {row.said for row in sheets["emobench, judged by kind"].rows} == {"good"}
    board = Board([*sheets.values(), *beside(list(sheets.values()))])
    assert "judged by strict</h2>" in board.page()
    assert {place.worst for place in board.places("emobench, judged by kind")} <= set(range(1, 10))


def test_a_damaged_log_is_left_out_by_its_name(emobench, tmp_path):
    for name in ("bee", "wasp"):
        examine(emobench, Scripted("B", name), limit=4, logs=tmp_path)
    first = sorted(tmp_path.glob("*.eval"))[0]
    first.write_bytes(first.read_bytes()[:400])
    with pytest.warns(UserWarning, match=rf"{first.name} is left out, it cannot be read"):
        assert len(read_logs(tmp_path)) == 1
