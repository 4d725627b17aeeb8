"""Texts without the words that say their label: "I am so proud of her" -> "I am so [MASK] of her".

In EmpatheticDialogues people were told a label and often say it; what is learnt from the word alone, or scored with it
in sight, is not understanding. The words are in `masking.toml`, by label; training and benchmark use the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources

from ..conversation import Annotation, Conversation, Turn

MASK = "[MASK]"


@cache
def label_words() -> Mapping[str, tuple[str, ...]]:
    """For each of the 32 labels of EmpatheticDialogues the words that name it; a dash at the end is any ending."""
    text = (resources.files("insula.data") / "masking.toml").read_text(encoding="utf-8")
    return {label: tuple(words) for label, words in tomllib.loads(text).items()}


def masked(text: str, words: Iterable[str] | None = None) -> str:
    """The text with "[MASK]" for each whole word among `words`, in any case; without them, for all of `label_words`."""
    chosen = _all_words() if words is None else tuple(words)
    return _pattern(chosen).sub(MASK, text) if chosen else text


def mask_labels(conversation: Conversation) -> Conversation:
    """The same conversation, ids and all, with every turn masked; its `meta` is as it was.

    Annotations are kept, except those of characters that read differently now.
    """
    found = Conversation(id=conversation.id, meta=conversation.meta)
    for addition in conversation:
        if isinstance(addition, Turn):
            found.add(replace(addition, text=masked(addition.text)))
        elif not isinstance(addition, Annotation) or _fits(addition, conversation, found):
            found.add(addition)
    return found


def _fits(annotation: Annotation, before: Conversation, after: Conversation) -> bool:
    at = annotation.at
    if at.turn is None or at.chars is None:
        return True
    # what stands in front must be the same, too: equal words after a mask are not where they were
    return before.turn(at.turn).text[: at.chars[1]] == after.turn(at.turn).text[: at.chars[1]]


@cache
def _all_words() -> tuple[str, ...]:
    return tuple(word for words in label_words().values() for word in words)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    forms = (re.escape(word[:-1]) + r"\w*" if word.endswith("-") else re.escape(word) for word in words)
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)
