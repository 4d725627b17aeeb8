"""What can be asked of the companion in a chat: /why, /memory, /forget, /persona, /export, /help, /quit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from insula.companion import Companion

HELP = {
    "/why": "why the last reply is what it is: evidence, plan, drafts, effect",
    "/memory": "what is remembered, with the mood it had and where it was said",
    "/forget ID": "forget one memory; `/forget all` forgets everything, on disk too",
    "/persona": "who could answer; `/persona NAME` changes who does",
    "/export FILE": "write the talk with everything judged (.html, .jsonl, .csv, ...)",
    "/quit": "leave",
}


class Leave(Exception):
    """The person wants to leave."""


def command(companion: Companion, line: str) -> RenderableType:
    """What a command answers; raises Leave, ValueError for no command, and what the command itself raises."""
    name, _, rest = line.strip().partition(" ")
    if name not in COMMANDS:
        raise ValueError(f"there is no {name}; there are {', '.join(COMMANDS)}")
    return COMMANDS[name](companion, rest.strip())


def why(companion: Companion, _: str) -> RenderableType:
    """The last answer, taken apart."""
    answer = companion.last
    table = Table.grid(padding=(0, 2))
    understood = answer.understood
    rows = {
        "understood": ", ".join((understood.primary, *understood.fine)) if understood.primary else "cannot tell",
        "because of": "; ".join(f"“{cause}”" for cause in understood.causes),
        "appraised as": ", ".join(understood.appraisals),
        "plan": f"{' and '.join(answer.strategies)} ({answer.stage})" if answer.strategies else "",
        "feeling aimed at": answer.feeling,
        "risk": ", ".join((answer.risk, *answer.kinds)),
        "expected effect": _signed(answer.expected),
        "measured effect": _signed(answer.effect),
        "worded by": " ".join(filter(None, (answer.tier, answer.model and f"({answer.model})"))),
    }
    for what, words in rows.items():
        if words:
            table.add_row(Text(what, style="bold"), words)
    for reason in answer.reasons:
        table.add_row("", Text(reason, style="italic"))
    for text, score in sorted(answer.drafts, key=lambda draft: -draft[1]):
        mark = "sent" if text == answer.text else ""
        table.add_row(Text(f"draft {score:.2f} {mark}", style="bright_black"), Text(text, style="bright_black"))
    return table


def memory(companion: Companion, _: str) -> RenderableType:
    """Every episode that is remembered."""
    if companion.memory is None:
        return "nothing is kept: this talk was started with --memory none"
    table = Table("id", "when", "mood", "what was said", box=None, header_style="bold", pad_edge=False)
    for episode in companion.memory.episodes():
        mood = _signed(episode.mood.get("valence"))
        when = datetime.fromtimestamp(episode.when).astimezone()
        table.add_row(episode.id, f"{when:%Y-%m-%d %H:%M}", f"{episode.emotion} {mood}", episode.text)
    return table if table.row_count else "nothing is remembered yet"


def forget(companion: Companion, what: str) -> RenderableType:
    """One memory, or all of them."""
    if not what:
        raise ValueError("forget what? /forget ID (see /memory), or /forget all")
    if what == "all":
        companion.forget_all()
        return "Everything is forgotten, here and on disk."
    companion.forget(what)
    return f"{what} is forgotten, here and on disk."


def persona(companion: Companion, name: str) -> RenderableType:
    """Who answers."""
    from insula.respond.persona import persona as find
    from insula.respond.persona import personas

    if name:
        companion.choose(name)
        return f"{companion.persona.name} answers from now on."
    table = Table.grid(padding=(0, 2))
    for key in personas():
        table.add_row(Text(key, style="bold"), find(key).about, "◂" if find(key) == companion.persona else "")
    return table


def export(companion: Companion, path: str) -> RenderableType:
    """The conversation, with everything judged, as a file."""
    from insula.exchange import writer

    if not path:
        raise ValueError("export where? /export talk.html (see `insula list formats`)")
    with writer(path) as to:
        to.write(companion.conversation)
    return f"wrote {path}"


def help_(_: Companion, __: str) -> RenderableType:
    """The commands."""
    table = Table.grid(padding=(0, 2))
    for name, what in HELP.items():
        table.add_row(Text(name, style="bold"), what)
    return table


def leave(_: Companion, __: str) -> RenderableType:
    """Stop talking."""
    raise Leave


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}".replace("-", "−")


COMMANDS: dict[str, Callable[[Companion, str], RenderableType]] = {
    "/why": why,
    "/memory": memory,
    "/forget": forget,
    "/persona": persona,
    "/export": export,
    "/help": help_,
    "/quit": leave,
}
