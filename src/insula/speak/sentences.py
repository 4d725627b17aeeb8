"""Where a text is cut for speaking, and how long to wait after each piece."""

from __future__ import annotations

import re

LONGEST = 240  # characters a voice is given at once; what is longer is cut at a comma, or else between words
_END = re.compile(r"""(?:(?<=[.!?…])|(?<=[.!?…]["”’)\]*]))\s+(?=\S)|\n+""")
_TITLE = re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|vs|[A-Z])\.$")
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+")
# seconds after a sentence in a plain reading; Goldman-Eisler 1968 and later work put them between 0.3 and 0.7
PAUSES = {"?": 0.45, "!": 0.4, "…": 0.6, ".": 0.4, ":": 0.3, ";": 0.3, ",": 0.15}


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, each something to say at once; empty where there is nothing to say."""
    found: list[str] = []
    for piece in _cut(text):
        joined = found and _TITLE.search(found[-1])
        found[-1:] = [f"{found[-1]} {piece}"] if joined else [*found[-1:], piece]
    return tuple(part for one in found for part in _short(one))


def pause(sentence: str) -> float:
    """Seconds of silence after a sentence in a plain reading."""
    last = sentence.rstrip('"”’)]* ')[-1:]
    return PAUSES.get(last, 0.3)


def _cut(text: str) -> list[str]:
    return [one for part in _END.split(text) if part and any(map(str.isalnum, one := part.strip()))]


def _short(sentence: str) -> list[str]:
    """Pieces of a sentence no longer than LONGEST, each as long as can be."""
    if len(sentence) <= LONGEST:
        return [sentence]
    clauses = _CLAUSE.split(sentence)
    pieces = clauses if max(map(len, clauses)) <= LONGEST else sentence.split()
    found = [""]
    for piece in (one[at : at + LONGEST] for one in pieces for at in range(0, len(one), LONGEST)):
        if len(found[-1]) + len(piece) >= LONGEST:
            found.append("")
        found[-1] = f"{found[-1]} {piece}".strip()
    return [one for one in found if one]
