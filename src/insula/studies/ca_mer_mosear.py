"""Voice and face in conflict, as people judged them: experts with gates, and attention moved where they disagree.

Claim (Han et al. 2025, Benchmarking and Bridging Emotion Conflicts for Multimodal Emotion Reasoning, CA-MER and
MoSEAR): models lean on the sound where a clip's channels conflict; experts of each modality with a gate, and attention
reallocated when they disagree, raise accuracy on conflicts without hurting clips that agree.

Ours: CREMA-D, where each of 7,442 clips was judged by three groups: of its voice alone, of its face alone, of both.
What an expert gets are the shares of votes of voice or face; what is asked is the feeling most of the third group
named. Subsets as in CA-MER, by people's majorities: consistent (voice and face named the same), audio-aligned (those of
both sided with the voice), video-aligned (with the face), neither. Arms: one channel; one classifier of both; the same
learnt where both agree; experts that count alike; with gates by doubt (`insula.perceive.fuse.pool`: the surer counts
more); with attention moved too (`insula.perceive.fuse.disagreement`); and experts with a gate that is learnt: what both
say decides how much each of voice, face and their product counts, pulled to counting alike. Modality reliance: of
conflicts decided for one of the two, the share decided for the voice, beside people's own.

Differs: experts are small and see votes, not sound or pictures: what is tested is the joining. Five folds of actors;
calibrations, gates and the conflict's three numbers are fitted on the other folds. Votes of about ten people are noisy.

    insula study ca-mer-mosear --scale full
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..data import load
from ..perceive.fuse.disagreement import Disagreement, trust
from ..perceive.fuse.pool import Pool, logs
from ..train.speech.fuse_pool import fit
from .measure import Array, measured, minus

SYSTEM = "ca-mer-mosear"
STATUS = "works-scaled"

LABELS = ("anger", "disgust", "fear", "joy", "sadness", "neutral")
NEUTRAL = LABELS.index("neutral")
FOLDS = 5
PULL = 1e-3  # of the learnt gate to counting alike
SMOOTH = 0.5  # of a vote for every label
SUBSETS = ("consistent", "audio-aligned", "video-aligned", "neither")
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Votes:
    """Shares of votes (n, 6) for voice and face, the feeling most named for both (n,), and whose clip it is (n,)."""

    voice: Array
    face: Array
    both: Labels
    actor: NDArray[np.str_]

    def __getitem__(self, rows: NDArray[Any]) -> Votes:
        return Votes(self.voice[rows], self.face[rows], self.both[rows], self.actor[rows])

    @property
    def channels(self) -> Mapping[str, Array]:
        return {"voice": self.voice, "face": self.face}


Arm = Callable[[Votes], Array]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Accuracy by subset, its gain by gates and by moved attention, and how far each arm leans on the voice."""
    full = scale == "full"
    votes = read() if full else made_up(seed)
    part = "CREMA-D" if full else "made up"
    said = judged(votes)
    groups = np.unique(votes.actor, return_inverse=True)[1]
    voice, face = votes.voice.argmax(1), votes.face.argmax(1)
    subset = np.select([voice == face, votes.both == voice, votes.both == face], [0, 1, 2], 3)
    conflict = subset > 0
    metrics = list[dict[str, Any]]()

    def add(
        name: tuple[str, str], where: NDArray[np.bool_], statistic: Any, *runs: Array, baseline: float | None = None
    ) -> None:
        arrays = [one[where][None] for one in runs]
        gold, of = votes.both[where], groups[where]
        metrics.append(measured(name[0], f"{part}, {name[1]}", statistic, gold, *arrays, baseline=baseline, groups=of))

    places = {**{name: subset == number for number, name in enumerate(SUBSETS)}, "conflict": conflict}
    places["all"] = np.ones(len(subset), bool)
    places = {name: where for name, where in places.items() if where.sum() >= FOLDS}
    for arm, one in said.items():
        decided = one.argmax(1)
        for name, where in places.items():
            chance = float(np.bincount(votes.both[where]).max() / where.sum())
            add((f"accuracy, {arm}", name), where, _right, decided, baseline=chance)
        aligned = (subset == 1) | (subset == 2)
        people = float((subset == 1).sum() / aligned.sum())
        add(
            (f"reliance on the voice, {arm}", "conflict"),
            conflict,
            _leans,
            np.stack([decided, voice, face], 1),
            baseline=people,
        )
    gains = (
        ("gates by doubt minus none", "experts with gates", "experts alike"),
        ("a learnt gate minus none", "experts with a learnt gate", "experts alike"),
        ("a learnt gate minus the face alone", "experts with a learnt gate", "face alone"),
        ("a learnt gate minus one classifier", "experts with a learnt gate", "one classifier"),
        ("attention moved minus gates", "gates, attention moved", "experts with gates"),
        ("gates, attention moved minus one classifier", "gates, attention moved", "one classifier"),
        (
            "gates, attention moved minus learnt on agreement",
            "gates, attention moved",
            "one classifier, learnt on agreement",
        ),
    )
    for name, one, other in gains:
        pair = said[one].argmax(1), said[other].argmax(1)
        for place in places:
            add((f"accuracy, {name}", place), places[place], minus(_right), *pair)
    metrics.append(_aligned(votes, said, groups, part))
    counts = ", ".join(f"{name} {int((subset == number).sum())}" for number, name in enumerate(SUBSETS))
    notes = [
        f"{len(votes.both)} clips of {groups.max() + 1} actors: {counts}. Intervals draw actors.",
        "Baselines: of accuracy the commonest feeling of the subset, of reliance people's own.",
        "On audio-aligned clips a channel alone is right or wrong by definition: those rows are checks.",
    ]
    return {"metrics": metrics, "data": ["cremad"] if full else [], "notes": notes}


