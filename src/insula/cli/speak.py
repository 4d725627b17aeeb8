"""`insula speak`: a text said with a feeling, or its plan in one of the languages of plans.

insula speak "I am so sorry." --feeling sadness --intensity 0.7 -o sorry.wav
insula speak "I am so sorry." --feeling sadness --text > plan.txt      # edit it, then
insula speak --plan plan.txt -o sorry.wav
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .say import err

if TYPE_CHECKING:
    from insula.speak.text import Line


def speak(
    text: Annotated[str, typer.Argument(help="What to say; - for standard input.")] = "",
    feeling: Annotated[
        str, typer.Option(help="A feeling, or several with weights: joy:0.6,sadness:0.4; a minus is the opposite pole.")
    ] = "neutral",
    intensity: Annotated[float, typer.Option(min=-1, max=1, help="How strongly, 0 to 1; below 0 the opposite.")] = 0.7,
    plan: Annotated[Path | None, typer.Option(help="A plan as text, one line a sentence.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the sound here: .wav .flac .ogg")] = None,
    voice: Annotated[str, typer.Option(help="builtin, kokoro, kokoro:SPEAKER, or MODEL@URL.")] = "builtin",
    as_text: Annotated[bool, typer.Option("--text", help="Print the plan as text that can be edited.")] = False,
    as_ssml: Annotated[bool, typer.Option("--ssml", help="Print the plan as SSML 1.1.")] = False,
    as_expr: Annotated[bool, typer.Option("--expr", help="Print the plan as <expr> tags.")] = False,
    as_emotionml: Annotated[bool, typer.Option("--emotionml", help="Print the plan as EmotionML 1.0.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Listen to it, correct it, and say how it went.")] = False,
) -> None:
    """Say a text with a feeling. Speech made here is synthetic: say so where people hear it."""
    from insula.speak import emotionml, expr, ssml
    from insula.speak import text as plain

    said = _planned(text, feeling, intensity, plan)
    writers = {plain.write: as_text, ssml.write: as_ssml, expr.write: as_expr, emotionml.write: as_emotionml}
    asked = [write for write, wanted in writers.items() if wanted]
    for write in asked:
        print(write(said).rstrip())
    if output or check:
        _sound(said, voice, output, check)
    elif not asked:
        raise ValueError("nothing to do: -o FILE writes the sound; --text, --ssml, --expr, --emotionml print the plan")


def _planned(text: str, feeling: str, intensity: float, file: Path | None) -> tuple[Line, ...]:
    import sys

    from insula.speak.plan import plan
    from insula.speak.text import lines, read

    if file and text:
        raise ValueError("give a text or --plan, not both: the plan holds the words")
    if file:
        said = read(file.read_text(encoding="utf-8"))
    else:
        words = sys.stdin.read() if text == "-" else text
        said = lines(words, plan(words, _weights(feeling), intensity))
    if not said:
        raise ValueError("there is nothing to say: the text has no words")
    return said


def _weights(feeling: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in feeling.split(","):
        label, _, weight = one.partition(":")
        minus = label.strip().startswith("-")
        try:
            found[label.strip().lstrip("-")] = float(weight or 1) * (-1 if minus else 1)
        except ValueError:
            raise ValueError(f"{one.strip()!r} is no feeling with a weight, as in joy:0.6") from None
    return found


def _sound(said: tuple[Line, ...], name: str, output: Path | None, check: bool) -> None:
    from insula.audio.decode import write
    from insula.speak.text import say
    from insula.speak.voices import joined, voice

    speaker = voice(name)
    if check:
        from insula.speak.listen_back import corrected

        said, heard = corrected(speaker, said)
        for one in heard:
            err().print(one.sentence, soft_wrap=True)
    sound = joined(say(speaker, said))
    if output:
        write(output, sound.samples, sound.rate)
        err().print(f"{sound.seconds:.1f} s of synthetic speech; wrote {output}", soft_wrap=True)
