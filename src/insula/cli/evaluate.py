"""`insula evaluate`: a pipeline against published gold labels, with intervals, coverage and baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .list_ import show
from .say import err

if TYPE_CHECKING:
    from insula.evaluate import Outcome


def evaluate(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME…", help="Benchmarks.", autocompletion=complete.benchmarks)
    ],
    pipeline: Annotated[
        str,
        typer.Option("--pipeline", "-p", help="A preset or methods joined by +.", autocompletion=complete.pipelines),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="At most so many texts of each benchmark; 0: all.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write plots to this .html.")] = None,
) -> None:
    """Measure how well a pipeline recognises what people expressed."""
    from insula.evaluate import outcomes, to_json, write_report

    def note(words: str) -> None:
        err().print(f"insula: {words}", soft_wrap=True)

    found: list[Outcome] = []
    for outcome in outcomes(names, pipeline or None, limit or None, note=note):
        found.append(outcome)
        if not json:
            _print(outcome)
    if report:
        write_report(found, report)
        note(f"wrote {report}")
    if json:
        print(to_json(result for outcome in found for result in outcome.results))


def _print(outcome: Outcome) -> None:
    """One slice: a line for each metric, beside what the baselines get on the same texts."""
    columns = ["benchmark", "slice", "metric", "score", "95 % interval", "coverage", "texts", "baselines"]
    rows = [
        [
            *(
                x.benchmark,
                x.slice,
                x.metric,
                f"{x.score:.3f}",
                f"{x.low:.3f} to {x.high:.3f}",
                f"{x.coverage:.0%}",
                f"{x.n:,}",
            ),
            ", ".join(f"{name} {score:.3f}" for name, score in x.baselines.items()),
        ]
        for x in outcome.results
    ]
    pipelines = dict.fromkeys(f"{x.pipeline}@{x.revision}" for x in outcome.results)
    show(", ".join(pipelines), columns, rows)
