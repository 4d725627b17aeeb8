"""How a talk looks: the reply to the left, what the companion thinks to the right, filled in as it is found out.

In a pipe, or where the panel is off, only the replies are printed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from insula.conversation import Addition, Annotation, Turn
from insula.exchange.report.glyphs import COLOURS, number, spark
from insula.respond.evidence import evidence

if TYPE_CHECKING:
    from insula.companion import Companion
    from insula.respond.answer import Answer

PANEL = 54  # columns
NARROWEST = 100  # of a terminal that has room for both columns
QUOTED = 38
RISKS = {"none": "green", "watch": "yellow", "concern": "dark_orange", "crisis": "bold red"}
TIERS = {
    "composer": "No language model is at work: I answer from prepared sentences, planned for what you say.",
    "local": "A small language model on this machine words my replies.",
    "url": "A language model at {} words my replies; what you write is sent there.",
}
MACHINE = "I am a machine, not a person and not a therapist; I read words, and I may be wrong."


class View:
    """One talk on one console."""

    def __init__(
        self, console: Console, companion: Companion, panel: bool = True, aside: Console | None = None
    ) -> None:
        self._console = console
        self._aside = aside or console  # what is no part of the talk: a pipe carries replies only
        self._companion = companion
        self._panel = panel and console.is_terminal
        self._doing = ""
        self._spoken = 0  # turns of a spoken talk that were shown
        companion.watch = self._watch
        self._live: Live | None = None

    def welcome(self) -> None:
        """Who this is, who words the replies, where memory is kept, and how to leave."""
        companion = self._companion
        tier = TIERS[companion.tier].format(getattr(companion.llm, "url", ""))
        kept = f"I remember in {companion.memory.where}." if companion.memory else "I keep nothing after this talk."
        lines = [f"{companion.persona.name}: {MACHINE}", tier, f"{kept} /help says what you can ask; /quit leaves."]
        self._aside.print(Text("\n".join(lines), style="bright_black"), soft_wrap=True)

    def goodbye(self) -> None:
        """The last line, where a person is there to read it."""
        if self._console.is_terminal:
            self._console.print(Text("Take care.", style="bright_black"))

    def ask(self, prompt: str) -> str:
        """What the person types."""
        return self._console.input(Text(f"\n{prompt}", style="bold"))

    def say(self, what: RenderableType) -> None:
        """The answer to a command."""
        self._console.print(what)

    def problem(self, words: str) -> None:
        """What went wrong, in a sentence; the talk goes on."""
        self._aside.print(Text(words, style="red"), soft_wrap=True)

    def answer(self, text: str) -> None:
        """Say it to the companion, and show the answer as it comes."""
        if not self._console.is_terminal:
            self._console.print(self._companion.say(text).text, soft_wrap=True)
            return
        started = time.monotonic()
        with Live(self._both(""), console=self._console, refresh_per_second=12) as self._live:
            answer = self._companion.say(text)
            self._doing = f"{time.monotonic() - started:.1f} s"
            self._live.update(self._both(answer.text, answer), refresh=True)
        self._live = None

    def spoken(self, turns: Sequence[Turn]) -> None:
        """What was said aloud since the last call."""
        for turn in turns[self._spoken :]:
            theirs = turn.speaker != self._companion.name
            self._console.print(
                Text(("› " if theirs else "") + turn.text, style="bold" if theirs else ""), soft_wrap=True
            )
        self._spoken = len(turns)

    def _watch(self, addition: Addition) -> None:
        """Redraw with what was just found; a reply is shown the moment it is cleared."""
        layer = addition.layer if isinstance(addition, Annotation) else "turn"
        self._doing = {"emotion": "reading", "risk": "keeping safe", "plan": "planning"}.get(layer, self._doing)
        if self._live is not None:
            last = self._companion.conversation.last
            said = last.text if last and last.speaker == self._companion.name else ""
            self._live.update(self._both(said))

    def _both(self, reply: str, answer: Answer | None = None) -> RenderableType:
        words = Text(reply or f"… {self._doing}", style="" if reply else "bright_black")
        if not self._panel:
            return words
        panel = Panel(self._thoughts(answer), box=box.ROUNDED, border_style="bright_black", title=self._doing)
        grid = Table.grid(padding=(0, 2), expand=True)
        if self._console.width < NARROWEST:
            grid.add_row(words)
            grid.add_row(panel)
        else:
            grid.add_column(ratio=1)
            grid.add_column(width=PANEL)
            grid.add_row(words, panel)
        return grid

    def _thoughts(self, answer: Answer | None) -> RenderableType:
        """What is known of the turn being answered; rows appear as they are found."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="bold")
        for name, words in (*self._felt(), *self._planned(), *self._worded(answer)):
            grid.add_row(name, words)
        return grid

    def _felt(self) -> list[tuple[str, RenderableType]]:
        """Mood curve, emotion and causes, risk."""
        conversation, last = self._companion.conversation, self._asked()
        if last is None:
            return []
        found: list[tuple[str, RenderableType]] = []
        theirs = [turn for turn in conversation.turns if turn.speaker != self._companion.name]
        judged = [one for turn in theirs for one in conversation.read("affect", turn=turn.id, scheme="vad")[-1:]]
        if curve := [one.scores["valence"] for one in judged if not one.abstained]:
            found.append(("mood", f"{spark(curve, 24)} {number(curve[-1], True)}"))
        known = evidence(conversation, last)
        if known.primary:
            feeling = Text(known.primary, style=COLOURS.get(known.primary, "white"))
            found.append(("feels", feeling.append(f"  {', '.join(known.fine)}", style="bright_black")))
        found += [("because", f"“{_short(cause)}”") for cause in known.causes]
        if levels := conversation.read("risk", turn=last.id, scheme="risk-level"):
            level = next(iter(levels[-1].labels), "cannot tell")
            found.append(("risk", Text(level, style=RISKS.get(level, ""))))
        return found

    def _planned(self) -> list[tuple[str, RenderableType]]:
        """Memories that came up, strategies, and the feeling the reply aims at."""
        companion, last = self._companion, self._asked()
        if last is None:
            return []
        memories = companion.conversation.read("memory", turn=last.id, scheme="recalled")[-1:]
        found: list[tuple[str, RenderableType]] = [
            ("recalls", f"“{_short(companion.recalled(id))}” {number(score)}")
            for one in memories
            for id, score in one.scores.items()
        ]
        plans = {one.scheme: one for one in companion.conversation.read("plan", turn=last.id)}
        if plan := plans.get("support-plan"):
            aim = plans.get("reply-emotion")
            words = Text(" + ".join(plan.labels) or plan.reason)
            found.append(
                ("plan", words.append(f"  sounding {aim.top}" if aim and aim.top else "", style="bright_black"))
            )
        return found

    def _worded(self, answer: Answer | None) -> list[tuple[str, RenderableType]]:
        """What the reply is expected to do, what the one before it did, and who worded it."""
        if answer is None:
            return []
        found: list[tuple[str, RenderableType]] = []
        earlier = [one.effect for one in self._companion.answers[:-1] if one.effect is not None]
        if answer.expected is not None:
            did = f", the last one did {number(earlier[-1], True)}" if earlier else ""
            found.append(("effect", f"{number(answer.expected, True)} expected{did}"))
        weighed = f", best of {len(answer.drafts)}" if answer.drafts else ""
        return [*found, ("by", f"{answer.tier}{weighed}")]

    def _asked(self) -> Turn | None:
        """The person's last turn."""
        name = self._companion.name
        return next((turn for turn in reversed(self._companion.conversation.turns) if turn.speaker != name), None)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
