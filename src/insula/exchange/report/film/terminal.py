"""Who was seen in a film, in a terminal: a line for each face, body and group, second by second.

face 2  ana        NNNSS??J   0:00 neutral .80 · 0:03 sadness .71 · 0:05 ? turned away · 0:07 joy .66
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from insula.conversation import Conversation
from insula.exchange.report.people import ALL, BODIES, FACES, GROUP, people
from insula.exchange.report.sound.terminal import strip
from insula.exchange.report.view import View, visible

MOST = 12
"""People with a line of their own."""


def lines(conversation: Conversation, seen: Sequence[View]) -> Iterator[Text]:
    """What was read by the second and of no turn; nothing where nobody was seen or measured."""
    every = people(conversation, seen)
    rows = [
        (f"{person.title}, body" if name == BODIES else person.title, person.row(name))
        for person in every
        for name in ((FACES, BODIES, ALL) if person.name == GROUP else (FACES, BODIES))
        if person.row(name)
    ]
    wide = max((len(title) for title, _ in rows), default=0)
    for title, cells in rows[:MOST]:
        yield Text.assemble((f"{visible(title):<{wide}}  ", "bold"), strip(cells))
    if len(rows) > MOST:
        yield Text(f"… and {len(rows) - MOST:,} more", style="dim")
