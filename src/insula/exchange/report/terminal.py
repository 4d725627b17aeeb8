"""The timeline in a terminal: who said what, what is expressed in it, how sure that is, and which words show it.

    Mara   There is always a van.
    7      − ──●━━━┼────── + −.41 ±.30   annoyance ████░░ .71   could also be anger, disappointment

Colour follows the family of the emotion and never carries meaning alone: the label always stands beside it in words.
"""

from __future__ import annotations

from collections import Counter
from typing import Self

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from insula.conversation import Conversation

from .dialogue.summary import chosen, speakers
from .dialogue.terminal import closing, gap, under
from .dialogue.view import Reading, readings
from .film.terminal import lines as film_lines
from .glyphs import COLOURS, bar, gauge, number, spark
from .sound.terminal import lines as sound_lines
from .tally import Tally
from .view import View, expressed, family, group, readable, visible

SPEAKERS = ("bright_cyan", "bright_magenta", "bright_green", "bright_yellow", "bright_blue", "bright_red")
MOST_OF_LONG = 40
"""Turns shown of a conversation that does not fit as a whole."""
LEFT = 10
"""Columns for who and when."""
NOTE = "What is expressed is not what is felt, and no reading is a diagnosis."


class Timeline:
    """Prints conversations as they come; after `limit` turns it only counts, and says so."""

    def __init__(self, console: Console, limit: int = 100) -> None:
        self.console = console
        self.limit = limit
        self.tally = Tally()
        self._shown = 0
        self._source: str | None = None

    @property
    def full(self) -> bool:
        """Whether it has stopped printing turns."""
        return self._shown >= self.limit

    def show(self, conversation: Conversation) -> None:
        """Print one conversation, or what still fits of it."""
        found = readings(conversation)
        for one in found:
            self.tally.add(one.view)
        if self.full:
            return
        source = group(conversation) if len(found) == 1 else conversation.id
        if source != self._source:
            self._source = source
            self._print(Text(), Rule(Text(source or "text", style="bold"), align="left", style="bright_black"))
        self.tally.look(conversation)
        people = speakers(found)
        room = self.limit - self._shown
        kept = chosen(found, room if len(found) <= room else min(room, MOST_OF_LONG))
        self._turns(found, kept, people, conversation.id)
        self._shown += len(kept)
        self._print(*film_lines(conversation, [one.view for one in found]))
        if len(found) > 1:
            seen = [one.view for one in found]
            self._print(Text(), *_curves(seen, people), *closing(conversation, found))

    def _turns(self, found: list[Reading], kept: set[int], people: dict[str, int], conversation: str) -> None:
        """The turns that are kept, and a line for every gap between them."""
        left: list[Reading] = []
        for one in found:
            if one.number not in kept:
                left.append(one)
                continue
            if left:
                self._print(Text(), gap(left))
                left = []
            self._print(Text(), _turn(one, found, len(found) == 1, conversation, people))
        if left:
            self._print(Text(), gap(left))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.tally.turns or self.tally.raters:
            self._close()

    def _close(self) -> None:
        tally = self.tally
        self._print(Text(), Rule(style="bright_black"))
        if tally.turns > self._shown:
            self._print(Text(f"{self._shown:,} of {tally.turns:,} texts are shown; the counts are of all.", "dim"))
        if tally.turns > 1 and tally.emotions:
            self._print(*_totals(tally))
        missing = "; ".join(f"{readable(why)} ({n:,})" for why, n in tally.reasons.most_common(3))
        if missing:
            self._print(Text(f"cannot tell: {missing}", style="italic"))
        self._print(Text(f"Read by {tally.read_by(4)}. {NOTE}", style="dim"))

    def _print(self, *parts: Text | Rule | Table) -> None:
        for part in parts:
            self.console.print(part, highlight=False)


def _turn(one: Reading, found: list[Reading], alone: bool, conversation: str, people: dict[str, int]) -> Table:
    """Two columns: who and when; what was said, what is expressed in it, why, and how it meets the other."""
    view = one.view
    name, when = Text(visible(view.turn.speaker)), Text(_clock(view), style="bright_black")
    if alone:
        name, when = Text(_row(conversation), style="bright_black"), Text()
    else:
        name.stylize(f"bold {SPEAKERS[people[view.turn.speaker] % len(SPEAKERS)]}")
    name.truncate(LEFT, overflow="ellipsis")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(width=LEFT)
    rows.add_column()
    lines = _stretches(view) if len(view.stretches) > 1 else [_marked(view), _judgement(view)]
    for i, line in enumerate([*lines, *sound_lines(view), *under(one, found)]):
        rows.add_row((name, when)[i] if i < 2 else "", line)
    return rows


def _row(conversation: str) -> str:
    """Where a text of a table stands: "17" of "reviews.csv:17"."""
    source, colon, row = conversation.rpartition(":")
    return row if source and colon else ""


def _clock(view: View) -> str:
    if not view.turn.seconds:
        return str(view.number)
    minutes, seconds = divmod(int(view.turn.seconds[0]), 60)
    return f"{minutes}:{seconds:02}"


