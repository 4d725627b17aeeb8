"""`insula data`: the corpora on record, and whether they are here and whole."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .list_ import show
from .say import out

app = typer.Typer(help="The corpora on record: list them, check the files.", no_args_is_help=True)


@app.command("list")
def list_corpora() -> None:
    """List the corpora, their licences, and which are here."""
    from insula.data import corpora

    columns = ["corpus", "here", "commercial use", "licence", "texts", "schemes", "title"]
    found = [
        [
            *(
                x.name,
                "yes" if x.here else "no",
                "yes" if x.commercial_ok else "no",
                x.licence,
                f"{sum(x.counts.values()):,}",
            ),
            *(" ".join(x.schemes), x.title),
        ]
        for x in corpora()
    ]
    show("Corpora", columns, found)


@app.command("check")
def check_corpora(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="All of them, if none.", autocompletion=complete.corpora),
    ] = None,
) -> None:
    """Check files, hashes, counts and leaks between splits."""
    from insula.data import check, corpora

    console, broken = out(), False
    for name in names or [corpus.name for corpus in corpora()]:
        for finding in check(name):
            broken = broken or not finding.ok
            line = f"{finding.verdict:<8}{finding.corpus}: {finding.about}: {finding.what}"
            console.print(line, soft_wrap=True)
    if broken:
        raise typer.Exit(1)
