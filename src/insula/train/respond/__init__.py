"""`insula train respond --out FOLDER`: the adapter that makes the small local model answer with care.

    train(Path("runs")) -> runs/respond-adapter.gguf, with its card beside it

Lessons, the state of the training and the loss are kept in `FOLDER/respond-adapter`, so a run that was stopped goes on
where it was. An hour on one core that knows bfloat16.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Progress = Callable[[int, int, float], None]


def train(out: Path, progress: Progress | None = None, threads: int = 1) -> Path:
    """Train the adapter of `adapter.toml`; returns the path of the `.gguf`.

    Raises ImportError naming what is not installed, and MissingData.
    """
    try:
        from .run import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("insula"):
            raise
        raise ImportError(f"training needs {error.name}: pip install 'insula[train]'") from error
    return run(out, progress, threads)
