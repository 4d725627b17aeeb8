"""Films are made in tests/vision/films.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "vision"))
