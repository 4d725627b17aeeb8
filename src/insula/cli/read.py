"""`insula read`: anything that holds words or voices in; a timeline, or files, out.

insula read reviews.csv -o feelings.csv
insula read chat.jsonl -o report.html        # several people: causes, empathy and where it is heading as well
insula read call.wav -o call.html            # a recording: who said what, and how it sounded
insula read camera:0@60 -o me.html           # a minute of a camera: what a face expresses
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .problems import Problems
from .progress import Progress
from .recordings import Recordings
from .say import err, out

if TYPE_CHECKING:
    from insula.conversation import Conversation
    from insula.exchange import Writer
    from insula.exchange.report.terminal import Timeline

    Engine = Callable[[Iterable[Conversation]], Iterator[Conversation]]

PERSONALITY = "dialogue.personality"


def read(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE…", help="A file, a folder, a quoted text, camera:0, or - for standard input."),
    ],
    pipeline: Annotated[
        str,
        typer.Option(
            *("--pipeline", "-p"),
            help="A preset or methods joined by +. If none: what fits (voice, dialogue or text).",
            autocompletion=complete.pipelines,
        ),
    ] = "",
    output: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", help="Write here, by the ending (`insula list formats`). May be repeated."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the timeline as well as writing files.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    text_column: Annotated[str, typer.Option(help="The column of a table that holds the text.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Stop after so many conversations (rows of a table); 0: all.")] = 0,
    commercial_ok: Annotated[
        bool, typer.Option("--commercial-ok", help="Only methods that may be used commercially.")
    ] = False,
    purpose: Annotated[
        str, typer.Option(help="What voices are read for: personal, research, service, ... (with + for several).")
    ] = "personal",
    jurisdiction: Annotated[str, typer.Option(help="Where: a country like DE, or EU. If none: the strictest.")] = "",
    blur: Annotated[bool, typer.Option("--blur", help="Show films in reports with all faces blurred.")] = False,
    audit: Annotated[Path | None, typer.Option(help="A file that every use of the purpose gate is noted in.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but problems.")] = False,
) -> None:
    """Read what is expressed in texts, conversations and recordings, and show it or write it to files.

    Conversations of several people are read as such: what caused a feeling, how replies met it, where it is heading.
    Recordings are heard: who spoke when, in which words, how it sounded, for the purpose that --purpose names.
    Anything else is read text by text. --pipeline chooses for all of them, for instance
    --pipeline dialogue+dialogue.personality.
    """
    paths = output or []
    if resume and not paths:
        raise ValueError("--resume needs an output (-o) to go on with")
    from insula.guard.purpose import Purpose

    gate = Purpose(purpose, jurisdiction, audit=audit)
    engine = Recordings(_engine(pipeline, commercial_ok), pipeline, commercial_ok, gate, _note)
    if PERSONALITY in pipeline and ((paths and not show) or quiet):
        _warn_of_personality()
    through(
        engine, sources, paths, show=show, resume=resume, text_column=text_column, limit=limit, quiet=quiet, blur=blur
    )


def through(
    engine: Engine | Recordings,
    sources: list[str],
    paths: list[Path],
    *,
    show: bool = False,
    resume: bool = False,
    text_column: str = "",
    limit: int = 0,
    quiet: bool = False,
    blur: bool = False,
) -> None:
    """Every conversation of the sources through an engine, onto the screen and into files; says what was done."""
    _keep_apart(sources, paths)
    # what is read lives shortly and in no cycles: collecting garbage less often reads a corpus a tenth faster
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    problems, progress = Problems(err()), Progress(err(), quiet)
    found = _begun(_limited(_all(sources, problems, text_column), limit))
    found = map(_to_be_blurred, found) if blur else found
    if isinstance(engine, Recordings):
        engine.watched(progress, problems)
    started = time.monotonic()
    try:
        with problems, progress, ExitStack() as stack:
            writers = [stack.enter_context(writer) for writer in _writers(paths, resume)]
            timeline = stack.enter_context(_timeline()) if (show or not paths) and not quiet else None
            for conversation in engine(_missing(found, writers)):
                _take(conversation, writers, timeline, progress)
    except KeyboardInterrupt as error:
        err().print(_interrupted(progress.texts, paths, error), soft_wrap=True)
        raise typer.Exit(130) from None
    if paths and not quiet:
        names = ", ".join(map(str, paths))
        seconds = time.monotonic() - started
        err().print(f"{_texts(progress.texts)} in {seconds:.1f} s; wrote {names}", soft_wrap=True)
    if problems.lost:
        raise typer.Exit(1)


def _engine(pipeline: str, commercial_ok: bool) -> Engine:
    """What reads conversations: the pipeline that was asked for, else for each the preset that fits it."""
    from insula.presets import pipeline as preset
    from insula.presets import read_fitting

    if pipeline:
        return preset(pipeline, commercial_ok=commercial_ok).run_many
    return partial(read_fitting, commercial_ok=commercial_ok, note=_note)


def _to_be_blurred(conversation: Conversation) -> Conversation:
    """The same, and whoever draws pictures of it leaves no face to be recognised."""
    from insula.conversation import Conversation as New

    return New(*conversation.log, id=conversation.id, meta={**conversation.meta, "blur": True})


def _note(words: str) -> None:
    err().print(f"insula: {words}", soft_wrap=True)


def _warn_of_personality() -> None:
    """How weak it is must be on the screen also where nothing else is."""
    from insula.exchange.report.dialogue.summary import accuracy

    _note(accuracy(PERSONALITY))


def _keep_apart(sources: list[str], outputs: list[Path]) -> None:
    """Raise ValueError for an output that is a source, or that would be read as part of a folder while it grows."""
    from insula.exchange.formats import by_suffix

    for source in filter(None, map(_path, sources)):
        for output in (path.resolve() for path in outputs):
            found = by_suffix(output.name)
            if output == source.resolve() or (found and found.reads and source.resolve() in output.parents):
                raise ValueError(f"{output.name} would be written where it is read; give it another name or place")


def _all(sources: list[str], problems: Problems, text_column: str) -> Iterator[Conversation]:
    """The conversations of every source. With several, one that cannot be read does not lose the others."""
    from insula.exchange import Missing, Unreadable, conversations

    anything = False
    for source, (front, back) in zip(sources, _names(sources), strict=True):
        try:
            for conversation in conversations(source, problems, text_column=text_column):
                anything = True
                conversation.id = front + conversation.id + back
                yield conversation
        except (Missing, Unreadable) as error:
            if len(sources) == 1:
                raise
            problems.lose(error)
    if not anything:
        raise ValueError("none of the sources could be read")


def _names(sources: list[str]) -> list[tuple[str, str]]:
    """What to put before and after the ids of each source, so that no two sources give the same ones."""
    paths = [_path(source) for source in sources]
    names = Counter(path.resolve().name for path in paths if path)
    found: list[tuple[str, str]] = []
    for number, path in enumerate(paths, 1):
        if len(sources) == 1 or not path:
            found.append(("", "" if len(sources) == 1 else f":{number}"))
        elif names[path.resolve().name] > 1:
            found.append((f"{number}/", ""))
        else:
            found.append((f"{path.resolve().name}/" if path.is_dir() else "", ""))
    return found


def _path(source: str) -> Path | None:
    """The path a source is, or None for words."""
    try:
        return Path(source) if Path(source).exists() else None
    except (OSError, ValueError):
        return None


def _limited(found: Iterator[Conversation], limit: int) -> Iterator[Conversation]:
    from itertools import islice

    return islice(found, limit) if limit else found


def _begun(found: Iterator[Conversation]) -> Iterator[Conversation]:
    """The same, the first one already read: a source that cannot be read must not cost an output that exists."""
    from itertools import chain

    return chain([next(found)], found)


def _writers(paths: list[Path], resume: bool) -> Iterator[Writer]:
    from insula.exchange import writer

    return (writer(path, resume) for path in paths)


def _missing(found: Iterable[Conversation], writers: list[Writer]) -> Iterator[Conversation]:
    """Those that one of the outputs does not have yet."""
    if not any(writer.done for writer in writers):
        yield from found
        return
    for conversation in found:
        if not all(conversation.id in writer.done for writer in writers):
            yield conversation


def _take(conversation: Conversation, writers: list[Writer], timeline: Timeline | None, progress: Progress) -> None:
    for writer in writers:
        if conversation.id not in writer.done:
            writer.write(conversation)
    if timeline:
        timeline.show(conversation)
    progress.add(len(conversation.turns), hidden=bool(timeline and not timeline.full))


def _timeline() -> Timeline:
    from insula.exchange.report.terminal import Timeline

    return Timeline(out())


def _interrupted(texts: int, paths: list[Path], error: KeyboardInterrupt) -> str:
    """What was saved, and how to go on."""
    from insula.exchange.formats import by_suffix

    grown = [path for path in paths if (found := by_suffix(path.name)) and found.resumes]
    told = [f"interrupted after {_texts(texts)}"]
    if grown:
        told.append(f"they are in {', '.join(map(str, grown))}; the same command with --resume goes on from there")
    return "; ".join([*told, *getattr(error, "__notes__", [])])


def _texts(count: int) -> str:
    return f"{count:,} text" + ("" if count == 1 else "s")
