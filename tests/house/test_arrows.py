"""Imports point inward: a room imports the core, the plain parts beside it and the catalogue, never another room."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "insula"
ROOMS = sorted(
    folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists() and folder.name != "catalogue"
)
MAY_USE_ROOMS = {
    *("simulate", "evaluate", "train", "studies", "serve", "cli", "presets", "reading", "companion", "talk", "__main__")
}
OPEN_TO_ALL = {"llm", "network", "audio", "vision", "body"}
HEAVY = ("numpy", "pandas", "pyarrow", "onnxruntime", "tokenizers", "torch", "lxml", "typer", "rich")


def imported(file: Path) -> set[str]:
    """The names directly under `insula` that a file imports, wherever in it the import stands."""
    package = ("insula", *file.relative_to(SOURCE).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = list(package[: len(package) - node.level + 1]) if node.level else []
            base = start + (node.module.split(".") if node.module else [])
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        found |= {name[1] for name in names if name[0] == "insula" and len(name) > 1}
    return found


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_point_inward(file):
    own = file.relative_to(SOURCE).parts[0].removesuffix(".py")
    if own in MAY_USE_ROOMS:
        return
    others = imported(file) & {*ROOMS, "cli"} - {own} - OPEN_TO_ALL
    assert not others, f"{own} is no room that may use others, and imports {', '.join(sorted(others))}"


def test_the_test_sees_relative_and_late_imports(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    file = tmp_path / "perceive" / "text" / "x.py"
    file.parent.mkdir(parents=True)
    file.write_text("from ... import data\nfrom ...exchange.csv import read\ndef f():\n    import insula.train.fit\n")
    assert imported(file) == {"data", "exchange", "train"}


def test_importing_insula_loads_nothing_heavy():
    code = f"import sys, insula; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_importing_insula_is_quick():
    """Best of five, in the processor's time so that a busy machine is no failure: under 0.3 s."""
    code = "import time; start = time.process_time(); import insula; print(time.process_time() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 0.3
