"""What tests of seeing share: films are made in films.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
