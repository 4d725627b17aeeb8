"""Silence as a feature: how much of an utterance is silent, and what a bad threshold does to dimensional recognition.

Claim (Atmaja & Akagi 2020, The Effect of Silence Feature in Dimensional Speech Emotion Recognition, Speech Prosody):
one more number for an utterance, the share of frames below a factor times its median amplitude, helps to predict
arousal, valence and dominance, arousal most; a bad factor makes it worse.

Ours: `insula.audio.functionals.silences` gives that share for any factor. It joins the mean and deviation of each
contour, as in the paper, or the 88 functionals, which already hold lengths of unvoiced segments. A kernel regression
predicts all targets at once for speakers it never heard; it is fitted with the share at nine factors, with a shuffled
share (a column more that says nothing), and with the factor chosen on training speakers. A bad threshold is shown
twice: a factor above the median, for training and test alike, and one that is right in training and bad in the test,
as when a microphone's noise gate changes.

Differs: works-scaled. The paper's IEMOCAP with rated dimensions is not here: places of the acted feelings stand in for
ratings (this project's map to valence, arousal and dominance; strong acting 1, normal .6 of the way), and for BAVED
the arousal its speakers were asked for. A kernel regression, not recurrent networks. The clips are short and acted:
one sentence or word, so there is little silence inside them.

Found: no gain. By itself the share says a little of arousal, and the factor decides how much; beside 52 or 88 numbers
it adds nothing at any factor, on any of four corpora. A factor that changes after training does harm.

    insula study silence-ser --scale full
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.contours import CONTOURS, Contours, contours
from ..audio.functionals import egemaps, silences
from ..conversation import Conversation
from ..data import load
from ..evaluate.speakers import parted
from ..scheme import mapping
from .measure import agreement, measured, minus

SYSTEM = "silence-ser"
STATUS = "works-scaled"

FACTORS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 3.0)
PAPER, BAD = 0.3, 1.5
CORPORA = {"ravdess": 6, "emovo": 6, "emodb-2s": 5, "baved": 5}  # folds of speakers
DIMENSIONS = ("arousal", "valence", "dominance")
NORMAL = 0.6  # how far normal acting goes, of strong
FILLED = -70.0  # dB: EMO-DB's copy is filled up to two seconds with silence, which is no pause
STRENGTH, WIDTH = 1.0, 1.0  # of the regression: ridge, and width of the kernel relative to the number of columns
_DRAWS = {"smoke": 40, "full": 500}
Array = NDArray[Any]


@dataclass(frozen=True)
class Spoken:
    """Utterances: `plain` (n, 52) means and deviations of contours, `functionals` (n, 88), `silent` (n, factors).

    `targets` (n, dimensions) are places, `labels` (n,) what was acted, `speakers` and `genders` (n,) who spoke.
    """

    plain: Array
    functionals: Array
    silent: Array
    targets: Array
    labels: Array
    speakers: Array
    genders: Array
    dimensions: tuple[str, ...]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Concordance with and without the share of silence over factors, recall of the acted labels, and controls."""
    corpora = (
        {name: (spoken(load(name, "train"), name), folds) for name, folds in CORPORA.items()} if scale == "full" else {}
    )
    corpora = corpora or {"made up": (made_up(120, seed), 4)}
    metrics: list[dict[str, Any]] = []
    sweep: list[dict[str, Any]] = []
    chosen: list[str] = []
    for corpus, (some, folds) in corpora.items():
        for base in ("plain", "functionals"):
            heard = Heard(some, getattr(some, base), folds, seed)
            metrics += heard.metrics(corpus, f"52 {base}" if base == "plain" else "88 functionals", _DRAWS[scale])
            sweep += heard.sweep(corpus, base)
            chosen.append(f"{corpus}, {base}: {sorted(set(heard.chosen))}")
    return {
        "metrics": metrics,
        "data": list(CORPORA) if scale == "full" else [],
        "notes": [
            "Targets are places of acted feelings, not ratings: this says whether silence tells acted feelings apart.",
            "Baseline of concordance: 0, what guessing the mean gets. Recall: chance. Intervals draw speakers.",
            "'chosen' is the factor with the best concordance on training speakers: " + "; ".join(chosen),
            "EMO-DB's clips were cut or filled to two seconds: silence at the end is taken away before measuring.",
        ],
        "tables": {"concordance by factor": sweep},
    }


