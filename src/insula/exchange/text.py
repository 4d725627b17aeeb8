"""Plain text and Markdown: a paragraph is a turn; so is a line where there are only lines; names make a dialogue.

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
_HEADING = re.compile(r"^#{1,6}\s+")
_MOST = 0.6
_PAGE = 130


def read(source: Source) -> Iterator[Conversation]:
    """One conversation. Raises Unreadable where there is not a word."""
    lines = source.text().split("\n")
    turns = spoken(lines) or paragraphs(lines)
    if not turns:
        raise source.unreadable("holds no words")
    return dialogue(turns, source.name)


def paragraphs(lines: Iterable[str]) -> list[Turn]:
    """Lines between empty ones, a turn each; without empty ones each line is a turn, unless a paragraph was wrapped."""
    bare = [_HEADING.sub("", line) for line in lines]
    groups = ["\n".join(group).strip() for full, group in groupby(bare, key=lambda line: bool(line.strip())) if full]
    if len(groups) == 1 and not _wrapped(groups[0].split("\n")):
        groups = groups[0].split("\n")
    return [Turn(AUTHOR, group) for group in groups]


def _wrapped(lines: list[str]) -> bool:
    """Whether lines were broken to fit a page: none is long, and all but the last are nearly as long as the longest."""
    longest = max(map(len, lines))
    return longest <= _PAGE and all(len(line) > longest - 20 for line in lines[:-1])


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
