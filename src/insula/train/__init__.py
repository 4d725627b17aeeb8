"""Training: from corpora, or from a person's own csv, to a folder with weights, a catalogue row and a card.

    train_text(Path("runs"), recipe="text-open")         # what the shipped weights were made with
    train_text(Path("mine"), data=Path("labels.csv"))    # new heads on the shipped encoder, in minutes

Needs the extra `train`; importing this loads nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

Progress = Callable[[int, int, float], None]


def recipes() -> tuple[str, ...]:
    """Names of the shipped recipes."""
    folder = resources.files("insula") / "train" / "recipes"
    return (
        *sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")),
        "text-fast",
        "dialogue",
    )


def train_text(
    out: Path,
    *,
    recipe: str = "text-open",
    data: Path | None = None,
    name: str = "",
    text_column: str = "text",
    label_column: str = "label",
    commercial_ok: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train and return the path of the weights' `.json`.

    With `data` (a csv of labelled texts) heads are fitted to it, see `train.adapt`; otherwise a recipe is run on the
    corpora under INSULA_DATA. Raises ImportError naming the extra, MissingData, KeyError for an unknown recipe, and
    ValueError for a csv that cannot teach anything.
    """
    try:
        return _train_text(out, recipe, data, name, text_column, label_column, commercial_ok, progress)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("insula"):
            raise
        raise ImportError(f"training needs {error.name}: pip install 'insula[train]'") from error


def _train_text(
    out: Path,
    recipe: str,
    data: Path | None,
    name: str,
    text_column: str,
    label_column: str,
    commercial_ok: bool,
    progress: Progress | None,
) -> Path:
    if data is not None:
        from .adapt import adapt

        columns = {"text_column": text_column, "label_column": label_column}
        return adapt(data, out, name=name, commercial_ok=commercial_ok, **columns)
    if recipe == "text-fast":
        from .fast import train_fast

        return train_fast(out, "text-open")
    if recipe == "dialogue":
        from .dialogue import train as train_dialogue

        return train_dialogue(out, progress)
    from .text import train

    return train(recipe, out, progress)
