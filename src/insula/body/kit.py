"""NeuroKit2, imported when a signal is first looked at: that takes seconds."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any


@cache
def neurokit() -> Any:
    """The package. Raises ImportError saying what to install."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import neurokit2
    except ModuleNotFoundError as error:
        raise ImportError(f"signals of the body need {error.name}: pip install 'insula[body]'") from error
    return neurokit2
