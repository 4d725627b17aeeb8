"""Words and voice by bridge tokens: categories and dimensions together, against each alone and against no bridge.

Claim (Ispas, Deschamps-Berger & Devillers 2023, A Multi-Task, Multi-Modal Approach for Predicting Categorical and
Dimensional Emotions, arXiv:2401.00536): self-attended acoustic and linguistic features, fused by learnable bridge
tokens, with heads for categories and for dimensions learnt together, beat single tasks.

Ours: `insula.train.speech.fuse_joint` on the states of the text encoder's trunk (MiniLM-L6) and of Whisper tiny.en's
encoder, both frozen; four bridge tokens gather from the words, then with the same weights from the voice. Arms: both
tasks with bridges; categories alone; dimensions alone; both without bridges (means of the self-attended states side by
side); both with only the words, or only the voice.

Differs: IEMOCAP may not be used here, and no open corpus at hand has words, voice, categories and rated dimensions at
once. So each clip (RAVDESS, EMOVO, EMO-DB; the category is what its actor expressed) meets an EmoBank sentence (its
valence, arousal and dominance are the mean of its raters) whose rated place, in units of EmoBank's spread, lies nearest
to that feeling. Both golds are people's, that they belong together is made, and dimensions stand in the words more than
in the voice. Speakers and sentences of the test are in no training.

    insula study mt-mm-cat-dim --scale full
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..data import load
from ..scheme import scheme
from ..train.speech.fuse_joint import STATES, Bridge, Lesson, States, judge, teach, text_states, voice_states
from ..train.speech.fuse_pairs import EMOTIONS, PLACES
from ..train.speech.fuse_voices import CORPORA, feeling_of, folded
from .measure import Array, agreement, measured, minus

SYSTEM = "mt-mm-cat-dim"
STATUS = "works-scaled"

DIMENSIONS = scheme("vad").labels
FOLDS = 2
EPOCHS = {"full": 8, "smoke": 3}
SENTENCES = 2500  # of EmoBank's training part
SPREAD = 0.5  # of the feelings' places, to which EmoBank's ratings are scaled before they are compared
TASKS = ("emotion", "affect")


@dataclass(frozen=True)
class Arm:
    """Which heads learn, whether there are bridges, and whether a channel is silent."""

    tasks: tuple[str, ...] = TASKS
    bridges: int = 4
    silent: str = ""


ARMS: Mapping[str, Arm] = {
    "both tasks, bridges": Arm(),
    "categories alone": Arm(("emotion",)),
    "dimensions alone": Arm(("affect",)),
    "both tasks, no bridges": Arm(bridges=0),
    "words alone": Arm(silent="voice"),
    "voice alone": Arm(silent="words"),
}


@dataclass(frozen=True)
class Texts:
    """Sentences with their ratings (n, 3) and the feeling each lies nearest to (n,)."""

    states: States
    rated: Array
    nearest: NDArray[np.int64]


@dataclass(frozen=True)
class Clips:
    """Clips with what each expresses and who speaks."""

    states: States
    gold: NDArray[np.int64]
    speaker: NDArray[np.str_]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Unweighted recall of seven feelings and concordance of three dimensions, for every arm and between arms."""
    torch.set_num_threads(1)
    train, test, clips = read(seed) if scale == "full" else made_up(seed)
    fold = folded(clips.speaker, FOLDS)
    said = {name: tested(arm, train, test, clips, fold, EPOCHS[scale], seed) for name, arm in ARMS.items()}
    asked = asked_of(test, clips, seed)
    groups = np.unique(clips.speaker, return_inverse=True)[1]
    part = "EmoBank x RAVDESS, EMOVO, EMO-DB" if scale == "full" else "made up"
    metrics = [*_categories(said, clips.gold, groups, part), *_dimensions(said, test.rated[asked], groups, part)]
    notes = [
        f"{len(clips.gold)} clips of {len(set(clips.speaker.tolist()))} speakers in {FOLDS} folds of speakers, each "
        f"clip with one sentence of EmoBank's test part; {EPOCHS[scale]} epochs, one seed. Intervals draw speakers.",
        "That words and voice belong together is made: a sentence lies nearest to the feeling of its clip.",
        "Baselines: one feeling always (1/7); the mean rating always (concordance 0).",
    ]
    data = ["emobank", *CORPORA] if scale == "full" else []
    return {"metrics": metrics, "data": data, "notes": notes}


def read(seed: int) -> tuple[Texts, Texts, Clips]:
    """EmoBank's sentences for training and test, and every clip of one of the seven feelings."""
    draw = np.random.default_rng(seed)
    splits: list[Texts] = []
    for split, most in (("train", SENTENCES), ("test", None)):
        every = [(one.turns[0].text, one.read("affect", rater="gold")[0].scores) for one in load("emobank", split)]
        rated = np.array([[scores[name] for name in DIMENSIONS] for _, scores in every], np.float32)
        nearest = _nearest(rated)
        kept = np.arange(len(every)) if most is None else evenly(nearest, most, draw)
        splits.append(Texts(text_states([every[row][0] for row in kept.tolist()]), rated[kept], nearest[kept]))
    every = [one for corpus in CORPORA for one in load(corpus, "train") if feeling_of(one)]
    states = voice_states(np.asarray(one.signals("audio")[0].samples) for one in every)
    gold = np.array([EMOTIONS.index(feeling_of(one)) for one in every])
    return splits[0], splits[1], Clips(states, gold, np.array([one.turns[0].speaker for one in every]))


