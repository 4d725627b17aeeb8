"""Can an English model read this text at all? If not, why not.

    unreadable("lol same") -> ""
    unreadable("¿Dónde estabas anoche?") -> "not a language it knows"

Every text passes here on its way to a model, so English is recognised by a few function words before anything is
counted. Otherwise a text is refused on evidence only: letters of another script, more everyday words of another
language than of English, or a sentence in which hardly a word is English. Short slang without either is let through.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources

EMPTY = "empty text"
NO_WORDS = "no words"
SCRIPT = "not a script it knows"
LANGUAGE = "not a language it knows"

# Among this many telling words, fewer English ones than this share is another language: a small share where no word of
# another language is there to confirm it (chosen on the training part of GoEmotions).
_SENTENCE, _SHARE, _SHARE_ALONE = 3, 0.35, 0.15

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024F\u1E00-\u1EFF]")
# addresses, names of people and topics, and the placeholders that stand for them in corpora are no evidence
_NO_EVIDENCE = re.compile(r"https?://\S+|[@#]\w+|\[[A-Z]+\]|\b(?:URL|HTTPURL|USER|HASHTAG)\b")


def _lists() -> tuple[frozenset[str], ...]:
    folder = resources.files("insula") / "perceive" / "text"
    lists = tomllib.loads((folder / "languages.toml").read_text(encoding="utf-8"))
    frequent = frozenset((folder / "english.txt").read_text(encoding="utf-8").split())
    sure = frozenset(lists["english"].split())
    shared = frozenset(lists["shared"].split())
    others = frozenset(" ".join(lists["others"].values()).split()) - sure - shared
    return sure - shared, frequent | sure, others - frequent, shared


_SURE, _ENGLISH, _OTHERS, _SHARED = _lists()


def unreadable(text: str) -> str:
    """Why a model of English cannot read this text, in a few words; "" when it can."""
    if text.isascii() or not _OTHER_SCRIPT.search(text):
        words = text.lower().split()
        if 6 * len(_SURE.intersection(words)) >= len(words) > 0:
            return ""
    return _look_closer(text)


def _look_closer(text: str) -> str:
    if not text.strip():
        return EMPTY
    words = [word.lower().replace("’", "'") for word in _WORD.findall(_NO_EVIDENCE.sub(" ", text))]
    letters = sum(map(len, words))
    if not letters:
        return "" if _WORD.search(text) else NO_WORDS
    if 2 * sum(map(len, _OTHER_SCRIPT.findall(text))) > letters:
        return SCRIPT
    return LANGUAGE if _is_other_language([word for word in words if word not in _SHARED]) else ""


def _is_other_language(words: list[str]) -> bool:
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _OTHERS for word in words)
    share = _SHARE if other else _SHARE_ALONE
    return other > english or (len(words) >= _SENTENCE and english < share * len(words))
