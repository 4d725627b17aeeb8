"""The named pipelines people start from. A name may also be catalogue rows joined by "+": "text.encoder+text.research".

pipeline("text").run(Conversation(Turn("ana", "I miss him.")))
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .catalogue import build, nearest, rows
from .pipeline import Pipeline

PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text.encoder",),
        "text-research": ("text.encoder", "text.research"),
        "text-fast": ("text.fast",),
        "text-lexicon": ("text.lexicon",),
    }
)


def pipeline(name: str = "text", *, commercial_ok: bool = False, **params: Any) -> Pipeline:
    """A preset, a catalogue row, or rows joined by "+", as a pipeline. `params` go to every row.

    Raises KeyError with near names, and NotForCommercialUse when a row may not be used commercially but must be.
    """
    parts = PRESETS.get(name) or tuple(part.strip() for part in name.split("+"))
    known = {row.name for row in rows()}
    if name not in PRESETS and len(parts) == 1 and name not in known:
        raise KeyError(f"no pipeline {name!r}; did you mean {nearest(name, [*PRESETS, *known])}?")
    return Pipeline(*(build(part, commercial_ok=commercial_ok, **params) for part in parts))
