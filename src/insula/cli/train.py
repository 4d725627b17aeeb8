"""`insula train`: a recipe of corpora, or a person's own labels, to a folder of weights with its row and card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import complete
from .say import err

app = typer.Typer(help="Train a method, or adapt one to your own labels.", no_args_is_help=True)


@app.callback()
def _rooms() -> None:
    """Keeps `text` a command of its own: a typer with one command would swallow its name."""


@app.command(no_args_is_help=True)
def text(
    data: Annotated[Path | None, typer.Argument(metavar="[DATA.csv]", help="Your own labelled texts.")] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights"),
    recipe: Annotated[str, typer.Option(help="Train this recipe instead.", autocompletion=complete.recipes)] = "",
    name: Annotated[str, typer.Option(help="What to call the result; else the file's name.")] = "",
    text_column: Annotated[str, typer.Option(help="The column with the texts.")] = "text",
    label_column: Annotated[str, typer.Option(help="The column with the labels; several are split by ;.")] = "label",
    commercial_ok: Annotated[bool, typer.Option("--commercial-ok", help="Your data may be used commercially.")] = False,
) -> None:
    """Fit a text reader; it ends in a folder with weights, a catalogue row and a card."""
    if bool(data) == bool(recipe):
        raise ValueError("give either a csv of labelled texts or --recipe, and not both")
    from rich.progress import Progress

    from insula.train import train_text

    with Progress(console=err(), transient=True, disable=not err().is_terminal) as bar:
        task = bar.add_task(f"training {recipe or data}", total=None)
        made = train_text(
            out,
            recipe=recipe,
            data=data,
            name=name,
            text_column=text_column,
            label_column=label_column,
            commercial_ok=commercial_ok,
            progress=lambda step, steps, _: bar.update(task, completed=step, total=steps),
        )
    err().print(f"wrote {made}; use it with `insula read … --pipeline text.{made.stem}`", soft_wrap=True)


@app.command("respond-affect")
def respond_affect(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit the planner of a reply's emotion; it ends in a folder with weights and a card."""
    from insula.train.respond.affect import train_affect

    err().print(f"wrote {train_affect(out)}", soft_wrap=True)


@app.command("respond-planner")
def respond_planner(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit the planner of support, its tagger and its lookahead; it ends in a folder with weights and a card."""
    from insula.train.respond.planner import train_planner

    made = train_planner(out, lambda what: err().print(f"learning: {what}"))
    err().print(f"wrote {made}", soft_wrap=True)


@app.command("simulate-seeker")
def simulate_seeker(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit simulated seekers to recorded ones; it ends in a folder with weights, constants and a card."""
    from insula.train.simulate.seeker import train_seeker

    err().print(f"wrote {train_seeker(out, lambda what: err().print(f'learning: {what}'))}", soft_wrap=True)


@app.command("guard-reply")
def guard_reply(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit the guard's reader of replies; it ends in a folder with weights and a card."""
    from insula.train.guard.reply import train_reply

    err().print(f"wrote {train_reply(out)}", soft_wrap=True)


@app.command()
def respond(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Tune the adapter that makes the small local model answer with care: an hour on one core."""
    from rich.progress import Progress

    from insula.train.respond import train

    with Progress(console=err(), transient=True, disable=not err().is_terminal) as bar:
        task = bar.add_task("reading the corpora", total=None)
        made = train(
            out,
            progress=lambda step, steps, loss: bar.update(
                task, completed=step, total=steps, description=f"tuning, loss {loss:.2f}"
            ),
        )
    err().print(f"wrote {made}; in the place of the shipped one, `insula chat --llm local` uses it", soft_wrap=True)


@app.command("guard-risk")
def guard_risk(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights"),
    start: Annotated[Path | None, typer.Option(help="The trained text encoder (.safetensors) to begin from.")] = None,
) -> None:
    """Fit the guard's reader of a person's risk; it ends in a folder with weights and a card."""
    from insula.train.guard.risk import train_risk

    err().print(f"wrote {train_risk(out, start)}", soft_wrap=True)


@app.command()
def person(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit how words, voice and face are weighed against each other; it ends in a folder with weights and a card."""
    from insula.train.speech.fuse import train_person

    err().print(f"wrote {train_person(out)}", soft_wrap=True)


@app.command()
def speaker(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Convert the published speaker encoder of the package Resemblyzer; it ends in a folder with weights and a card."""
    from insula.train.speech.speaker import convert

    err().print(f"wrote {convert(out)}", soft_wrap=True)


@app.command()
def voice(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit what hears feelings in voices; it ends in a folder with weights and a card."""
    from insula.train.speech.voice import train_voice

    err().print(f"wrote {train_voice(out, lambda what: err().print(f'hearing: {what}'))}", soft_wrap=True)


@app.command("voice-encoder")
def voice_encoder(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Write the graphs, without weights, that run Whisper's encoder."""
    from insula.train.speech.encoder import SIZES, write_graph

    for name in SIZES:
        err().print(f"wrote {write_graph(name, out)}", soft_wrap=True)


@app.command()
def body(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit what tells rest, stress and amusement of bodies; it ends in a folder with weights and a card."""
    from insula.train.body.states import train_body

    err().print(f"wrote {train_body(out)}", soft_wrap=True)


@app.command()
def face(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Fit what reads expressions of faces: an hour on one core; it ends in a folder with weights and a card."""
    from insula.train.face.face import train_face

    err().print(f"wrote {train_face(out, lambda what: err().print(what))}", soft_wrap=True)


@app.command()
def scene(out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("weights")) -> None:
    """Convert a published network of photographs and fit feelings on it; a folder with weights and a card."""
    from insula.train.image.scene import train_scene

    err().print(f"wrote {train_scene(out)}", soft_wrap=True)
