"""How like recorded people simulated ones are: distances between distributions, beside what chance and habit give.

    likeness(load("esconv", "train"), load("esconv", "test"), load("esconv-failed", "train"))

Constants are from train talks, everything here is held against test talks and those that failed. A distance of 0 is
likeness; beside each stands the same distance between people and people (train and test), which nothing has to beat.
Compared are whole distributions (Wasserstein distance, in the unit of what is counted); it is said, too, where nothing
is known of a single person: how much one recorded seeker got better the simulation cannot foretell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.data import load
from insula.evaluate.bootstrap import Interval, interval

from .appraise import Met, Reader, fit, ranker, states
from .dynamics import Dynamics, dynamics
from .person import draw
from .play import play
from .recorded import exchanges, intensity
from .responders import Says
from .seeded import Seeded, shared
from .seeker import SEEKER
from .validate import Row, gained

Array = NDArray[np.floating]
PEOPLE = 100  # who are drawn for what people say
LONGEST = 40  # replies of their talks, at most
TABLE = 2000  # recorded replies they are answered from
RESAMPLES = 200


def likeness(
    train: Sequence[Conversation], test: Sequence[Conversation], failed: Sequence[Conversation], seed: int = 0
) -> list[Row]:
    """Rows of distances, with intervals over talks."""
    known, appraiser = dynamics(), shared()
    return [
        *_changes(train, test, failed, known, appraiser, seed),
        *_spoken(train, test, seed),
        _stars(list(load("esconv-multiesc", "test")), "stars, talks of test", known, appraiser),
        _stars(failed, "stars, failed talks", known, appraiser),
    ]


def distance(one: Array, other: Array) -> float:
    """Wasserstein distance of two samples: the mean way between their quantiles (Vallender 1974)."""
    steps = (np.arange(400) + 0.5) / 400
    return float(np.abs(np.quantile(one, steps) - np.quantile(other, steps)).mean())


def _changes(
    train: Sequence[Conversation],
    test: Sequence[Conversation],
    failed: Sequence[Conversation],
    known: Dynamics,
    appraiser: Reader,
    seed: int,
) -> list[Row]:
    """How much better people felt, in steps of five: survey against simulation on the very same replies."""
    earlier = np.array([one for talk in train if (one := _felt_better(talk)) is not None])
    rows: list[Row] = []
    for name, talks in (("test", test), ("failed", failed)):
        known_of = [talk for talk in talks if _felt_better(talk) is not None and exchanges(talk)]
        told = np.array([_felt_better(talk) for talk in known_of], np.float64)
        made = np.array([_simulated(talk, place, known, appraiser, seed) for place, talk in enumerate(known_of)])
        said = f"change of intensity, {name}"
        rows += [
            Row(said, "mean, people", _mean(told), len(told)),
            Row(said, "mean, simulated", _mean(made), len(made)),
            Row(said, "distance", _apart(made, told), len(told)),
            Row(said, "distance, people of train", _apart(earlier, told), len(told)),
            Row(said, "distance, always train's mean", _apart(np.full(len(told), earlier.mean()), told), len(told)),
            Row(said, "rank agreement per talk", _ranked(made, told, np.arange(len(told))), len(told)),
        ]
    return rows


def _felt_better(talk: Conversation) -> float | None:
    before, after = intensity(talk), intensity(talk, "final")
    return before - after if before and after else None


def _simulated(talk: Conversation, place: int, known: Dynamics, appraiser: Reader, seed: int) -> float:
    """Steps by which a simulated person in this one's place feels better; surveys know whole steps only."""
    start = 25 * (5 - (intensity(talk) or 0.0))
    moved = float(np.exp(known.sensitivity * np.random.default_rng([seed, place]).standard_normal()))
    return round(gained(exchanges(talk), appraiser, known, moved, start) / 25)


