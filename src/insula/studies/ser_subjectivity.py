"""Listeners disagree, and that is no noise: what aggregation throws away, and training that keeps every vote.

Claim (Chou 2024, dissertation, arXiv:2510.05934): emotion in speech should be learned and tested with every rating kept
as a soft label (the all-inclusive rule), several emotions at once, with a penalty on emotions that hardly ever occur
together; majority and plurality drop items and minority views, and systems trained so do worse on what people say.

Ours: on CREMA-D, about ten votes a clip apart for voice, face and both, what each rule throws away, how well people
agree (one against the others; half of them against the other half, several labels at once), and the actor's intention.
Training on raw votes under each rule, with and without the penalty, each system on every test. Heads of single raters
where people's ratings can be told apart.

Differs: CREMA-D is here without its sound, and no corpus of speech here has votes. So what is trained on votes are
faces (FER+, ten votes an image; gradients of 48 x 48 pixels, one hidden layer), and on speech (RAVDESS) the targets are
borrowed: how CREMA-D's listeners heard other actors who were asked for the same feeling. Heads of raters
learn politeness of requests, the one corpus here whose raters have numbers.

    insula study ser-subjectivity --scale full
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import load, root
from ..data.readers.voices import CHANNELS, EKMAN
from .measure import Array, measured
from .votes import RULES, kept, learned, learned_by_rater, shares, target, there, unlikely, used

SYSTEM = "ser-subjectivity"
STATUS = "works-scaled"

LABELS = tuple(EKMAN.values())
SEEDS = 3
_DRAWS = 300
FACES = {"train": 16000, "publictest": 3533, "privatetest": 3567}
FERPLUS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
ARMS = (*RULES, "all-inclusive with penalty")
MOST_RATERS, LEAST_RATINGS = 60, 200


@dataclass(frozen=True)
class Heard:
    """Votes (clips, labels) of one channel, what the actor was asked for, and which actor it is, as numbers."""

    votes: Array
    intended: Array
    actor: Array


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """What rules throw away, how people agree, and what systems trained under each rule are worth."""
    full = scale == "full"
    heard = cremad() if full else {name: made_up(240, seed + n) for n, name in enumerate(CHANNELS.values())}
    metrics = [row for name, one in heard.items() for row in (*_thrown_away(name, one), *_agreement(name, one, seed))]
    notes = [
        "Intervals of CREMA-D draw actors; of faces, images (nobody is named there); of RAVDESS, actors; of "
        "politeness, requests.",
        "Labels are there from a share of 1/6 of the votes (1/8 of faces) on; macro-F1 over all labels.",
        "Baseline of macro-F1 and accuracy: the labels that are there most often, for every item.",
    ]
    x, votes, test_x, test = faces() if full else _made_up_items(seed)
    metrics += _trained(x, votes, test_x, test, "ferplus" if full else "made up")
    metrics += _borrowed(*(ravdess(heard["listeners"]) if full else _made_up_clips(seed)))
    metrics += _raters(*(politeness() if full else _made_up_ratings(seed)))
    if full:
        notes.append(
            f"Faces: {len(x):,} training and {len(test):,} test images of FER+ (fer2013plus_train, _privatetest); "
            "images with votes for 'unknown' or 'no face' above half are left out."
        )
    return {"metrics": metrics, "data": ["cremad", "ravdess", "politeness"] if full else [], "notes": notes}


def cremad() -> dict[str, Heard]:
    """The votes by channel: "listeners", "viewers", "audience"."""
    talks = list(load("cremad", "train"))
    actors = {name: number for number, name in enumerate(sorted({talk.turns[0].speaker for talk in talks}))}
    found: dict[str, Heard] = {}
    for channel in CHANNELS.values():
        rows = [(talk, talk.read("emotion", rater=channel)[0]) for talk in talks]
        count = [talk.turns[0].meta["votes"][channel] for talk, _ in rows]
        votes = [[round(x.scores[label] * n) for label in LABELS] for (_, x), n in zip(rows, count, strict=True)]
        intended = [LABELS.index(talk.read("emotion", rater="actor")[0].labels[0]) for talk, _ in rows]
        found[channel] = Heard(
            np.array(votes), np.array(intended), np.array([actors[talk.turns[0].speaker] for talk, _ in rows])
        )
    return found


def _thrown_away(channel: str, heard: Heard) -> Iterator[dict[str, Any]]:
    """Shares of clips and of votes that a rule does not use."""
    runs = np.arange(len(heard.votes))[None]
    for rule in RULES[:2]:
        keeps, uses = kept(heard.votes, rule), used(heard.votes, rule)
        total = heard.votes.sum(1)
        yield _row(f"clips that {rule} drops", channel, lambda _, i, k=keeps: float(1 - k[i].mean()), heard, runs)
        yield _row(
            f"votes that {rule} throws away",
            channel,
            lambda _, i, u=uses, t=total: float(1 - u[i].sum() / t[i].sum()),
            heard,
            runs,
        )
    several = there(shares(heard.votes)).sum(1)
    yield _row("clips with two emotions or more", channel, lambda _, i: float((several[i] > 1).mean()), heard, runs)


def _agreement(channel: str, heard: Heard, seed: int) -> Iterator[dict[str, Any]]:
    """One person against the plurality of the others, on all clips and where a majority agrees; halves; intention."""
    draw = np.random.default_rng(seed)
    one, others = one_and_others(heard.votes, draw)
    clear = kept(others, "plurality")
    common = np.bincount(target(others, "plurality").argmax(1)).argmax()
    for part, rows in (("all clips", clear), ("clips with a majority", clear & kept(heard.votes, "majority"))):
        gold, said = others[rows].argmax(1), one[rows]
        yield measured(
            f"one person says what most others say, {part}", channel, _same, gold, said[None],
            baseline=float((gold == common).mean()), draws=_DRAWS, groups=heard.actor[rows],
        )  # fmt: skip
    halves = [halved(heard.votes, draw) for _ in range(SEEDS)]
    first, second = (np.array([there(shares(pair[side])) for pair in halves]) for side in (0, 1))
    usual = np.broadcast_to(second[0].mean(0) >= 0.5, second[0].shape)
    yield measured(
        "macro-F1 of half the people against the other half", channel, _f1, second[0], first,
        baseline=_f1(second[0], usual), draws=_DRAWS, groups=heard.actor,
    )  # fmt: skip
    crowd = heard.votes.argmax(1)
    base = float(np.bincount(heard.intended).max() / len(crowd))
    yield measured(
        "the plurality is what the actor was asked for", channel, _same, heard.intended, crowd[None],
        baseline=base, draws=_DRAWS, groups=heard.actor,
    )  # fmt: skip


def one_and_others(votes: Array, draw: np.random.Generator) -> tuple[Array, Array]:
    """One voter's label per item, drawn at random, and the votes without it."""
    chances = shares(votes).cumsum(1)
    one = (draw.random((len(votes), 1)) > chances).sum(1).clip(max=votes.shape[1] - 1)
    rest = votes.copy()
    rest[np.arange(len(votes)), one] -= 1
    return one, rest


