"""Which of a few languages a text is in, told by its small words; enough to answer in it.

    language("No puedo más con esto") -> "es"

The words are those of `small-words.tsv`: short, frequent in talk, and not shared by too many neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from .tables import folder, records

_WORD = re.compile(r"[^\W\d_]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_JAPANESE = re.compile(r"[\u3040-\u30ff]")


def language(text: str, otherwise: str = "en") -> str:
    """The language whose small words are commonest in the text, or `otherwise` where none or several are."""
    if _CHINESE.search(text) and not _JAPANESE.search(text):
        return "zh"
    counts: Counter[str] = Counter()
    for word in _WORD.findall(text.lower()):
        counts.update(_small_words().get(word, ()))
    best = counts.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return otherwise
    return best[0][0]


def small(word: str) -> bool:
    """Whether a word is grammar in one of these languages."""
    return word.lower() in _small_words()


@cache
def _small_words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in records(folder("small-words.tsv"), "language", "words"):
        for word in row["words"].split():
            found.setdefault(word, []).append(row["language"])
    return found
