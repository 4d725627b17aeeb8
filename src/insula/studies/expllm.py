"""Action units to a chain of thought: key observations, an interpretation, a conclusion; against the label alone.

Claim (Lan et al. 2024, ExpLLM: Towards Chain of Thought for Facial Expression Recognition, arXiv:2409.02828): a model
that first writes which action units it sees, then what they mean together, then the label, recognises expressions
better than one that writes the label only; the instruction data come from an engine that turns units and label into
such chains.

Ours: the engine (`engine`) writes chains from py-feat's units of RAVDESS' faces, each against the actor's own clips:
the strongest units in words, the two feelings whose prototypes (EMFACS, as in Friesen & Ekman 1983) they fit best, the
label. A small decoder learns to write whole chains, or labels only, from the same numbers, on actors it is not
asked about. Controls: chains whose reasons are those of other clips; the rule alone; a logistic regression on the
numbers; a decoder that is told the words of the chain and not the numbers. Every chain that is written is checked
against the units: does what it says it sees hold, and does its conclusion follow from its own interpretation?

Differs: works-scaled. The paper tunes a 7-billion-parameter LLM on photographs (RAF-DB, AffectNet); here a decoder of
thirty thousand weights writes the same three steps from measured units of 360 clips, and the engine is rules, no LLM.

Found: writing the chain first costs accuracy here (.60 against .66 for the label alone, .69 for a regression on the
numbers): whatever is put into words is lost to the numbers, and the words alone give .50. But the reasons are more than
decoration: with another clip's reasons it is .54; of the units a chain names .79 hold (.27 in other faces); and where
the conclusion follows from the chain's own interpretation it is right more often (.69) than where it does not (.53).

    insula study expllm --scale full
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import load
from ..exchange.report.units import named
from .measure import measured, minus

SYSTEM = "expllm"
STATUS = "works-scaled"

LABELS = ("neutral", "calm", "joy", "sadness", "anger", "fear", "disgust", "surprise")
PROTOTYPES = {
    "joy": (6, 12, 25), "sadness": (1, 4, 15, 17), "anger": (4, 5, 7, 23, 24), "fear": (1, 2, 4, 5, 20, 26),
    "disgust": (9, 10, 15, 17), "surprise": (1, 2, 5, 25, 26), "neutral": (), "calm": (43,),
}  # fmt: skip
UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 23, 24, 25, 26, 28, 43)
SLIGHT, STRONG, KEY = 0.4, 1.0, 5
"""Deviations above the actor's mean from which a unit is seen, and is strong; how many a chain names at most."""
FOLDS = 6
_EPOCHS, _SEEDS, _DRAWS = {"smoke": 40, "full": 60}, {"smoke": 1, "full": 3}, {"smoke": 40, "full": 500}
Array = NDArray[Any]


@dataclass(frozen=True)
class Faces:
    """`units` (n, 20) and `moves` (n, 20): mean and deviation, against the actor's own; `gold`, `actor` (n,)."""

    units: Array
    moves: Array
    gold: Array
    actor: Array


@dataclass(frozen=True)
class Chain:
    """What is seen (unit, strong?), the feelings it speaks for, and what is concluded."""

    seen: tuple[tuple[int, bool], ...]
    means: tuple[str, ...]
    label: str

    def text(self) -> str:
        """The three steps in words, as instruction data have them."""
        units = ", ".join(f"{named(f'AU{unit:02}')}{' strongly' if strong else ''}" for unit, strong in self.seen)
        together = f"together they speak for {' or '.join(self.means)}" if self.means else "they speak for little"
        return f"Key observations: {units or 'a face at rest'}. Interpretation: {together}. Conclusion: {self.label}."


def engine(units: Sequence[float] | Array, label: str = "") -> Chain:
    """The chain of one face; without `label` it concludes what fits best, which is the rule alone."""
    order = sorted(range(len(UNITS)), key=lambda n: -units[n])
    seen = tuple((UNITS[n], units[n] >= STRONG) for n in order if units[n] >= SLIGHT)[:KEY]
    means = tuple(name for fit, name in sorted(_fits(units), reverse=True)[:2] if fit > SLIGHT)
    return Chain(seen, means, label or (means[0] if means else "neutral"))


