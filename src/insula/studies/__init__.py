"""Studies: one short file per research system, which composes the rooms, ablates, and records what it measured.

    run("leia")                         # smoke: seconds, made-up data
    run("leia", scale="full")           # real data; writes results/leia.json beside this file
    status("leia")                      # works | works-scaled | format-only | not-claimed

A study is a module of this folder that names its `SYSTEM` (an id of `systems.tsv`) and its `STATUS`, and has
`run(scale, seed) -> {"metrics": [...], "data": [corpus names], "notes": [...]}`, with "tables" where it made any. A
status counts once a full result is on file; null and negative results count and are kept.
"""

from __future__ import annotations

import ast
import csv
import json
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ..catalogue import nearest

FOLDER = Path(__file__).parent
SCALES = ("smoke", "full")


@dataclass(frozen=True)
class System:
    """One published system this project exists to make runnable; `works_when` is what a study of it has to show."""

    id: str
    title: str
    kind: str
    modality: str
    group: str
    what: str
    headline: str
    works_when: str


@cache
def systems() -> tuple[System, ...]:
    """Every system, in the order of `systems.tsv`."""
    with (FOLDER / "systems.tsv").open(encoding="utf-8", newline="") as file:
        return tuple(System(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def studies() -> dict[str, str]:
    """Name -> module path of every study here. Nothing is imported: a study may need torch, its name does not."""
    return {name: f"{__name__}.{name.replace('-', '_')}" for name in sorted(_declared())}


def run(name: str, scale: str = "smoke", seed: int = 0) -> dict[str, Any]:
    """Run one study and return its record; at scale "full" also write it to `results/<name>.json`.

    Raises KeyError for an unknown study, ValueError for an unknown scale, ImportError when a library the study needs is
    missing, MissingData when a full run finds no corpora.
    """
    if scale not in SCALES:
        raise ValueError(f"scale {scale!r} is neither of {' and '.join(SCALES)}")
    if name not in studies():
        raise KeyError(f"no study {name!r}; did you mean {nearest(name, studies())}?")
    start = time.monotonic()
    found = import_module(studies()[name]).run(scale, seed)
    record = {
        "study": name,
        **_declared()[name],
        "scale": scale,
        "seed": seed,
        "command": f"insula study {name} --scale {scale}",
        "metrics": found["metrics"],
        "data": [_data(corpus) for corpus in found["data"]],
        "notes": found["notes"],
        **({"tables": found["tables"]} if "tables" in found else {}),
        "machine": {"cpu": _cpu(), "python": platform.python_version()},
        "seconds": round(time.monotonic() - start, 1),
        "date": datetime.now(UTC).date().isoformat(),
    }
    if scale == "full":
        _result_file(name).parent.mkdir(exist_ok=True)
        _result_file(name).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return record


def result(name: str) -> dict[str, Any] | None:
    """The full result on file; None where the study has not been run in full."""
    file = _result_file(name)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def status(system: str) -> str:
    """What is claimed of a system: "not-claimed", unless a study of it has a full result on file."""
    found = [study["status"] for name, study in _declared().items() if study["system"] == system and result(name)]
    return found[0] if found else "not-claimed"


def papers_table() -> str:
    """Every system with its honest status, as a Markdown table for the papers page."""
    files = {study["system"]: study["file"] for study in _declared().values()}
    lines = ["| system | title | kind | status | study |", "|---|---|---|---|---|"]
    for system in systems():
        file = files.get(system.id)
        link = f"[{file}](../src/insula/studies/{file})" if file else ""
        lines.append(f"| {system.id} | {system.title} | {system.kind} | {status(system.id)} | {link} |")
    return "\n".join(lines) + "\n"


@cache
def _declared() -> dict[str, dict[str, str]]:
    """Study name -> its system, status and file, read from the source text."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(FOLDER.glob("*.py")):
        constants = _constants(file)
        if "SYSTEM" in constants:
            name = file.stem.replace("_", "-")
            found[name] = {"system": constants["SYSTEM"], "status": constants["STATUS"], "file": file.name}
    return found


def _constants(file: Path) -> dict[str, str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _result_file(name: str) -> Path:
    return FOLDER / "results" / f"{name}.json"


def _data(name: str) -> dict[str, Any]:
    """A corpus, or an exam's published files, with their hashes."""
    from ..data import corpora, corpus
    from ..evaluate.asking import exam, exams

    known = {one.name for one in corpora()}
    files = exam(name).files if name in exams() and name not in known else corpus(name).sha256
    return {"name": name, "sha256": dict(files)}


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return model or platform.processor() or platform.machine()
