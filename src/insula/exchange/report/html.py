"""A report as one page that needs nothing else: no network, no fonts, no library.

    write(read_many("quarrel.txt"), "report.html")

It is made while reading: only totals, a few hundred turns and the extremes are kept, however long the source is. Every
text goes through `markup.tag`, which escapes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from insula.conversation import Conversation
from insula.exchange.document import partial

from .dialogue.page import section
from .dialogue.view import readings
from .markup import Html, join, tag
from .people import people
from .sections import heading, section_id, text_section, texts_section
from .sound.page import silent
from .tally import Tally
from .view import View, group, views

PARTS = ("", "dialogue/", "sound/", "film/")
"""Folders with a style and a script of their own."""
MOST_TURNS = 600
"""Turns drawn over the whole report; those beyond are counted."""
MOST_OF_LONG = 200
"""Turns drawn of a conversation that does not fit as a whole; the others are folded."""
MOST_ROWS = 200
"""Rows drawn of one table of texts."""
MOST_TABLES = 50
"""Tables of texts kept apart; texts of further sources are put together."""


@dataclass
class _Texts:
    """The texts of one table or list: each is a conversation of its own."""

    tally: Tally = field(default_factory=Tally)
    rows: list[tuple[str, View]] = field(default_factory=list[tuple[str, View]])


class Writer:
    """Takes in conversations one by one and puts the page in place when closed; what was there before stays until then.

    When the work fails midway, the page of what was read until then is in a partial file, named in the error's notes.
    Raises OSError at once where the path cannot be written.
    """

    done: frozenset[str] = frozenset()

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._partial = partial(self.path)
        self._partial.touch()
        self._total = Tally()
        self._parts: dict[str, Html | _Texts] = {}
        self._drawn = 0
        self._left_out = 0

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        if len(conversation.turns) > 1 or conversation.signals("audio") or people(conversation, ()):
            self._conversation(conversation)
            return
        for view in views(conversation):
            self._total.add(view)
            self._text(conversation, view)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if error is not None and not self._parts:
            self._partial.unlink()
            return
        parts = [self._section(name, part) for name, part in self._parts.items()]
        self._partial.write_text(page(self._total, list(self._parts), parts, self._left_out), encoding="utf-8")
        if error is not None:
            error.add_note(f"what was read until then is in {self._partial}")
        else:
            self._partial.replace(self.path)

    def _text(self, conversation: Conversation, view: View) -> None:
        source = group(conversation) or "text"
        if source not in self._parts and len(self._parts) >= MOST_TABLES:
            source = "other sources"
        texts = self._parts.setdefault(source, _Texts())
        if not isinstance(texts, _Texts):
            texts = self._parts.setdefault(f"{source} (texts)", _Texts())
            assert isinstance(texts, _Texts)
        texts.tally.add(view)
        if len(texts.rows) < MOST_ROWS and self._drawn < MOST_TURNS:
            texts.rows.append((conversation.id.removeprefix(source).lstrip(":/"), view))
            self._drawn += 1

    def _conversation(self, conversation: Conversation) -> None:
        found = readings(conversation)
        for one in found:
            self._total.add(one.view)
        self._total.look(conversation)
        room = max(MOST_TURNS - self._drawn, 0)
        if len(found) > room:
            room = min(room, MOST_OF_LONG)
        if not room:
            self._left_out += 1
            return
        name = conversation.id or "conversation"
        while name in self._parts:
            name += " (again)"
        self._parts[name] = (
            section(name, conversation, found, room, self.path) if found else silent(name, conversation, self.path)
        )
        self._drawn += min(len(found), room)

    def _section(self, name: str, part: Html | _Texts) -> Html:
        if isinstance(part, Html):
            return part
        if part.tally.turns == 1 and part.rows:
            return text_section(name, part.rows[0][1])
        return texts_section(name, part.tally, part.rows)


def write(conversations: Iterable[Conversation], path: str | Path) -> None:
    """The report of these conversations, as a page at `path`; raises OSError where it cannot be written."""
    with Writer(path) as report:
        for conversation in conversations:
            report.write(conversation)


def page(total: Tally, names: list[str], parts: list[Html], left_out: int) -> str:
    """The whole page: style, heading, sections, and what every reader should know."""
    title = names[0] if len(names) == 1 else f"{len(names)} sources"
    more = f"{left_out:,} more conversations are counted above but not drawn." if left_out else ""
    contents = tag("nav", *(tag("a", name, href=f"#{section_id(name)}") for name in names)) if len(names) > 1 else ""
    body = [
        heading(total, title),
        contents,
        tag("main", *parts, tag("p", more, class_="note") if more else ""),
        tag("footer", *map(_paragraph, FOOTER)),
    ]
    head = [
        Html('<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>'),
        tag("title", f"{title} · what is expressed"),
        tag("style", *map(_file, (f"{part}page.css" for part in PARTS))),
    ]
    script = tag("script", *map(_file, (f"{part}page.js" for part in PARTS)))
    return "<!doctype html>\n" + tag("html", tag("head", *head), tag("body", join(body, "\n"), script), lang="en")


FOOTER = (
    "What is expressed is not what is felt. No output is a diagnosis. Nothing left this machine.",
    "A probability says how often such a label is right among texts like those it was measured on. “Could also be” is "
    "what cannot be ruled out: with the labels shown, it holds nine true labels in ten. Bands and ± hold nine true "
    "values in ten. “Cannot tell” means looked, and could not say; it is not neutral.",
)


def _paragraph(words: str) -> Html:
    return tag("p", words)


def _file(name: str) -> Html:
    return Html((resources.files(__package__ or "") / name).read_text(encoding="utf-8"))
