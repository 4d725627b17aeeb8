"""The published stimuli with our controls.

stimuli(path) -> (Stimulus("EP01", "positive", ..., control=...), ...)       # 11 of EmotionPrompt, 10 of NegativePrompt
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...data.files import MalformedData, records

FAMILIES = {"EP": "positive", "NP": "negative"}


@dataclass(frozen=True)
class Stimulus:
    """A sentence to put at the end of a prompt; its `control` is as long and asks for the same, with no feeling in it.

    `family` is "positive" (EmotionPrompt, Li et al. 2023) or "negative" (NegativePrompt, Wang et al. 2024).
    """

    id: str
    family: str
    theory: str
    text: str
    control: str


def stimuli(path: Path) -> tuple[Stimulus, ...]:
    """The stimuli of the published table; raises MalformedData for a row without text or one we have no control for."""
    own = controls()
    found: list[Stimulus] = []
    for row in records(path, "id", "theory", "text", separator="\t", quoted=False):
        name, text = row["id"], row["text"].strip()
        if not text or name not in own or name[:2] not in FAMILIES:
            raise MalformedData(f"{path}: {name or 'a row'}: no such stimulus of EmotionPrompt or NegativePrompt")
        found.append(Stimulus(name, FAMILIES[name[:2]], row["theory"], text, own[name]))
    return tuple(found)


def controls() -> dict[str, str]:
    """Our control for each published stimulus."""
    lines = Path(__file__).with_name("controls.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines[1:])
