"""The part of the page that shows a recording: a player, all of it at a glance, curves, its beginning in detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from insula.conversation import Conversation
from insula.exchange.media import address, recordings
from insula.exchange.report.film import page as film
from insula.exchange.report.film.drawing import curves
from insula.exchange.report.lanes import clock, overview
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.people import FACES, GROUP, WORDS, Person, people
from insula.exchange.report.sections import section_id
from insula.exchange.report.view import FAMILIES, View

from .drawing import DETAIL, detail
from .picture import spectrogram
from .view import Heard

MOST_PEOPLE = 8
NOTE = (
    "How a voice sounds, a face looks or a heart beats is not what a person feels. A dashed “?” means that it could "
    "not be read there, an empty bar that nothing stood out."
)


def section(conversation: Conversation, spoken: Sequence[View], page: Path | None) -> Html:
    """What was heard and seen in a recording; nothing where nobody looked. `page` is where the report will lie."""
    every = people(conversation, spoken)
    if not every:
        return Html()
    kept = every if len(every) <= MOST_PEOPLE else [*every[: MOST_PEOPLE - 1], *every[MOST_PEOPLE - 1 :][-1:]]
    seconds = _seconds(conversation, kept, spoken)
    seen = film.seen(conversation)
    parts = [
        tag("h3", _title(conversation)),
        film.stage(conversation, kept, page) if seen else _player(conversation, page),
        _legend(),
        *(() if film.still(conversation) else _over_time(conversation, spoken, kept, seconds)),
        _conflicts(spoken),
        tag("p", f"{len(every) - len(kept):,} more people are not drawn.", class_="note")
        if len(every) > len(kept)
        else "",
        tag("p", NOTE, class_="note"),
    ]
    return tag("div", *parts, class_="recording")


def silent(name: str, conversation: Conversation, page: Path | None) -> Html:
    """A film in which nobody says anything, an image, or what sensors measured, as a section of its own."""
    shown = section(conversation, (), page)
    nothing = tag("p", "Nobody was seen, heard or measured in it.", class_="note")
    return tag("section", tag("h2", name), shown or nothing, id=section_id(name), class_="dialogue")


def _over_time(
    conversation: Conversation, spoken: Sequence[View], kept: Sequence[Person], seconds: float
) -> Iterator[Html]:
    yield _figure("All of it", overview(kept, seconds))
    for title, drawn in curves(kept, seconds):
        yield _figure(title, drawn)
    yield _detail(conversation, spoken, kept, seconds)


def _title(conversation: Conversation) -> str:
    if film.seen(conversation):
        return "What was heard and seen" if conversation.signals("audio") else "What was seen"
    return "What was heard" if conversation.signals("audio") else "What was measured"


def _seconds(conversation: Conversation, kept: Sequence[Person], spoken: Sequence[View]) -> float:
    """How long it is: until the last thing that was said or read of anybody, or the length the file states."""
    ends = [cell.end for person in kept for row in person.rows for cell in row.cells]
    ends += [view.turn.seconds[1] for view in spoken if view.turn.seconds]
    ends += [one.start + len(one.samples) / (one.sampling_rate or 1) for one in conversation.signals("face")]
    return max([*ends, 0.1])


def _figure(title: str, drawn: Html) -> Html:
    return tag("figure", tag("figcaption", title), drawn)


def _player(conversation: Conversation, page: Path | None) -> Html:
    """The recording by its relative path, so that both can be moved together; it is never put into the page."""
    if not conversation.signals("audio"):
        return Html()
    there = [path for path in recordings(conversation) if path.is_file()]
    if not there or page is None:
        return tag("p", "The recording itself is not where it was read, so nothing can be played.", class_="note")
    src = address(there[0], page)
    return tag("audio", tag("a", "the recording", href=src), src=src, controls="", preload="metadata")


def _detail(conversation: Conversation, spoken: Sequence[View], kept: Sequence[Person], seconds: float) -> Html:
    signals = conversation.signals("audio")
    if not signals and not any(row.name in (WORDS, FACES) for person in kept for row in person.rows):
        return Html()
    picture = spectrogram(signals[0], min(seconds, DETAIL)) if signals else ""
    kept = [person for person in kept if person.name != GROUP]
    drawn = detail(spoken, kept, conversation, seconds, picture)
    heard = "spectrum (low tones below), pitch (dots) and loudness (line), words, voice" if signals else ""
    shown = [heard, "face" if any(person.row(FACES) for person in kept) else ""]
    words = "Second by second: " + ", ".join(filter(None, shown))
    more = f" of the first {DETAIL / 60:.0f} minutes" if seconds > DETAIL else ""
    return _figure(words + more, tag("div", drawn, class_="strip"))


def _conflicts(spoken: Sequence[View]) -> Html:
    """Where channels say different things, in words, each with the second it is at."""
    odds = [(view, view.heard) for view in spoken if view.heard and view.heard.at_odds]
    if not odds:
        return Html()
    beyond = any(set(heard.channels) - {"words", "voice"} for _, heard in odds)
    title = "Channels differ" if beyond else "Words and voice differ"
    return tag("div", tag("h4", title), tag("ul", *(_conflict(*one) for one in odds)), class_="odds")


def _conflict(view: View, heard: Heard) -> Html:
    start = view.turn.seconds[0] if view.turn.seconds else 0.0
    sure = f" (probability {heard.conflict.scores['conflict']:.2f})" if heard.conflict else ""
    at = tag("button", clock(start), data_at=f"{start:.2f}", type="button")
    return tag("li", at, " ", tag("b", view.turn.speaker), f": {heard.why}", tag("small", sure))


def _legend() -> Html:
    keys = [tag("li", tag("i", class_=f"swatch {name}"), name) for name in (*FAMILIES, "other")]
    return tag("ul", *keys, class_="legend families")
