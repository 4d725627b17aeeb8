"""Can the guard read this text at all? If not, why not: what it cannot read is never called safe.

unreadable("Eilen satoi koko päivän", words) -> "not a language it has cues for"
"""

from __future__ import annotations

import re

from tokenizers import Tokenizer

from insula.network.windows import pieces_per_word, windows

from .cues import languages
from .small_words import language

NO_WORDS = "no words in it"
SCRIPT = "not a script it has cues for"
LANGUAGE = "not a language it has cues for"
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a]")
_KNOWN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a\u4e00-\u9fff\u0900-\u097f\u0600-\u06ff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_FEW = 3  # words from which a language can be told
_PIECES = 1.9  # tokens per word of the English tokenizer; talk in English has 1.2, with much slang 1.75


def unreadable(text: str, tokenizer: Tokenizer) -> str:
    """Why nothing can be said of a text, in a few words; "" when something can. The tokenizer is that of English."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return NO_WORDS
    if 2 * sum(1 for character in letters if _KNOWN.match(character)) < len(letters) or _KANA.search(text):
        return SCRIPT
    if 2 * sum(1 for character in letters if _LATIN.match(character)) < len(letters):
        return ""
    known, words = language(text, ""), text.split()
    told = any(language(word, "") == known for word in words)  # not by words that several languages have
    if (known in languages() and told) or (not known and len(words) < _FEW):
        return ""
    found = windows(text, tokenizer)
    return LANGUAGE if (known and told) or (found and min(map(pieces_per_word, found)) > _PIECES) else ""