class Heard:
    """What a regression on some columns says of every utterance, with and without the share of silence."""

    def __init__(self, some: Spoken, columns: Array, folds: int, seed: int) -> None:
        self.some = some
        self.classes = np.unique(some.labels)
        onehot = (some.labels[:, None] == self.classes).astype(float)
        self._truth = np.column_stack([some.targets, onehot])
        self._fold = parted(some.speakers, some.genders, folds)
        self._columns = columns
        self.chosen: list[float] = []
        self.without = self._said(None)
        self.by_factor = {factor: self._said(some.silent[:, n]) for n, factor in enumerate(FACTORS)}
        shuffled = np.random.default_rng(seed).permutation(some.silent[:, FACTORS.index(PAPER)])
        self.shuffled = self._said(shuffled)
        self.changed = self._said(some.silent[:, FACTORS.index(PAPER)], some.silent[:, FACTORS.index(BAD)])
        self.nested = self._nested()

    def _said(self, share: Array | None, later: Array | None = None) -> Array:
        """(n, targets + classes) for each utterance by what learnt from others; `later` is the test's share."""
        found = np.empty_like(self._truth)
        for number in np.unique(self._fold):
            test = self._fold == number
            found[test] = self._fitted(~test, test, share, later)
        return found

    def _nested(self) -> Array:
        """The same, with the factor that is best on training speakers of each fold."""
        found = np.empty_like(self._truth)
        for number in np.unique(self._fold):
            test = self._fold == number
            score = {n: self._inside(~test, self.some.silent[:, n]) for n in range(len(FACTORS))}
            best = max(score, key=score.__getitem__)
            self.chosen.append(FACTORS[best])
            found[test] = self._fitted(~test, test, self.some.silent[:, best])
        return found

    def _inside(self, train: Array, share: Array) -> float:
        """Mean concordance on a half of the training speakers by the other half."""
        half = np.isin(self.some.speakers, np.unique(self.some.speakers[train])[::2])
        scores: list[float] = []
        for test in (train & half, train & ~half):
            said = self._fitted(train & ~test, test, share)
            scores += [agreement(self._truth[test, n], said[:, n]) for n in range(len(self.some.dimensions))]
        return float(np.mean(scores))

    def _fitted(self, train: Array, test: Array, share: Array | None, later: Array | None = None) -> Array:
        if shared := set(self.some.speakers[train]) & set(self.some.speakers[test]):
            raise AssertionError(f"{sorted(shared)[0]} is in training and in test")
        columns = self._columns if share is None else np.column_stack([self._columns, share])
        asked = columns if later is None else np.column_stack([self._columns, later])
        return regression(columns[train], self._truth[train], asked[test])

    def alone(self, share: Array) -> float:
        """Concordance of the first dimension by nothing but the share of silence."""
        found = np.empty(len(share))
        for number in np.unique(self._fold):
            test = self._fold == number
            found[test] = regression(share[~test, None], self._truth[~test, :1], share[test, None])[:, 0]
        return agreement(self._truth[:, 0], found)

    def metrics(self, corpus: str, base: str, draws: int) -> list[dict[str, Any]]:
        """Rows of the study: each dimension's concordance and the recall, and what silence changes."""
        groups = np.unique(self.some.speakers, return_inverse=True)[1]
        arms = {f"factor {PAPER}": self.by_factor[PAPER], "chosen factor": self.nested}
        arms |= {f"bad factor {BAD}": self.by_factor[BAD], f"learnt with {PAPER}, heard with {BAD}": self.changed}
        arms["shuffled share"] = self.shuffled
        rows: list[dict[str, Any]] = []
        parts: list[tuple[str, Array, Callable[[Array], Array], Any, float]] = [
            (f"CCC {name}", self.some.targets[:, n], lambda said, n=n: said[:, n], agreement, 0.0)
            for n, name in enumerate(self.some.dimensions)
        ]
        gold = np.searchsorted(self.classes, self.some.labels)
        places = len(self.some.dimensions)
        parts.append(("recall", gold, lambda said: said[:, places:].argmax(1), recall, 1 / len(self.classes)))
        for name, truth, of, statistic, chance in parts:
            for arm, said in (("without silence", self.without), *list(arms.items())[:2]):
                about = f"{name}, {base}, {arm}"
                rows.append(
                    measured(
                        about, corpus, statistic, truth, of(said)[None], baseline=chance, draws=draws, groups=groups
                    )
                )
            for arm, said in arms.items():
                about, pair = f"{name}, {base}, {arm} less without", (of(said)[None], of(self.without)[None])
                rows.append(
                    measured(about, corpus, minus(statistic), truth, *pair, baseline=0.0, draws=draws, groups=groups)
                )
        return rows

    def sweep(self, corpus: str, base: str) -> list[dict[str, Any]]:
        """A row per factor: how much is silent, each score, and arousal by the share alone."""
        gold, places = np.searchsorted(self.classes, self.some.labels), len(self.some.dimensions)
        rows: list[dict[str, Any]] = []
        for n, factor in enumerate(("without", *FACTORS)):
            said = self.without if not n else self.by_factor[FACTORS[n - 1]]
            row: dict[str, Any] = {"corpus": corpus, "columns": base, "factor": factor}
            if n:
                share = self.some.silent[:, n - 1]
                row["share silent"] = round(float(share.mean()), 3)
                row["arousal by it alone"] = round(self.alone(share), 4)
            row |= {
                name: round(agreement(self.some.targets[:, place], said[:, place]), 4)
                for place, name in enumerate(self.some.dimensions)
            }
            rows.append(row | {"recall": round(recall(gold, said[:, places:].argmax(1)), 4)})
        return rows


