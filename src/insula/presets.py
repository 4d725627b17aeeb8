"""The named pipelines people start from, and which of them fits a conversation.

pipeline("text").run(Conversation(Turn("ana", "I miss him.")))
pipeline("dialogue+dialogue.personality")      # names may be joined by "+": presets and catalogue rows

Where nothing is asked for, a conversation of several people is read with "dialogue", anything else with "text".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from .catalogue import build, nearest, rows
from .conversation import Conversation
from .pipeline import Pipeline

PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text.encoder",),
        "dialogue": (
            "text.encoder",
            "dialogue.encoder",
            "explain.appraisal",
            "explain.causes",
            "explain.counterfactual",
            "explain.empathy",
            "explain.alignment",
            "explain.trajectory",
            "explain.findings",
            "explain.sentences",
        ),
        # what a partner in a conversation needs to know of each turn while it is still its turn
        "listen": (
            "text.encoder",
            "dialogue.encoder",
            "explain.appraisal",
            "explain.causes",
            "explain.empathy",
            "explain.trajectory",
        ),
        "text-research": ("text.encoder", "text.research"),
        "text-fast": ("text.fast",),
        "text-lexicon": ("text.lexicon",),
    }
)


RESEARCH_ONLY = "the preset dialogue is for research only: conversations are read turn by turn, by their words alone"


def parts(name: str) -> tuple[str, ...]:
    """The catalogue rows that a name stands for, presets unfolded: "dialogue+x.y" -> its ten rows and "x.y"."""
    return tuple(row for part in name.split("+") for row in PRESETS.get(part.strip(), (part.strip(),)))


def pipeline(name: str = "text", *, commercial_ok: bool = False, **params: Any) -> Pipeline:
    """A preset, a catalogue row, or such names joined by "+", as a pipeline. `params` go to every row.

    Raises KeyError with near names, and NotForCommercialUse when a row may not be used commercially but must be.
    """
    known = {row.name for row in rows()}
    if name not in PRESETS and "+" not in name and name not in known:
        raise KeyError(f"no pipeline {name!r}; did you mean {nearest(name, [*PRESETS, *known])}?")
    return Pipeline(*(build(part, commercial_ok=commercial_ok, **params) for part in parts(name)))


def fitting(conversation: Conversation) -> str:
    """The preset for a conversation: "dialogue" where more than one person speaks, else "text"."""
    return "dialogue" if len({turn.speaker for turn in conversation.turns}) > 1 else "text"


def read_fitting(
    conversations: Iterable[Conversation], *, commercial_ok: bool = False, note: Callable[[str], None] | None = None
) -> Iterator[Conversation]:
    """Every conversation read with the preset that fits it, in order and in constant memory.

    With `commercial_ok` conversations of several people are read as texts, too, and `note` is told once.
    """
    engines: dict[str, Pipeline] = {}
    told = False
    for name, group in groupby(conversations, fitting):
        if commercial_ok and name == "dialogue":
            name = "text"
            if note and not told:
                note(RESEARCH_ONLY)
                told = True
        if name not in engines:
            engines[name] = pipeline(name, commercial_ok=commercial_ok)
        yield from engines[name].run_many(group)
