"""Words as they are meant, whatever is done to their letters, each with the characters it was written in.

words("I w4nt to d i e") -> Word("i", 0, 1), Word("want", 2, 6), Word("to", 7, 9), Word("die", 10, 15)

Undone: letters that look like others, invisible characters, digits and signs for letters, letters apart or doubled,
words run together, slips of the pen in a few words that matter, abbreviations and codes (`spelling.tsv`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from .tables import folder, records

_ALIKE = dict(zip("аеорсухіїкмтнвѕјԁɡıӏοαειικντυρ", "aeopcyxiikmthbsjdgiloaeiikvtup", strict=True))
_SIGNS = str.maketrans({"1": "i", "3": "e", "4": "a", "0": "o", "5": "s", "7": "t", "$": "s", "@": "a", "!": "i"})
_MARKS = "\u0900-\u0963\u0966-\u097f"  # vowel signs belong to the word
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_EMOJI = "\U0001f300-\U0001faff"
_TOKEN = re.compile(
    rf"[{_HAN}{_EMOJI}]|(?:(?![{_HAN}])[^\W_]|[{_MARKS}])(?:(?![{_HAN}])[^\W_]|[{_MARKS}]|['*@$!](?=[^\W_]))*"
)
_SENTENCE_END = re.compile(r"[.!?;\n…。！？]")
_CLAUSE_END = re.compile(r"[,:.!?;\n…。！？，(—–]| - ")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_RUN_TOGETHER = 8  # letters from which a word nobody knows may be several
# pieces of up to two letters that words run together may have
_SHORT = frozenset(["i", "a", "im", "my", "to", "do", "it", "be", "me", "of", "on", "in", "am", "is", "so", "go", "u"])
_APART = 3  # letters one by one that may be a word


@dataclass(frozen=True)
class Word:
    """A word in plain letters; characters `[start, end)` of the text; its sentence and clause, counted from 0."""

    text: str
    start: int
    end: int
    sentence: int = 0
    clause: int = 0


@dataclass(frozen=True)
class Vocabulary:
    """What an odd word may stand for: all words of the cues, and those of them that matter most."""

    known: frozenset[str]
    strong: frozenset[str]
    slips: Mapping[str, str]


def words(text: str, vocabulary: Vocabulary) -> list[Word]:
    """The words of a text in their order. One written word may stand for several, at the same characters."""
    plain, places = _plain(text)
    found = list(_numbered(plain, places))
    return [word for one in _joined(found, vocabulary) for word in _meant(one, vocabulary)]


def plain_word(text: str) -> str:
    """A word of a table, in the letters that `words` gives."""
    return _plain(text)[0]


def _plain(text: str) -> tuple[str, list[int]]:
    """Lower case, without accents or invisible characters, look-alikes replaced; and where each character was."""
    letters = [c for c in text if c.isalpha()]
    latin = 2 * sum(_is_latin(c) for c in letters) >= len(letters)
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in unicodedata.normalize("NFKD", character).lower() if not character.isascii() else character.lower():
            if unicodedata.category(piece) in ("Cf", "Mn", "Me") and not "\u0900" <= piece <= "\u097f":
                continue
            out.append(_ALIKE.get(piece, piece) if latin else piece)
            places.append(place)
    return "".join(out).replace("’", "'"), [*places, len(text)]


def _is_latin(character: str) -> bool:
    return character < "\u0250" or "\u1e00" <= character <= "\u1eff" or "\uff21" <= character <= "\uff5a"


def _numbered(plain: str, places: list[int]) -> Iterator[Word]:
    sentence = clause = last = 0
    for match in _TOKEN.finditer(plain):
        between = plain[last : match.start()]
        sentence += bool(_SENTENCE_END.search(between))
        clause += bool(_CLAUSE_END.search(between))
        last = match.end()
        yield Word(match.group(), places[match.start()], places[match.end() - 1] + 1, sentence, clause)


def _joined(found: list[Word], vocabulary: Vocabulary) -> Iterator[Word]:
    """Letters that stand one by one become a word again, if they make words that matter."""
    place = 0
    while place < len(found):
        end = place
        while end < len(found) and len(found[end].text) == 1 and found[end].text.isalpha():
            end += 1
        for start in range(place, end - _APART + 1):
            whole = "".join(word.text for word in found[start:end])
            if whole in vocabulary.strong or _split(whole, vocabulary):
                yield from found[place:start]
                yield replace(found[end - 1], text=whole, start=found[start].start)
                break
        else:
            end = max(end, place + 1)
            yield from found[place:end]
        place = end


def _meant(word: Word, vocabulary: Vocabulary) -> Iterator[Word]:
    for text in _reading(word.text, vocabulary):
        owner = text.removesuffix("'s").replace("'", " ")
        for one in _spelt().get(text, _spelt().get(text.replace("'", ""), owner)).split():
            yield replace(word, text=one)


def _reading(text: str, vocabulary: Vocabulary) -> list[str]:
    if text in vocabulary.known or text in _spelt() or text.isascii() is False:
        return [text]
    for candidate in _candidates(text):
        if candidate in vocabulary.known or candidate in _spelt():
            return [candidate]
        if candidate in vocabulary.slips:
            return [vocabulary.slips[candidate]]
    if "*" in text:
        pattern = re.compile("".join("." if c == "*" else re.escape(c) for c in text.translate(_SIGNS)))
        return [w for w in sorted(vocabulary.strong | {"myself"}) if pattern.fullmatch(w)] or [text]
    return _split(text.translate(_SIGNS), vocabulary) or [text]


def _candidates(text: str) -> Iterator[str]:
    yield text
    yield text.translate(_SIGNS)
    yield text.replace("1", "l").translate(_SIGNS)
    if _LONG_RUN.search(text):
        yield _LONG_RUN.sub(r"\1\1", text)
        yield _LONG_RUN.sub(r"\1", text)


def _split(text: str, vocabulary: Vocabulary) -> list[str]:
    """Known words run together, one of which matters, as a list; else []. The fewest words win."""
    if not _RUN_TOGETHER <= len(text) <= 60:
        return []
    best: list[list[str] | None] = [[], *[None] * len(text)]
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 12), end):
            before, piece = best[start], text[start:end]
            if before is None or not (piece in vocabulary.known or piece in _spelt()):
                continue
            if len(piece) < 3 and piece not in _SHORT:
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = [*before, piece]
    pieces = best[-1] or []
    return pieces if len(pieces) > 1 and vocabulary.strong.intersection(_full(pieces)) else []


def _full(pieces: list[str]) -> list[str]:
    return [word for piece in pieces for word in _spelt().get(piece, piece).split()]


@cache
def _spelt() -> dict[str, str]:
    lines = records(folder("cues") / "spelling.tsv", "written", "meant")
    return {plain_word(line["written"]): line["meant"] for line in lines if " " not in line["written"]}


def slips_of(words_that_matter: frozenset[str]) -> dict[str, str]:
    """Every way to write these words with one letter too many, too few, changed, or two swapped."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    found: dict[str, str] = {}
    for word in words_that_matter:
        for i in range(len(word) + 1):
            head, tail = word[:i], word[i:]
            variants = {head + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]}
            variants |= {head + letter + rest for letter in letters for rest in (tail, tail[1:])}
            found.update((variant, word) for variant in variants if variant not in words_that_matter)
    return found
