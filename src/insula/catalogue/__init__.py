"""Every method by name: one `.toml` per room, a row for each, built lazily.

    build("text.lexicon")                     # -> a component
    find("text.lexikon")                      # KeyError: no method 'text.lexikon'; did you mean 'text.lexicon'?

A row is a method's whole public record. Guests ship the same rows: an entry point in the group `insula.catalogue`
names a module or package whose folder holds `.toml` files like these. What a person trained is registered in
`user_folder()`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Row:
    """What is known of one method. `target` is "module:object", imported when the row is built and not before."""

    name: str
    target: str
    summary: str
    licence: str
    commercial_ok: bool
    params: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    reads: tuple[str, ...] = ("turn",)
    writes: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    tier: str = ""
    extra: str = ""
    paper: str = ""
    number: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    differs: str = ""
    needs: tuple[str, ...] = ()

    @property
    def room(self) -> str:
        """The first part of the name."""
        return self.name.split(".")[0]


class NotForCommercialUse(PermissionError):
    """The row's weights or data may not be used commercially, and the caller asked for those that may."""


def rows(room: str = "") -> tuple[Row, ...]:
    """All rows, or those of one room, by name."""
    return tuple(row for _, row in sorted(_rows().items()) if room in ("", row.room))


def find(name: str) -> Row:
    """The row of this name; raises KeyError with near names."""
    found = _rows()
    if name not in found:
        raise KeyError(f"no method {name!r}; did you mean {nearest(name, found)}? `insula list` shows them all")
    return found[name]


def permitted(name: str) -> Row:
    """The row of this name if it may be used commercially; raises NotForCommercialUse, and KeyError with near names."""
    row = find(name)
    if not row.commercial_ok:
        raise NotForCommercialUse(f"{name} is not for commercial use: {row.licence}")
    return row


def build(name: str, *, commercial_ok: bool = False, **params: Any) -> Any:
    """Import a row's target and call it with the row's parameters, changed by `params`.

    With `commercial_ok=True` a row that may not be used commercially raises NotForCommercialUse. A missing optional
    library raises ImportError naming the extra to install.
    """
    row = permitted(name) if commercial_ok else find(name)
    module, _, attribute = row.target.partition(":")
    try:
        target = getattr(import_module(module), attribute)
        return target(**{**row.params, **params})
    except ModuleNotFoundError as error:
        if not row.extra or (error.name or "").startswith("insula"):
            raise
        raise ImportError(f"{name} needs {error.name}: pip install 'insula[{row.extra}]'") from error


def register(*guests: Row) -> None:
    """Add rows from outside; raises ValueError for a name that is taken by a different row."""
    for guest in guests:
        if _rows().setdefault(guest.name, guest) != guest:
            raise ValueError(f"a different method is already called {guest.name!r}")


def load_rows(path: Any) -> tuple[Row, ...]:
    """The rows of one `.toml` file."""
    records = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_row(name, record) for name, record in records.items())


def nearest(name: str, known: Iterable[str]) -> str:
    """Up to three known names that look like this one, quoted, for an error message."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return " or ".join(map(repr, near or names[:3]))


def _row(name: str, record: dict[str, Any]) -> Row:
    fields: dict[str, Any] = {k: tuple(cast("list[Any]", v)) if isinstance(v, list) else v for k, v in record.items()}
    try:
        return Row(name=name, **fields)
    except TypeError as error:
        raise ValueError(f"catalogue row {name!r}: {error}") from None


@cache
def _rows() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for folder in _folders():
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".toml"):
                for row in load_rows(file):
                    if row.name in found:
                        raise ValueError(f"two catalogue rows are called {row.name!r}")
                    found[row.name] = row
    return found


def user_folder() -> Path:
    """Where `insula train` registers a person's own rows: INSULA_HOME, or `insula` under the user's data folder."""
    home = (
        os.environ.get("INSULA_HOME")
        or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "insula"
    )
    return Path(home) / "catalogue"


def _folders() -> list[Traversable | Path]:
    guests = [resources.files(entry.module) for entry in metadata.entry_points(group="insula.catalogue")]
    own = [user_folder()] if user_folder().is_dir() else []
    return [resources.files("insula") / "catalogue", *guests, *own]
