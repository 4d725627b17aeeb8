"""Plain text and Markdown: a paragraph is a turn; lines that begin with a name and a colon are a dialogue.

Ana: I miss him.
Bo: I know.            ->  Turn("Ana", "I miss him."), Turn("Bo", "I know.")
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from insula.conversation import Conversation, Turn

from .source import AUTHOR, Source, dialogue

_SAYS = re.compile(r"\W{0,3}([^\W\d_][\w .'’()-]{0,30}?)\W{0,3}:\W{0,3}\s+(\S.*)", re.DOTALL)
_MOST = 0.6


def read(source: Source) -> Iterator[Conversation]:
    """One conversation. Raises Unreadable where there is not a word."""
    lines = source.text().split("\n")
    turns = spoken(lines) or paragraphs(lines)
    if not turns:
        raise source.unreadable("holds no words")
    return dialogue(turns, source.name)


def paragraphs(lines: Iterable[str]) -> list[Turn]:
    """Lines between empty ones, a turn each."""
    groups = groupby(lines, key=lambda line: bool(line.strip()))
    return [Turn(AUTHOR, "\n".join(group).strip()) for full, group in groups if full]


def spoken(lines: Iterable[str]) -> list[Turn]:
    """The turns of a dialogue, where most lines begin with who speaks; other lines go on with the turn before."""
    full = [line.strip() for line in lines if line.strip()]
    said = [_SAYS.fullmatch(line) for line in full]
    if sum(map(bool, said)) < max(2, _MOST * len(full)):
        return []
    turns = list[tuple[str, list[str]]]()
    for line, found in zip(full, said, strict=True):
        if found:
            turns.append((found[1].strip(), [found[2]]))
        elif turns:
            turns[-1][1].append(line)
        else:
            turns.append((AUTHOR, [line]))
    return [Turn(speaker, "\n".join(text)) for speaker, text in turns]
