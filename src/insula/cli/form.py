"""`insula form`: a screening questionnaire, one question at a time, scored exactly; never a diagnosis."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .say import err, out

if TYPE_CHECKING:
    from insula.respond.instruments import Form

STOPPED = "stop"
HELP = "Answer with a number or a word; or say: back, skip, stop."


def form(
    name: Annotated[str, typer.Argument(help="phq9, gad7, spane or sam.", autocompletion=complete.instruments)],
    answers: Annotated[str, typer.Option(help="All answers, split by commas; - leaves one open.")] = "",
    keep: Annotated[Path | None, typer.Option(help="Go on from this file, and keep the answers in it.")] = None,
    locale: Annotated[str, typer.Option(help="Whose help lines to show where they are needed.")] = "en-US",
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as one JSON object.")] = False,
) -> None:
    """Fill in a published questionnaire about yourself. Nothing leaves this machine, and nothing is kept unasked."""
    from insula.respond.instruments import instrument, resume, start

    asked = instrument(name)
    filled = resume(_kept(keep)) if keep and keep.exists() else start(name)
    if filled.instrument != asked:
        raise ValueError(f"{keep} holds {filled.instrument.name}, not {name}")
    filled = _given(filled, answers) if answers else _ask(filled, keep)
    if keep:
        _keep(keep, filled)
    if not filled.done and not answers:
        where = f"kept in {keep}; the same command goes on" if keep else "nothing was kept"
        err().print(f"stopped after {len(filled.answers)} of {len(asked.items)} questions; {where}", soft_wrap=True)
    _show(filled, locale, as_json)


def _given(filled: Form, answers: str) -> Form:
    given = [one.strip() for one in answers.split(",")]
    left = len(filled.instrument.items) - len(filled.answers)
    if len(given) != left:
        raise ValueError(f"{filled.instrument.name} has {left} questions to answer, and --answers has {len(given)}")
    for one in given:
        filled = filled.skip() if one in {"", "-"} else filled.answer(one)
    return filled


def _ask(filled: Form, keep: Path | None) -> Form:
    """Question by question until all were asked or somebody stops; what was answered is never lost."""
    screen = err()
    screen.print(f"{filled.instrument.title}\n{filled.instrument.instruction}\n{HELP}\n", soft_wrap=True)
    while not filled.done:
        number, count = len(filled.answers) + 1, len(filled.instrument.items)
        screen.print(f"{number}/{count}  {filled.question}\n     {_choices(filled)}", soft_wrap=True)
        said = _line()
        if said == STOPPED:
            break
        try:
            filled = filled.back() if said == "back" else filled.skip() if said == "skip" else filled.answer(said)
        except ValueError as error:
            screen.print(f"{error}. {HELP}", soft_wrap=True)
            continue
        if keep:
            _keep(keep, filled)
    return filled


def _line() -> str:
    """What was typed; the end of the input, or an interrupt, is a stop."""
    try:
        sys.stderr.write("> ")
        sys.stderr.flush()
        return input().strip().lower()
    except (EOFError, KeyboardInterrupt):
        return STOPPED


def _choices(filled: Form) -> str:
    figures = filled.instrument.items[len(filled.answers)].figures
    if not figures:
        return filled.choices()
    low = filled.instrument.lowest
    return "   ".join(f"{low + 2 * place} {figure}" for place, figure in enumerate(figures))


def _show(filled: Form, locale: str, as_json: bool) -> None:
    result = filled.result()
    if as_json:
        record = {
            **filled.state(),
            "scores": dict(result.scores),
            "bands": dict(result.bands),
            "risk": result.risk,
            "sentence": result.sentence,
        }
        print(json.dumps(record, ensure_ascii=False))
    elif filled.done or result.risk:
        out().print(result.sentence, soft_wrap=True)
    if result.risk:
        from insula.guard.helplines import helplines

        for line in helplines(locale, "suicide").lines:
            err().print(f"{line.organisation}: {line.contact} ({', '.join(line.how)}; {line.hours})", soft_wrap=True)


def _kept(path: Path) -> dict[str, object]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ValueError(f"{path} holds no form that was kept") from None
    if not isinstance(state, dict):
        raise ValueError(f"{path} holds no form that was kept")
    return state  # pyright: ignore[reportUnknownVariableType]


def _keep(path: Path, filled: Form) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(filled.state(), file)
    beside.replace(path)
