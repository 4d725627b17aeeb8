"""A made-up exam in EmoBench's own layout, and a chat server that can be told to behave badly."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the server is in misbehaving.py


def rows(part: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        language = "zh" if number % 2 else "en"
        row: dict[str, Any] = {"qid": str(number), "language": language, "subject": "Kim"}
        row["scenario"] = f"Kim found a bicycle: {part} number {number}."
        if part == "EU":
            feelings = ["Joy", "Anger", "Fear", "Sadness", "Pride", "Shame"]
            causes = [
                "The bicycle was found",
                "The bicycle was stolen",
                "The bicycle was painted by somebody else",
                "It rained",
            ]
            row |= {
                "emotion_choices": feelings,
                "emotion_label": "Joy",
                "cause_choices": causes,
                "cause_label": causes[0],
            }
        else:
            choices = ["Ride home", "Ask around who lost it before riding home", "Sell it", "Walk on"]
            row |= {"question type": "Action", "choices": choices, "label": choices[number % 4]}
        yield row


@pytest.fixture
def emobench(tmp_path, monkeypatch):
    """EmoBench with 4 + 8 made-up items; `insula.evaluate.asking.exam` finds it by its name, too."""
    pytest.importorskip("inspect_ai", reason="needs insula[eval]")
    from insula.evaluate.asking.exam import exam
    from insula.evaluate.exams import emobench

    folder = tmp_path / "data" / "emobench"
    folder.mkdir(parents=True)
    for part, count in (("EU", 4), ("EA", 8)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows(part, count)]
        (folder / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("INSULA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(emobench, "EXAM", replace(emobench.EXAM, size=12))
    exam.cache_clear()
    yield emobench.EXAM
    exam.cache_clear()


@pytest.fixture
def server():
    pytest.importorskip("openai", reason="needs insula[eval]")
    from misbehaving import Server

    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    found.http.shutdown()
    found.http.server_close()
