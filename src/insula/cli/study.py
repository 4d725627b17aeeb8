"""`insula study`: published claims, measured here."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .list_ import show


def study(
    name: Annotated[str, typer.Argument(help="All of them are listed, if none.", autocompletion=complete.studies)] = "",
    scale: Annotated[str, typer.Option(help="smoke (seconds, made-up data) or full.")] = "smoke",
) -> None:
    """List the studies, or run one and print its record."""
    from insula import studies

    if name:
        import json

        print(json.dumps(studies.run(name, scale), indent=1, ensure_ascii=False))
        return
    columns = ["study", "on file", "measured"]
    results = [(one, studies.result(one)) for one in studies.studies()]
    show(
        "Studies", columns, [[one, "yes" if found else "no", found["date"] if found else ""] for one, found in results]
    )
