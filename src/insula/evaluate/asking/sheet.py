"""A sheet is what one answerer wrote on an exam: a row for every question and seed, with what it was worth.

    Sheet.of(exam("emobench"), "always C", asked, replies).rows[0].values -> {"accuracy": 0.0, ...}

Rows whose answer could not be read, and rows nobody could be asked, are in it with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from .exam import Exam
from .question import Asked, Mark, Question

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Row:
    """One answer; `error` says why there was none, `why` why it could not be read, and else `values` count."""

    id: str
    group: str
    seed: int
    slices: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    values: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    said: str = ""
    why: str = ""
    reply: str = ""
    error: str = ""
    tokens: int = 0
    seconds: float = 0.0

    @property
    def asked(self) -> bool:
        return not self.error

    @property
    def parsed(self) -> bool:
        return bool(self.values)

    @classmethod
    def of(cls, asked: Asked, mark: Mark | None, reply: str = "", **more: Any) -> Row:
        """The row of one answer; without a mark there was none, and `error` among `more` says why."""
        one = asked.question
        found = mark or Mark(None)
        return cls(
            one.id, one.group or one.id, asked.seed, dict(one.slices),
            dict(found.values or {}), found.said, found.why, reply, **more,
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it; `Row(**...)` makes a row of it again."""
        return asdict(self)


@dataclass(frozen=True)
class Sheet:
    """All rows of one answerer; `kind` is what it is: a model, a reader of this engine, or a blind rule."""

    exam: Exam
    answerer: str
    mode: str
    rows: tuple[Row, ...]
    kind: str = "model"

    @classmethod
    def of(
        cls, exam: Exam, answerer: str, asked: Sequence[Asked], replies: Sequence[str], kind: str = "reader"
    ) -> Sheet:
        """The sheet of plain replies, one for each question asked, marked as a model's are."""
        rows = [Row.of(one, exam.mark(one, reply), reply) for one, reply in zip(asked, replies, strict=True)]
        return cls(exam, answerer, asked[0].mode if asked else "base", tuple(rows), kind)


def questions(exam: Exam, limit: int | None = None, only: Mapping[str, str] | None = None) -> list[Question]:
    """The exam's questions in an order drawn once, so that any first few are a fair sample; `only` keeps a slice.

    Questions of one group follow one another as they were published; a `limit` may cut the last group short.
    """
    found = [q for q in exam.questions() if all(q.slices.get(name) == one for name, one in (only or {}).items())]
    if only and not found:
        raise ValueError(f"{exam.name} has no questions with {', '.join(f'{a}={b}' for a, b in only.items())}")
    drawn: dict[str, int] = {}
    for place, one in enumerate(Random(exam.name).sample(found, len(found))):
        drawn.setdefault(one.group or one.id, place)
    return sorted(found, key=lambda one: drawn[one.group or one.id])[:limit]


def put_all(exam: Exam, found: Sequence[Question], seeds: int = 1, mode: str = "base") -> list[Asked]:
    """Every question as it is put with seed 0, 1, ...; all seeds of a question follow one another."""
    if mode not in exam.modes:
        raise ValueError(f"{exam.name} is not asked in the mode {mode!r}: there is {', '.join(exam.modes)}")
    return [exam.ask(one, seed, mode) for one in found for seed in range(seeds)]


def others(exam: Exam, asked: Sequence[Asked], readers: bool = True) -> list[Sheet]:
    """The sheets of the blind rules, and of this engine's readers, on the same questions in the same orders."""
    sheets = [Sheet.of(exam, name, asked, [rule(one) for one in asked], "blind") for name, rule in exam.blind.items()]
    if readers and exam.reader:
        sheets.append(Sheet.of(exam, "readers", asked, _replies(exam.reader, asked)))
    return sheets


def _replies(reader: Callable[[Sequence[Asked]], Sequence[str]], asked: Sequence[Asked]) -> list[str]:
    replies = list(reader(asked))
    if len(replies) != len(asked):
        raise ValueError(f"the readers gave {len(replies)} replies to {len(asked)} questions")
    return replies
