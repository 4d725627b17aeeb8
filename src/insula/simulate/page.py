"""Simulated talks as one self-contained HTML page: how people felt reply by reply, what came of it, some talks to read.

    write_page({"bare": [(talk, outcome), ...], "guarded": [...]}, "simulated.html")

The page needs nothing from the network and is light or dark as its reader prefers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path

import numpy as np

from insula.conversation import Conversation
from insula.evaluate.bootstrap import Interval
from insula.evaluate.svg import courses, whisker

from .outcome import POINTS, Outcome, differences, meets_danger, summary
from .play import course
from .seeker import SEEKER, left

Told = tuple[Conversation, Outcome]
SHOWN = 3  # talks of each arm that are printed: the worst, the middle and the best
_ABOUT = (
    "Nobody here is a person. Simulated people say what is written for them and feel by rules and by this engine's own"
    " readers; a bot that does well with them has shown that it does well with them. Intervals hold the number in 95 of"
    " 100 drawings of the people."
)


def write_page(arms: Mapping[str, Sequence[Told]], path: str | Path) -> None:
    """Write the page; raises OSError when the path cannot be written."""
    Path(path).write_text("\n".join(page(arms)), encoding="utf-8")


def page(arms: Mapping[str, Sequence[Told]]) -> Iterator[str]:
    """The page in pieces."""
    style = (resources.files("insula.evaluate") / "report.css").read_text(encoding="utf-8")
    yield "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    yield "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    yield f"<title>Simulated people</title><style>{style}</style></head><body>"
    yield f"<h1>Simulated people</h1><p class='soft'>{_ABOUT}</p>"
    for name, told in arms.items():
        yield f"<h2>{escape(name)}: {len(told)} talks</h2>"
        if broken := [one.broken for _, one in told if one.broken]:
            yield f"<p>{len(broken)} of them count for nothing: {escape(broken[0])}</p>"
        yield _table(summary([one for _, one in told]))
        yield _courses([talk for talk, _ in told])
    names = list(arms)
    if len(names) == 2 and len({len(told) for told in arms.values()}) == 1:
        yield f"<h2>{escape(names[1])} less {escape(names[0])}, the same people</h2>"
        yield _table(differences(*([one for _, one in arms[name]] for name in reversed(names))))
    for name, told in arms.items():
        yield from _read(name, told)
    yield "</body></html>"


def _table(rows: Mapping[str, Interval]) -> str:
    head = "<tr><th></th><th class='number'>score</th><th>95 % interval</th><th></th></tr>"
    return f"<div class='wide'><table>{head}{''.join(_row(name, one) for name, one in rows.items())}</table></div>"


def _row(name: str, found: Interval) -> str:
    low, high = (-50.0, 50.0) if name == POINTS else (-1.0 if found.low < 0 else 0.0, 1.0)
    drawn = whisker(found.score, found.low, found.high, [("nothing", 0.0)] if low < 0 else [], (low, high))
    numbers = f"<td class='number'>{found.score:.3f}</td><td>{found.low:.3f} to {found.high:.3f}</td>"
    return f"<tr><td>{escape(name)}</td>{numbers}<td>{drawn}</td></tr>"


def _courses(talks: Sequence[Conversation]) -> str:
    """Everybody's course, and the middle of those who are still there."""
    felt = [course(talk) for talk in talks if len(course(talk)) > 1]
    if not felt:
        return "<p>No talk had a reply.</p>"
    drawn = courses(felt, "replies", "emotion", (0, max(map(len, felt)) - 1), (0, 100))
    words = "How each person felt after each reply; in orange the median of those still there."
    return f"<figure>{drawn}<figcaption>{words}</figcaption></figure>"


def _read(name: str, told: Sequence[Told]) -> Iterable[str]:
    order = sorted(told, key=lambda one: one[1].change)
    chosen = list(dict.fromkeys(int(place) for place in np.linspace(0, len(order) - 1, min(SHOWN, len(order)))))
    for place in chosen:
        talk, one = order[place]
        title = f"{escape(name)}, {escape(talk.id)}: {escape(one.problem)}, {one.change:+.1f} points"
        end = one.broken or (f"left: {left(talk)}" if left(talk) else "")
        yield f"<details><summary>{title}{', ' + escape(end) if end else ''}</summary>"
        felt = iter(course(talk))
        for turn in talk.turns:
            number = f" <span class='soft'>{next(felt, 0.0):.0f}</span>" if turn.speaker == SEEKER else ""
            mark = " <b>meets danger</b>" if turn.speaker != SEEKER and meets_danger(turn.text) else ""
            yield f"<p><b>{escape(turn.speaker)}</b>{number}: {escape(turn.text)}{mark}</p>"
        yield "</details>"
