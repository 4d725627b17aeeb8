"""Does a character's memory give better lines when it is searched by mood as well as by meaning?

Claim (Huang et al. 2024, arXiv:2410.23041): role-playing agents whose memories are recalled by likeness of meaning and
of emotion, combined or in sequence, keep closer to a character's personality than with meaning alone.

Ours: `respond.memory`'s own `recall`. The six main characters of MELD remember their lines of the training part: the
turn before each line is its situation, with its mood; the line is what they did. In a scene of test they come to a new
situation, recall three memories in each way, and the lines recalled are held against the line they really spoke: its
emotion as MELD's annotators heard it, its valence, and its words.

Then the embedded model speaks the line in 60 scenes, with no memory, with memories recalled, and with some at random.

Differs: no large model speaks, and no questionnaire judges it; a character's true next line is the measure of fidelity
of what is recalled and of what is said. English series for Chinese novels. Mood is valence, arousal and dominance by
`text.encoder`, where the paper has a language model grade eight emotions.

Found: memory brings words, and mood adds nothing that can be told from chance. Lines recalled by meaning share more
words with the true line than lines at random do (F1 .081 against .070; difference .011, 95 % interval .003 to .018) and
are more like it in meaning (difference .021, .013 to .029). Their emotion is the true one in .320 of 1,442 scenes, no
oftener than at random (.322) and less often than the character's commonest (.467). Combining mood with meaning changes
that by .005 (-.009 to .017), meaning first by -.002 (-.031 to .026), mood first by -.009 (-.037 to .018). Spoken by the
embedded model with memories recalled the true emotion is likelier than without (.25, .18), but as likely with random
ones (.26), and the lines are no liker the true ones.

    insula study emotional-rag --scale full
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from ..conversation import Conversation, Turn
from ..llm import LLM, Message, Scripted
from ..respond.memory.episode import Episode
from ..respond.memory.meaning import Meanings, meanings
from ..respond.memory.recall import Way, recall
from ..respond.memory.store import VAD, Shelf
from ..scheme import scheme
from .embedded_model import embedded
from .measure import Array, macro_f1, measured
from .turn_feelings import feelings

SYSTEM = "emotional-rag"
STATUS = "works-scaled"

CHARACTERS = ("Chandler", "Joey", "Monica", "Phoebe", "Rachel", "Ross")
LABELS = scheme("ekman7").labels
RECALLED = 3
WAYS: tuple[Way, ...] = get_args(Way)
PLAIN: Way = "meaning"
SPOKEN = 60  # scenes in which the embedded model speaks
_WEIGHTS = np.array([1.01, 1.0, 1.0])  # the strongest memory decides where each of the three felt otherwise
_RANDOM, _NONE = "memories at random", "no memory"


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
    """Scenes to remember and scenes to meet, and readers of texts: affect (n, 3) and probabilities of ekman7 (n, 7)."""

    memories: Sequence[Scene]
    scenes: Sequence[Scene]
    affect: Callable[[Sequence[str]], Array]
    felt: Callable[[Sequence[str]], Array]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Agreement of the recalled lines with the true one, for every way of recalling and for memories at random."""
    full = scale == "full"
    material, name = (published(), "meld") if full else (made_up(seed), "made-up")
    came = _came(material, seed)
    model = embedded("emotional-rag") if full else Scripted(_repeated)
    return {
        "metrics": [*_rows(name, material, came), *asyncio.run(_spoken_rows(name, material, came, model))],
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
    return Material(
        list(scenes(train)), list(scenes(test)), lambda texts: feelings(texts)[1], lambda texts: feelings(texts)[0]
    )


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

    def felt(texts: Sequence[str]) -> Array:
        return np.eye(7)[[LABELS.index("joy" if glad > 0 else "sadness") for glad in affect(texts)[:, 0]]]

    return Material([one(i) for i in range(240)], [one(i) for i in range(90)], affect, felt)


@dataclass(frozen=True)
class _Found:
    """Per scene: shares of the emotions (7) among the recalled lines, valence, word overlap, likeness of meaning."""

    emotions: Array
    valence: Array
    overlap: Array
    meaning: Array


def _rows(name: str, material: Material, came: Came) -> Iterator[dict[str, Any]]:
    gold = np.array([one.emotion for one in material.scenes])
    number = {talk: i for i, talk in enumerate(dict.fromkeys(one.talk for one in material.scenes))}
    groups = np.array([number[one.talk] for one in material.scenes])
    found = {way: _judged(material, some) for way, some in came.items()}
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


Came = Mapping[str, Sequence[tuple[Scene, ...]]]
"""By way of recalling: of each scene the remembered scenes that came up."""


def _came(material: Material, seed: int) -> Came:
    """What each way brings up for every scene, and memories at random."""
    shelves = _shelves(material)
    situations = meanings([one.before for one in material.scenes])
    moods = material.affect([one.before for one in material.scenes])
    draw, of = np.random.default_rng(seed), dict[str, list[tuple[Scene, ...]]]()
    for scene, meaning, affect in zip(material.scenes, situations, moods, strict=True):
        shelf, own = shelves[scene.character]
        mood = dict(zip(VAD, affect.tolist(), strict=True))
        for way in WAYS:
            found = recall(shelf, meaning, mood, way=way, most=RECALLED, least=0.0, now=0.0)
            of.setdefault(way, []).append(tuple(own[int(one.episode.turn)] for one in found))
        of.setdefault(_RANDOM, []).append(tuple(own[row] for row in draw.choice(len(own), RECALLED)))
    return of


def _judged(material: Material, came: Sequence[tuple[Scene, ...]]) -> _Found:
    """The lines that came up, held against the line that was spoken."""
    lines = list(dict.fromkeys(one.line for some in came for one in some))
    valence = dict(zip(lines, material.affect(lines)[:, 0].tolist(), strict=True))
    meant = dict(zip(lines, meanings(lines), strict=True))
    spoken = [one.line for one in material.scenes]
    true = zip(spoken, material.affect(spoken)[:, 0], meanings(spoken), came, strict=True)
    emotions, rows = list[Array](), list[tuple[float, float, float]]()
    for line, felt, meaning, some in true:
        emotions.append(_WEIGHTS[: len(some)] @ np.eye(7)[[one.emotion for one in some]])
        missed = abs(felt - np.mean([valence[one.line] for one in some]))
        like = Meanings.stack([meant[one.line] for one in some]).like(meaning).max()
        rows.append((missed, max(_overlap(one.line, line) for one in some), like))
    return _Found(np.array(emotions), *np.array(rows).T)


async def _spoken_rows(name: str, material: Material, came: Came, model: LLM) -> list[dict[str, Any]]:
    """A model speaks as the character with each kind of memories: does its line feel like the true one?"""
    # every scene of the sample is of another dialogue
    first = {scene.talk: i for i, scene in reversed(list(enumerate(material.scenes)))}
    rows = sorted(first.values())[:SPOKEN]
    asked = [material.scenes[row] for row in rows]
    spoken = {_NONE: [await _spoken(model, one, ()) for one in asked]}
    for way in (PLAIN, WAYS[0], _RANDOM):
        spoken[way] = [await _spoken(model, material.scenes[row], came[way][row]) for row in rows]
    true = [one.line for one in asked]
    gold, meant = np.array([one.emotion for one in asked]), meanings(true)
    felt = {way: material.felt(lines)[np.arange(len(gold)), gold] for way, lines in spoken.items()}
    like = {
        way: np.array([float(Meanings.of([line]).like(one)[0]) for line, one in zip(lines, meant, strict=True)])
        for way, lines in spoken.items()
    }
    found: list[dict[str, Any]] = []
    for title, of in (("probability of the true emotion", felt), ("likeness to the true line", like)):
        for way, values in of.items():
            found.append(measured(f"spoken: {title}, {way}", name, _mean, gold, values[None]))
        for way in (way for way in of if way != PLAIN):
            gap = (of[way] - of[PLAIN])[None]
            found.append(measured(f"spoken: {title}, {way} minus {PLAIN}", name, _mean, gold, gap))
    return found


async def _spoken(model: LLM, scene: Scene, memories: Sequence[Scene]) -> str:
    """One line of the character's by the model."""
    system = f"You play {scene.character} in a comedy series. Answer with one short line, as {scene.character} would."
    if memories:
        lines = "\n".join(f'When somebody said "{one.before}" you said "{one.line}"' for one in memories)
        system += f"\nWhat you remember:\n{lines}"
    reply = await model.reply([Message("system", system), Message("user", scene.before)], max_tokens=40, stop=["\n"])
    return reply.text.strip() or "..."


def _shelves(material: Material) -> dict[str, tuple[Shelf, list[Scene]]]:
    """Each character's memories as they are searched: by the turn before the line."""
    shelves: dict[str, tuple[Shelf, list[Scene]]] = {}
    for character in CHARACTERS:
        own = [one for one in material.memories if one.character == character]
        texts = [one.before for one in own]
        episodes = [
            Episode(f"m{i}", one.before, character, one.talk, str(i), 0.0, mood=dict(zip(VAD, mood, strict=True)))
            for i, (one, mood) in enumerate(zip(own, material.affect(texts).tolist(), strict=True))
        ]
        shelves[character] = Shelf.of(episodes, Meanings.of(texts)), own
    return shelves


def _commonest(material: Material) -> Array:
    """For each scene the commonest emotion among its character's memories."""
    most = {
        character: np.bincount([one.emotion for one in material.memories if one.character == character]).argmax()
        for character in CHARACTERS
    }
    return np.array([most[one.character] for one in material.scenes])


def _emotion(talk: Conversation, turn: Turn) -> str:
    return talk.read("emotion", turn=turn.id, rater="gold", scheme="ekman7")[0].top or "neutral"


def _repeated(messages: Sequence[Message]) -> str:
    """A made-up actor: says what it remembers first."""
    return messages[0].text.partition('you said "')[2].partition('"')[0] or "I love it."


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
