"""A model that is asked each question once."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from insula.llm import LLM, Cached, LLMError, Message, Reply, Scripted

ASK = [Message("user", "Name one feeling.")]


def ask(model: LLM, messages: Sequence[Message] = ASK, **options: Any) -> Reply:
    return asyncio.run(model.reply(messages, **options))


def test_a_question_is_asked_once_also_by_the_next_process(tmp_path: Path) -> None:
    model = Scripted(["Joy.", "Fear."])
    assert [ask(Cached(model, tmp_path / "answers")).text for _ in range(3)] == ["Joy."] * 3
    assert ask(Cached(model, tmp_path / "answers"), seed=1).text == "Fear.", "another seed is another question"
    assert len(model.asked) == 2
    assert isinstance(Cached(model, tmp_path / "answers"), LLM)


def test_the_whole_reply_is_kept_and_heard(tmp_path: Path) -> None:
    class Full(Scripted):
        async def reply(self, messages: Sequence[Message], **_: Any) -> Reply:
            self.asked.append(tuple(messages))
            return Reply("Jo", "full", 2, (-0.5, -0.1), "length")

    model = Full("", "full")
    first = ask(Cached(model, tmp_path / "answers"))
    heard: list[str] = []
    assert ask(Cached(model, tmp_path / "answers"), heard=heard.append) == first
    assert heard == ["Jo"]
    assert len(model.asked) == 1


def test_answers_kept_long_ago_are_still_found(tmp_path: Path) -> None:
    """Neither the key nor what stands behind it may change: thousands of answers were paid for."""
    model = Scripted("Joy.", "tiny")
    model.url = "http://a/v1"  # type: ignore[attr-defined]
    ask(Cached(model, tmp_path / "answers"))
    ((key, answer),) = sqlite3.connect(tmp_path / "answers").execute("SELECT question, answer FROM answers")
    assert key == "6aff264f70d99090f6096175ada3854514771cb1046154965d35529b5b14b2d2"
    assert set(json.loads(answer)) == {"text", "model", "tokens", "logprobs", "finish", "alternatives"}


def test_an_error_is_not_kept(tmp_path: Path) -> None:
    model = Cached(Scripted([]), tmp_path / "answers")
    for _ in range(2):
        with pytest.raises(LLMError):
            ask(model)


def test_servers_are_told_apart(tmp_path: Path) -> None:
    one, two = Scripted("Joy.", "tiny"), Scripted("Fear.", "tiny")
    one.url, two.url = "http://a/v1", "http://b/v1"  # type: ignore[attr-defined]
    assert ask(Cached(one, tmp_path / "answers")).text == "Joy."
    assert ask(Cached(two, tmp_path / "answers")).text == "Fear."


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary, " * 100)
    with pytest.raises(ValueError, match=r"diary\.txt cannot keep answers"):
        Cached(Scripted(""), diary)
    assert diary.read_text().startswith("Dear diary")


def test_a_file_that_breaks_later_costs_no_answer(tmp_path: Path) -> None:
    model = Cached(Scripted("Joy."), tmp_path / "answers")
    (tmp_path / "answers").write_bytes(b"broken" * 1000)
    with pytest.warns(UserWarning, match="answers"):
        assert ask(model).text == "Joy."


def test_a_kill_during_writes_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom insula.llm import Cached, Message, Scripted\n"
        "model = Cached(Scripted('x' * 9999), sys.argv[1])\n"
        "for seed in range(100000):\n"
        "    asyncio.run(model.reply([Message('user', 'a')], seed=seed)); print(seed, flush=True)\n"
    )
    path = tmp_path / "answers"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        answered = 1 + len(process.stdout.read().splitlines())
    model = Scripted("new")
    assert {len(ask(Cached(model, path), [Message("user", "a")], seed=seed).text) for seed in range(answered - 1)} <= {
        9999
    }
    assert not model.asked
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


questions = some.fixed_dictionaries(
    {
        "messages": some.lists(
            some.builds(Message, some.sampled_from(["system", "user", "assistant"]), some.text(max_size=3)), max_size=3
        ),
        "seed": some.integers(0, 3),
        "temperature": some.sampled_from([0.0, 0.7]),
        "stop": some.lists(some.text(max_size=2), max_size=2),
        "schema": some.none() | some.just({"type": "object"}),
        "logprobs": some.booleans(),
    }
)


@given(questions, questions)
def test_only_the_same_question_has_the_same_key(one: dict[str, Any], two: dict[str, Any]) -> None:
    assume(one != two)
    keys = [
        Cached._key(_NAMED, x["messages"], {k: v for k, v in x.items() if k != "messages"}) for x in (one, two, one)
    ]  # type: ignore[arg-type]
    assert keys[0] == keys[2] != keys[1]


class _Named:
    name = "tiny"
    llm = Scripted("")


_NAMED = _Named()
