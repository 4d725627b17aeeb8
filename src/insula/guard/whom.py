"""Whom words are about: the person who writes, somebody they worry about, or the machine they are fond of.

whom("My sister says she wants to die.") -> "other"
attached("I think I'm in love with you.") -> True
"""

from __future__ import annotations

import re
from functools import cache

from .tables import Record, folder, records


def whom(shown: str, said: str = "") -> str:
    """ "other" where the words that show the risk speak of somebody else, and nothing `said` is a risk of one's own."""
    patterns = _patterns()
    if any(one.search(shown) or one.search(said) for one in patterns["self"]):
        return "self"
    return "other" if any(one.search(shown) for one in patterns["other"]) else "self"


def attached(said: str) -> bool:
    """Whether somebody wants a machine to be a friend, a lover, or alive."""
    return any(one.search(said.replace("’", "'")) for one in _bids())


@cache
def _bids() -> list[re.Pattern[str]]:
    return [_pattern(record) for record in records(folder("attachment.tsv"), "language", "words")]


@cache
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    found: dict[str, list[re.Pattern[str]]] = {"self": [], "other": []}
    for record in records(folder("whom.tsv"), "whom", "language", "words"):
        found[record.one_of("whom", ("self", "other"))].append(_pattern(record))
    return found


def _pattern(record: Record) -> re.Pattern[str]:
    try:
        return re.compile(record["words"], re.IGNORECASE)
    except re.error as error:
        raise record.wrong("words", f"no regular expression: {error}") from None