def _fits(units: Sequence[float] | Array) -> list[tuple[float, str]]:
    """The mean of each prototype's units, less half that of all others."""
    values = np.asarray(units, float)
    found = list[tuple[float, str]]()
    for name, parts in PROTOTYPES.items():
        inside = np.isin(UNITS, parts)
        if inside.any():
            found.append((float(values[inside].mean() - values[~inside].mean() / 2), name))
    return found


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Recall of chains and labels, their difference, controls, and how far chains hold."""
    faces = read() if scale == "full" else made_up(seed)
    fold = _folds(faces.actor)
    seeds = range(seed, seed + _SEEDS[scale])
    written = {way: [_learnt(faces, fold, way, _EPOCHS[scale], one) for one in seeds] for way in WAYS}
    said = {way: np.array([[_label(chain) for chain in run] for run in runs]) for way, runs in written.items()}
    said["rule"] = np.array([[LABELS.index(engine(row).label) for row in faces.units]])
    said["numbers"] = _regression(faces, fold)[None]
    groups = np.unique(faces.actor, return_inverse=True)[1]
    common = {"groups": groups, "draws": _DRAWS[scale]}
    rows = [
        measured(f"UAR, {name}", "all", recall, faces.gold, said[way], baseline=1 / len(LABELS), **common)
        for way, name in {**WAYS, "rule": "prototypes alone, no learning", "numbers": "logistic regression"}.items()
    ]
    for one, other in (("chain", "label"), ("chain", "false"), ("chain", "words")):
        name = f"UAR, {WAYS[one]} less {WAYS[other]}"
        rows.append(measured(name, "all", minus(recall), faces.gold, said[one], said[other], baseline=0.0, **common))
    rows += _checked(faces, written["chain"], common)
    return {
        "metrics": rows,
        "data": ["ravdess-av"] if scale == "full" else [],
        "notes": [
            f"{len(faces.gold)} clips of {len(set(faces.actor.tolist()))} actors, {FOLDS} folds of actors, "
            f"{len(seeds)} seeds; units stand against the mean of the actor's own unlabelled clips. "
            "Intervals draw actors.",
            "Holds: of the units a chain names, those seen in this face; the baseline is the same chains against the "
            "faces of other clips. Follows: conclusions that the chain's own interpretation names; baseline: gold "
            "labels that it names.",
            f"An engine's chain: {engine(faces.units[-1], LABELS[faces.gold[-1]]).text()}",
            f"A chain that was written: {written['chain'][0][-1].text()}",
        ],
    }


def read() -> Faces:
    """RAVDESS' faces as summaries; what is missing of a clip is the median. Raises MissingData."""
    every = list(load("ravdess-av", "train"))
    turns = [one.turns[0] for one in every]
    gold = [LABELS.index(one.read("emotion", rater="gold")[0].labels[0]) for one in every]
    actor = np.array([turn.speaker for turn in turns])
    tables = [
        np.array([[turn.meta["face"].get(f"AU{unit:02}_{kind}", np.nan) for unit in UNITS] for turn in turns])
        for kind in ("mean", "std")
    ]
    tables = [_against_own(np.where(np.isnan(table), np.nanmedian(table, 0), table), actor) for table in tables]
    return Faces(tables[0], tables[1], np.array(gold), actor)


def made_up(seed: int) -> Faces:
    """Faces that show the units of their label's prototype, and noise."""
    draw = np.random.default_rng(seed)
    gold = np.arange(96) % len(LABELS)
    units = draw.normal(0, 0.5, (96, len(UNITS)))
    for row, label in enumerate(gold):
        units[row, np.isin(UNITS, PROTOTYPES[LABELS[label]])] += 1.6
    actor = np.array([f"actor {row // 8:02}" for row in range(96)])
    return Faces(units, np.abs(draw.normal(0, 1, units.shape)), gold, actor)


def recall(gold: Array, said: Array) -> float:
    """Unweighted mean recall over the labels that occur."""
    return float(np.mean([(said[gold == label] == label).mean() for label in np.unique(gold)]))