def _spoken(train: Sequence[Conversation], test: Sequence[Conversation], seed: int) -> list[Row]:
    """Words of a turn, replies of a talk, share of turns that ask, of drawn people who talk with a table of replies."""
    bot = Says(nearest([one for talk in train for one in exchanges(talk)][:TABLE]))
    made = [play(Seeded(one), bot, LONGEST) for one in draw(PEOPLE, seed)]
    rows: list[Row] = []
    for name, of in _SAID.items():
        theirs, past, ours = (np.array([of(talk) for talk in some if exchanges(talk)]) for some in (test, train, made))
        rows += [
            Row(name, "mean, people", _mean(theirs), len(theirs)),
            Row(name, "mean, simulated", _mean(ours), len(ours)),
            Row(name, "distance", _apart(ours, theirs), len(theirs)),
            Row(name, "distance, people of train", _apart(past, theirs), len(theirs)),
        ]
    return rows


_SAID: dict[str, Callable[[Conversation], float]] = {
    "words a turn": lambda talk: float(np.mean([len(one.said.split()) for one in exchanges(talk)])),
    "replies a talk": lambda talk: float(len(exchanges(talk))),
    "share of turns that ask": lambda talk: float(np.mean(["?" in one.said for one in exchanges(talk)])),
}


def nearest(table: Sequence[Met]) -> Callable[[Conversation], str]:
    """A responder that gives the recorded reply which fits best what was said, none of them twice in a talk."""
    from insula.network.dialogue import Dialogue

    network, (weights, _) = Dialogue.open(), ranker()
    texts = [one.reply for one in table]
    chunks = [states(network, table[start : start + 200])[1] for start in range(0, len(table), 200)]
    replies = np.concatenate(chunks)

    def answer(talk: Conversation) -> str:
        own = [turn.text for turn in talk.turns if turn.speaker == SEEKER]
        given = {turn.text for turn in talk.turns if turn.speaker != SEEKER}
        context, _ = states(network, [Met(" ".join(own[:-1]), own[-1], "")])
        order = np.argsort(-fit(weights, np.repeat(context, len(replies), 0), replies), kind="stable")
        return next(texts[place] for place in order if texts[place] not in given)

    return answer


def _stars(talks: Sequence[Conversation], name: str, known: Dynamics, appraiser: Reader) -> Row:
    """Whether replies that people gave more stars are worth more to simulated ones: rank agreement, talks drawn."""
    worth, stars, groups = list[float](), list[float](), list[int]()
    for number, talk in enumerate(talks):
        given = {one.at.turn: one.scores["stars"] for one in talk.read("feedback", scheme="feedback-stars")}
        for said, star in starred(talk, given):
            worth.append(known.worth(appraiser.read([said])[0]))
            stars.append(star)
            groups.append(number)
    _, dense = np.unique(groups, return_inverse=True)
    return Row(name, "rank agreement with worth", _ranked(np.array(worth), np.array(stars), dense), len(stars))


def starred(talk: Conversation, stars: dict[str | None, float]) -> list[tuple[Met, float]]:
    """Every reply whose next turn of the seeker has stars, with them."""
    found: list[tuple[Met, float]] = []
    own: list[str] = []
    replied: list[str] = []
    for turn in talk.turns:
        if turn.speaker != SEEKER:
            replied.append(turn.text)
            continue
        if replied and own and turn.id in stars:
            found.append((Met(" ".join(own[:-1]), own[-1], " ".join(replied)), stars[turn.id]))
        own, replied = [*own, turn.text], []
    return found


def _mean(values: Array) -> Interval:
    return interval(lambda weights: weights @ values / weights.sum(1), len(values))


def _apart(made: Array, told: Array) -> Interval:
    """The distance, people drawn: both samples are drawn alike."""
    random, score = np.random.default_rng(0), distance(made, told)
    drawn = [distance(random.choice(made, len(made)), random.choice(told, len(told))) for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(score, float(low), float(high))


def _ranked(one: Array, other: Array, groups: NDArray[np.intp]) -> Interval:
    """Spearman's rank correlation with its interval, groups drawn; ranks are those of the whole sample."""
    first, second = _ranks(one), _ranks(other)

    def correlation(weights: Array) -> Array:
        whole = weights.sum(1, keepdims=True)
        a, b = (x - weights @ x[:, None] / whole for x in (first, second))
        return (weights * a * b).sum(1) / np.sqrt((weights * a * a).sum(1) * (weights * b * b).sum(1))

    return interval(correlation, len(one), groups=groups)


def _ranks(values: Array) -> Array:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]
