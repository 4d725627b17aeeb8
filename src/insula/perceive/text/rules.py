"""A text as weighted words: negation, intensifiers, contrast, emphasis, emoji and emoticons, by rule.

    units("I am not happy :-)") -> i 1, am 1, not 1, happy 0, ":)" 1, "i am" 1, "am not" 1, "not happy" 1

The kinds of rule are those of Hutto & Gilbert 2014 (VADER, ICWSM); the words (`rules.toml`) and numbers are our own.
What a word means is not said here: `lexicon.py` looks that up in weights learnt on texts that went through these rules.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

# How much a word counts after a negation (within so many words), an intensifier, a diminisher, in capitals, and in the
# clauses before and after a contrast.
NEGATED, REACH, STRONGER, WEAKER, SHOUTED, BEFORE_BUT, AFTER_BUT = 0.0, 3, 1.3, 0.7, 1.2, 0.7, 1.2


def _lists() -> dict[str, Any]:
    return tomllib.loads((resources.files("insula") / "perceive" / "text" / "rules.toml").read_text(encoding="utf-8"))


_LISTS = _lists()
NEGATIONS, INTENSIFIERS, DIMINISHERS, CONTRASTS = (
    frozenset(_LISTS[name].split()) for name in ("negations", "intensifiers", "diminishers", "contrasts")
)
_EMOTICON = {form: name for name, forms in _LISTS["emoticons"].items() for form in forms.split()}
_UNIT = re.compile(
    r"https?://\S+|(?<!\w)(?:" + "|".join(re.escape(f) for f in sorted(_EMOTICON, key=len, reverse=True)) + r")(?!\w)"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?]+"
    "|[\U0001f1e6-\U0001f3fa\U0001f400-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff]"
)
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


class Unit(NamedTuple):
    """A word, emoji, emoticon, mark or pair of words, how much it counts here, and its characters in the text."""

    name: str
    weight: float
    start: int
    end: int


def units(text: str, chars: tuple[int, int] | None = None) -> list[Unit]:
    """Every unit of a text, or of these characters of it, in order, then the pairs of neighbouring words."""
    singles: list[Unit] = []
    pairs: list[Unit] = []
    sentence, reach, strength, clause, before = 0, 0, 1.0, 1.0, ""
    for match in _UNIT.finditer(text, *(chars or ())):
        raw = match[0]
        start, end = match.span()
        if raw[0] in ".!?":
            singles.append(Unit(_mark(raw), 1.0, start, end))
            sentence, reach, strength, clause, before = len(singles), 0, 1.0, 1.0, ""
            continue
        name, is_word = _name(raw)
        weight = strength * clause * (NEGATED if reach > 0 else 1.0)
        if is_word:
            weight *= SHOUTED if len(raw) > 2 and raw.isupper() else 1.0
            if before:
                pairs.append(Unit(f"{before} {name}", 1.0, singles[-1].start, end))
            before = name
        singles.append(Unit(name, weight, start, end))
        reach = REACH if name in NEGATIONS else reach - 1
        strength = STRONGER if name in INTENSIFIERS else WEAKER if name in DIMINISHERS else 1.0
        if name in CONTRASTS and len(singles) - sentence > 1:
            singles[sentence:] = [u._replace(weight=u.weight * BEFORE_BUT) for u in singles[sentence:]]
            clause, reach = AFTER_BUT, 0
    return singles + pairs


@lru_cache(1 << 15)
def _name(raw: str) -> tuple[str, bool]:
    """What a match is called in the lexicon, and whether it is a word."""
    if raw in _EMOTICON:
        return _EMOTICON[raw], False
    if raw.startswith("http"):
        return "http", False
    if not raw[0].isalpha():
        return raw, False
    name = raw.lower().replace("’", "'")
    return _DRAWN_OUT.sub(r"\1\1", name), True


def _mark(raw: str) -> str:
    """ "!", "!!", "?", "??", "?!", "..." or "."; how often beyond that says no more."""
    if "!" in raw and "?" in raw:
        return "?!"
    if raw[0] == ".":
        return "..." if len(raw) > 1 else "."
    return raw[:2]
