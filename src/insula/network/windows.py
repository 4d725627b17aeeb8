"""Cut a text into windows the encoder can take, at the ends of sentences where there are any.

"Long. Very long." -> [Window(0, 5, ids, spans), Window(6, 16, ids, spans)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import Tokenizer

from insula.conversation import Span

LONGEST = 126  # tokens of a text read in one piece; the encoder adds a first and a last one
WINDOW = 64  # tokens of a window of a longer text: about three sentences, so that a change of feeling shows
PIECE = 400  # characters after which a sentence without an end is cut at a space
_HALF = re.compile("[\ud800-\udfff]")
_SENTENCE = re.compile(r"\S.*?(?:[.!?…。!?]+[\"')\]]*(?=\s|$)|\n|$)", re.DOTALL)


@dataclass(frozen=True)
class Window:
    """Characters `[start, end)` of a text with their token ids and, per token, its characters in the text."""

    start: int
    end: int
    ids: tuple[int, ...]
    spans: tuple[Span, ...]


def windows(text: str, tokenizer: Tokenizer) -> list[Window]:
    """One window for a text of up to 126 tokens, else windows of up to 64; none for a text without tokens."""
    text = whole(text)
    if len(text) <= PIECE * 4:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        if len(encoding.ids) <= LONGEST:
            return [_window(encoding.ids, encoding.offsets)] if encoding.ids else []
    found: list[Window] = []
    ids: list[int] = []
    spans: list[Span] = []
    for more_ids, more_spans in _pieces(text, tokenizer):
        if ids and len(ids) + len(more_ids) > WINDOW:
            found.append(_window(ids, spans))
            ids, spans = [], []
        ids, spans = ids + more_ids, spans + more_spans
    return [*found, _window(ids, spans)] if ids else found


def whole(text: str) -> str:
    """The text with a mark for each half of a character, which no tokenizer takes; positions stay."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def pieces_per_word(window: Window) -> float:
    """Tokens per run of tokens without a gap: near 1.2 for English, 3 and more for keys hit at random.

    Fewer than three runs say nothing: "hahahaha" is one word in four pieces.
    """
    runs = 1 + sum(1 for (_, end), (start, _) in pairwise(window.spans) if start != end)
    return len(window.spans) / runs if runs > 2 else 1.0


def whole_words(spans: Sequence[Span], text: str) -> Iterator[Span]:
    """For each token's characters those of the whole word it belongs to."""
    start = 0
    for index, (a, b) in enumerate(spans):
        if index == 0 or spans[index - 1][1] != a or not (text[a - 1].isalnum() and text[a].isalnum()):
            start = a
        end = b
        for later in range(index + 1, len(spans)):
            c, d = spans[later]
            if c != end or not (text[c - 1].isalnum() and text[c].isalnum()):
                break
            end = d
        yield start, end


def _window(ids: list[int], spans: list[Span]) -> Window:
    return Window(spans[0][0], spans[-1][1], tuple(ids), tuple(spans))


def _pieces(text: str, tokenizer: Tokenizer) -> Iterator[tuple[list[int], list[Span]]]:
    """Token ids and spans of each sentence, or of each stretch of it that fits a window."""
    starts = list(_sentences(text))
    encodings = tokenizer.encode_batch([text[a:b] for a, b in starts], add_special_tokens=False)
    for (start, _), encoding in zip(starts, encodings, strict=True):
        spans = [(start + a, start + b) for a, b in encoding.offsets]
        for first in range(0, len(spans), WINDOW):
            yield encoding.ids[first : first + WINDOW], spans[first : first + WINDOW]


def _sentences(text: str) -> Iterator[Span]:
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while end - start > PIECE:
            space = text.rfind(" ", start + 1, start + PIECE)
            cut = space if space > start else start + PIECE
            yield start, cut
            start = cut
        if end > start:
            yield start, end
