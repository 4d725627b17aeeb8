"""A card beside every trained model: data, licence, numbers, intended use, limits; and its catalogue row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from insula.data import corpus

PARTS = ("trunk", "top", "tokenizer", "vectors", "grams")

_CARD = """\
---
name: {name}
licence: {licence}
commercial_ok: {commercial}
revision: {revision}
---
# {name}

{summary}.

## Made from
{data}

Start: {start}.

    {command}

## Files
{files}

## On development data (what was tuned on; the official tests are in docs/numbers.json)
{quality}

## For what, and for what not
Reads what English text expresses, in short texts of everyday language. It was taught by crowd workers' reading of
strangers' words: what is expressed is not what is felt. Not for decisions about a person, not for diagnosis, not for
other languages (it abstains on those it notices). Rare labels (grief, pride, relief, nervousness) rest on a few dozen
examples.
"""


class Lesson(Protocol):
    """What a card tells of a corpus that was learnt from."""

    @property
    def corpus(self) -> str: ...

    @property
    def epochs(self) -> float: ...


def write_card(
    record: Mapping[str, Any],
    lessons: Sequence[Lesson],
    start: str,
    quality: Sequence[Mapping[str, Any]],
    out: Path,
    target: str = "insula.perceive.text.encoder:Encoder",
) -> None:
    """Write `NAME.md` and `NAME.row.toml` beside the weights the record describes.

    `start` is what they grew from, `target` the component that runs them.
    """
    name, summary, licence = (str(record[key]) for key in ("name", "summary", "licence"))
    files = [str(record[part]) for part in PARTS if part in record]
    text = _CARD.format(
        name=name,
        licence=licence,
        commercial=str(record["commercial_ok"]).lower(),
        revision=record["revision"],
        summary=summary,
        data="\n".join(_data(lesson.corpus, lesson.epochs) for lesson in lessons),
        start=start,
        command=f"insula train text --recipe {name} --out runs",
        files="\n".join(f"- {file}: sha256 {sha256((out / file).read_bytes()).hexdigest()}" for file in files),
        quality="\n".join(f"- {_figures(entry)}" for entry in quality),
    )
    (out / f"{name}.md").write_text(text, encoding="utf-8")
    made = row(name, summary, licence, bool(record["commercial_ok"]), target)
    (out / f"{name}.row.toml").write_text(made, encoding="utf-8")


def row(
    name: str, summary: str, licence: str, commercial_ok: bool, target: str = "insula.perceive.text.encoder:Encoder"
) -> str:
    """A catalogue row for trained weights, for a guest's own `.toml`."""
    return (
        f'["text.{name}"]\ntarget = "{target}"\n'
        f'params = {{ weights = "{name}.json", name = "text.{name}" }}\n'
        f'summary = "{summary}"\nlicence = "{licence}"\ncommercial_ok = {str(commercial_ok).lower()}\n'
        'tier = "encoder"\n'
    )


def _data(name: str, epochs: float) -> str:
    record = corpus(name)
    return f"- {record.title}: {record.licence}; {epochs:g} epochs of train ({record.url})"


def _figures(entry: Mapping[str, Any]) -> str:
    return f"{entry['scheme']}: " + ", ".join(f"{k} {v}" for k, v in entry.items() if k != "scheme")
