"""The command `insula`: one small file per verb; each imports what it needs only when it runs.

insula read chat.txt -o report.html
"""

from __future__ import annotations

import os
import sys
import warnings

import typer

from . import (
    board,
    chat,
    convert,
    data,
    doctor,
    evaluate,
    form,
    guard,
    list_,
    read,
    rehearse,
    scenarios,
    serve,
    simulate,
    speak,
    study,
    train,
)
from .say import sentence

BAD_INPUT = (
    ValueError,
    KeyError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    ImportError,
)

app = typer.Typer(
    name="insula",
    help="Reads how people feel, says how sure it is and which words show it. What is expressed is not what is felt.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("read", no_args_is_help=True)(read.read)
app.command("chat")(chat.chat)
app.command("speak", no_args_is_help=True)(speak.speak)
app.command("convert", no_args_is_help=True)(convert.convert)
app.command("list")(list_.list_)
app.command("doctor")(doctor.doctor)
app.add_typer(data.app, name="data")
app.command("evaluate", no_args_is_help=True)(evaluate.evaluate)
app.command("board")(board.board)
app.add_typer(train.app, name="train")
app.command("study")(study.study)
app.command("form", no_args_is_help=True)(form.form)
app.command("rehearse")(rehearse.rehearse)
app.command("test", no_args_is_help=True)(scenarios.scenarios)
app.add_typer(guard.app, name="guard")
app.command("simulate")(simulate.simulate)
app.command("serve")(serve.serve)


def main() -> None:
    """Run the command line; every error is one sentence, and never a traceback."""
    warnings.showwarning = lambda message, *_: print(f"insula: {message}", file=sys.stderr)  # pyright: ignore
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of one command line: 0 done, 1 failed, 2 bad usage or input, 130 interrupted."""
    try:
        return app(arguments, prog_name="insula", standalone_mode=False) or 0
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # whoever was reading has seen enough; without this Python complains once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _fail("there is not enough memory for this; read it in smaller pieces", 1)
    except Exception as error:
        if os.environ.get("INSULA_TRACEBACK"):
            raise
        return _explain(error)


def _explain(error: Exception) -> int:
    if usage := getattr(error, "format_message", None):
        if not usage():  # without any argument the help itself was printed
            return 2
        context = getattr(error, "ctx", None)
        return _fail(f"{usage().rstrip('.')}. See `{context.command_path if context else 'insula'} --help`.", 2)
    # a KeyError whose message is only a key was not written for a person
    if isinstance(error, BAD_INPUT) and not (isinstance(error, KeyError) and " " not in sentence(error)):
        return _fail(sentence(error), 2)
    if isinstance(error, OSError):
        return _fail(sentence(error), 1)
    return _fail(
        f"this should not happen: {type(error).__name__}: {sentence(error)} (INSULA_TRACEBACK=1 shows where)", 1
    )


def _fail(message: str, code: int) -> int:
    print(f"insula: {message}", file=sys.stderr)
    return code


@app.callback(invoke_without_command=True)
def _options(version: bool = typer.Option(False, "--version", help="Show the version and leave.")) -> None:
    if version:
        from insula import __version__

        typer.echo(f"insula {__version__}")
        raise typer.Exit
