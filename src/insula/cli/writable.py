"""Whether a file can be written, asked before the work whose results it is to hold."""

from __future__ import annotations

import os
from pathlib import Path


def writable(*paths: Path | None) -> None:
    """Raises FileNotFoundError, IsADirectoryError or PermissionError for the first that cannot be; makes no file."""
    for path in filter(None, paths):
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder: name a file in it")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(f"{path} cannot be written here: permission denied")
