"""`insula test`: scenario files against a bot; the exit code says whether all passed.

insula test safety empathy boundaries
insula test scenarios/ --responder qwen2.5:3b@http://localhost:11434/v1 --junit report.xml
insula test scenarios/ --responder bot.py:answer --judge qwen2.5:14b@http://localhost:11434/v1
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .say import err, out
from .writable import writable

if TYPE_CHECKING:
    from insula.evaluate.scenarios import Outcome
    from insula.evaluate.scenarios.play import Judge
    from insula.llm import LLM


def scenarios(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or suites that ship.")],
    responder: Annotated[
        str, typer.Option("--responder", "-r", help="companion, composer, local, MODEL@URL, or FILE.py:NAME.")
    ] = "companion",
    judge: Annotated[str, typer.Option(help="MODEL@URL that judges criteria in plain words; open if none.")] = "",
    cache: Annotated[Path | None, typer.Option(help="Keep the judge's answers in this file.")] = None,
    report: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here, for a CI server.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what was said.")] = False,
) -> None:
    """Play scenarios with a bot: 0 when every expectation is met, 1 when one is not, 2 for a file with a mistake."""
    from insula.evaluate.scenarios import files, junit, play, read
    from insula.simulate.spec import responder as connected

    writable(report)
    suites = [read(file) for file in files(paths)]
    told = _judge(judge, responder, cache)
    outcomes: list[Outcome] = []
    for suite in suites:
        for number, scenario in enumerate(suite.scenarios):
            bot = connected(responder, scenario.locale or suite.locale)
            outcomes.append(play(suite, number, bot, told))
            _print(outcomes[-1], verbose)
    _sum(outcomes)
    if report:
        report.write_text(junit(outcomes), encoding="utf-8")
    if not all(one.passed for one in outcomes):
        raise typer.Exit(1)


def _judge(judge: str, responder: str, cache: Path | None) -> Judge | None:
    if not judge:
        return None
    from insula.evaluate.judge.panel import vet
    from insula.evaluate.scenarios.judged import Judged
    from insula.llm import Cached, connect

    model = connect(judge)
    if tested := _tested(responder):
        vet(model, tested)
    return Judged(Cached(model, cache) if cache else model)


def _tested(responder: str) -> LLM | None:
    """The model that words the replies; None where none does, or where a bot of one's own does not say which."""
    from insula.companion import Companion
    from insula.llm import LLM
    from insula.simulate.spec import responder as connected

    bot = Companion() if responder == "companion" else connected(responder)
    llm = getattr(bot, "llm", None)
    return llm if isinstance(llm, LLM) else None


def _print(outcome: Outcome, verbose: bool) -> None:
    suite, name = outcome.suite, outcome.scenario.name
    lines = [f"{'pass' if outcome.passed else 'FAIL'}  {suite.suite}: {name}"]
    if outcome.error:
        lines.append(outcome.error)
    for one in outcome.failures:
        where = f"reply {one.turn}" if one.turn else "the whole talk"
        lines.append(f"{where} ({suite.file}:{one.line}): {one.expected}: {one.why}")
    if verbose:
        lines += [f"{turn.speaker}: {turn.text}" for turn in outcome.conversation.turns]
        lines += [f"open (line {one.line}): {one.expected}: {one.why}" for one in outcome.open]
    out().print("\n      ".join(lines), soft_wrap=True)


def _sum(outcomes: list[Outcome]) -> None:
    passed, left = sum(one.passed for one in outcomes), sum(len(one.open) for one in outcomes)
    words = f"{len(outcomes)} scenarios: {passed} passed, {len(outcomes) - passed} failed"
    err().print(words + (f"; {left} expectations were left open (--verbose says why)" if left else ""), soft_wrap=True)
