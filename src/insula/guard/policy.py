"""What the guard does at each level of risk, and the words it says it in: two files that a clinician can edit.

    Policy("en-GB").say(("name", "ask"), Need("suicide"), times=0) -> "What you write makes me think ..."

`policy.toml` says which parts are said at which level, `words.tsv` how each part is said, by language, kind of risk and
whether the person speaks of themselves or of somebody else. Said again, a part takes its next wording.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from insula.scheme import scheme

from .helplines import emergency, helplines, place
from .tables import Record, folder, records

LEVELS = ("none", "watch", "concern", "crisis")


@dataclass(frozen=True)
class Need:
    """What a turn calls for: the kind of risk, who is at risk ("self" or "other"), and the language to answer in."""

    kind: str = "suicide"
    who: str = "self"
    language: str = "en"


@dataclass(frozen=True)
class Step:
    """What is done at a level: the parts said the first time and again, or that the responder answers."""

    responder: bool = False
    first: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    withhold: tuple[str, ...] = ()
    hand_over: bool = False


@dataclass(frozen=True)
class After:
    """How the turns after one the guard answered are accompanied: `alone` by the guard, then `beside` the responder."""

    alone: int
    parts: tuple[str, ...]
    beside: int
    beside_parts: tuple[str, ...]
    withhold: tuple[str, ...]


class Policy:
    """The policy for one place. `file` and `words` are files like the shipped ones; `helplines` a table of lines.

    Raises ValueError naming the file, line and column of a mistake.
    """

    def __init__(
        self, locale: str = "en-US", file: Path | None = None, words: Path | None = None, lines: Path | None = None
    ) -> None:
        self.locale = locale
        self._lines = lines
        record = _record(file or folder("policy.toml"))
        self.steps = {level: _step(record["levels"][level]) for level in LEVELS}
        self.after = After(**{key: _tuples(value) for key, value in record["after"].items()})
        self.withhold: tuple[str, ...] = tuple(record["reply"]["withhold"])
        self.threshold = float(record["reply"]["threshold"])
        self.attachment_every = int(record["attachment"]["every"])
        self._most = int(record["lines"])
        self._words = _wordings(words)
        self._languages = {language for language, *_ in self._words}
        helplines(locale, table=lines)  # a mistake in the table is said now, not in a crisis

    def say(self, parts: Sequence[str], need: Need, times: int = 0) -> str:
        """The parts in words, for the `times`th time (from 0); those with no wording for this need are left out."""
        said = [self._part(part, need, times) for part in parts]
        return ("" if need.language == "zh" else " ").join(one for one in said if one)

    def language(self, heard: str) -> str:
        """The language to answer in: the one heard where there are words in it, else the place's own, else English."""
        return next(one for one in (heard, place(self.locale)[0], "en") if one in self._languages)

    def _part(self, part: str, need: Need, times: int) -> str:
        lines = helplines(self.locale, _kind_of_line(need.kind), self._lines)
        if part == "lines" and not lines.known:
            part = "place"
        found = self._wordings_for(part, need)
        if not found:
            return ""
        # for a person who is named no place, the emergency number stands among the lines already
        named = [f"{line.organisation}: {line.contact}" for line in lines.lines]
        number = emergency(self.locale, self._lines)
        return found[times % len(found)].format(lines="; ".join(named[: self._most]), first=named[0], number=number)

    def _wordings_for(self, part: str, need: Need) -> Sequence[str]:
        """The wordings that fit best: the kind and the person named, then one of the two, then neither."""
        for kind, who in ((need.kind, need.who), (need.kind, "any"), ("any", need.who), ("any", "any")):
            if found := self._words.get((need.language, part, kind, who)):
                return found
        return ()


def _kind_of_line(kind: str) -> str:
    return kind if kind in scheme("risk-kinds").labels else "suicide"


def _record(path: Traversable | Path) -> dict[str, Any]:
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from None
    for key in ("lines", "levels", "after", "attachment", "reply"):
        if key not in record:
            raise ValueError(f"{path.name}: there is no {key!r}; the shipped policy.toml shows what a policy holds")
    if missing := [level for level in LEVELS if level not in record["levels"]]:
        raise ValueError(f"{path.name}: there is no [levels.{missing[0]}]: it has to say what is done then")
    return record


def _step(record: Mapping[str, Any]) -> Step:
    return Step(**{key: _tuples(value) for key, value in record.items()})


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


@cache
def _wordings(path: Path | None) -> Mapping[tuple[str, ...], Sequence[str]]:
    """Language, part, kind and who -> its wordings."""
    kinds = ("any", *scheme("risk-kinds").labels, *scheme("reply-risks").labels)
    found: dict[tuple[str, ...], list[str]] = {}
    for row in records(path or folder("words.tsv"), "language", "part", "kind", "who", "text"):
        key = (row["language"], row["part"], row.one_of("kind", kinds), row.one_of("who", ("any", "self", "other")))
        found.setdefault(key, []).append(_text(row))
    return found


def _text(row: Record) -> str:
    try:
        if row["text"].format(lines="", first="", number="").strip():
            return row["text"]
    except (KeyError, IndexError, ValueError) as error:
        places = "{lines}, {first} and {number}"
        raise row.wrong("text", f"there is nothing to put in the place of {error}; {places} are known") from None
    raise row.wrong("text", "it is empty")