def _against_own(table: Array, actor: Array) -> Array:
    found = np.empty_like(table)
    spread = table.std(0) + 1e-9
    for one in np.unique(actor):
        found[actor == one] = (table[actor == one] - table[actor == one].mean(0)) / spread
    return found


def _folds(actor: Array) -> Array:
    names = np.unique(actor)
    return np.array([int(np.flatnonzero(names == one)[0]) % FOLDS for one in actor])


def _regression(faces: Faces, fold: Array) -> Array:
    from sklearn.linear_model import LogisticRegression

    numbers = np.column_stack([faces.units, faces.moves])
    said = np.empty_like(faces.gold)
    for one in range(FOLDS):
        known, asked = _apart(faces, fold, one)
        said[asked] = (
            LogisticRegression(C=0.1, max_iter=500).fit(numbers[known], faces.gold[known]).predict(numbers[asked])
        )
    return said


def _apart(faces: Faces, fold: Array, one: int) -> tuple[Array, Array]:
    """Rows to learn from and rows that are asked; nobody is in both."""
    known, asked = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
    if shared := set(faces.actor[known].tolist()) & set(faces.actor[asked].tolist()):
        raise AssertionError(f"{sorted(shared)[0]} is in training and in test")
    return known, asked


WAYS = {
    "label": "label only",
    "chain": "chain, then label",
    "false": "chain with another clip's reasons",
    "words": "label from the words of the chain alone",
}
"""What a decoder learns to write, or, for the last, what it is told."""
_END, _SEEN, _MEANS = 0, 1, 1 + 2 * len(UNITS)
_LABEL = _MEANS + len(LABELS)
_TOKENS, _LONGEST = _LABEL + len(LABELS), KEY + 4


def tokens(chain: Chain) -> list[int]:
    """A chain as numbers: units with their strength, feelings, the conclusion, the end."""
    seen = [_SEEN + 2 * UNITS.index(unit) + int(strong) for unit, strong in chain.seen]
    return [*seen, *(_MEANS + LABELS.index(name) for name in chain.means), _LABEL + LABELS.index(chain.label), _END]


