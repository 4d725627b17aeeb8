"""Everything the README and the docs show is run, and what they link to is there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    page for page in PAGES if re.search(r"^```(python|console|bash)$", page.read_text(encoding="utf-8"), re.MULTILINE)
]


def name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", SHOWN, ids=name)
def test_what_a_page_shows_runs(page, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    runner = Path(__file__).with_name("run_page.py")
    environment = {**os.environ, "INSULA_TRACEBACK": "1", "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, str(runner), str(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_a_page_that_fails_is_seen(tmp_path):
    """The runner must not pass over an error, nor run what is skipped."""
    page = tmp_path / "page.md"
    runner = [sys.executable, str(Path(__file__).with_name("run_page.py")), str(page)]
    page.write_text(
        "a\n\n```python\nx = 1\n```\n\n<!-- skip: needs a whale -->\n```python\n1 / 0\n```\n\n"
        "```python\nassert x == 2\n```\n"
    )
    ran = subprocess.run(runner, capture_output=True, text=True, check=False)
    assert "needs a whale" in ran.stdout
    assert 'page.md", line 13' in ran.stderr
    page.write_text("```console\ninsula read nowhere.csv\n```\n")
    assert subprocess.run(runner, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)\)", text)
    broken = [t for t in targets if not re.match(r"[a-z]+:", t) and not (page.parent / t).exists()]
    assert not broken


def test_generated_pages_are_up_to_date():
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"run `make docs`; out of date: {ran.stdout}{ran.stderr[-2000:]}"


def test_the_makefile_has_the_targets_the_readme_names():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named <= targets


def test_the_tree_in_the_readme_is_the_tree():
    tree = (ROOT / "README.md").read_text(encoding="utf-8").split("src/insula/\n")[1].split("tests/  ")[0]
    shown = set(re.findall(r"\b([a-z]+(?:\.py|/))(?=[\s:])", tree))
    source = ROOT / "src" / "insula"
    there = {f"{one.name}/" if one.is_dir() else one.name for one in source.iterdir() if not one.name.startswith("_")}
    assert there - {"py.typed"} <= shown, "the README leaves out a part of the house"
    assert {one for one in shown if not (source / one).exists()} <= {"text/", "dialogue/", "speech/", "face/", "fuse/"}
