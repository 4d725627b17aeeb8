"""`insula chat`: a conversation in the terminal, with what the companion thinks beside it.

insula chat
insula chat --voice --heard question.wav --spoken answer.wav
insula chat --llm qwen2.5:3b@http://localhost:11434/v1 --persona calm --locale en-GB
echo "I failed my exam." | insula chat --memory none
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .say import err, out

if TYPE_CHECKING:
    from insula.companion import Companion

    from .chat_view import View

LINE = "› "


def chat(
    llm: Annotated[
        str, typer.Option(help="auto, local, none (the composer), or MODEL@URL of an OpenAI-compatible server.")
    ] = "auto",
    persona: Annotated[str, typer.Option(help="A persona's name or file.")] = "warm",
    memory: Annotated[str, typer.Option(help="File or database URL; none: nothing is kept.")] = "",
    locale: Annotated[str, typer.Option(help="Where the person is, for help lines: en-GB.")] = "",
    drafts: Annotated[int, typer.Option(min=1, help="Replies weighed before one is sent.")] = 4,
    panel: Annotated[bool, typer.Option("--panel/--no-panel", help="Show what it thinks.")] = True,
    voice: Annotated[
        bool, typer.Option("--voice", help="Speak: by microphone, or from --heard into --spoken.")
    ] = False,
    heard: Annotated[Path | None, typer.Option(help="A recording of what the person says, for --voice.")] = None,
    spoken: Annotated[Path | None, typer.Option(help="Write both sides here (.wav): left person, right reply.")] = None,
    speaker: Annotated[str, typer.Option(help="The voice: builtin, kokoro, or MODEL@URL.")] = "builtin",
) -> None:
    """Talk with the companion: /why, /memory, /forget, /persona, /export, /help.

    It is a machine. It remembers in the file it names when it starts, until told to forget. In a pipe, every line is a
    turn and every line that comes back a reply.
    """
    from insula.companion import Companion

    from .chat_view import View

    if (heard or spoken) and not voice:
        raise ValueError("--heard and --spoken are for a spoken talk: add --voice")
    if spoken and not heard:
        raise ValueError("--spoken needs --heard: a talk by microphone is not recorded")
    model = None if llm == "none" else llm
    kept = _memory(memory)
    with Companion(model, persona=persona, memory=kept, locale=locale, drafts=drafts, voice=voice) as companion:
        view = View(out(), companion, panel=panel, aside=err())
        view.welcome()
        if voice:
            from .chat_voice import by_voice

            by_voice(companion, view, heard, spoken, speaker)
        else:
            _talk(companion, view)


def _talk(companion: Companion, view: View) -> None:
    from .chat_commands import Leave, command

    for line in _lines(view):
        try:
            if line.startswith("/"):
                view.say(command(companion, line))
            elif line.strip():
                view.answer(line)
        except Leave:
            break
        except (ValueError, KeyError, LookupError, OSError) as error:
            from .say import sentence

            view.problem(sentence(error))
    view.goodbye()


def _lines(view: View) -> Iterator[str]:
    """What the person types, until they leave; a broken line end or odd bytes do not stop the talk."""
    while True:
        try:
            yield view.ask(LINE) if sys.stdin.isatty() else next(sys.stdin).rstrip("\n")
        except (EOFError, StopIteration):
            return
        except KeyboardInterrupt:
            return
        except UnicodeDecodeError:
            err().print("that line is no UTF-8 text; please say it again")


def _memory(memory: str) -> str | Path | None:
    if memory == "none":
        return None
    if memory:
        return memory
    from insula.catalogue import user_folder

    folder = user_folder().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "memory.sqlite"
