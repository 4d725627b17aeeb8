"""Made-up corpora in the published formats: `write(folder, "goemotions", {"train.tsv": "..."})`."""

import gzip
import json
from pathlib import Path

from insula.data import corpus


def write(root: Path, name: str, files: dict[str, str]) -> None:
    """Put files where the corpus of that name is looked for; a name ending in .gz is packed."""
    for file, text in files.items():
        path = root / corpus(name).folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        path.write_bytes(gzip.compress(data) if file.endswith(".gz") else data)


def table(*rows: tuple[object, ...], separator: str = "\t") -> str:
    """Rows as lines, cells put side by side, without quoting."""
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def jsonl(*rows: object) -> str:
    """One JSON value a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)