def read() -> Votes:
    """Every clip that has one most named feeling for voice, face and both. Raises MissingData."""
    rows, gold, actors = list[list[Array]](), list[int](), list[str]()
    for clip in load("cremad", "train"):
        marks = {x.rater: x for x in clip.read("emotion")}
        groups = [marks.get(name) for name in ("listeners", "viewers", "audience")]
        if all(one and len(one.labels) == 1 for one in groups):
            counts = clip.turns[0].meta["votes"]
            shares = [
                np.array([one.scores[label] for label in LABELS]) * counts[one.rater] for one in groups[:2] if one
            ]
            rows.append([(one + SMOOTH) / (one + SMOOTH).sum() for one in shares])
            gold.append(LABELS.index(groups[2].labels[0] if groups[2] else ""))
            actors.append(clip.turns[0].speaker)
    stack = np.array(rows)
    return Votes(stack[:, 0], stack[:, 1], np.array(gold), np.array(actors))


def made_up(seed: int) -> Votes:
    """Ten actors whose faces say more than their voices, one clip in four with another feeling in the voice."""
    draw = np.random.default_rng(seed)
    gold = np.arange(600) % len(LABELS)
    other = np.where(draw.random(600) < 0.25, draw.integers(len(LABELS), size=600), gold)

    def votes(meant: Labels, clear: float) -> Array:
        chances = np.full((len(meant), len(LABELS)), (1 - clear) / len(LABELS))
        chances[np.arange(len(meant)), meant] += clear
        found = np.array([draw.multinomial(10, one) for one in chances]) + SMOOTH
        return found / found.sum(1, keepdims=True)

    return Votes(votes(other, 0.5), votes(gold, 0.7), gold, np.array([f"actor {row // 60}" for row in range(600)]))


def judged(votes: Votes) -> dict[str, Array]:
    """What every arm, learnt on the other folds of actors, says of every clip: (n, 6)."""
    names = np.unique(votes.actor)
    said: dict[str, Array] = {}
    for fold in range(FOLDS):
        here = np.isin(votes.actor, names[fold::FOLDS])
        assert not set(votes.actor[here]) & set(votes.actor[~here]), "an actor crosses the split"
        for name, arm in _learn(votes[~here]).items():
            said.setdefault(name, np.zeros((len(here), len(LABELS))))[here] = arm(votes[here])
    return said


def _learn(votes: Votes) -> dict[str, Arm]:
    from sklearn.linear_model import LogisticRegression

    pool = fit(votes.channels, votes.both)
    usual = np.bincount(votes.both, minlength=len(LABELS)) / len(votes.both)
    alike = Pool({name: type(one)(one.slope, one.intercept) for name, one in pool.channels.items()})
    found = moved(pool, votes, usual)
    agree = votes.voice.argmax(1) == votes.face.argmax(1)

    def classifier(rows: NDArray[np.bool_]) -> Arm:
        model = LogisticRegression(max_iter=400).fit(_wide(votes)[rows], votes.both[rows])

        def say(some: Votes) -> Array:
            out = np.zeros((len(some.both), len(LABELS)))
            out[:, model.classes_] = model.predict_proba(_wide(some))
            return out

        return say

    return {
        "voice alone": lambda some: _with(usual, pool.channels["voice"].read(some.voice)),
        "face alone": lambda some: _with(usual, pool.channels["face"].read(some.face)),
        "one classifier": classifier(np.ones(len(agree), bool)),
        "one classifier, learnt on agreement": classifier(agree),
        "experts alike": lambda some: _with(usual, alike.fuse(some.channels)),
        "experts with gates": lambda some: _with(usual, pool.fuse(some.channels)),
        "gates, attention moved": lambda some: _with(usual, reallocated(pool, found, some)),
        "experts with a learnt gate": gated(pool, votes, usual),
    }


