"""What inspect_ai finds here by name: `inspect eval insula/emobench --model insula/local`.

A task per exam, with `-T seeds=5 -T mode=cot -T judge=MODEL@URL`, and the models of `insula.llm`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from inspect_ai import Task, task
from inspect_ai.model import Model, get_model

from .exam import exam, exams
from .provider import InsulaAPI, opened, vetted
from .task import task as task_of

__all__ = ["InsulaAPI"]


def _named(name: str) -> Callable[..., Task]:
    @task(name=name)
    def one(seeds: int = 1, mode: str = "base", judge: str = "") -> Task:
        for changed in exam(name).changed():
            warnings.warn(changed, stacklevel=2)
        judging = opened(judge) if judge else None
        if judging and (tested := _tested()):
            vetted(judging, tested)
        return task_of(exam(name), seeds=seeds, mode=mode, judge=judging, marker=judge)

    return one


def _tested() -> Model | None:
    """The model of the run that asks for a task; None where a task is made before it is known."""
    try:
        return get_model()
    except ValueError:
        return None


for _name in exams():
    globals()[_name] = _named(_name)
