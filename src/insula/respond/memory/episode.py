"""One thing remembered: what somebody said, or what was inferred of them, with its mood, its source and its strength.

episode.cited -> 'On 3 May they said: "My sister finally called." [talk-7, t4]'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from insula.conversation import freeze

_NOTHING: Mapping[str, float] = MappingProxyType({})
HALF_LIFE = 30.0  # days until a memory without feeling, never recalled, is half as strong
MOST_RECALLS = 8  # after which recalling strengthens no more
LONGEST = 240  # characters of an episode that a prompt is shown
NEVER_IN_PROMPTS = ("concern", "crisis")
DAY = 86400.0


@dataclass(frozen=True)
class Episode:
    """What was said at a turn of a conversation ("said"), or concluded from such turns ("inference").

    `when` and `last` are seconds since 1970 (kept at, recalled last), `recalled` how often it came up. `mood` is
    valence, arousal, dominance (-1..1), empty where nobody could tell; `emotion` one of ekman7 or "". `importance` is
    0..1. `risk` is a label of risk-level, "" where no guard looked. An inference has `because`, the turns it is from,
    and `surprise`: by how much each label of ekman7 came more than was expected.
    """

    id: str
    text: str
    speaker: str
    conversation: str
    turn: str
    when: float
    kind: Literal["said", "inference"] = "said"
    emotion: str = ""
    mood: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    importance: float = 0.0
    risk: str = ""
    because: tuple[str, ...] = ()
    surprise: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    recalled: int = 0
    last: float | None = None

    def __post_init__(self) -> None:
        for name in ("mood", "surprise"):
            object.__setattr__(self, name, freeze(getattr(self, name)))
        for name in ("text", "speaker", "conversation", "turn"):
            object.__setattr__(self, name, storable(getattr(self, name)))

    @property
    def half_life(self) -> float:
        """Days: 30, up to twice that for what was felt strongly, and twice as long after each recall.

        Forgetting is steep at first and slower with each recall (Ebbinghaus 1885; MemoryBank, Zhong et al. 2023), and
        what moves is kept longer (Cahill & McGaugh 1995). The numbers are the project's own.
        """
        return HALF_LIFE * (1 + self.importance) * 2.0 ** min(self.recalled, MOST_RECALLS)

    def strength(self, now: float) -> float:
        """What is left of it, 0..1, at `now` in seconds since 1970."""
        return 0.5 ** (max(now - (self.last or self.when), 0.0) / DAY / self.half_life)

    @property
    def promptable(self) -> bool:
        """Whether a prompt may hold it: never a moment of crisis or concern, nor words that give a model orders."""
        return self.risk not in NEVER_IN_PROMPTS and not gives_orders(self.text)

    @property
    def cited(self) -> str:
        """For a prompt: one line, quoted, with its source; what could pass for a model's own marks is taken out."""
        day = datetime.fromtimestamp(self.when, UTC)
        said = "they said" if self.kind == "said" else "it was inferred"
        source = quotable(f"{self.conversation}, {self.turn}")
        return f'On {day.day} {day:%B %Y} {said}: "{quotable(self.text)}" [{source}]'

    def record(self) -> dict[str, Any]:
        """Everything but the vectors, for an export."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "mood": dict(self.mood), "because": list(self.because), "surprise": dict(self.surprise)}


def storable(text: str) -> str:
    """What every database takes: a mark for each half of a character, and for the character 0."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def quotable(text: str) -> str:
    """One line without quotation marks, invisible characters and chat marks, at most 240 characters."""
    seen = "".join(" " if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") else one for one in text)
    seen = re.sub(r"<\|?[^<>]{0,40}\|?>|\[/?(?:INST|SYS)\]|<<|>>|```+|#{2,}", " ", seen)
    words = " ".join(seen.replace('"', "'").split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a language model about its instructions, as injected prompts do.

    Letters that only look alike, and characters nobody sees, hide nothing.
    """
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return any(pattern.search(seen) for pattern in _orders())


@cache
def _orders() -> tuple[re.Pattern[str], ...]:
    lines = (resources.files("insula.respond.memory") / "orders.txt").read_text(encoding="utf-8").splitlines()
    return tuple(re.compile(line, re.IGNORECASE) for line in lines if line and not line.startswith("#"))
