"""`insula board`: one page for all models that were ever examined, with ranks that say what may be chance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .say import err


def board(
    logs: Annotated[
        Path | None, typer.Argument(help="The folder of logs; by default where `insula evaluate` keeps them.")
    ] = None,
    to: Annotated[
        Path, typer.Option("--output", "-o", help="The page; every number is written beside it, as Parquet.")
    ] = Path("board.html"),
) -> None:
    """Put every examined model on one leaderboard, beside the blind rules on the same questions."""
    from insula.evaluate.asking.leaderboard import Board, beside, read_logs
    from insula.evaluate.asking.provider import folder

    sheets = read_logs(logs or folder() / "logs")
    Board([*sheets, *beside(sheets)]).write(to)
    err().print(f"insula: wrote {to} and {to.with_suffix('.parquet')}: {len(sheets)} sheets", soft_wrap=True)
