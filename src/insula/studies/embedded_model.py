"""The embedded model as studies ask it: without its adapter, and each question once.

model = embedded("emotional-rag")       # answers are kept in the folder INSULA_CACHE; a stopped run goes on
"""

from __future__ import annotations

import os
from pathlib import Path

from ..llm import LLM, Cached


def embedded(study: str) -> LLM:
    """SmolLM2-135M-Instruct, with the answers to one study kept; raises ImportError saying what to install."""
    from ..llm.local import Local

    return Cached(Local(adapter=None), answers(study))


def answers(study: str) -> Path:
    """The file that keeps what models answered to one study."""
    folder = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{study}.sqlite"
