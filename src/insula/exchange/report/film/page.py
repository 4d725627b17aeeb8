"""The player of a film: boxes with names over the picture, and beside it what is read of everybody at this second.

The film itself stays where it is and is named by its relative path. Where faces are to be blurred (`blur` in the
conversation's meta), a blurred copy is written beside the page, and only that is shown.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insula.conversation import Conversation
from insula.exchange.media import address, films
from insula.exchange.report.lanes import sentence
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.people import ALL, BODIES, FACES, VOICES, Person

from .boxes import boxes

IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
CHANNELS = (ALL, FACES, VOICES, BODIES)


def seen(conversation: Conversation) -> bool:
    """Whether there is a picture, or anything that was seen in one."""
    return bool(conversation.signals("video") or conversation.signals("face"))


def still(conversation: Conversation) -> bool:
    """Whether it is one picture, which has no time."""
    return [path.suffix.lower() in IMAGES for path in films(conversation)] == [True]


def stage(conversation: Conversation, people: Sequence[Person], page: Path | None) -> Html:
    """The film with its overlay, and the panel of the moment."""
    film = next((path for path in films(conversation) if path.is_file()), None)
    if film and page and conversation.meta.get("blur"):
        film = _hidden(film, conversation, page)
    picture = _picture(film, page)
    now = [_now(person, n) for n, person in enumerate(people)]
    panel = tag("ul", *now, class_="now", aria_live="off")
    told = tag("script", Html(_data(conversation, people)), type="application/json", class_="seen")
    return tag("div", tag("div", picture, tag("canvas"), class_="screen"), panel, told, class_="stage")


def _picture(film: Path | None, page: Path | None) -> Html:
    if film is None or page is None:
        return tag("p", "The film itself is not where it was read; boxes are drawn where faces were.", class_="note")
    src = address(film, page)
    if film.suffix.lower() in IMAGES:
        return tag("img", src=src, alt="the picture")
    return tag("video", tag("a", "the film", href=src), src=src, controls="", preload="metadata", playsinline="")


def _hidden(film: Path, conversation: Conversation, page: Path) -> Path | None:
    """A copy beside the page without faces; None where none could be made, since the film itself is not to be shown."""
    from insula.vision.blur import blurred
    from insula.vision.frames import Unseeable

    ending = film.suffix.lower() if film.suffix.lower() in IMAGES else ".mp4"
    copy = page.with_name(f"{page.stem}.{film.stem}.blurred{ending}")
    try:
        blurred(film, conversation.signals("face"), copy)
    except (Unseeable, OSError) as error:
        warnings.warn(f"{film.name} could not be blurred and is not shown: {error}", stacklevel=2)
        return None
    return copy


def _now(person: Person, n: int) -> Html:
    name = tag("b", person.title, class_=f"name s{person.style % 6}")
    return tag("li", name, tag("span", class_="says"), class_=f"s{person.style % 6}", data_person=n)


def _data(conversation: Conversation, people: Sequence[Person]) -> str:
    """What the script draws: boxes five times a second, and what is read of whom from when to when."""
    told: list[dict[str, Any]] = []
    for person in people:
        rows = {name: [[_short(c.start), _short(c.end), sentence(c)] for c in person.row(name)] for name in CHANNELS}
        told.append(
            {
                "name": person.title,
                "style": person.style % 6,
                "boxes": boxes(conversation, person.face or person.name),
                "labels": [[_short(c.start), c.label or "?"] for c in person.row(FACES)],
                "says": {name: cells for name, cells in rows.items() if cells},
            }
        )
    # what people typed or said may hold a tag that would end the script
    return json.dumps({"people": told}, separators=(",", ":")).replace("<", "\\u003c")


def _short(second: float) -> float:
    return round(second, 2)