def halved(votes: Array, draw: np.random.Generator) -> tuple[Array, Array]:
    """The voters of each item in two random halves."""
    first = draw.multivariate_hypergeometric
    half = np.array([first(row, int(row.sum()) // 2) for row in votes])
    return half, votes - half


def _row(name: str, part: str, statistic: Callable[..., float], heard: Heard, runs: Array) -> dict[str, Any]:
    """A statistic of which clips are drawn."""
    return measured(name, part, statistic, runs[0], runs, draws=_DRAWS, groups=heard.actor)


def _trained(x: Array, votes: Array, test_x: Array, test: Array, part: str) -> Iterator[dict[str, Any]]:
    """Each system on each test: the likeliest label where a rule has one, and several labels against every vote."""
    cost = unlikely(votes)
    said = {
        arm: np.array(
            [
                learned(x, votes, arm.split(" with")[0], test_x, penalty=cost if "penalty" in arm else None, seed=seed)
                for seed in range(SEEDS)
            ]
        )
        for arm in ARMS
    }
    everything = there(shares(test))
    usual = np.broadcast_to(there(shares(votes)).mean(0) >= 0.5, everything.shape)
    for arm, found in said.items():
        for rule in RULES[:2]:
            rows = kept(test, rule)
            gold = test[rows].argmax(1)
            base = float(np.bincount(gold).max() / len(gold))
            name = f"accuracy on the {rule} test, trained on {arm}"
            yield measured(name, part, _same, gold, found[:, rows].argmax(-1), baseline=base, draws=_DRAWS)
        name = f"macro-F1 on the all-inclusive test, trained on {arm}"
        yield measured(name, part, _f1, everything, there_of(found), baseline=_f1(everything, usual), draws=_DRAWS)
        name = f"divergence from the votes (Jensen-Shannon, bits), trained on {arm}"
        flat = np.broadcast_to(shares(votes).mean(0), test.shape)
        yield measured(
            name, part, _divergence, shares(test), found, baseline=_divergence(shares(test), flat), draws=_DRAWS
        )
    names = {"all-inclusive less majority": ("all-inclusive", "majority"), "penalty less none": (ARMS[3], ARMS[2])}
    for name, (one, other) in names.items():
        both = there_of(said[one]), there_of(said[other])
        yield measured(f"macro-F1 on the all-inclusive test, {name}", part, _less(_f1), everything, *both, draws=_DRAWS)
        both = said[one], said[other]
        yield measured(
            f"divergence from the votes, {name}", part, _less(_divergence), shares(test), *both, draws=_DRAWS
        )


def there_of(found: Array) -> NDArray[np.bool_]:
    """Labels said to be there, for each seed."""
    return np.array([there(one) for one in found])


def _borrowed(x: Array, intended: Array, actor: Array, votes: Array, cost: Array) -> Iterator[dict[str, Any]]:
    """Acted speech, leave-actors-out: the intended feeling alone, or the votes other actors got, as targets."""
    hard = np.eye(votes.shape[1])[intended] * 10
    fold = actor % 6
    arms = {
        "the intended feeling": (hard, None),
        "borrowed votes": (votes, None),
        "borrowed votes with penalty": (votes, cost),
    }
    said: dict[str, Array] = {}
    for arm, (given, penalty) in arms.items():
        found = np.zeros((SEEDS, *votes.shape))
        for seed in range(SEEDS):
            for one in range(6):
                train, test = fold != one, fold == one
                assert not set(actor[train]) & set(actor[test]), "an actor is in training and in test"
                mean, spread = x[train].mean(0), x[train].std(0) + 1e-6
                z = (x - mean) / spread
                found[seed, test] = learned(
                    z[train], given[train], "all-inclusive", z[test], penalty=penalty, seed=seed
                )
        said[arm] = found
    part, base = "ravdess, leave actors out", 1 / votes.shape[1]
    for arm, found in said.items():
        name = f"unweighted recall of the intended feeling, trained on {arm}"
        yield measured(name, part, _recall, intended, found.argmax(-1), baseline=base, draws=_DRAWS, groups=actor)
        name = f"calibration error of the likeliest feeling, trained on {arm}"
        yield measured(name, part, _calibration, intended, found, draws=_DRAWS, groups=actor)
    one, other = (said[arm].argmax(-1) for arm in ("borrowed votes", "the intended feeling"))
    name = "unweighted recall, borrowed votes less intended"
    yield measured(name, part, _less(_recall), intended, one, other, draws=_DRAWS, groups=actor)


def _raters(x: Array, ratings: Array, test_x: Array, test: Array) -> Iterator[dict[str, Any]]:
    """A head for each rater against one for all; both tell what a known rater says of an unseen item.

    `ratings` and `test` hold (item, rater, label) rows.
    """
    own, common = [], []
    items, raters, labels = ratings.T
    for seed in range(SEEDS):
        each, one = learned_by_rater(x, items, raters, labels, test_x, seed=seed)
        own.append(each[test[:, 1], test[:, 0]].argmax(-1))
        common.append(one[test[:, 0]].argmax(-1))
    gold, groups, part = test[:, 2], test[:, 0], "politeness, known raters, unseen requests"
    base = float((gold == np.bincount(ratings[:, 2]).argmax()).mean())
    for name, found in (("a head for each rater", own), ("one head for all", common)):
        name = f"accuracy of a rater's own verdict of three, {name}"
        yield measured(name, part, _same, gold, np.array(found), baseline=base, draws=_DRAWS, groups=groups)
    both = np.array(own), np.array(common)
    yield measured("the same, own heads less one head", part, _less(_same), gold, *both, draws=_DRAWS, groups=groups)


def faces() -> tuple[Array, Array, Array, Array]:
    """Gradients and votes of FER+, for training and test; images that are no face are left out."""
    (x, votes), (test_x, test) = (_faces(name) for name in ("train", "privatetest"))
    mean, spread = x.mean(0), x.std(0) + 1e-6
    return (x - mean) / spread, votes, (test_x - mean) / spread, test


def _faces(name: str) -> tuple[Array, Array]:
    from PIL import Image

    with np.load(root() / "faces" / f"fer2013plus_{name}.npz") as file:
        data, ends, votes = file["data"].tobytes(), file["offset"], file["votes"].astype(int)
    known = 2 * votes[:, :8].sum(1) > votes.sum(1)
    rows = np.flatnonzero(known)[: FACES[name]]
    images = (np.asarray(Image.open(io.BytesIO(data[ends[i] : ends[i + 1]])).convert("L"), np.float32) for i in rows)
    return np.array([gradients(one) for one in images]), votes[rows, :8]


def gradients(image: Array, cells: int = 8, ways: int = 8) -> Array:
    """Histograms of oriented gradients (Dalal & Triggs 2005): cells x cells squares of `ways` directions."""
    down, right = np.gradient(image)
    size, angle = np.hypot(down, right), np.arctan2(down, right) % np.pi
    way = np.minimum((angle / np.pi * ways).astype(int), ways - 1)
    side = image.shape[0] // cells
    found = np.zeros((cells, cells, ways))
    for k in range(ways):
        part = np.where(way == k, size, 0)[: side * cells, : side * cells]
        found[:, :, k] = part.reshape(cells, side, cells, side).sum((1, 3))
    return np.sqrt(found / (found.sum(-1, keepdims=True) + 1e-6)).ravel()


def ravdess(listeners: Heard) -> tuple[Array, Array, Array, Array, Array]:
    """eGeMAPS of six feelings of RAVDESS, the feeling that was intended, the actor, borrowed votes, and the penalty."""
    borrowed = _by_feeling(listeners)
    with np.load(root() / "speech" / "ravdess_egemaps.npz") as file:
        features = dict(zip(file["name"].tolist(), file["X"], strict=True))
    rows = [
        (features[talk.id.rpartition("/")[2]], LABELS.index(label), int(talk.turns[0].speaker[-2:]))
        for talk in load("ravdess", "train")
        if (label := talk.read("emotion", scheme="voice9")[0].labels[0]) in LABELS
    ]
    x, intended, actor = (np.array(column) for column in zip(*rows, strict=True))
    return x, intended, actor, borrowed[intended], unlikely(listeners.votes)


def _by_feeling(heard: Heard) -> Array:
    """How many of ten listeners heard each label where an actor was asked for one of them: (labels, labels)."""
    return np.array([10 * shares(heard.votes[heard.intended == n]).mean(0) for n in range(len(LABELS))])


def politeness() -> tuple[Array, Array, Array, Array]:
    """Words of requests, and (request, rater, verdict) rows of the most active raters; a fifth of requests is test."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    talks = list(load("politeness", "train"))
    rows = [(n, x.rater, x.scores["politeness"]) for n, talk in enumerate(talks) for x in talk.read("politeness")]
    rows = [row for row in rows if row[1] != "gold"]
    counts = Counter(rater for _, rater, _ in rows)
    known = {rater: n for n, (rater, count) in enumerate(counts.most_common(MOST_RATERS)) if count >= LEAST_RATINGS}
    ratings = np.array([(n, known[who], 0 if x < -0.2 else 2 if x > 0.2 else 1) for n, who, x in rows if who in known])
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True).fit_transform(
        talk.turns[0].text for talk in talks
    )
    x = TruncatedSVD(128, random_state=0).fit_transform(words)
    x = (x - x.mean(0)) / x.std(0)
    test = ratings[:, 0] % 5 == 0
    return x, ratings[~test], x, ratings[test]


def _same(gold: Array, said: Array) -> float:
    return float((gold == said).mean())


def _f1(gold: Array, said: Array) -> float:
    hits, total = (gold & said).sum(0), gold.sum(0) + said.sum(0)
    return float(np.mean(2 * hits / np.maximum(total, 1)))


def _recall(gold: Array, said: Array) -> float:
    return float(np.mean([(said[gold == one] == one).mean() for one in np.unique(gold)]))


def _calibration(gold: Array, said: Array) -> float:
    """Mean gap between how sure and how often right, in ten bins of certainty (ECE)."""
    sure, right = said.max(-1), said.argmax(-1) == gold
    bins = np.minimum((sure * 10).astype(int), 9)
    return float(
        sum(abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    )


def _divergence(gold: Array, said: Array) -> float:
    middle = (gold + said) / 2

    def part(one: Array) -> Array:
        return np.sum(np.where(one > 0, one * np.log2(np.maximum(one, 1e-12) / np.maximum(middle, 1e-12)), 0), -1)

    return float(((part(gold) + part(said)) / 2).mean())


def _less(statistic: Callable[[Array, Array], float]) -> Callable[..., float]:
    return lambda gold, one, other: statistic(gold, one) - statistic(gold, other)


def made_up(count: int, seed: int) -> Heard:
    """Ten listeners who hear what was intended, or its neighbour."""
    draw = np.random.default_rng(seed)
    intended = draw.integers(len(LABELS), size=count)
    chances = 0.02 + 0.5 * np.eye(len(LABELS))[intended] + 0.3 * np.eye(len(LABELS))[(intended + 1) % len(LABELS)]
    votes = np.array([draw.multinomial(10, one / one.sum()) for one in chances])
    return Heard(votes, intended, draw.integers(12, size=count))


def _made_up_items(seed: int) -> tuple[Array, Array, Array, Array]:
    draw = np.random.default_rng(seed)
    heard = made_up(900, seed + 10)
    x = shares(heard.votes) @ draw.normal(size=(len(LABELS), 16)) + draw.normal(0, 0.3, (900, 16))
    return x[:600], heard.votes[:600], x[600:], heard.votes[600:]


def _made_up_clips(seed: int) -> tuple[Array, Array, Array, Array, Array]:
    draw = np.random.default_rng(seed)
    heard = made_up(240, seed + 20)
    x = np.eye(len(LABELS))[heard.intended] @ draw.normal(size=(len(LABELS), 16)) + draw.normal(0, 0.5, (240, 16))
    return x, heard.intended, heard.actor, _by_feeling(heard)[heard.intended], unlikely(heard.votes)


def _made_up_ratings(seed: int) -> tuple[Array, Array, Array, Array]:
    """Three raters of one scale, one of whom turns it round."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(400, 8))
    polite = np.digitize(x[:, 0], (-0.5, 0.5))
    rows = np.array([(n, who, 2 - polite[n] if who == 2 else polite[n]) for n in range(400) for who in range(3)])
    test = rows[:, 0] % 5 == 0
    return x, rows[~test], x, rows[test]
