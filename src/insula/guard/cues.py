"""The cue lexicon: phrases that may speak of risk, in tables that a clinician can read and change.

A cue is words with a space between them: `a|b` one of these, `[a|b]` one or none, `<want>` a class of words
(`classes.tsv`), `...` up to six words of any kind. Spelling is undone first, so cues are written in full words
("do not want", never "don't wanna").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from insula.scheme import scheme

from .spelling import Vocabulary, Word, plain_word, slips_of
from .tables import Mistake, Record, folder, records

GAP = 6
EFFECTS = ("idiom", "negated", "unnegated", "past", "present", "fiction", "hypothetical", "joke")
REACHES = ("over", "before", "sentence", "turn")
Element = tuple[frozenset[str], bool]  # the words, and whether they may be missing; no words at all is a gap
_GAP: Element = (frozenset(), True)
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Cue:
    """`what` is a kind of risk or an effect, `family` what counts once, `points` how much it weighs."""

    what: str
    family: str
    points: float
    elements: tuple[Element, ...]
    source: str


@dataclass(frozen=True)
class Found:
    """A cue in words `[first, last]`."""

    cue: Cue
    first: int
    last: int


class Cues:
    """Cues by the words they may begin with, so that a text of any length costs a look per word."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(cues)
        self._by_first: dict[str, list[Cue]] = {}
        for cue in cues:
            for word in dict.fromkeys(_beginnings(cue)):
                self._by_first.setdefault(word, []).append(cue)

    def find(self, words: Sequence[Word]) -> Iterator[Found]:
        """Every cue in these words, never across the end of a sentence."""
        for first, word in enumerate(words):
            for cue in self._by_first.get(word.text, ()):
                last = _match(words, first, cue.elements, word.sentence)
                if last is not None and last >= first:
                    yield Found(cue, first, last)


def _beginnings(cue: Cue) -> Iterator[str]:
    for words, optional in cue.elements:
        yield from words
        if not optional:
            return


def _match(words: Sequence[Word], place: int, elements: Sequence[Element], sentence: int) -> int | None:
    """The last word of the longest match that begins here; None where there is none."""
    if not elements:
        return place - 1
    (some, optional), rest = elements[0], elements[1:]
    if not some:
        ends = (_match(words, place + skip, rest, sentence) for skip in range(GAP + 1))
        return next((end for end in ends if end is not None), None)
    here = place < len(words) and words[place].sentence == sentence and words[place].text in some
    if here and (end := _match(words, place + 1, rest, sentence)) is not None:
        return end
    return _match(words, place, rest, sentence) if optional else None


def _elements(record: Record, column: str) -> tuple[Element, ...]:
    found: list[Element] = []
    for part in record[column].split():
        if part == "...":
            found.append(_GAP)
            continue
        optional = part.startswith("[") and part.endswith("]")
        names = part.strip("[]").split("|")
        if not all(names) or re.search(r"[?*\[\]]", "".join(names)):
            raise record.wrong(column, f"{part!r} is neither word|word nor [word|word] nor <class>")
        if len(names) == 1 and _HAN.search(names[0]):
            found += [(frozenset(letter), False) for letter in names[0]]
            continue
        some = frozenset(word for name in names for word in _words_of(record, column, name))
        found.append((some, optional))
    if all(optional for _, optional in found):
        raise record.wrong(column, "every word of it is optional, so it would be everywhere")
    return tuple(found)


def _words_of(record: Record, column: str, name: str) -> Sequence[str]:
    if not name.startswith("<"):
        return (plain_word(name),)
    if name.strip("<>") not in classes():
        raise record.wrong(column, f"no class {name} in classes.tsv; there are {', '.join(classes())}")
    return classes()[name.strip("<>")]


@cache
def classes() -> dict[str, tuple[str, ...]]:
    """Classes of words that cues name, and the lists of people and of words that matter."""
    lines = records(folder("cues") / "classes.tsv", "class", "words")
    return {line["class"]: tuple(plain_word(word) for word in line["words"].split("|")) for line in lines}


@cache
def risks() -> Cues:
    """The cues of all languages. Raises Mistake where a table is wrong."""
    kinds, found = scheme("risk-kinds").labels, list[Cue]()
    for record in _tables("cues.", "kind", "family", "points", "cue"):
        what = record.one_of("kind", kinds)
        family = f"{what}/{record['family']}"
        found.append(Cue(what, family, record.number("points"), _elements(record, "cue"), record["cue"]))
    return Cues(found)


@cache
def contexts() -> Cues:
    """What takes weight from a cue; the reach is the family. Raises Mistake where a table is wrong."""
    found = list[Cue]()
    for record in _tables("context.", "effect", "reach", "cue"):
        effect, reach = record.one_of("effect", EFFECTS), record.one_of("reach", REACHES)
        found.append(Cue(effect, reach, 0.0, _elements(record, "cue"), record["cue"]))
    return Cues(found)


@cache
def vocabulary() -> Vocabulary:
    """All words of the cues, for undoing spelling."""
    every = [word for cues in (risks(), contexts()) for cue in cues.cues for some, _ in cue.elements for word in some]
    strong, slips = frozenset(classes()["strong"]), slips_of(frozenset(classes()["typo"]))
    known = frozenset(every) | strong
    return Vocabulary(known, strong, {slip: word for slip, word in slips.items() if slip not in known})


@cache
def languages() -> frozenset[str]:
    """The languages that have cues."""
    return frozenset(file.name.split(".")[1] for file in folder("cues").iterdir() if file.name.startswith("cues."))


def _tables(prefix: str, *columns: str) -> Iterator[Record]:
    files = [file for file in folder("cues").iterdir() if file.name.startswith(prefix)]
    if not files:
        raise Mistake(f"no table {prefix}*.tsv among the guard's cues")
    for file in sorted(files, key=lambda file: cast("str", file.name)):
        yield from records(file, *columns)