def _nearest(rated: Array) -> NDArray[np.int64]:
    scaled = (rated - rated.mean(0)) / rated.std(0) * SPREAD
    return np.linalg.norm(scaled[:, None] - PLACES, axis=2).argmin(1)


def evenly(labels: NDArray[np.int64], most: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Rows, at most so many and as evenly over the labels as there are."""
    share = most // len(EMOTIONS)
    rows = [draw.permutation(np.flatnonzero(labels == label))[:share] for label in range(len(EMOTIONS))]
    return np.sort(np.concatenate(rows))


def made_up(seed: int) -> tuple[Texts, Texts, Clips]:
    """States in which feelings are directions, heard through noise."""
    draw = np.random.default_rng(seed)
    along = draw.normal(0, 1, (len(EMOTIONS), STATES)).astype(np.float32)

    def texts(count: int) -> Texts:
        gold = np.arange(count) % len(EMOTIONS)
        rated = (PLACES[gold] + draw.normal(0, 0.1, (count, 3))).astype(np.float32)
        rows = [along[one] + draw.normal(0, 1.5, (5, STATES)).astype(np.float32) for one in gold.tolist()]
        return Texts(States(rows), rated, gold)

    gold = np.arange(84) % len(EMOTIONS)
    rows = [along[one] + draw.normal(0, 2.5, (5, 6, STATES)).astype(np.float32) for one in gold.tolist()]
    speaker = np.array([f"speaker {number // 14}" for number in range(84)])
    return texts(70), texts(35), Clips(States(rows), gold, speaker)


def tested(
    arm: Arm, train: Texts, test: Texts, clips: Clips, fold: NDArray[np.int64], epochs: int, seed: int
) -> tuple[Array, Array]:
    """Logits (clips, 7) and places (clips, 3) of every clip by a network that heard none of its speakers."""
    emotion, affect = np.zeros((len(fold), len(EMOTIONS))), np.zeros((len(fold), len(DIMENSIONS)))
    asked = asked_of(test, clips, seed)
    words, unread, voices = (
        _silenced(x, arm.silent == y)
        for x, y in zip((train.states, test.states, clips.states), ("words", "words", "voice"), strict=True)
    )
    for one in range(FOLDS):
        learnt, rest = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        assert not set(clips.speaker[learnt]) & set(clips.speaker[rest]), "a speaker crosses the split"
        torch.manual_seed(seed + one)
        network = Bridge(arm.bridges)
        teach(network, words, voices, lessons(train, clips, learnt, epochs, seed), arm.tasks, seed=seed + one)
        said = judge(network, unread, voices, asked[rest], rest)
        emotion[rest], affect[rest] = said.emotion.numpy(), said.affect.numpy()
    return emotion, affect


def lessons(train: Texts, clips: Clips, learnt: NDArray[np.int64], epochs: int, seed: int) -> Iterator[Lesson]:
    """Each epoch every clip with another sentence near its feeling."""
    for epoch in range(epochs):
        draw = np.random.default_rng((seed, epoch))
        gold = clips.gold[learnt]
        rows = _beside(gold, train.nearest, draw)
        quiet, unknown = np.zeros(len(rows), np.float32), np.full(len(rows), -1)
        yield Lesson(rows, learnt, gold, train.rated[rows], quiet, unknown, gold)


def asked_of(test: Texts, clips: Clips, seed: int) -> NDArray[np.int64]:
    """The test sentence beside each clip, the same in every arm."""
    return _beside(clips.gold, test.nearest, np.random.default_rng((seed, 10**6)))


def _beside(gold: NDArray[np.int64], nearest: NDArray[np.int64], draw: np.random.Generator) -> NDArray[np.int64]:
    return np.array([draw.choice(np.flatnonzero(nearest == one)) for one in gold.tolist()])


def _silenced(states: States, silent: bool) -> States:
    """One state of nothing for each item, where the channel is to be silent."""
    return States([np.zeros_like(one[..., :1, :]) for one in states.rows]) if silent else states


def _recall(gold: Array, said: Array) -> float:
    decided = said.argmax(1)
    return float(np.mean([(decided[gold == label] == label).mean() for label in np.unique(gold)]))


def _categories(
    said: Mapping[str, tuple[Array, Array]], gold: Array, groups: Array, part: str
) -> Iterator[dict[str, Any]]:
    runs = {name: one[0][None] for name, one in said.items() if "emotion" in ARMS[name].tasks}
    for name, one in runs.items():
        yield measured(
            f"unweighted recall, {name}", part, _recall, gold, one, baseline=1 / len(EMOTIONS), groups=groups
        )
    first, *others = runs
    for other in others:
        title = f"unweighted recall, {first} minus {other}"
        yield measured(title, part, minus(_recall), gold, runs[first], runs[other], baseline=0.0, groups=groups)


def _dimensions(
    said: Mapping[str, tuple[Array, Array]], rated: Array, groups: Array, part: str
) -> Iterator[dict[str, Any]]:
    runs = {name: one[1] for name, one in said.items() if "affect" in ARMS[name].tasks}
    for column, dimension in enumerate(DIMENSIONS):
        title, gold = f"concordance of {dimension}", rated[:, column]
        for name, one in runs.items():
            yield measured(f"{title}, {name}", part, agreement, gold, one[None, :, column], baseline=0.0, groups=groups)
        first, *others = runs
        for other in others:
            pair = (runs[first][None, :, column], runs[other][None, :, column])
            name = f"{title}, {first} minus {other}"
            yield measured(name, part, minus(agreement), gold, *pair, baseline=0.0, groups=groups)
