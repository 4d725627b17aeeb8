"""An evaluation as one self-contained HTML page: results beside the baselines, confusion, reliability, risk.

    write_report(outcomes(["dreaddit"]), "evaluation.html")

The page needs nothing from the network and is light or dark as its reader prefers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .bootstrap import difference
from .metrics import CHANGES, METRICS, SPAN_METRICS, ece, reliability, risk_coverage
from .run import Outcome, Result
from .svg import heatmap, lines, whisker

_LESS_IS_BETTER = {"ece", "label_ece", "gap", "preference_bias"}
_NAMES = {
    "blind": "blind",
    "tfidf": "TF-IDF",
    "positional": "by position",
    "transition": "by the one before",
    "random": "by chance",
    "encoder": "encoder states",
    "egemaps": "eGeMAPS + SVM",
    "prosody": "our functionals + SVM",
}
_LEGEND = (
    "Each score stands with the interval that holds it in 95 of 100 resamplings of the conversations. The orange ticks"
    " are the baselines of the same run: the best answer that does not read the text (blind), TF-IDF with a linear"
    " model, and others where the benchmark has them."
    " “Over TF-IDF” (or over what else learnt in the same run) is the paired difference on the same items."
    " Where the pipeline could not tell, it is"
    " scored as deciding nothing; coverage is the share it did answer, and rows marked “answered” score only those."
)


def write_report(outcomes: Iterable[Outcome], path: str | Path) -> list[Result]:
    """Write the page and return the results in it; raises OSError when the path cannot be written."""
    kept = list(outcomes)
    Path(path).write_text(page(kept), encoding="utf-8")
    return [result for outcome in kept for result in outcome.results]


def page(outcomes: list[Outcome]) -> str:
    """The page itself."""
    style = (resources.files("insula.evaluate") / "report.css").read_text(encoding="utf-8")
    results = [result for outcome in outcomes for result in outcome.results]
    who = dict.fromkeys(f"{one.pipeline} {one.revision}".strip() for one in results)
    body = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>Evaluation</title><style>{style}</style></head><body>",
        f"<h1>Evaluation</h1><p class='soft'>{escape(', '.join(who))}</p><p class='soft'>{_LEGEND}</p>",
    ]
    for _, some in groupby(outcomes, key=lambda one: one.benchmark.name):
        body += _benchmark(list(some))
    return "\n".join([*body, "</body></html>"])


def _benchmark(outcomes: list[Outcome]) -> Iterator[str]:
    about = outcomes[0].benchmark
    yield f"<h2 id='{escape(about.name)}'>{escape(about.title)}</h2>"
    yield f"<p class='soft'><small>{escape(about.paper)}. {escape(about.differs)}</small></p>"
    beside = list(dict.fromkeys(name for one in outcomes for result in one.results for name in result.baselines))
    words = [f"<th>{name}</th>" for name in ("slice", "metric", "score", "95 % interval", "")]
    words[2] = "<th class='number'>score</th>"
    over = f"over {_name(_peer(outcomes[0]))}"
    others = [*(_name(name) for name in beside), over, "coverage", "n"]
    heads = [*words, *(f"<th class='number'>{escape(name)}</th>" for name in others)]
    yield f"<div class='wide'><table><tr>{''.join(heads)}</tr>"
    yield from (_row(outcome, result, beside) for outcome in outcomes for result in outcome.results)
    yield "</table></div>"
    outcomes = [outcome for outcome in outcomes if _drawable(outcome)]
    if values := [_values(outcome) for outcome in outcomes if outcome.slice.decide == "value"]:
        yield f"<h3>What people said, by what was predicted</h3><div class='plots'>{''.join(values)}</div>"
    for outcome in outcomes:
        if drawn := list(_plots(outcome)):
            yield f"<h3>{escape(about.name)} · {escape(outcome.slice.name)}</h3><div class='plots'>"
            yield from drawn
            yield "</div>"


def _row(outcome: Outcome, result: Result, beside: Sequence[str]) -> str:
    span = (-0.1, 0.1) if result.metric in CHANGES else (min(0.0, result.low), 1.0)
    titles = {**SPAN_METRICS, **CHANGES, **{name: metric.title for name, metric in METRICS.items()}}
    cells = [
        f"<td>{escape(result.slice)}</td><td>{titles[result.metric]}</td>",
        f"<td class='number'><b>{result.score:.3f}</b></td><td>{result.low:.3f} to {result.high:.3f}</td>",
        f"<td>{whisker(result.score, result.low, result.high, list(result.baselines.items()), span)}</td>",
        *(f"<td class='number'>{_beside(result, name)}</td>" for name in beside),
        f"<td class='number'>{_lead(outcome, result)}</td>",
        f"<td class='number'>{result.coverage:.1%}</td><td class='number'>{result.n:,}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _peer(outcome: Outcome) -> str:
    """The baseline that answers are drawn beside: the first that learnt, TF-IDF where there are words."""
    names = [name for name in outcome.baselines if name != "blind"]
    return "tfidf" if "tfidf" in names else names[0]


def _name(baseline: str) -> str:
    return _NAMES.get(baseline, baseline)


def _beside(result: Result, name: str) -> str:
    return f"{round(result.baselines[name], 4) + 0.0:.3f}" if name in result.baselines else ""


def _lead(outcome: Outcome, result: Result) -> str:
    """The paired difference from the first baseline that learnt, coloured only when its interval leaves zero out."""
    if result.slice != outcome.slice.name or result.metric not in METRICS:
        return ""
    how, of = METRICS[result.metric], outcome.slice.scored
    ours, theirs = (getattr(one.of(of), how.of) for one in (outcome.answers, outcome.baselines[_peer(outcome)]))
    found = difference(how.function, outcome.gold[:, of], ours, theirs, resamples=300, groups=outcome.groups)
    sign = -1 if result.metric in _LESS_IS_BETTER else 1
    clear = "better" if min(sign * found.low, sign * found.high) > 0 else ""
    clear = clear or ("worse" if max(sign * found.low, sign * found.high) < 0 else "")
    return f"<span class='{clear}'>{found.score:+.3f}</span> <small>({found.low:+.3f} to {found.high:+.3f})</small>"


def _drawable(outcome: Outcome) -> bool:
    """Whether people judged the items and scores are to be drawn against it: every label of every item, once."""
    return outcome.slice.kind == "gold" and outcome.slice.whole and not outcome.slice.quartiles


def _plots(outcome: Outcome) -> Iterator[str]:
    if outcome.slice.decide == "value":
        return
    error = ece(outcome.gold, outcome.answers.scores)[0]
    caption = f"Reliability: of what was given a score, how much was true. Calibration error {error:.3f}."
    yield _figure(_reliability(outcome), caption)
    yield _figure(_risk(outcome), "Error of the top label when only the surest share is answered.")
    single = (outcome.gold.sum(1) == 1) & outcome.answered
    labels = outcome.slice.labels
    if len(labels) > 1 and single.any():
        said = outcome.answers.decided if outcome.slice.decide == "one" else outcome.answers.scores
        truth, top = outcome.gold[single].argmax(1), said[single].argmax(1)
        counts = np.zeros((len(labels), len(labels)), int)
        np.add.at(counts, (truth, top), 1)
        caption = f"Rows: the one true label ({single.sum():,} answered items have just one). Columns: the top label."
        yield _figure(heatmap(counts, labels), caption)


def _reliability(outcome: Outcome) -> str:
    named = {"pipeline": outcome.answers, _name(_peer(outcome)): outcome.baselines[_peer(outcome)]}
    curves: list[tuple[str, NDArray, NDArray]] = []
    for name, one in named.items():
        x, y, count = reliability(outcome.gold, one.scores, np.linspace(0, 1, 11))
        enough = count >= 10  # the share of a handful says nothing
        curves.append((name, x[enough], y[enough]))
    return lines(curves, "score", "share true", diagonal=True)


def _risk(outcome: Outcome) -> str:
    named = {"pipeline": outcome.answers.scores, _name(_peer(outcome)): outcome.baselines[_peer(outcome)].scores}
    series = [(name, *_thinned(*risk_coverage(*_top(outcome.gold, scores)))) for name, scores in named.items()]
    return lines(series, "share answered", "error")


def _top(gold: NDArray, scores: NDArray) -> tuple[NDArray, NDArray]:
    """Whether the leading answer is right, and how sure it is; with one label the answer is yes or no."""
    if gold.shape[1] == 1:
        yes = scores[:, 0] >= 0.5
        return yes == (gold[:, 0] > 0.5), np.maximum(scores[:, 0], 1 - scores[:, 0])
    best = scores.argmax(1)
    rows = np.arange(len(scores))
    return gold[rows, best] > 0.5, scores[rows, best]


def _thinned(x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
    """At most 200 of the points, without the first few, where the error is that of a handful of items."""
    start = min(20, len(x) - 1)
    chosen = np.unique(np.linspace(start, len(x) - 1, 200).astype(int))
    return x[chosen], y[chosen]


def _values(outcome: Outcome) -> str:
    rated = np.isfinite(outcome.gold)
    named = {"pipeline": outcome.answers.scores, _name(_peer(outcome)): outcome.baselines[_peer(outcome)].scores}
    curves: list[tuple[str, NDArray, NDArray]] = []
    for name, scores in named.items():
        edges = np.quantile(scores[rated], np.linspace(0, 1, 11))
        curves.append((name, *reliability(outcome.gold[rated], scores[rated], edges)[:2]))
    every = np.concatenate([np.concatenate([x, y]) for _, x, y in curves])
    span = (float(np.floor(every.min() * 10) / 10), float(np.ceil(every.max() * 10) / 10))
    drawing = lines(curves, "predicted", "people", span, span, diagonal=True)
    return _figure(drawing, f"{escape(outcome.slice.name)}: each point is a tenth of the items.")


def _figure(drawing: str, caption: str) -> str:
    return f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>"
