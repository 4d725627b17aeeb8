"""A model whose every call is written down."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from insula.llm import LLM, LLMError, Message, Scripted, Traced

ASK = [Message("user", "Name one feeling, \ud800.")]


def test_each_call_is_a_line(tmp_path: Path) -> None:
    model = Traced(Scripted(["Joy."]), tmp_path / "calls.jsonl")
    assert isinstance(model, LLM)
    heard: list[str] = []
    assert asyncio.run(model.reply(ASK, seed=4, heard=heard.append)).text == "Joy."
    with pytest.raises(LLMError):
        asyncio.run(model.reply(ASK))
    first, second = map(json.loads, (tmp_path / "calls.jsonl").read_text().splitlines())
    assert (first["reply"], first["seed"], first["model"], first["finish"]) == ("Joy.", 4, "scripted", "stop")
    assert first["messages"] == [{"role": "user", "text": ASK[0].text}]
    assert first["seconds"] >= 0
    assert "asked once more" in second["error"]
    assert heard == ["Joy."]


def test_a_cancelled_call_is_told_to_a_function() -> None:
    class Slow(Scripted):
        async def reply(self, *_: Any, **__: Any) -> Any:
            await asyncio.sleep(9)

    async def cancelled() -> None:
        task = asyncio.create_task(Traced(Slow(""), records.append).reply(ASK))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    records: list[dict[str, Any]] = []
    asyncio.run(cancelled())
    assert [record["error"] for record in records] == ["CancelledError"]


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Traced(Scripted(""), tmp_path / "nowhere" / "calls.jsonl")
