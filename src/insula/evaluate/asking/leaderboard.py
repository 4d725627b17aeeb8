"""One page for many answerers: ranks that say what may be chance, as HTML and as Parquet.

    board = Board([sheet, *others(sheet.exam, asked)])
    board.write("board.html")                     # and board.parquet beside it
    Board(read_logs("logs")).write("board.html")  # of all that was ever run there

A rank is a range: from one more than the number of those clearly better to the number of those not clearly worse,
"clearly" by the paired difference on answers both gave (95 % interval without zero) to six
groups of questions or more.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..svg import whisker
from .exam import Exam, exam, exams
from .sheet import Row, Sheet, others
from .statistics import ALL, Number, paired, scores

if TYPE_CHECKING:
    from inspect_ai.log import EvalLogInfo

Key = tuple[str, str, str, str]
"""Of an exam, its judge ("" for none), who answered, and the mode."""
LEGEND = (
    "Each score is over the answers that could be read; the share that could be read stands beside it. Intervals are of"
    " 95 %, from drawing the questions. A rank is a range: from one more than the number of those clearly better to the"
    " last that is not clearly worse, judged on the answers both could give. Blind rules never read the questions,"
    " readers are this engine's small ones."
)

LEAST = 6
"""Groups of questions without which nothing is clear: five of five happen by chance more often than 1 time in 20."""


@dataclass(frozen=True)
class Place:
    """Where one answerer stands: `best` to `worst` rank, and how many are clearly better."""

    number: Number
    best: int
    worst: int


class Board:
    """The sheets of any number of exams; of two by one answerer in one mode the later counts."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self.sheets = {(one.exam.name, one.answerer, one.mode): one for one in sheets}
        self.numbers = scores(self.sheets.values())

    def places(self, exam: str) -> list[Place]:
        """The answerers of an exam, the best first."""
        named = [(key, one) for key, one in self.sheets.items() if key[0] == exam]
        clear = {(a, b): _clearly(first, second) for a, first in named for b, second in named if a != b}
        found: list[Place] = []
        for key, sheet in named:
            over = sum(clear[other, key] > 0 for other, _ in named if other != key)
            under = sum(clear[key, other] > 0 for other, _ in named if other != key)
            found.append(Place(self._headline(sheet), over + 1, len(named) - under))
        return sorted(found, key=lambda one: (-np.nan_to_num(one.number.score, nan=-np.inf), one.best))

    def write(self, path: str | Path) -> None:
        """The page, and every number as Parquet beside it; raises OSError where they cannot be written."""
        import pandas

        path = Path(path)
        path.write_text(self.page(), encoding="utf-8")
        ranks = {_key(one.number): one for name in self._exams() for one in self.places(name)}
        rows = [asdict(x) | {"best": ranks[_key(x)].best, "worst": ranks[_key(x)].worst} for x in self.numbers]
        pandas.DataFrame(rows).to_parquet(path.with_suffix(".parquet"), index=False)

    def page(self) -> str:
        """The page itself; it needs nothing from the network."""
        style = (resources.files("insula.evaluate") / "report.css").read_text(encoding="utf-8")
        head = "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Leaderboard</title>"
        top = f"{head}<style>{style}</style></head><body><h1>Leaderboard</h1><p class='soft'>{LEGEND}</p>"
        return "\n".join([top, *(part for name in self._exams() for part in self._section(name)), "</body></html>"])

    def _exams(self) -> list[str]:
        return list(dict.fromkeys(name for name, _, _ in self.sheets))

    def _headline(self, sheet: Sheet) -> Number:
        metric = next(iter(sheet.exam.metrics))
        key = (sheet.exam.name, sheet.answerer, sheet.mode)
        return next(x for x in self.numbers if _key(x) == key and (x.slice, x.metric) == (ALL, metric))

    def _section(self, name: str) -> Iterator[str]:
        places = self.places(name)
        about = next(sheet.exam for key, sheet in self.sheets.items() if key[0] == name)
        yield f"<h2>{escape(about.title)}</h2>"
        yield f"<p class='soft'><small>{escape(about.paper)}. {escape(about.differs)}</small></p>"
        heads = ["rank", "answerer", "", places[0].number.metric, "95 % interval", "", "read", "answers", "not asked"]
        yield f"<div class='wide'><table><tr>{''.join(f'<th>{escape(x)}</th>' for x in heads)}</tr>"
        known = [y for x in places for y in (x.number.low, x.number.high) if np.isfinite(y)]
        span = (min([0.0, *known]), max([1.0, *known]))
        yield from (_row(place, span) for place in places)
        yield "</table></div>"
        if about.human:
            yield f"<p>People: {escape(about.human)}</p>"


