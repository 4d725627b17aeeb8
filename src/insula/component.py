"""A component reads a conversation and yields what it adds; it never changes the conversation itself.

@component(reads=["turn"], writes=["emotion"])
def lexicon(conversation): ...            # lexicon is still a plain function
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from .conversation import Addition, Conversation

Additions = Iterable[Addition] | AsyncIterable[Addition]
F = TypeVar("F", bound=Callable[..., Any])


@runtime_checkable
class Component(Protocol):
    """`reads` and `writes` name layers ("turn", "emotion", "signal.audio"); the call yields additions, sync or async.

    Loop over `conversation.pending(layer, rater)`: that is the new turn when live and every turn in a corpus. Judge a
    turn by what came before it, never by what follows. Two optional methods: `batch(conversations)` gives one list of
    additions per conversation, for throughput; `fit(conversations, rater)` learns from that rater and returns self.
    """

    @property
    def reads(self) -> Sequence[str]: ...

    @property
    def writes(self) -> Sequence[str]: ...

    def __call__(self, conversation: Conversation, /) -> Additions: ...


def component(*, reads: Sequence[str] = ("turn",), writes: Sequence[str] = ()) -> Callable[[F], F]:
    """Declare a plain function as a component; the function itself is returned."""

    def declare(function: F) -> F:
        function.reads, function.writes = tuple(reads), tuple(writes)  # type: ignore[attr-defined]
        return function

    return declare


def name(part: object) -> str:
    """What a component is called in messages."""
    return getattr(part, "name", None) or getattr(part, "__name__", None) or type(part).__name__


def is_async(part: object) -> bool:
    """Whether calling it gives an async iterator."""
    call = part if inspect.isfunction(part) else type(part).__call__
    return bool(getattr(part, "asynchronous", False)) or inspect.isasyncgenfunction(call)
