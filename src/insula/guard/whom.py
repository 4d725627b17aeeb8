"""Whom a risk is about: the person who writes, or somebody they worry about; it decides how they are met.

whom("My sister says she wants to die.") -> "other"
"""

from __future__ import annotations

import re
from functools import cache

from .tables import Mistake, folder, records


def whom(shown: str, said: str = "") -> str:
    """ "other" where the words that show the risk speak of somebody else, and nothing `said` is a risk of one's own."""
    patterns = _patterns()
    if any(one.search(shown) or one.search(said) for one in patterns["self"]):
        return "self"
    return "other" if any(one.search(shown) for one in patterns["other"]) else "self"


@cache
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    found: dict[str, list[re.Pattern[str]]] = {"self": [], "other": []}
    for record in records(folder("whom.tsv"), "whom", "language", "words"):
        try:
            found[record.one_of("whom", ("self", "other"))].append(re.compile(record["words"], re.IGNORECASE))
        except re.error as error:
            raise Mistake(f"whom.tsv, line {record.line}, column 'words': no regular expression: {error}") from None
    return found
