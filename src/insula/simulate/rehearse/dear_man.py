"""How well a message asks for what one needs: the seven DEAR MAN skills, each none, weak or strong, and by which words.

    rate("When you came at ten yesterday, I felt hurt. Could you call me next time?").levels["express"] -> 2

Skills: Linehan 2015; rated per message as in Lin et al. 2024 (IMBUE, arXiv:2402.12556). Signs are the patterns of
`dear_man.toml`, in English. They see wording, not sincerity, and no expert has checked them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from insula.conversation import Anchor, Annotation, Span
from insula.guard.small_words import language
from insula.scheme import scheme

SCHEME, LAYER = "dear-man", "skill"
SKILLS = scheme(SCHEME).labels
RATER = "simulate.dear-man"
NONE, WEAK, STRONG = 0, 1, 2
_QUOTES = str.maketrans("’‘“”", "''\"\"")


@dataclass(frozen=True)
class Skill:
    """One skill: what it is, what to try, and its signs."""

    name: str
    title: str
    about: str
    hint: str
    strong: tuple[re.Pattern[str], ...]
    weak: tuple[re.Pattern[str], ...]
    spoils: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Rating:
    """`levels` by skill, 0 to 2; empty with a `reason` where it cannot be told. `words` are where each shows."""

    levels: Mapping[str, int]
    words: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    against: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    reason: str = ""

    @property
    def total(self) -> int:
        """All levels together, 0 to 14."""
        return sum(self.levels.values())

    def annotation(self, turn: str, rater: str = RATER) -> Annotation:
        """The same as an annotation of a turn."""
        return Annotation(
            LAYER, {k: float(v) for k, v in self.levels.items()}, Anchor(turn), SCHEME, rater, reason=self.reason
        )


def rate(text: str) -> Rating:
    """The rating of a message. Without words, or in another language than English, it cannot be told."""
    if not re.search(r"\w", text):
        return Rating({}, reason="no words in it")
    if (spoken := language(text, "en")) != "en":
        return Rating({}, reason=f"the signs are English, and this is {spoken!r}")
    plain = text.translate(_QUOTES)
    words = {name: _spans((*skill.strong, *skill.weak), plain) for name, skill in skills().items()}
    against = {name: _spans(skill.spoils, plain) for name, skill in skills().items()}
    levels = {name: _level(skill, plain) for name, skill in skills().items()}
    levels["mindful"] = _mindful(levels, len(against["mindful"]))
    levels["confident"] = _confident(levels, len(against["confident"]))
    return Rating({name: levels[name] for name in SKILLS}, words, against)


def _level(skill: Skill, text: str) -> int:
    spoilt = any(one.search(text) for one in skill.spoils)
    if any(one.search(text) for one in skill.strong):
        return WEAK if spoilt else STRONG
    return WEAK if any(one.search(text) for one in skill.weak) else NONE


def _mindful(levels: Mapping[str, int], attacks: int) -> int:
    """An attack is none of it; strong is to stay with what one asks for, offers, or tells."""
    if attacks:
        return NONE
    on_it = levels["assert"] == STRONG or (levels["describe"] and levels["express"])
    return STRONG if on_it or levels["negotiate"] == STRONG else WEAK


def _confident(levels: Mapping[str, int], shrinking: int) -> int:
    if shrinking > 1:
        return NONE
    if shrinking or STRONG not in (levels["assert"], levels["negotiate"]):
        return WEAK
    return STRONG


def _spans(patterns: Sequence[re.Pattern[str]], text: str) -> tuple[Span, ...]:
    return tuple(sorted({hit.span() for one in patterns for hit in one.finditer(text)}))


@cache
def skills() -> Mapping[str, Skill]:
    """The seven skills, in order."""
    text = (resources.files(__package__ or "") / "dear_man.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {name: _skill(name, table[name]) for name in SKILLS}


def _skill(name: str, record: Mapping[str, Any]) -> Skill:
    feelings = record.get("feelings", "")
    signs = {
        key: tuple(re.compile(one.replace("FEELING", feelings), re.IGNORECASE) for one in record[key])
        for key in ("strong", "weak", "spoils")
    }
    return Skill(name, record["title"], record["about"], record["hint"], **signs)
