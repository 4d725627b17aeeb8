"""What tests of sound share: sounds with known answers are in sounds.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
