"""Whole sentences out of a text, or out of pieces of one as they come, with nothing lost: joined they are the text.

list(sentences("No. I'm here! ")) -> ["No. ", "I'm here! "]
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator

# the marks that end a sentence, what may close after them, and the blank that must follow where the script has blanks
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]*]*(?=\s)|[。！？]+[」』”’）]*|\n)\s*")
_NOT_AN_END = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|Sr|Sra|vs|e\.g|i\.e|z\.B|p\.ej|bzw|ca)|(?:^|\s)\d{1,2})\.\s*$")


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the blanks after it."""
    found, rest = _split(text)
    return [*found, rest] if rest else found


async def whole(pieces: AsyncIterable[str]) -> AsyncIterator[str]:
    """Each sentence as soon as it is whole; what is left at the end comes last, whole or not."""
    rest = ""
    async for piece in pieces:
        # an end is believed when a blank follows: "3." may become "3.5", and "." may become "..."
        found, rest = _split(rest + piece)
        for sentence in found:
            yield sentence
    if rest:
        yield rest


def _split(text: str) -> tuple[list[str], str]:
    found, start = list[str](), 0
    for end in _END.finditer(text):
        if not _NOT_AN_END.search(text[start : end.end()]):
            found.append(text[start : end.end()])
            start = end.end()
    return found, text[start:]


async def apart(found: AsyncIterable[str]) -> AsyncIterator[str]:
    """Sentences given without the blanks between them, with one each where the script has blanks."""
    before = ""
    async for sentence in found:
        joined = not before or before[-1].isspace() or before[-1] in "。！？」』”"
        yield sentence if joined else f" {sentence}"
        before = sentence or before
