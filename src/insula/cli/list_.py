"""`insula list`: what there is, from the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .say import out


def list_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[WHAT]", help="A room (text), or schemes, presets, formats, exams.", autocompletion=complete.rooms
        ),
    ] = "",
) -> None:
    """List the methods, with licence and measured number; or the schemes, presets, formats or exams."""
    from insula.catalogue import nearest, rows

    others = {"schemes": _schemes, "presets": _presets, "formats": _formats, "exams": _exams}
    if what in others:
        title, columns, found = others[what]()
    elif rows(what):
        title, columns, found = _methods(what)
    else:
        near = nearest(what, {*others, *(row.room for row in rows())})
        raise ValueError(f"there is no room {what!r}; did you mean {near}?")
    show(title, columns, found)


Listing = tuple[str, list[str], list[list[str]]]


def _methods(room: str) -> Listing:
    from insula.catalogue import rows

    columns = ["method", "tier", "commercial use", "licence", "measured", "what it does"]
    found = [
        [
            *(row.name, row.tier, "yes" if row.commercial_ok else "no", row.licence),
            " ".join(map(str, row.number.values())),
            row.summary + (f" (needs insula[{row.extra}])" if row.extra else ""),
        ]
        for row in rows(room)
    ]
    return "Methods", columns, found


def _schemes() -> Listing:
    from insula.scheme import maps, schemes

    leads: dict[str, list[str]] = {}
    for one in maps():
        leads.setdefault(one.source, []).append(one.target)
    columns = ["scheme", "layer", "kind", "labels", "maps to", "title"]
    found = [
        [x.name, x.layer, x.kind, str(len(x.labels) or "any"), " ".join(leads.get(x.name, [])), x.title]
        for x in schemes()
    ]
    return "Schemes", columns, found


def _presets() -> Listing:
    from insula.presets import PRESETS

    return "Presets", ["preset", "methods"], [[name, " + ".join(parts)] for name, parts in PRESETS.items()]


def _formats() -> Listing:
    from insula.exchange import formats

    columns = ["format", "endings", "read", "written", "what it is"]
    yes = {True: "yes", False: ""}
    found = [[x.name, " ".join(x.suffixes), yes[x.reads], yes[x.writes], x.title] for x in formats()]
    return "Formats", columns, found


def _exams() -> Listing:
    from insula.evaluate.asking import exam, exams

    columns = ["exam", "questions", "modes", "licence", "what it asks", "here"]
    found: list[list[str]] = []
    for one in map(exam, exams()):
        try:
            one.paths()
            here = "yes"
        except FileNotFoundError:
            here = f"no: {one.url}"
        found.append([one.name, str(one.size or ""), " ".join(one.modes), one.licence, one.title, here])
    return "Exams", columns, found


def show(title: str, columns: list[str], found: list[list[str]]) -> None:
    """A table in a terminal, or where it does not fit a few lines for each row; tab-separated for other programs."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    console = out()
    if not console.is_terminal:
        for row in (columns, *found):
            print("\t".join(row))
        return
    if sum(max(map(len, column)) + 3 for column in zip(columns, *found, strict=True)) > console.width:
        _records(columns, found)
        return
    table = Table(*columns, title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for row in found:
        table.add_row(Text(row[0], style="bold cyan"), *map(Text, row[1:]))
    console.print(table)


def _records(columns: list[str], found: list[list[str]]) -> None:
    """Each row as a heading, then what it says, a line each."""
    from rich.padding import Padding
    from rich.text import Text

    console = out()
    for row in found:
        console.print()
        console.print(row[0], style="bold cyan")
        for name, value in zip(columns[1:], row[1:], strict=True):
            if value:
                console.print(Padding(Text.assemble((f"{name}: ", "bright_black"), value), (0, 0, 0, 2)))
