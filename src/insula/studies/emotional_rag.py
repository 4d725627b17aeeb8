"""Does a character's memory give better lines when it is searched by mood as well as by meaning?

Claim (Huang et al. 2024, arXiv:2410.23041): role-playing agents whose memories are recalled by likeness of meaning and
of emotion, combined or in sequence, keep closer to a character's personality than with meaning alone.

Ours: `respond.memory`'s own `recall`. The six main characters of MELD remember their lines of the training part: the
turn before each line is its situation, with its mood; the line is what they did. In a scene of test they come to a new
situation, recall three memories in each way, and the lines recalled are held against the line they really spoke: its
emotion as MELD's annotators heard it, its valence, and its words.

Differs: no large model writes the reply, and no questionnaire judges it; a character's true next line is the measure
of fidelity. English series for Chinese novels. Mood is valence, arousal and dominance by `text.encoder`, where the
paper has a language model grade eight emotions.

FOUND

    insula study emotional-rag --scale full
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from ..conversation import Conversation, Turn
from ..respond.memory.episode import Episode
from ..respond.memory.meaning import Meanings, meanings
from ..respond.memory.recall import Way, recall
from ..respond.memory.store import VAD, Shelf
from ..scheme import scheme
from .measure import Array, macro_f1, measured
from .turn_feelings import feelings

SYSTEM = "emotional-rag"
STATUS = "works-scaled"

CHARACTERS = ("Chandler", "Joey", "Monica", "Phoebe", "Rachel", "Ross")
LABELS = scheme("ekman7").labels
RECALLED = 3
WAYS: tuple[Way, ...] = get_args(Way)
PLAIN: Way = "meaning"
_RANDOM = "memories at random"


@dataclass(frozen=True)
class Scene:
    """What was said to a character, and their line: its words, the number of its emotion, and its conversation."""

    character: str
    before: str
    line: str
    emotion: int
    talk: str


@dataclass(frozen=True)
class Material:
    """Scenes to remember and scenes to meet, with the affect (n, 3) of the turn before and of the line."""

    memories: Sequence[Scene]
    scenes: Sequence[Scene]
    affect: Callable[[Sequence[str]], Array]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Agreement of the recalled lines with the true one, for every way of recalling and for memories at random."""
    full = scale == "full"
    material = published() if full else made_up(seed)
    return {
        "metrics": list(_rows("meld" if full else "made-up", material, seed)),
        "data": ["meld"] if full else [],
        "notes": [
            f"{len(material.memories)} memories of {len(CHARACTERS)} characters, {len(material.scenes)} scenes; "
            f"{RECALLED} memories recalled in each, none held back for being unlike.",
            "Memories of dialogues that say the same as one of test are left out.",
            "Intervals draw whole dialogues; differences are paired. Word overlap is F1 of words.",
        ],
    }


def scenes(conversations: Iterable[Conversation]) -> Iterator[Scene]:
    """Every line that a character speaks to somebody else who has just spoken."""
    for talk in conversations:
        for before, now in zip(talk.turns, talk.turns[1:], strict=False):
            if now.speaker in CHARACTERS and before.speaker != now.speaker and before.text.strip() and now.text.strip():
                yield Scene(now.speaker, before.text, now.text, LABELS.index(_emotion(talk, now)), talk.id)


def published() -> Material:
    """MELD: memories of train, scenes of test."""
    from ..data import load
    from ..data.record import words

    test = list(load("meld", "test"))
    tested = {words(one) for one in test}
    train = [one for one in load("meld", "train") if words(one) not in tested]
    return Material(list(scenes(train)), list(scenes(test)), lambda texts: feelings(texts)[1])


def made_up(seed: int) -> Material:
    """Characters who answer what is the same in words with joy when it was said gladly and with sadness when not."""
    draw = np.random.default_rng(seed)
    things = ("the dog", "our flat", "the audition", "that dinner", "the wedding", "my sister")

    def one(number: int) -> Scene:
        thing, glad = things[draw.integers(len(things))], bool(draw.integers(2))
        felt = "joy" if glad else "sadness"
        before = f"{'Great!' if glad else 'Oh no.'} It is about {thing} again."
        line = f"{'I love' if glad else 'I am sorry about'} {thing}."
        return Scene(CHARACTERS[number % 6], before, line, LABELS.index(felt), f"t{number // 6}")

    def affect(texts: Sequence[str]) -> Array:
        sign = np.array([1.0 if text.startswith(("Great", "I love")) else -1.0 for text in texts])
        return np.stack([0.6 * sign, np.zeros(len(texts)), 0.2 * sign], 1)

    return Material([one(i) for i in range(240)], [one(i) for i in range(90)], affect)


@dataclass(frozen=True)
class _Found:
    """Per scene: shares of the emotions (7) among the recalled lines, valence, word overlap, likeness of meaning."""

    emotions: Array
    valence: Array
    overlap: Array
    meaning: Array


