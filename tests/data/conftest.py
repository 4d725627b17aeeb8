"""A folder of made-up corpora."""

import sys
from pathlib import Path

import pytest

# tests are imported by file, so what they share must be put on the path
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of corpora that INSULA_DATA points to."""
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    return tmp_path
