"""`read`: anything that holds words in, a conversation with feelings out.

read("I can't believe you did this for me!").last          # a text
for conversation in read_many("reviews.csv"): ...          # constant memory on a large file
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from .conversation import Addition, Conversation, merge
from .pipeline import Pipeline
from .presets import pipeline as preset
from .presets import sensed


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
    pipeline: str | Pipeline = "",
    *,
    report: Report | None = None,
    text_column: str = "",
    **params: Any,
) -> Conversation:
    """One conversation with everything the pipeline adds. A source that holds several is merged, in order.

    `source` is a path, a text, a list of texts, or a Conversation (which is grown in place). Where no pipeline is named
    a recording is read with "voice" and anything else with "text". Problems in the source
    raise ValueError when nothing could be read, and otherwise go to `report` (by default a warning each). `text_column`
    names the column of a table that holds the text, where its name does not tell.
    """
    found = list(read_many(source, pipeline, report=report, text_column=text_column, **params))
    return found[0] if len(found) == 1 else merge(found, id=str(source) if isinstance(source, str | Path) else "")


def read_many(
    source: Source,
    pipeline: str | Pipeline = "",
    *,
    report: Report | None = None,
    text_column: str = "",
    size: int = 64,
    **params: Any,
) -> Iterator[Conversation]:
    """The conversations of a source one after the other, in constant memory; `size` go through the pipeline at once."""
    from .exchange import conversations

    found = conversations(source, report, text_column=text_column)
    if isinstance(pipeline, str):
        return _named(found, pipeline, size, params)
    return pipeline.run_many(found, size)


def _named(found: Iterable[Conversation], name: str, size: int, params: Mapping[str, Any]) -> Iterator[Conversation]:
    engines: dict[str, Pipeline] = {name: preset(name, **params)} if name else {}
    for default, group in groupby(found, lambda one: sensed(one) or "text"):
        if (chosen := name or default) not in engines:
            engines[chosen] = preset(chosen, **params)
        yield from engines[chosen].run_many(group, size)


def listen(conversation: Conversation, pipeline: Pipeline) -> AsyncIterator[Addition]:
    """What the pipeline adds to a live conversation, as it is made."""
    return pipeline.listen(conversation)