def _rows(name: str, material: Material, seed: int) -> Iterator[dict[str, Any]]:
    gold = np.array([one.emotion for one in material.scenes])
    number = {talk: i for i, talk in enumerate(dict.fromkeys(one.talk for one in material.scenes))}
    groups = np.array([number[one.talk] for one in material.scenes])
    found = _found(material, seed)
    common = np.eye(7)[_commonest(material)]
    base = float(np.mean(common.argmax(1) == gold))

    def row(title: str, statistic: Callable[..., float], *runs: Array, baseline: float | None = None) -> dict[str, Any]:
        return measured(
            title, name, statistic, gold, *(run[None] for run in runs), baseline=baseline, draws=500, groups=groups
        )

    for way, one in found.items():
        yield row(f"accuracy of emotion, {way}", _accuracy, one.emotions, baseline=base)
        yield row(f"macro-F1 of emotion, {way}", _f1, one.emotions, baseline=_f1(gold, common))
        yield row(f"valence missed by, {way}", _mean, one.valence)
        yield row(f"word overlap, {way}", _mean, one.overlap)
        yield row(f"likeness of meaning, {way}", _mean, one.meaning)
    plain = found[PLAIN]
    for way in (way for way in found if way != PLAIN):
        one = found[way]
        yield row(f"accuracy of emotion, {way} minus {PLAIN}", _gain(_accuracy), one.emotions, plain.emotions)
        yield row(f"macro-F1 of emotion, {way} minus {PLAIN}", _gain(_f1), one.emotions, plain.emotions)
        yield row(f"valence missed by, {way} minus {PLAIN}", _gain(_mean), one.valence, plain.valence)
        yield row(f"word overlap, {way} minus {PLAIN}", _gain(_mean), one.overlap, plain.overlap)
        yield row(f"likeness of meaning, {way} minus {PLAIN}", _gain(_mean), one.meaning, plain.meaning)


def _found(material: Material, seed: int) -> dict[str, _Found]:
    """What each way of recalling finds for every scene."""
    shelves, lines = _shelves(material)
    situations = meanings([one.before for one in material.scenes])
    moods = material.affect([one.before for one in material.scenes])
    true = meanings([one.line for one in material.scenes])
    valence = material.affect([one.line for one in material.scenes])[:, 0]
    remembered = dict(zip(lines, material.affect(lines)[:, 0], strict=True))
    meant = dict(zip(lines, meanings(lines), strict=True))
    draw, of = np.random.default_rng(seed), dict[str, list[tuple[Any, ...]]]()
    for i, scene in enumerate(material.scenes):
        shelf, known = shelves[scene.character]
        mood = dict(zip(VAD, moods[i].tolist(), strict=True))
        for way in WAYS:
            came = recall(shelf, situations[i], mood, way=way, most=RECALLED, least=0.0, now=0.0)
            of.setdefault(way, []).append(tuple(known[int(one.episode.turn)] for one in came))
        of.setdefault(_RANDOM, []).append(tuple(known[j] for j in draw.choice(len(known), RECALLED)))
    return {
        way: _Found(
            np.array([np.bincount([one.emotion for one in some], minlength=7) / len(some) for some in came])
            + 1e-3 * np.eye(7)[[some[0].emotion for some in came]],
            np.array([abs(v - np.mean([remembered[x.line] for x in some])) for v, some in zip(valence, came)]),  # noqa: B905
            np.array([max(_overlap(x.line, s.line) for x in some) for s, some in zip(material.scenes, came)]),  # noqa: B905
            np.array([Meanings.stack([meant[x.line] for x in some]).like(m).max() for m, some in zip(true, came)]),  # noqa: B905
        )
        for way, came in of.items()
    }


def _shelves(material: Material) -> tuple[dict[str, tuple[Shelf, list[Scene]]], list[str]]:
    """Each character's memories as they are searched, by the turn before the line; and all lines."""
    shelves: dict[str, tuple[Shelf, list[Scene]]] = {}
    for character in CHARACTERS:
        own = [one for one in material.memories if one.character == character]
        texts = [one.before for one in own]
        moods = material.affect(texts)
        episodes = tuple(
            Episode(f"m{i}", one.before, character, one.talk, str(i), 0.0, mood=dict(zip(VAD, mood.tolist())))  # noqa: B905
            for i, (one, mood) in enumerate(zip(own, moods, strict=True))
        )
        shelves[character] = Shelf(episodes, Meanings.of(texts)), own
    return shelves, list(dict.fromkeys(one.line for one in material.memories))


def _commonest(material: Material) -> Array:
    """For each scene the commonest emotion among its character's memories."""
    most = {
        character: np.bincount([one.emotion for one in material.memories if one.character == character]).argmax()
        for character in CHARACTERS
    }
    return np.array([most[one.character] for one in material.scenes])


def _emotion(talk: Conversation, turn: Turn) -> str:
    return talk.read("emotion", turn=turn.id, rater="gold", scheme="ekman7")[0].top or "neutral"


def _overlap(one: str, other: str) -> float:
    """F1 of the words of two lines."""
    first, second = set(one.lower().split()), set(other.lower().split())
    return 2 * len(first & second) / (len(first) + len(second))


def _accuracy(gold: Array, shares: Array) -> float:
    return float(np.mean(shares.argmax(1) == gold))


def _f1(gold: Array, shares: Array) -> float:
    return macro_f1(np.eye(7)[gold], np.eye(7)[shares.argmax(1)])


def _mean(gold: Array, values: Array) -> float:
    del gold
    return float(values.mean())


def _gain(statistic: Callable[[Array, Array], float]) -> Callable[[Array, Array, Array], float]:
    return lambda gold, one, other: statistic(gold, one) - statistic(gold, other)