def gated(pool: Pool, votes: Votes, usual: Array) -> Arm:
    """Experts mixed by a gate that sees what all of them say: softmax of a line on their logarithms."""

    def experts(some: Votes) -> Array:
        read = [pool.channels[name].read(one) for name, one in some.channels.items()]
        return np.stack([_with(usual, one) for one in (*read, pool.fuse(some.channels))], 1)

    def gate(values: Array, seen: Array) -> Array:
        logits = seen @ values.reshape(seen.shape[1], 3)
        raised = np.exp(logits - logits.max(1, keepdims=True))
        return raised / raised.sum(1, keepdims=True)

    def seen(some: Votes) -> Array:
        return np.hstack([_wide(some) - _wide(some).mean(1, keepdims=True), np.ones((len(some.both), 1))])

    given, known = seen(votes), experts(votes)[np.arange(len(votes.both)), :, votes.both]

    def loss(values: Array) -> tuple[float, Array]:
        shares = gate(values, given)
        likely = (shares * known).sum(1).clip(1e-9)
        slope = -given.T @ (shares * (known / likely[:, None] - 1)) / len(known)
        pull = PULL * values
        return float(-np.log(likely).mean() + (pull * values).sum() / 2), slope.ravel() + pull

    found = minimize(loss, np.zeros(given.shape[1] * 3), jac=True, method="L-BFGS-B").x
    return lambda some: (gate(found, seen(some))[:, :, None] * experts(some)).sum(1)


def _with(usual: Array, against_even: Array) -> Array:
    """Opinions against even odds, where feelings are as usual as they are."""
    found = against_even * usual
    return found / found.sum(1, keepdims=True)


def _wide(votes: Votes) -> Array:
    return np.hstack([logs(votes.voice), logs(votes.face)])


def moved(pool: Pool, votes: Votes, usual: Array) -> Disagreement:
    """How much a mismatch has to be, so that what is said with attention moved is likeliest to be what people said."""

    def loss(values: Array) -> float:
        chances = _with(usual, reallocated(pool, Disagreement(*values, threshold=0.5), votes))
        return -float(np.log(chances[np.arange(len(votes.both)), votes.both].clip(1e-6)).mean())

    bounds = [(-9, 9), (0.01, 5), (0.05, 0.95)]
    found = minimize(loss, np.array([-1.0, 0.7, 0.5]), method="L-BFGS-B", bounds=bounds).x
    return Disagreement(*found.tolist(), threshold=0.5)


def reallocated(pool: Pool, disagreement: Disagreement, votes: Votes) -> Array:
    """The product as far as both may mean the same, else both, by how likely each is the right one."""
    read = {name: pool.channels[name].read(some) for name, some in votes.channels.items()}
    sure = [pool.channels[name].reliability(one) for name, one in read.items()]
    conflict = disagreement.probability(list(read.values()), NEUTRAL)[:, None]
    shares = trust(list(read.values()), sure)
    weights = np.stack(shares)[:, :, None]
    apart = (weights * np.stack(list(read.values()))).sum(0) / weights.sum(0)
    return (1 - conflict) * pool.fuse(votes.channels) + conflict * apart


def _aligned(votes: Votes, said: Mapping[str, Array], groups: Labels, part: str) -> dict[str, Any]:
    """How much likelihood moving attention adds, in nats a clip."""
    rows = np.arange(len(votes.both))
    gain = np.log(said["gates, attention moved"][rows, votes.both].clip(1e-6)) - np.log(
        said["experts with gates"][rows, votes.both].clip(1e-6)
    )
    return measured(
        "log likelihood, attention moved minus gates", f"{part}, all", _mean, votes.both, gain[None], groups=groups
    )


def _right(gold: Labels, decided: Array) -> float:
    return float((gold == decided).mean())


def _mean(gold: Labels, values: Array) -> float:
    del gold
    return float(values.mean())


def _leans(gold: Labels, decided: Array) -> float:
    """Of decisions for one of the two, the share for the voice's."""
    del gold
    chosen, voice, face = decided.T
    heard, seen = (chosen == voice).sum(), (chosen == face).sum()
    return float(heard / max(heard + seen, 1))
