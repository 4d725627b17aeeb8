"""Files and functions stay small enough to be read."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
HARD_LIMIT = 500
EXCEPTIONS: frozenset[str] = frozenset()
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def test_no_file_is_over_the_hard_limit():
    long = {
        str(file.relative_to(ROOT)): lines
        for file in SOURCES
        if (lines := len(file.read_text().splitlines())) > HARD_LIMIT
    }
    assert set(long) <= EXCEPTIONS, long


def test_nine_in_ten_functions_are_under_forty_lines():
    sizes = [
        (node.end_lineno - node.lineno + 1, f"{file.relative_to(ROOT)}:{node.lineno} {node.name}")
        for file in SOURCES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = sorted((size for size in sizes if size[0] >= 40), reverse=True)
    assert len(long) <= len(sizes) / 10, long


def test_files_are_not_named_by_author_or_version():
    vague = {"utils", "util", "helpers", "manager", "handler", "base", "misc", "common", "v2"}
    found = [str(file.relative_to(ROOT)) for file in SOURCES if vague & {file.stem, *file.parent.parts}]
    assert not found


def test_weights_stay_within_their_budget():
    """50 MB for all of the project's own models, so that the default install stays small."""
    weights = ROOT / "src" / "insula" / "weights"
    total = sum(file.stat().st_size for file in weights.rglob("*") if file.is_file())
    assert total < 50_000_000, f"{total / 1e6:.1f} MB"
