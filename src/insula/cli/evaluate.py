"""`insula evaluate`: a pipeline against published labels, or a model against published questions, with intervals."""

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
        list[str], typer.Argument(metavar="NAME…", help="Benchmarks, or exams.", autocompletion=complete.benchmarks)
    ],
    pipeline: Annotated[
        str,
        typer.Option("--pipeline", "-p", help="A preset or methods joined by +.", autocompletion=complete.pipelines),
    ] = "",
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="For exams: local, companion, MODEL@URL, openai/gpt-4o … Repeat it."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many texts or questions of each; 0: all.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="For exams: ask so often, each time shuffled anew.")] = 1,
    mode: Annotated[
        list[str] | None, typer.Option(help="For exams: how to ask, such as base or cot. Repeat it.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="SLICE=NAME", help="For exams: such as language=zh.")
    ] = None,
    judge: Annotated[str, typer.Option(help="For exams that have one: the model that marks.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="For exams: neither use nor keep answers.")] = False,
    logs: Annotated[Path | None, typer.Option(help="For exams: a folder for inspect's logs.")] = None,
    timeout: Annotated[float, typer.Option(help="For exams: seconds an answer may take.")] = 300.0,
    max_seconds: Annotated[float | None, typer.Option(help="For exams: stop asking after so many seconds.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="For exams: stop asking after so many tokens.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="For exams: stop asking once so much is spent.")] = None,
    price: Annotated[str, typer.Option(metavar="READ,WRITTEN", help="Of a million tokens, for --max-cost.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write a page to this .html.")] = None,
) -> None:
    """Measure how well a pipeline recognises what people expressed, or how emotionally intelligent a model is."""
    from insula.evaluate import benchmarks
    from insula.evaluate.asking import exams

    unknown = {*names} - {*exams()}
    if not unknown:
        from insula.evaluate.asking.caps import Caps

        from .examine import Asking, examined

        caps = Caps(timeout, max_seconds, max_tokens, max_cost, _price(price, max_cost))
        slices = dict(_pair(one) for one in only or ())
        asking = Asking(model or (), seeds, mode or (), limit or None, slices, judge, not fresh, logs, caps)
        return examined(names, asking, report, json)
    if len(unknown) < len(names):
        raise ValueError(
            f"{', '.join(sorted({*names} - unknown))} is asked of models, the rest is not: ask for them apart"
        )
    if not unknown & {one.name for one in benchmarks()}:
        from insula.catalogue import nearest

        name = sorted(unknown)[0]
        near = nearest(name, {*exams(), *(one.name for one in benchmarks())})
        raise KeyError(f"no benchmark or exam {name!r}; did you mean {near}?")
    if model:
        raise ValueError(f"--model is for exams ({', '.join(exams())}); a benchmark is read by a --pipeline")
    return _benchmarks(names, pipeline, limit, json, report)


def _benchmarks(names: list[str], pipeline: str, limit: int, json: bool, report: Path | None) -> None:
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


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ValueError(f"--only {text}: write a slice and its name, as in language=zh")
    return name, value


def _price(text: str, max_cost: float | None) -> tuple[float, float]:
    if not text:
        if max_cost is not None:
            raise ValueError("--max-cost needs --price READ,WRITTEN: what a million tokens cost, as in 0.15,0.60")
        return 0.0, 0.0
    try:
        read, written = map(float, text.split(","))
    except ValueError:
        raise ValueError(f"--price {text}: write two numbers, as in 0.15,0.60") from None
    return read, written


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
