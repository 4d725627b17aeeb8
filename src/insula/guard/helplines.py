"""Help lines by place: whom to call, text or write to, from a table that names its source and when it was looked at.

    helplines("en-GB", "suicide").lines[0].contact -> "116 123"
    helplines("en").known                          -> False: a language is no place; the lines are those for anywhere

A number in a program grows old. Each line carries the organisation's page, so that whoever deploys this can check it,
and the table is a file that can be replaced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .tables import Record, folder, records

KINDS = ("suicide", "abuse", "eating-disorder", "children", "medical")
COLUMNS = ("country", "kind", "organisation", "contact", "how", "hours", "languages", "url", "checked")
HOW = ("call", "text", "chat", "web")
LINES_FOR = {  # risk-kinds -> kinds of lines, the nearest first
    "suicide": ("suicide", "medical"),
    "self-harm": ("suicide", "medical"),
    "violence": ("suicide", "medical"),
    "abuse": ("abuse", "children", "medical"),
    "medical": ("medical",),
    "eating-disorder": ("eating-disorder", "suicide", "medical"),
}


@dataclass(frozen=True)
class Line:
    """One way to reach one organisation. `country` is ISO 3166-1, `languages` ISO 639; `checked` says when and how."""

    country: str
    kind: str
    organisation: str
    contact: str
    how: tuple[str, ...]
    hours: str
    languages: tuple[str, ...]
    url: str
    checked: str

    def plain(self) -> dict[str, str]:
        """What a person needs of it, as plain data."""
        return {"name": self.organisation, "contact": self.contact, "url": self.url}


@dataclass(frozen=True)
class Lines:
    """What is known for a place; `known` is False where the place is not, and then the lines are those for anywhere."""

    place: str
    known: bool
    lines: tuple[Line, ...]


ANYWHERE = (
    Line(
        *("", "suicide", "Find A Helpline", "findahelpline.com", ("web",), "24/7", ("en",)),
        *("https://findahelpline.com/", "2026-11-21 from general knowledge"),
    ),
    # most mobile networks lead 112 to the emergency service of the place, whatever its number (3GPP TS 22.101)
    Line(
        *("", "medical", "Emergency number of most mobile networks", "112", ("call",), "24/7", ()),
        *("https://www.itu.int/rec/T-REC-E.161.1", "2026-11-21 from general knowledge"),
    ),
)


def helplines(locale: str, kind: str = "suicide", table: Path | None = None) -> Lines:
    """The lines for a risk kind or a kind of line at a locale ("en-GB", "de_AT.UTF-8", "FR").

    Lines in the locale's own language come first, and the emergency number is always among them. `table` is a file like
    the shipped one. Raises ValueError for a kind that is not known and for a mistake in the table.
    """
    wanted = LINES_FOR.get(kind, (kind, "medical"))
    if unknown := set(wanted) - set(KINDS):
        raise ValueError(f"no help lines of kind {unknown.pop()!r}: {', '.join(dict.fromkeys([*LINES_FOR, *KINDS]))}")
    language, country = place(locale)
    here = [line for line in read(table) if line.country == country]
    if not here:
        return Lines(country, False, tuple(line for line in ANYWHERE if line.kind in (*wanted, "suicide")))
    fitting = [line for kind in dict.fromkeys(wanted) for line in _spoken(here, kind, language)]
    if all(line.kind == "medical" for line in fitting) and "medical" not in (kind, wanted[0]):
        fitting = [*_spoken(here, "suicide", language), *fitting]
    return Lines(country, True, tuple(fitting))


def emergency(locale: str, table: Path | None = None) -> str:
    """The emergency number of a place, or 112 where the place is not known."""
    found = helplines(locale, "medical", table)
    return next(line.contact for line in found.lines if line.kind == "medical")


def place(locale: str) -> tuple[str, str]:
    """Language and country of a locale, each "" where it does not say: "pt_BR.UTF-8" -> ("pt", "BR")."""
    parts = re.split(r"[-_.@]", locale.strip())
    country = next((part for part in parts[1:] if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    if re.fullmatch(r"[A-Z]{2}", parts[0]):  # a country alone is written in capitals
        return "", parts[0]
    return parts[0].lower(), country.upper()


@cache
def read(path: Path | None = None) -> tuple[Line, ...]:
    """Every line of a table, the shipped one if none is given; raises Mistake naming line and column."""
    return tuple(_line(record) for record in records(path or folder("helplines.tsv"), *COLUMNS))


def _line(record: Record) -> Line:
    if not re.fullmatch(r"[A-Z]{2}", record["country"]):
        raise record.wrong("country", f"{record['country']!r} is no country: two capital letters, as in GB")
    if not record["url"].startswith("https://"):
        raise record.wrong("url", f"{record['url']!r} is no address: the organisation's own, beginning with https://")
    for column in ("organisation", "contact", "hours", "checked"):
        if not record[column].strip():
            raise record.wrong(column, "it is empty")
    how = tuple(record["how"].split())
    if not how or not set(how) <= set(HOW):
        raise record.wrong("how", f"{record['how']!r} is not made of {', '.join(HOW)}")
    texts = {column: record[column] for column in ("country", "organisation", "contact", "hours", "url", "checked")}
    return Line(kind=record.one_of("kind", KINDS), how=how, languages=tuple(record["languages"].split()), **texts)


def _spoken(lines: Sequence[Line], kind: str, language: str) -> list[Line]:
    """The lines of a kind, those in the language first."""
    return sorted((line for line in lines if line.kind == kind), key=lambda line: language not in line.languages)
