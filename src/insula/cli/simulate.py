"""`insula simulate`: simulated people talk with a bot, with and without the guard; what came of it, with intervals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from .list_ import show
from .progress import Progress
from .say import err
from .writable import writable

if TYPE_CHECKING:
    from insula.component import Component
    from insula.conversation import Conversation
    from insula.evaluate.bootstrap import Interval
    from insula.simulate.cast import Part
    from insula.simulate.outcome import Outcome

    Told = list[tuple[Conversation, Outcome]]

GUARDS = {"off": ("bare",), "on": ("guarded",), "both": ("bare", "guarded")}
NOBODY = "simulated people are no people: the numbers say how this bot does with them"


def simulate(
    responder: Annotated[
        str, typer.Option(help="composer, companion, local, MODEL@URL, or FILE.py:NAME.")
    ] = "composer",
    seekers: Annotated[int, typer.Option(min=1, help="How many people talk with it.")] = 20,
    people: Annotated[
        str,
        typer.Option(
            help="ordinary, vulnerable, depression, delusion, psychosis, or a problem such as job; with --played-by"
            " also sage, role-cards-en or role-cards-zh."
        ),
    ] = "ordinary",
    played_by: Annotated[
        str, typer.Option(help="A model that plays the people: local, MODEL@URL. Without: the engine's own readers.")
    ] = "",
    guard: Annotated[str, typer.Option(help="off, on, or both: the same people twice.")] = "both",
    turns: Annotated[int, typer.Option(min=1, help="Replies of a talk, at most.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed draws the same people.")] = 0,
    at_once: Annotated[int, typer.Option(min=1, help="Talks that go on at a time; a server answers several.")] = 1,
    locale: Annotated[str, typer.Option(help="Where people are, for help lines, as en-GB.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write each talk to this .jsonl as it ends.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write courses and talks to this .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    validate: Annotated[bool, typer.Option(help="Hold the seekers against recorded people instead.")] = False,
) -> None:
    """Let simulated people talk with a bot: how they feel in the end, who is worse off, whether danger is met."""
    if validate:
        return _validate(as_json)
    if guard not in GUARDS:
        raise ValueError(f"--guard {guard!r} is none of {', '.join(GUARDS)}")
    writable(output, report)
    from insula.llm import connect
    from insula.simulate.cast import cast
    from insula.simulate.spec import responder as find

    if responder in ("companion", "composer") and guard == "both":
        err().print(f"insula: the {responder} has the guard in it, so off and on are nearly the same", soft_wrap=True)
    parts, bot = cast(seekers, seed, people, connect(played_by) if played_by else None), find(responder, locale)
    with output.open("w", encoding="utf-8") if output else nullcontext() as file:
        arms = {arm: _play(parts, _around(bot, arm, locale), turns, at_once, arm, file) for arm in GUARDS[guard]}
    _show(arms, responder, as_json)
    if report:
        from insula.simulate.page import write_page

        write_page(arms, report)
    for path in filter(None, (output, report)):
        err().print(f"insula: wrote {path}", soft_wrap=True)


def _around(bot: Component, arm: str, locale: str) -> Component:
    from insula.catalogue import build

    return build("guard.guarded", responder=bot, locale=locale or "en-US") if arm == "guarded" else bot


def _play(parts: list[Part], bot: Component, turns: int, at_once: int, arm: str, file: TextIO | None) -> Told:
    """The talks of one arm, each in the file as it ends: a line per addition, the arm before the talk's id."""
    from insula.simulate.cast import talks
    from insula.wire import dump

    async def all_of() -> Told:
        found: Told = []
        with Progress(err(), quiet=False, of=f"talks ({arm})") as bar:
            async for talk, came_of_it in talks(parts, bot, turns, at_once):
                found.append((talk, came_of_it))
                bar.add(1)
                if file:
                    file.writelines(dump(addition, f"{arm}/{talk.id}") + "\n" for addition in talk)
                    file.flush()
        return found

    return asyncio.run(all_of())


def _show(arms: Mapping[str, Told], responder: str, as_json: bool) -> None:
    from insula.simulate.outcome import differences, summary

    found = {arm: summary([one for _, one in told]) for arm, told in arms.items()}
    if len(arms) == 2:
        bare, guarded = ([one for _, one in told] for told in arms.values())
        found["guarded - bare"] = differences(guarded, bare)
    broken = {arm: [one.broken for _, one in told if one.broken] for arm, told in arms.items()}
    if as_json:
        numbers = {arm: {name: _numbers(one) for name, one in rows.items()} for arm, rows in found.items()}
        people = len(next(iter(arms.values())))
        print(json.dumps({"responder": responder, "people": people, "arms": numbers, "broken off": broken}))
        return
    rows = [
        [arm, name, f"{one.score:.3f}", f"{one.low:.3f} to {one.high:.3f}"]
        for arm, some in found.items()
        for name, one in some.items()
    ]
    show(
        f"{responder}, {len(next(iter(arms.values())))} simulated people",
        ["arm", "what", "score", "95 % interval"],
        rows,
    )
    for arm, reasons in broken.items():
        if reasons:
            err().print(f"insula: {arm}: {len(reasons)} of the talks count for nothing: {reasons[0]}", soft_wrap=True)
    err().print(f"insula: {NOBODY}", soft_wrap=True)


def _numbers(one: Interval) -> dict[str, float]:
    return {"score": round(one.score, 4), "low": round(one.low, 4), "high": round(one.high, 4)}


def _validate(as_json: bool) -> None:
    from insula.data import load
    from insula.simulate.likeness import likeness
    from insula.simulate.validate import separation

    test, failed, train = (
        list(load(*name)) for name in (("esconv", "test"), ("esconv-failed", "train"), ("esconv", "train"))
    )
    rows: list[Any] = [*separation(test, failed), *likeness(train, test, failed)]
    if as_json:
        print(json.dumps([{"name": one.name, "what": one.what, "n": one.n, **_numbers(one.found)} for one in rows]))
        return
    lines = [
        [one.name, one.what, f"{one.found.score:.3f}", f"{one.found.low:.3f} to {one.found.high:.3f}", str(one.n)]
        for one in rows
    ]
    show("Seeded seekers beside recorded people", ["what", "number", "score", "95 % interval", "n"], lines)
