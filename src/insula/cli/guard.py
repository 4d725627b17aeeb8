"""`insula guard`: risk in a text or a chat, what to do, whom to call; the suite it is measured on; a proxy.

insula guard "I can't go on like this." --locale en-GB
insula guard chat.txt --json --fail-at concern
insula guard proxy --to qwen2.5:3b@http://localhost:11434/v1
"""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from .list_ import show
from .problems import Problems
from .say import err, out

if TYPE_CHECKING:
    from insula.conversation import Conversation

LEVELS = ("none", "watch", "concern", "crisis")


class _TextFirst(TyperGroup):
    """A group whose first word may be a text or a file: then `check` is meant."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["check", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_TextFirst,
    help="Risk in a text, a file or standard input: `insula guard TEXT|FILE|-`. Not a diagnosis.",
    no_args_is_help=True,
)


@app.command()
def check(
    source: Annotated[str, typer.Argument(metavar="TEXT|FILE|-", help="A quoted text, a file, or - for a text.")],
    locale: Annotated[str, typer.Option(help="Whose help lines, as en-GB; the computer's own if none.")] = "",
    replies: Annotated[str, typer.Option(help="Who replies in a chat; found by usual names if none.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per turn.")] = False,
    fail_at: Annotated[str, typer.Option(help="Leave with 3 where a turn is at this level or above.")] = "",
) -> None:
    """Read a text or a chat: how much care is needed, by which words, what to do, and whom to call."""
    from insula.guard.policy import Policy
    from insula.guard.verdict import verdicts

    if fail_at and fail_at not in LEVELS:
        raise ValueError(f"--fail-at {fail_at!r} is none of {', '.join(LEVELS)}")
    policy, worst = Policy(locale or _own_locale()), "none"
    for conversation in _read(source):
        for record in verdicts(conversation, replies, policy):
            worst = max(worst, record.get("level", "none"), key=LEVELS.index)
            _print(record, json)
    if fail_at and LEVELS.index(worst) >= LEVELS.index(fail_at):
        raise typer.Exit(3)


@app.command()
def cases(
    part: Annotated[
        str, typer.Option(help="fresh: by another hand than the rules'; test: by the same; dev.")
    ] = "fresh",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """How often risk is seen and falsely seen on the project's own suite, by category, with intervals."""
    from insula.catalogue import build
    from insula.guard.cases import cases as read
    from insula.guard.cases import measure

    rows = measure(build("guard.risk"), read(part)).json()
    if json:
        print(dumps(rows))
    else:
        show("The suite of the guard", list(rows[0]), [[_short(value) for value in row.values()] for row in rows])


@app.command()
def proxy(
    to: Annotated[str, typer.Option(help="MODEL@URL of an OpenAI-compatible server.")],
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8088,
    locale: Annotated[str, typer.Option(help="Whose help lines, as en-GB; the computer's own if none.")] = "",
    timeout: Annotated[float, typer.Option(min=1, help="Seconds without a sign of life from the server.")] = 60,
) -> None:
    """Stand between a chat program and a server: take over in a crisis, check every sentence of a reply."""
    try:
        import uvicorn

        from insula.guard.proxy import app as server
    except ModuleNotFoundError as error:
        raise ImportError(f"the proxy needs {error.name}: pip install 'insula[serve]'") from error

    made = server(to, timeout=timeout, locale=locale or _own_locale())
    err().print(f"insula: http://127.0.0.1:{port}/v1 guards {to}; Ctrl-C ends it", soft_wrap=True)
    uvicorn.run(made, host="127.0.0.1", port=port, log_level="warning")


def _own_locale() -> str:
    import locale

    return locale.getlocale()[0] or ""


def _read(source: str) -> Iterator[Conversation]:
    from insula.exchange import conversations

    return conversations(source, Problems(err()))


def _print(record: dict[str, Any], json: bool) -> None:
    if json:
        print(dumps(record, ensure_ascii=False))
        return
    lines = list(_sentences(record))
    out().print("\n  ".join(lines), soft_wrap=True)


def _sentences(record: dict[str, Any]) -> Iterator[str]:
    words = ", ".join(f"“{one}”" for one in record.get("words", ()))
    head = f"{record['turn']} {record['speaker']}: "
    if "reply_risks" in record:
        yield head + (", ".join(record["reply_risks"]) or "nothing to say against it") + (f": {words}" if words else "")
        return
    if "cannot_tell" in record:
        yield f"{head}cannot tell: {record['cannot_tell']}"
        return
    kinds = ", ".join(f"{kind} {share:.2f}" for kind, share in record.get("kinds", {}).items())
    yield head + record["level"] + (f" ({kinds})" if kinds else "") + (f": {words}" if words else "")
    if "do" in record:
        yield f"what to do: {record['do']}" + ("; hand over to a person" if record.get("hand_over") else "")
    if "say" in record:
        yield f"in words: {record['say']}"
        place = "" if record["place_known"] else " (the place is not known: say it with --locale, as en-GB)"
        yield f"help lines{place}: " + "; ".join(f"{one['name']} {one['contact']}" for one in record["lines"])


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
