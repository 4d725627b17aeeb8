"""`insula evaluate EXAM --model MODEL`: a language model or an agent on published questions, beside blind rules."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .list_ import show
from .progress import Progress
from .say import err, out

if TYPE_CHECKING:
    from insula.evaluate.asking.caps import Caps
    from insula.evaluate.asking.exam import Exam
    from insula.evaluate.asking.question import Question
    from insula.evaluate.asking.sheet import Sheet
    from insula.evaluate.asking.statistics import Number

SHOWN = 4  # reasons of a kind that are listed


@dataclass(frozen=True)
class Asking:
    """What the command line says of how to ask."""

    models: Sequence[str]
    seeds: int
    modes: Sequence[str]
    limit: int | None
    only: dict[str, str]
    judge: str
    cache: bool
    logs: Path | None
    caps: Caps


def examined(names: Sequence[str], asking: Asking, board: Path | None, as_json: bool) -> None:
    """Ask, mark and print; a page where one is wanted."""
    from insula.evaluate.asking.leaderboard import Board
    from insula.evaluate.asking.statistics import scores

    sheets: list[Sheet] = []
    failure: Exception | None = None
    for exam, found in _checked(names, asking):
        some, failure = _sheets(exam, found, asking)
        sheets += some
        if some and not as_json:
            _print(exam, some)
        if failure:
            break
    if failure and not sheets:
        raise failure
    if board:
        Board(sheets).write(board)
        err().print(f"insula: wrote {board} and {board.with_suffix('.parquet')}", soft_wrap=True)
    if as_json:
        record = {"results": [_plain(asdict(x)) for x in scores(sheets)], "differences": _pairs(sheets)}
        print(json.dumps(record, indent=1, ensure_ascii=False))
    if failure:
        raise failure


def _checked(names: Sequence[str], asking: Asking) -> list[tuple[Exam, list[Question]]]:
    """The exams with their questions, after a look at all that was named: what is wrong is told before it costs."""
    from insula.evaluate.asking.exam import exam
    from insula.evaluate.asking.run import parties, put_all, questions

    chosen: list[tuple[Exam, list[Question]]] = []
    for one in map(exam, names):
        for changed in one.changed():
            err().print(f"insula: {changed}; numbers of other versions do not compare", soft_wrap=True)
        chosen.append((one, questions(one, asking.limit, asking.only)))
        for mode in asking.modes:
            put_all(one, [], mode=mode)
    for model in asking.models:
        parties(model, asking.judge or None, asking.cache)
    return chosen


def _sheets(exam: Exam, found: Sequence[Question], asking: Asking) -> tuple[list[Sheet], Exception | None]:
    """Every model in every mode until one fails, then the readers and the blind rules on the same questions."""
    from insula.evaluate.asking.provider import folder
    from insula.evaluate.asking.run import examine, others, put_all

    modes = asking.modes or exam.modes[:1]
    logs = asking.logs or folder() / "logs"
    sheets, failure = list["Sheet"](), None
    with Progress(err(), False, "answers") as progress:
        try:
            for model, mode in product(asking.models, modes):
                sheet = examine(
                    exam, model,
                    seeds=asking.seeds, mode=mode, limit=asking.limit, only=asking.only, judge=asking.judge or None,
                    cache=asking.cache, caps=asking.caps, logs=logs, heard=lambda _: progress.add(1),
                )  # fmt: skip
                sheets.append(sheet)
        except Exception as error:  # raised again once what was measured is told
            failure = error
    if asking.models:
        err().print(f"insula: logs are in {logs}: inspect view --log-dir {logs}", soft_wrap=True)
    if failure and not sheets:
        return [], failure
    return [*sheets, *others(exam, put_all(exam, found, asking.seeds, modes[0]))], failure


def _print(exam: Exam, sheets: Sequence[Sheet]) -> None:
    from insula.evaluate.asking.statistics import ALL, scores

    columns = ["answerer", "slice", "metric", "score", "95 % interval", "read", "answers", "not asked", "seeds ±"]
    first = next(iter(exam.metrics))
    shown = [x for x in scores(sheets) if x.slice == ALL or x.metric == first]
    show(exam.title, columns, [_line(x) for x in sorted(shown, key=lambda x: (x.slice != ALL, x.slice))])
    for words in [*_compared(sheets), *_failed(sheets)]:
        out().print(words, soft_wrap=True)
    if exam.human:
        out().print(f"People: {exam.human}", soft_wrap=True)
    out().print(f"Not as in the paper: {exam.differs}", soft_wrap=True)


def _line(x: Number) -> list[str]:
    who = f"{x.answerer} ({x.mode})" if x.kind == "model" and x.mode != "base" else x.answerer
    span = "" if math.isnan(x.score) else f"{_number(x.low)} to {_number(x.high)}"
    return [
        who if x.kind != "blind" else f"blind: {who}",
        x.slice, x.metric, _number(x.score), span,
        "" if math.isnan(x.parse) else f"{x.parse:.1%}",
        f"{x.asked:,}", f"{x.unasked:,}", _number(x.spread),
    ]  # fmt: skip


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{round(value, 3) + 0.0:.3f}"  # + 0.0: no minus in front of a zero


def _compared(sheets: Sequence[Sheet]) -> list[str]:
    """Each model against the best blind rule, and two models at a time, on the answers both gave."""
    lines = [
        f"{x['first']} − {x['second']}: {d:+.3f} ({low:+.3f} to {high:+.3f}) on {x['answers']:,} answers of both"
        + ("" if low > 0 or high < 0 else ": may be chance")
        for x in _pairs(sheets)
        for d, low, high in [(x["difference"], x["low"], x["high"])]
        if not math.isnan(d)  # a blind rule has no judge's mark to compare
    ]
    return ["", "Paired differences:", *lines] if lines else []


def _pairs(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    from insula.evaluate.asking.statistics import paired, scores

    found: list[dict[str, Any]] = []
    for name in dict.fromkeys(sheet.exam.name for sheet in sheets):
        some = [sheet for sheet in sheets if sheet.exam.name == name]
        answerers = [sheet for sheet in some if sheet.kind != "blind"]
        blind = sorted((x for x in some if x.kind == "blind"), key=lambda x: -scores([x], slices=False)[0].score)
        for a, b in [*combinations(answerers, 2), *((a, b) for a in answerers for b in blind[:1])]:
            try:
                x, answers = paired(a, b)
            except ValueError:
                continue
            called = [f"{s.answerer} ({s.mode})" if s.mode != "base" else s.answerer for s in (a, b)]
            found.append(
                {"exam": name, "first": called[0], "second": called[1], "difference": x.score, "low": x.low}
                | {"high": x.high, "answers": answers}
            )
    return found


def _failed(sheets: Sequence[Sheet]) -> list[str]:
    """What could not be asked, and what could not be read, with the commonest reasons."""
    lines: list[str] = []
    for sheet in sheets:
        if sheet.kind == "blind":
            continue
        for said, reasons in (
            ("could not be asked", Counter(row.error for row in sheet.rows if row.error)),
            ("could not be read", Counter(row.why for row in sheet.rows if row.asked and not row.parsed)),
        ):
            if reasons:
                words = "; ".join(f"{count:,} × {why}" for why, count in reasons.most_common(SHOWN))
                more = f"; and {len(reasons) - SHOWN} other reasons" if len(reasons) > SHOWN else ""
                lines.append(f"{sheet.answerer}: {reasons.total():,} of {len(sheet.rows):,} {said}: {words}{more}")
    return lines


def _plain(record: dict[str, object]) -> dict[str, object]:
    return {key: None if isinstance(x, float) and not math.isfinite(x) else x for key, x in record.items()}
