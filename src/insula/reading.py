"""`read`: anything that holds words in, a conversation with feelings out.

read("I can't believe you did this for me!").last          # a text
for conversation in read_many("reviews.csv"): ...          # constant memory on a large file
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .conversation import Addition, Conversation, merge
from .pipeline import Pipeline
from .presets import pipeline as preset


@dataclass(frozen=True)
class Problem:
    """Something in a source that could not be read; the rest was. `where` is a line, row or second."""

    source: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.source}, {self.where}: {self.what}" if self.where else f"{self.source}: {self.what}"


Source = str | Path | Conversation | Iterable[str | Path | Conversation]
Report = Callable[[Problem], None]


def read(
    source: Source,
    pipeline: str | Pipeline = "text",
    *,
    report: Report | None = None,
    text_column: str = "",
    **params: Any,
) -> Conversation:
    """One conversation with everything the pipeline adds. A source that holds several is merged, in order.

    `source` is a path, a text, a list of texts, or a Conversation (which is grown in place). Problems in the source
    raise ValueError when nothing could be read, and otherwise go to `report` (by default a warning each). `text_column`
    names the column of a table that holds the text, where its name does not tell.
    """
    found = list(read_many(source, pipeline, report=report, text_column=text_column, **params))
    return found[0] if len(found) == 1 else merge(found, id=str(source) if isinstance(source, str | Path) else "")


def read_many(
    source: Source,
    pipeline: str | Pipeline = "text",
    *,
    report: Report | None = None,
    text_column: str = "",
    size: int = 64,
    **params: Any,
) -> Iterator[Conversation]:
    """The conversations of a source one after the other, in constant memory; `size` go through the pipeline at once."""
    from .exchange import conversations

    engine = pipeline if isinstance(pipeline, Pipeline) else preset(pipeline, **params)
    return engine.run_many(conversations(source, report, text_column=text_column), size)


def listen(conversation: Conversation, pipeline: Pipeline) -> AsyncIterator[Addition]:
    """What the pipeline adds to a live conversation, as it is made."""
    return pipeline.listen(conversation)