def parsed(written: Sequence[int]) -> Chain:
    """Numbers as a chain again, whatever the decoder wrote; without a conclusion it is neutral."""
    seen = tuple((UNITS[(x - _SEEN) // 2], bool((x - _SEEN) % 2)) for x in written if _SEEN <= x < _MEANS)
    means = tuple(LABELS[x - _MEANS] for x in written if _MEANS <= x < _LABEL)
    label = next((LABELS[x - _LABEL] for x in written if x >= _LABEL), "neutral")
    return Chain(seen, means, label)


def _label(chain: Chain) -> int:
    return LABELS.index(chain.label)


def _learnt(faces: Faces, fold: Array, way: str, epochs: int, seed: int) -> list[Chain]:
    """What a decoder writes for every clip, having learnt from other actors' clips."""
    found = [Chain((), (), "neutral")] * len(faces.gold)
    for one in range(FOLDS):
        known, asked = _apart(faces, fold, one)
        chains = [engine(faces.units[n], LABELS[faces.gold[n]]) for n in known]
        if way == "false":
            other = np.random.default_rng(seed).permutation(len(chains))
            chains = [Chain(chains[n].seen, chains[n].means, one.label) for n, one in zip(other, chains, strict=True)]
        elif way != "chain":
            chains = [Chain((), (), one.label) for one in chains]
        given = _words(faces.units) if way == "words" else np.column_stack([faces.units, faces.moves])
        writer = _writer(given[known], [tokens(one) for one in chains], epochs, 100 * seed + one)
        for n, chain in zip(asked, writer(given[asked]), strict=True):
            found[n] = chain
    return found


def _words(units: Array) -> Array:
    """Only what the words of a rule's chain tell: which units are named and how strong, which feelings."""
    told = np.zeros((len(units), _LABEL))
    for row, one in enumerate(units):
        chain = engine(one)
        told[row, tokens(Chain(chain.seen, chain.means, "neutral"))[:-2]] = 1.0
    return told


def _writer(numbers: Array, chains: list[list[int]], epochs: int, seed: int) -> Any:
    """A decoder that goes by the numbers and by the sum of what it has written; returns what it writes for others."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    state = nn.Sequential(nn.Linear(numbers.shape[1], 96), nn.Tanh(), nn.Dropout(0.3), nn.Linear(96, 96))
    table, place, head = nn.Embedding(_TOKENS + 1, 96), nn.Embedding(_LONGEST + 1, 96), nn.Linear(96, _TOKENS)
    parts = nn.ModuleList([state, table, place, head])

    def following(given: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """What may come after each token, [n, steps, tokens]."""
        written = table(before).cumsum(1) + place(torch.arange(before.shape[1]))
        return head(torch.tanh(state(given)[:, None] + written))

    longest = max(map(len, chains))
    target = torch.tensor([one + [-100] * (longest - len(one)) for one in chains])
    before = torch.cat([torch.full((len(chains), 1), _TOKENS), target[:, :-1].clamp(min=0)], 1)
    given = torch.tensor(numbers, dtype=torch.float32)
    # the conclusion counts as much as what leads to it
    weight = torch.where(target >= _LABEL, 3.0, 1.0)
    steps = torch.optim.AdamW(parts.parameters(), lr=4e-3, weight_decay=0.03)
    for _ in range(epochs):
        likely = following(given, before).transpose(1, 2)
        loss = nn.functional.cross_entropy(likely, target, reduction="none", ignore_index=-100)
        steps.zero_grad()
        (loss * weight).sum().div(len(chains)).backward()
        steps.step()
    parts.eval()

    def write(asked: Array) -> list[Chain]:
        shown, before = torch.tensor(asked, dtype=torch.float32), torch.full((len(asked), 1), _TOKENS)
        with torch.no_grad():
            for _ in range(_LONGEST):
                before = torch.cat([before, following(shown, before)[:, -1:].argmax(2)], 1)
        rows = before[:, 1:].tolist()
        return [parsed(row[: row.index(_END)] if _END in row else row) for row in rows]

    return write


def _checked(faces: Faces, runs: list[list[Chain]], common: dict[str, Any]) -> list[dict[str, Any]]:
    """Whether chains hold: each unit they name, and the step from interpretation to conclusion."""
    units = faces.units
    other = np.random.default_rng(0).permutation(len(units))
    holds = np.array([[_held(chain, units[n]) for n, chain in enumerate(run)] for run in runs])
    elsewhere = np.array([[_held(chain, units[other[n]]) for n, chain in enumerate(run)] for run in runs])
    found = np.array([[_found(chain, units[n]) for n, chain in enumerate(run)] for run in runs])
    follows = np.array([[chain.label in chain.means for chain in run] for run in runs], float)
    gold = np.array([[LABELS[faces.gold[n]] in chain.means for n, chain in enumerate(run)] for run in runs], float)
    right = np.array([[_label(chain) == faces.gold[n] for n, chain in enumerate(run)] for run in runs])
    rows = [
        measured(
            "units named that hold", "all", _mean, faces.gold, holds, baseline=float(np.nanmean(elsewhere)), **common
        ),
        measured("key units that are named", "all", _mean, faces.gold, found, **common),
        measured("conclusion follows", "all", _mean, faces.gold, follows, baseline=float(gold.mean()), **common),
    ]
    for part, which in (("conclusion follows", follows > 0), ("it does not", follows == 0)):
        some = np.where(which, right, np.nan).astype(float)
        rows.append(measured("accuracy", part, _mean, faces.gold, some, **common))
    return rows


def _mean(_gold: Array, values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0


def _held(chain: Chain, units: Array) -> float:
    """Share of the units a chain names that this face shows; nan where it names none."""
    named_units = [units[UNITS.index(unit)] >= SLIGHT for unit, _ in chain.seen]
    return float(np.mean(named_units)) if named_units else np.nan


def _found(chain: Chain, units: Array) -> float:
    key = {unit for unit, _ in engine(units).seen}
    return len(key & {unit for unit, _ in chain.seen}) / len(key) if key else np.nan
