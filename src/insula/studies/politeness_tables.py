"""Politeness of turns by emotion and by dialogue act: tables and tests, of a corpus or of a log of one's own.

print(report([insula.read("chat.txt", "dialogue")]))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..conversation import Conversation
from ..scheme import scheme
from .measure import Array

EMOTION, ACT = "ekman7", "dialogue-act4"
LEVELS = ("impolite", "middling", "polite")


@dataclass(frozen=True)
class Turns:
    """Every turn that has it all: politeness, emotion and act by name, number of words, and which dialogue it is of.

    `bounds` are the scores below which a turn is impolite and above which it is polite.
    """

    politeness: Array
    emotion: Array
    act: Array
    words: Array
    dialogue: Array
    bounds: tuple[float, float]

    @property
    def level(self) -> Array:
        """0 impolite, 1 middling, 2 polite."""
        return np.digitize(self.politeness, self.bounds)

    def classes(self, kind: str) -> Array:
        return self.emotion if kind == "emotion" else self.act


def report(conversations: Iterable[Conversation]) -> str:
    """Politeness by emotion and by act of any conversations, as text: counts, mean, share polite, and a test of each.

    Reads, of every turn, what the last rater said under ekman7, dialogue-act4 and politeness (the pipeline "dialogue"
    says all three). A quarter of the turns is called polite and a quarter impolite, so these shares are of the log
    itself. Raises ValueError where no turn has an emotion and a politeness.
    """
    kept = list(conversations)
    turns = _read(kept)
    lines: list[str] = []
    for kind in ("emotion", "act"):
        found = [row for row in compared(turns, kind) if row.count]
        if not found:
            continue
        lines.append(f"{kind:12}{'turns':>7}{'mean':>8}{'polite':>8}{'impolite':>10}{'delta':>8}{'p (Holm)':>10}")
        lines += [str(row) for row in found]
        lines.append(f"{kind} by level: {association(turns.classes(kind), turns.level)}\n")
    return "\n".join(lines)


def _read(conversations: Sequence[Conversation]) -> Turns:
    """The turns of annotated conversations; a turn without an act is of the act ""."""
    rows: list[tuple[float, str, str, int, int]] = []
    for number, one in enumerate(conversations):
        for turn in one.turns:
            politeness = one.read("politeness", turn=turn.id, scheme="politeness")
            emotion = one.read("emotion", turn=turn.id, scheme=EMOTION)
            act = one.read("dialogue_act", turn=turn.id, scheme=ACT)
            if politeness and emotion and politeness[-1].scores and (felt := emotion[-1].top):
                done = (act[-1].top if act else None) or ""
                score = politeness[-1].scores["politeness"]
                rows.append((score, felt, done, len(turn.text.split()), number))
    if not rows:
        raise ValueError('no turn has both an emotion (ekman7) and a politeness: run the pipeline "dialogue" first')
    politeness, emotion, act, words, dialogue = map(np.array, zip(*rows, strict=True))
    low, high = np.quantile(politeness, (0.25, 0.75)).tolist()
    return Turns(politeness, emotion, act, words, dialogue, (low, high))


@dataclass(frozen=True)
class Compared:
    """One class against all other turns: `delta` is Cliff's, -1..1; `p` after Holm's correction."""

    name: str
    count: int
    mean: float
    polite: float
    impolite: float
    delta: float
    p: float

    def __str__(self) -> str:
        chance = "<.001" if self.p < 0.001 else f"{self.p:.3f}"
        shares = f"{self.polite:8.0%}{self.impolite:10.0%}"
        return f"{self.name:12}{self.count:7}{self.mean:8.3f}{shares}{self.delta:+8.2f}{chance:>10}"


def compared(turns: Turns, kind: str) -> list[Compared]:
    """Every class of a kind ("emotion" or "act") against all turns of other classes (Mann & Whitney 1947)."""
    from scipy.stats import mannwhitneyu

    classes, names = turns.classes(kind), scheme(EMOTION if kind == "emotion" else ACT).labels
    found: list[tuple[str, Array, float, float]] = []
    for name in names:
        mine = classes == name
        delta, p = 0.0, 1.0
        if mine.any() and not mine.all():
            test = mannwhitneyu(turns.politeness[mine], turns.politeness[~mine])
            delta = 2 * float(test.statistic) / (int(mine.sum()) * int((~mine).sum())) - 1
            p = float(test.pvalue)
        found.append((name, mine, delta, p))
    corrected = holm([p for *_, p in found])
    return [
        Compared(name, int(mine.sum()), *_summary(turns, mine), delta, p)
        for (name, mine, delta, _), p in zip(found, corrected, strict=True)
    ]


def _summary(turns: Turns, mine: Array) -> tuple[float, float, float]:
    if not mine.any():
        return 0.0, 0.0, 0.0
    level = turns.level[mine]
    return float(turns.politeness[mine].mean()), float((level == 2).mean()), float((level == 0).mean())


def holm(chances: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979)."""
    order = np.argsort(chances)
    scaled = np.maximum.accumulate([chances[row] * (len(chances) - rank) for rank, row in enumerate(order)])
    corrected = np.empty(len(chances))
    corrected[order] = np.minimum(scaled, 1.0)
    return corrected.tolist()


@dataclass(frozen=True)
class Association:
    """Chi-square of a table of counts and Cramér's V (0 none, 1 all). Takes turns for independent; they are not."""

    chi_square: float
    freedom: int
    p: float
    v: float

    def __str__(self) -> str:
        return f"chi-square {self.chi_square:.1f}, {self.freedom} degrees of freedom, p {self.p:.2g}, V {self.v:.3f}"


def association(classes: Array, level: Array) -> Association:
    """Whether politeness levels go with classes."""
    from scipy.stats import chi2_contingency

    table = counts(classes, level)
    table = table[:, table.any(0)]
    if min(table.shape) < 2:
        return Association(0.0, 0, 1.0, 0.0)
    test = chi2_contingency(table)
    v = float(np.sqrt(test.statistic / (table.sum() * (min(table.shape) - 1))))  # pyright: ignore
    return Association(float(test.statistic), int(test.dof), float(test.pvalue), v)  # pyright: ignore


def counts(classes: Array, level: Array) -> Array:
    """(classes that occur, levels) numbers of turns."""
    names, places = np.unique(classes, return_inverse=True)
    table = np.zeros((len(names), len(LEVELS)), int)
    np.add.at(table, (places, level), 1)
    return table