def read_logs(folder: str | Path) -> list[Sheet]:
    """A sheet for every exam, judge, answerer and mode among inspect's logs in a folder.

    Of one answer the last log counts, but no failure counts for an answer that another log has. Marks of two judges
    never meet: what one marked is an exam of its own. A log that cannot be read is left out, with a warning. Raises
    FileNotFoundError where there is no such folder, and ValueError where no log in it is of an exam.
    """
    from inspect_ai.log import list_eval_logs

    if not Path(folder).is_dir():
        raise FileNotFoundError(f"no folder of logs {folder}: `insula evaluate EXAM --model MODEL` writes one")
    rows: dict[Key, dict[tuple[str, int], Row]] = {}
    for info in list_eval_logs(str(folder), descending=False):
        try:
            found = _read(info)
        except Exception as error:  # whatever a log cut short or written over makes its reader raise
            warnings.warn(f"{info.name} is left out, it cannot be read: {error}", stacklevel=2)
            continue
        for key, row in found:
            known = rows.setdefault(key, {})
            if row.asked or (row.id, row.seed) not in known or not known[row.id, row.seed].asked:
                known[row.id, row.seed] = row
    if not rows:
        raise ValueError(f"{folder} holds no logs of an exam")
    return [
        Sheet(_marked(exam(name), judge), who, mode, tuple(x.values())) for (name, judge, who, mode), x in rows.items()
    ]


def _read(info: EvalLogInfo) -> list[tuple[Key, Row]]:
    """The rows of a log, if it is of an exam, and where they belong."""
    from inspect_ai.log import read_eval_log

    from .task import logged

    log = read_eval_log(info)
    about = log.eval.metadata or {}
    if about.get("exam") not in exams():
        return []
    who = about.get("answerer") or log.eval.model.removeprefix("insula/")
    return [((about["exam"], about.get("judge", ""), who, about["mode"]), row) for row in logged(log)]


def _marked(exam: Exam, judge: str) -> Exam:
    """An exam as one judge marks it."""
    by = f", judged by {judge}"
    return replace(exam, name=exam.name + by, title=exam.title + by) if judge else exam


def beside(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The blind rules on all that any of the sheets was asked."""
    found: list[Sheet] = []
    for name in dict.fromkeys(sheet.exam.name for sheet in sheets):
        some = [sheet for sheet in sheets if sheet.exam.name == name]
        asked = {(row.id, row.seed): sheet.mode for sheet in some for row in sheet.rows}
        known = {one.id: one for one in some[0].exam.questions()}
        put = [some[0].exam.ask(known[id], seed, mode) for (id, seed), mode in asked.items() if id in known]
        found += [replace(one, mode="base") for one in others(some[0].exam, put, readers=False)]
    return found


def _clearly(first: Sheet, second: Sheet) -> int:
    """1 where the first is clearly better, -1 where it is clearly worse, 0 where it cannot be told."""
    try:
        found, _ = paired(first, second)
    except ValueError:
        return 0
    theirs = {(row.id, row.seed) for row in second.rows if row.parsed}
    if len({row.group for row in first.rows if row.parsed and (row.id, row.seed) in theirs}) < LEAST:
        return 0
    return int(found.low > 0) - int(found.high < 0)


def _key(x: Number) -> tuple[str, str, str]:
    return x.exam, x.answerer, x.mode


def _row(place: Place, span: tuple[float, float]) -> str:
    x = place.number
    rank = str(place.best) if place.best == place.worst else f"{place.best} to {place.worst}"
    cells: Sequence[str] = (
        [f"{x.score:.3f}", f"{x.low:.3f} to {x.high:.3f}", whisker(x.score, x.low, x.high, (), span)]
        if np.isfinite(x.score)
        else ["", "nothing could be read", ""]
    )
    who = escape(x.answerer + (f" ({x.mode})" if x.mode not in ("", "base") else ""))
    read = f"{x.parse:.1%}" if np.isfinite(x.parse) else ""
    every = [
        rank,
        f"<b>{who}</b>" if x.kind == "model" else who,
        x.kind,
        *cells,
        read,
        f"{x.asked:,}",
        f"{x.unasked:,}",
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in every)}</tr>"