def _marked(view: View) -> Text:
    """The text, its evidence words bold and underlined."""
    text = Text(visible(view.turn.text.strip()))
    ahead = len(view.turn.text) - len(view.turn.text.lstrip())
    for one in view.evidence:
        label, weight = max(one.scores.items(), key=lambda x: x[1])
        colour = COLOURS[family(view.emotion.scheme if view.emotion else "", label)]
        start, end = one.at.chars or (0, 0)
        text.stylize(f"underline {'bold ' if weight >= 0.3 else ''}{colour}", start - ahead, end - ahead)
    if len(text) > 1200:
        text.truncate(1200, overflow="ellipsis")
    return text


def _judgement(view: View) -> Text:
    if view.cannot_tell:
        return Text(f"? cannot tell: {view.cannot_tell}", style="italic bright_black")
    if not view.emotion and not view.affect:
        return Text("nobody looked", style="italic bright_black")
    parts = [_affect(view), _emotions(view), _flags(view), _doubt(view)]
    return Text("   ").join(part for part in parts if part.plain)


def _emotions(view: View) -> Text:
    """Up to three decided labels with their probabilities; where none was decided, that is said."""
    text = Text()
    scheme = view.emotion.scheme if view.emotion else ""
    for label, score in view.expressed[:3]:
        colour = COLOURS[family(scheme, label)]
        text.append("  " if text.plain else "")
        text.append(f"{readable(label)} ", style=f"bold {colour}").append(bar(score), style=colour)
        text.append(f" {number(score)}")
    if view.emotion and not view.expressed:
        text.append("nothing stands out", style="bright_black")
    return text


def _affect(view: View) -> Text:
    if not (found := view.affect_of("valence")):
        return Text()
    value, margin = found
    doubt = f" ±{number(margin)}" if margin else ""
    gauged = Text(f"− {gauge(value, margin)} + ", style="bright_black")
    return gauged.append(f"{number(value, True)}{doubt}", style="not dim default")


def _flags(view: View) -> Text:
    """What other layers decided: sarcasm, stress."""
    found = [pair for x in view.beside if x.layer in ("sarcasm", "stress") for pair in expressed(x)]
    return Text("  ".join(f"⚑ {readable(label)} {number(score)}" for label, score in found), style="bold")


def _doubt(view: View) -> Text:
    rest = view.could_be
    more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
    return (
        Text(f"could also be {', '.join(map(readable, rest[:3]))}{more}", style="italic bright_black")
        if rest
        else Text()
    )


def _stretches(view: View, most: int = 12) -> list[Text]:
    """A long text as its trajectory: two lines for each part, then the curve and the whole."""
    lines: list[Text] = []
    for part in view.stretches[:most]:
        piece = View(view.turn, view.number, part.emotion, part.affect, (), (), ())
        words = " ".join(visible(view.turn.text[slice(*part.chars)]).split())
        lines += [Text(words if len(words) <= 180 else words[:180] + " …"), _judgement(piece), Text()]
    if len(view.stretches) > most:
        lines.append(Text(f"… {len(view.stretches) - most:,} more parts", style="dim"))
    values = [x.affect.scores["valence"] for x in view.stretches if x.affect and "valence" in x.affect.scores]
    if values:
        lines.append(Text(f"valence over the text  {spark(values)}"))
    return [*lines, Text.assemble(("all of it  ", "bold"), _judgement(view))]


def _curves(seen: list[View], speakers: dict[str, int], most: int = 6) -> list[Text]:
    """Per speaker: valence over their turns, where it began and ended, and what they expressed most."""
    lines: list[Text] = []
    wide = max((len(speaker) for speaker in speakers), default=0)
    for speaker, i in list(speakers.items())[:most]:
        theirs = [view for view in seen if view.turn.speaker == speaker]
        valence = [found[0] for view in theirs if (found := view.affect_of("valence"))]
        counts = Counter(label for view in theirs for label, _ in view.expressed if label != "neutral")
        line = Text(f"{visible(speaker):<{wide}}  ", style=f"bold {SPEAKERS[i % len(SPEAKERS)]}")
        if valence:
            span = f"{number(valence[0], True)} → {number(valence[-1], True)}"
            line.append(f"valence {spark(valence)} {span}  ", style="not bold default")
        line.append(", ".join(f"{readable(label)} {n}" for label, n in counts.most_common(3)), style="not bold default")
        lines.append(line)
    if len(speakers) > most:
        lines.append(Text(f"… and {len(speakers) - most} more speakers", style="dim"))
    return lines


def _totals(tally: Tally, most: int = 8) -> list[Text]:
    wide = max(len(readable(label)) for (_, label), _ in tally.emotions.most_common(most))
    lines: list[Text] = []
    for (scheme, label), n in tally.emotions.most_common(most):
        line = Text(f"{readable(label):>{wide}} ")
        line.append(bar(n / tally.turns, 30), style=COLOURS[family(scheme, label)])
        lines.append(line.append(f" {n:,}  {n / tally.turns:.0%} of texts", style="bright_black"))
    return lines
