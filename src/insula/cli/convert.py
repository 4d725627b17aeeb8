"""`insula convert`: conversations from one format to another, with what was judged before and nothing new.

insula convert talk.emotionml -o talk.reccon.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .read import through


def convert(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE…", help="A file, a folder, or - for standard input.")],
    output: Annotated[
        list[Path],
        typer.Option("--output", "-o", help="Write here, by the ending (`insula list formats`). May be repeated."),
    ],
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    text_column: Annotated[str, typer.Option(help="The column of a table that holds the text.")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but problems.")] = False,
) -> None:
    """Write conversations in another format, without judging anything."""
    from insula.pipeline import Pipeline

    through(Pipeline().run_many, sources, output, resume=resume, text_column=text_column, quiet=quiet)
