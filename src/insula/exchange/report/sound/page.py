"""The part of the page that shows a recording: a player, all of it at a glance, its beginning in detail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from insula.conversation import Conversation
from insula.exchange.media import recordings, relative
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.view import FAMILIES, View

from .drawing import DETAIL, clock, detail, overview
from .picture import spectrogram
from .view import Heard

MOST_PEOPLE = 8
NOTE = (
    "How a voice sounds is not what a person feels. A dashed “?” means the voice could not be read there, an empty bar "
    "that nothing stood out."
)


def section(conversation: Conversation, spoken: Sequence[View], page: Path | None) -> Html:
    """What was heard in a recording; nothing where nobody heard any. `page` is where the report will lie."""
    known = [view for view in spoken if view.heard and view.turn.seconds]
    if not known:
        return Html()
    names = list(dict.fromkeys(view.turn.speaker for view in known))
    people = {name: n for n, name in enumerate(names[:MOST_PEOPLE])}
    known = [view for view in known if view.turn.speaker in people]
    seconds = max(end for view in known if view.turn.seconds for end in view.turn.seconds)
    rest = len(names) - len(people)
    parts = [
        tag("h3", "What was heard"),
        _player(conversation, page),
        _legend(),
        tag("figure", tag("figcaption", "All of it"), overview(known, people, seconds)),
        _detail(conversation, known, people, seconds),
        _conflicts(known),
        tag("p", f"{rest:,} more people are not drawn." if rest else "", class_="note"),
        tag("p", NOTE, class_="note"),
    ]
    return tag("div", *parts, class_="recording")


def _player(conversation: Conversation, page: Path | None) -> Html:
    """The recording by its relative path, so that both can be moved together; it is never put into the page."""
    there = [path for path in recordings(conversation) if path.is_file()]
    if not there or page is None:
        return tag("p", "The recording itself is not where it was read, so nothing can be played.", class_="note")
    src = relative(there[0], page)
    return tag("audio", tag("a", "the recording", href=src), src=src, controls="", preload="metadata")


def _detail(conversation: Conversation, known: Sequence[View], people: dict[str, int], seconds: float) -> Html:
    signals = conversation.signals("audio")
    picture = spectrogram(signals[0], min(seconds, DETAIL)) if signals else ""
    drawn = detail(known, people, conversation, seconds, picture)
    words = "Second by second: spectrum (low tones below), pitch (dots) and loudness (line), words, and the voice"
    more = f" of the first {DETAIL / 60:.0f} minutes" if seconds > DETAIL else ""
    return tag("figure", tag("figcaption", words + more), tag("div", drawn, class_="strip"))


def _conflicts(known: Sequence[View]) -> Html:
    """Where words and voice say different things, in words, each with the second it is at."""
    rows = [_conflict(view, view.heard) for view in known if view.heard and view.heard.at_odds]
    return tag("div", tag("h4", "Words and voice differ"), tag("ul", *rows), class_="odds") if rows else Html()


def _conflict(view: View, heard: Heard) -> Html:
    start = view.turn.seconds[0] if view.turn.seconds else 0.0
    sure = f" (probability {heard.conflict.scores['conflict']:.2f})" if heard.conflict else ""
    at = tag("button", clock(start), data_at=f"{start:.2f}", type="button")
    return tag("li", at, " ", tag("b", view.turn.speaker), f": {heard.why}", tag("small", sure))


def _legend() -> Html:
    keys = [tag("li", tag("i", class_=f"swatch {name}"), name) for name in (*FAMILIES, "other")]
    return tag("ul", *keys, class_="legend families")
