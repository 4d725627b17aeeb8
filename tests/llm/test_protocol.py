"""What a model is called, and the scripted one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from insula.llm import LLM, LLMError, Message, Reply, Scripted, connect

ASK = [Message("system", "Be brief."), Message("user", "Name one feeling.")]


def ask(model: LLM, **options: Any) -> Reply:
    return asyncio.run(model.reply(ASK, **options))


def test_scripted_says_the_same_or_the_next_or_what_a_function_says() -> None:
    assert [ask(Scripted("Hm.")).text for _ in range(2)] == ["Hm.", "Hm."]
    model = Scripted(["One.", "Two."])
    assert [ask(model).text for _ in range(2)] == ["One.", "Two."]
    assert model.asked == [tuple(ASK)] * 2
    with pytest.raises(LLMError, match="2 replies"):
        ask(model)
    assert ask(Scripted(lambda messages: messages[-1].text.upper())).text == "NAME ONE FEELING."


def test_scripted_is_an_llm_and_is_heard() -> None:
    heard: list[str] = []
    assert isinstance(Scripted(""), LLM)
    ask(Scripted("Hm."), heard=heard.append)
    assert heard == ["Hm."]


@pytest.mark.parametrize("model", ["tiny", "http://localhost/v1", "tiny@localhost", "", "local:tuned"])
def test_what_names_no_model_is_told_how_models_are_named(model: str) -> None:
    with pytest.raises(ValueError, match=r"local .*\.gguf.*MODEL@URL"):
        connect(model)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the llm extra is not installed")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.gguf"):
        connect(str(tmp_path / "nowhere.gguf"))
