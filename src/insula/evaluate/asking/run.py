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
from typing import TYPE_CHECKING

from ...llm import LLM
from .caps import Caps
from .exam import Exam
from .sheet import Row, Sheet, others, put_all, questions

if TYPE_CHECKING:
    from inspect_ai.model import Model

__all__ = ["Row", "Sheet", "examine", "others", "parties", "put_all", "questions"]
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
    (True: in INSULA_CACHE or ~/.cache/insula); an agent is asked every time. `logs` is a folder for inspect's logs;
    none are kept without it. `name` is what the sheet calls the model, and `heard` gets each row as it comes. What
    fails is a row with its `error`; MissingData, ValueError (MalformedData is one) and ImportError are raised before
    anything is asked.
    """
    if seeds < 1 or (limit is not None and limit < 1):
        raise ValueError("at least one question must be asked, with at least one seed")
    caps = caps or Caps()
    asking, judging = parties(model, judge, cache, caps)
    from inspect_ai import eval as run

    from .provider import in_log
    from .task import sheet, task

    called, marker = name or _name(model), _name(judge) if judge else ""
    found = questions(exam, limit, only)
    asked = put_all(exam, found, seeds, mode)
    made = task(
        exam, found,
        seeds=seeds, mode=mode, judge=judging, timeout=caps.timeout, answerer=called, marker=marker, heard=heard,
        llm=in_log(asking, cache, caps),
    )  # fmt: skip
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


def parties(
    model: str | LLM, judge: str | LLM | None = None, cache: bool | str | Path = True, caps: Caps | None = None
) -> tuple[Model, LLM | None]:
    """Who is asked, and who marks, as `examine` takes them; nobody is asked anything.

    Raises ValueError for a name of nobody and for a model that would judge itself, FileNotFoundError and ImportError.
    """
    try:
        from .provider import capped, model_of, opened, vetted
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("insula"):
            raise
        raise ImportError(INSTALL) from None
    asking = model_of(model, cache, caps)
    if judge is None:
        return asking, None
    judging = opened(judge, cache, caps) if isinstance(judge, str) else capped(judge, caps)
    return asking, vetted(judging, asking)


def _name(model: str | LLM) -> str:
    return model if isinstance(model, str) else model.name