def regression(columns: Array, truth: Array, asked: Array) -> Array:
    """Kernel ridge regression with a Gaussian kernel; answers have the mean and spread of the training truth.

    Without that spread a regression says less than there is, which concordance punishes.
    """
    middle, spread = columns.mean(0), columns.std(0) + 1e-9
    known, new = (np.clip((some - middle) / spread, -5, 5) for some in (columns, asked))
    alike = kernel(known, known)
    weights = np.linalg.solve(alike + STRENGTH * np.eye(len(known)), truth - truth.mean(0))
    said, own = kernel(new, known) @ weights, alike @ weights
    return truth.mean(0) + said * (truth.std(0) / np.maximum(own.std(0), 1e-9))


def kernel(some: Array, others: Array) -> Array:
    """exp(-squared distance / columns): (n, m)."""
    apart = (some**2).sum(1)[:, None] + (others**2).sum(1) - 2 * some @ others.T
    return np.exp(-np.maximum(apart, 0) * WIDTH / some.shape[1])


def recall(gold: Array, said: Array) -> float:
    """Unweighted average recall of label numbers."""
    return float(np.mean([(said[gold == label] == label).mean() for label in np.unique(gold)]))


def spoken(every: Iterable[Conversation], corpus: str) -> Spoken:
    """Measure every clip of a corpus of acted speech."""
    rows: list[tuple[Array, Array, Array, list[float], str, str, str]] = []
    dimensions = DIMENSIONS[:1] if corpus == "baved" else DIMENSIONS
    for one in every:
        found = contours(np.asarray(one.signals("audio")[0].samples))
        found = ended(found) if corpus == "emodb-2s" else found
        place, label = _place(one)
        who = one.turns[0]
        target = [place[name] for name in dimensions]
        rows.append((*columns(found), target, label, who.speaker, str(who.meta.get("gender", ""))))
    return Spoken(*(np.array(column) for column in zip(*rows, strict=True)), dimensions=dimensions)  # pyright: ignore[reportArgumentType]


def columns(found: Contours) -> tuple[Array, Array, Array]:
    """Means and deviations of the contours, the 88 functionals, and the share of silence at each factor."""
    plain = np.concatenate([found.values.mean(0), found.values.std(0)])
    shares = [silences(found, factor).mean() for factor in FACTORS]
    return np.delete(plain, _NO_CONTOUR), np.array([value for _, value in egemaps(found)]), np.array(shares)


def ended(found: Contours) -> Contours:
    """Without the silence at the end."""
    heard = np.flatnonzero(found["soundLevel"] > FILLED)
    return Contours(found.values[: heard[-1] + 1]) if len(heard) else found


def _place(one: Conversation) -> tuple[dict[str, float], str]:
    if levels := one.read("arousal"):
        label = str(levels[0].top)
        return {"arousal": {"low": -1.0, "neutral": 0.0, "high": 1.0}[label]}, label
    label = str(one.read("emotion")[0].top)
    seven, places = mapping("voice9", "ekman7"), mapping("ekman7", "vad")
    if label == "boredom":  # lost on the way to seven; by Russell 1980 unpleasant and low
        place = {"valence": -0.5, "arousal": -0.6, "dominance": -0.3}
    else:
        place = dict(places.scores(seven.scores({label: 1.0})))
    strength = one.read("intensity")
    far = NORMAL if strength and strength[0].top == "normal" else 1.0
    return {name: far * value for name, value in place.items()}, label


_NO_CONTOUR = [CONTOURS.index("voicing") + shift for shift in (0, len(CONTOURS))]


def made_up(count: int, seed: int) -> Spoken:
    """Utterances whose arousal is half in a contour and half in how little of them is silent."""
    draw = np.random.default_rng(seed)
    arousal = draw.choice([-0.6, 0.0, 0.6], count)
    quiet = 0.4 - 0.4 * arousal + 0.1 * draw.standard_normal(count)
    silent = np.stack([np.clip(quiet * min(factor / PAPER, 1.0), 0, 1) for factor in FACTORS], 1)
    silent[:, FACTORS.index(BAD) :] = 1.0
    plain = draw.standard_normal((count, 5))
    plain[:, 0] += arousal
    targets = np.column_stack([arousal, draw.standard_normal((count, 2)) * 0.3])
    speakers = np.array([f"speaker {n % 8}" for n in range(count)])
    genders = np.array(["F" if n % 2 else "M" for n in range(count)])
    labels = np.array([f"{level:.1f}" for level in arousal])
    return Spoken(plain, plain.copy(), silent, targets, labels, speakers, genders, DIMENSIONS)
