"""Texts longer than a model reads at once: cut evenly, the parts that matter found, and noted on by the model itself.

    pieces = cut(report)
    some = nearest("What brought the trouble about?", pieces, 4)     # places, in the order of the text

A model in this process says how many tokens it holds (`context`); of one that does not, nothing is cut here.
Source: LongEmotion (Liu et al. 2025, arXiv:2509.07403): retrieval from the talk and the model, and five stages
(chunks, first ranking, enrichment, second ranking, answer); meanings are those of `respond.memory` in place of BGE-M3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...llm import LLM, Message
from ...respond.memory.meaning import Meanings, meanings

CHARACTERS = 3.6  # of a token of English, on the safe side
SPARE = 200  # tokens for what stands around a long text: the task, the template
NOTE = 28  # tokens of a note on one piece
PASSAGE = 64  # tokens of what a model says from its own knowledge


def room(llm: LLM, answer: int) -> float:
    """Characters of text a model holds beside an answer of so many tokens; infinite where it does not say."""
    context = getattr(llm, "context", None)
    return math.inf if not context else max(context // 4, context - answer - SPARE) * CHARACTERS


def evenly(texts: Sequence[str], characters: float) -> list[str]:
    """The beginnings of all texts, none longer than any other that was cut, so that together they are no longer."""
    left, longest = characters, math.inf
    for rest, size in zip(range(len(texts), 0, -1), sorted(map(len, texts)), strict=True):
        if size * rest > left:
            longest = left / rest
            break
        left -= size
    return [text if len(text) <= longest else _beginning(text, int(longest)) for text in texts]


def cut(text: str, words: int = 96, overlap: int = 16) -> list[str]:
    """Pieces of so many words, each beginning with the last words of the one before."""
    every = text.split()
    starts = range(0, max(len(every) - overlap, 1), words - overlap)
    return [" ".join(every[start : start + words]) for start in starts]


def nearest(query: str, texts: Sequence[str], keep: int) -> list[int]:
    """The places of the texts most like the query in meaning, in the order of the texts."""
    return _first(-Meanings.of(texts).like(meanings([query])[0]), keep)


def oddest(texts: Sequence[str], keep: int) -> list[int]:
    """The places of the texts least like all the others in meaning, in the order of the texts."""
    return _first(alike(texts), keep)


def alike(texts: Sequence[str]) -> NDArray[np.floating]:
    """(n,) how like all the others together each text is in meaning."""
    states = Meanings.of(texts).states
    return states @ states.sum(0) - (states**2).sum(1)


async def told(llm: LLM, request: str, *, seed: int, tokens: int) -> str:
    """One answer to one request, on one line."""
    reply = await llm.reply([Message("user", request)], seed=seed, max_tokens=tokens)
    return " ".join(reply.text.split())


async def noted(llm: LLM, texts: Sequence[str], request: Callable[[str], str], *, seed: int) -> list[str]:
    """Each text with the model's note on it."""
    notes = [await told(llm, request(text), seed=seed, tokens=NOTE) for text in texts]
    return [f"{text}\nNote: {note}" for text, note in zip(texts, notes, strict=True)]


def _first(scores: NDArray[np.floating], keep: int) -> list[int]:
    return sorted(np.argsort(scores, kind="stable")[:keep].tolist())


def _beginning(text: str, characters: int) -> str:
    return text[: characters + 1].rpartition(" ")[0] or text[:characters]
