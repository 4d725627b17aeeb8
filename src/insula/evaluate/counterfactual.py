"""Do the causes a pipeline names matter to its own reading? Its emotions are read again without them.

    anger at t4 because of t2: without t2 it falls from .7 to .3, without t1 to .68 -> drop .40, drop_lead .38

The check itself is `insula.explain.erasure`: it tests the reader, not the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..explain.erasure import erasure_check
from .answers import Answers, NoAnswer
from .bootstrap import Interval
from .task import Slice

if TYPE_CHECKING:
    from .run import Outcome, Run


def drops(run: Run, view: Slice) -> Outcome:
    """One result per metric, of the emotions the pipeline itself found in the conversations of the chosen items.

    Raises NoAnswer where it names no cause that can be tried, or has no component whose emotions can be read again.
    """
    from .run import Outcome

    split = run.split("test", view.items).only(run.chosen(view.items))
    numbers = sorted({item.conversation for item in split.items})
    done = run.pipeline.run_many(split.bare(numbers))
    try:
        found = erasure_check(done, _reader(run), seed=run.seed)
    except ValueError as error:
        raise NoAnswer(str(error)) from None
    intervals: dict[str, Any] = {
        "drop_lead": found.difference,
        "drop_lead_nearest": found.nearest,
        "drop_lead_distance": found.same_distance,
    }
    answer = Answers(np.full((1, 1), np.nan, np.float32), np.zeros((1, 1), bool), (_reader(run).rater,))
    results: list[Any] = []
    for metric in view.metrics:
        one = intervals[metric]
        score = Interval(one.score, one.low, one.high)
        beside = {"cause": found.cause, "random": found.other} if metric == "drop_lead" else {}
        results.append(run.result(view.name, metric, score, one.items, 1.0, beside, answer))
    return Outcome(run.benchmark, view, tuple(results), answer.scores, answer, answer.answered, {})


def _reader(run: Run) -> Any:
    """The first component that says emotions and can be asked again."""
    for part in run.pipeline.components:
        if "emotion" in part.writes and hasattr(part, "batch") and hasattr(part, "rater"):
            return part
    raise NoAnswer("none of its components can be asked for an emotion again")
