"""Examining a model: every question, every seed, every answer marked, and nothing lost on the way.

    sheet = examine(exam("emobench"), "local", seeds=5, limit=100)
    scores([sheet, *others(sheet.exam, asked)])

It runs through inspect_ai: its logs (`inspect view`), its models, its calls. Answers are kept, so that the same command
goes on after a kill and asks only what failed or is new.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ...llm import LLM
from .caps import Caps
from .exam import Exam
from .sheet import Row, Sheet, others, put_all, questions

__all__ = ["Row", "Sheet", "examine", "others", "put_all", "questions"]
INSTALL = "asking a model needs inspect_ai: pip install 'insula[eval]'"


def examine(
    exam: Exam,
    model: str | LLM,
    *,
    seeds: int = 1,
    mode: str = "base",
    limit: int | None = None,
    only: Mapping[str, str] | None = None,
    judge: str | LLM | None = None,
    cache: bool | str | Path = True,
    caps: Caps | None = None,
    logs: str | Path | None = None,
    name: str = "",
    heard: Callable[[Row], None] | None = None,
) -> Sheet:
    """The sheet of one model, one row per question and seed.

    `model` is what `insula.llm.connect` takes, an agent ("companion", "composer", FILE.py:NAME), a model of inspect_ai
    ("openai/gpt-4o-mini") or any LLM.
    `limit` is how many questions, drawn fairly; `only` keeps those of a slice, such as {"language": "zh"}. `judge`
    marks the exams that have one. A model by name is asked each question once, its answers kept in the file `cache`
    (True: in INSULA_CACHE or ~/.cache/insula). `logs` is a folder for inspect's logs; none are kept without it. `name`
    is what the sheet calls the model, and `heard` gets each row as it comes. What fails is a row with its `error`;
    MissingData, ValueError (MalformedData is one) and ImportError are raised before anything is asked.
    """
    try:
        from inspect_ai import eval as run

        from ..judge import vet
        from .provider import Inspected, model_of, opened
        from .task import sheet, task
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("insula"):
            raise
        raise ImportError(INSTALL) from None
    if seeds < 1 or (limit is not None and limit < 1):
        raise ValueError("at least one question must be asked, with at least one seed")
    asking = model_of(model, cache)
    judging = opened(judge, cache) if isinstance(judge, str) else judge
    called = name or (model if isinstance(model, str) else model.name)
    if judging:
        vet(judging, getattr(asking.api, "llm", None) or Inspected(asking))
    found = questions(exam, limit, only)
    asked = put_all(exam, found, seeds, mode)
    made = task(exam, found, seeds=seeds, mode=mode, judge=judging, caps=caps, answerer=called, heard=heard)
    with tempfile.TemporaryDirectory() as folder:
        (log,) = run(
            made,
            model=asking,
            log_dir=str(logs or folder),
            display="none",
            log_level="error",
            max_samples=asking.api.max_connections(),
            log_realtime=False,
            ctl_server=False,
            acp_server=False,
            score_display=False,
        )
        if log.status == "cancelled":
            raise KeyboardInterrupt
        return sheet(exam, asked, log, called)
