"""Cues told in words or kept as numbers: which way finds a feeling, two at once, and when words are misheard?

Claim (Richet et al. 2024, Textualized and Feature-based Models for Compound Multimodal Emotion Recognition in the Wild,
arXiv:2407.12927): turning action units and tone into text and reading all of it with a language model can match or beat
fusing features, above all where the transcript is rich; features do better on compound emotions in the wild.

Ours: RAVDESS' 360 clips with measures of voice and face, each with a text of its feeling (GoEmotions, or MELD, whose
lines say less). Textualized: "Her brows are drawn together, her lips part. Her voice is loud and high. She says: ..."
is read by the trunk of text.encoder (frozen) and a logistic regression on the mean of its states. Features: the same
trunk on the transcript alone beside the numbers of voice and face, by the same regression. Transcript quality: so many
of a test text's words are replaced by words of other texts. Compound: clips put together of one clip's face and
another's voice and words, of the same actor; both feelings have to be the first two.

Differs: no C-EXPR-DB, no large language model; a measure becomes a word where it lies a deviation from the other
actors' mean, so that words hold less than numbers. That text and clip belong together is made. Folds of three actors;
texts of training and test are of different parts of their corpus.

    insula study textualized-cer --scale full
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import load
from ..scheme import scheme
from .measure import Array, measured, minus

SYSTEM = "textualized-cer"
STATUS = "works-scaled"

SEVEN = scheme("ekman7").labels
FOLDS = 8
STRENGTH = 0.05  # C of every regression
WRONG = (0.0, 0.25, 0.5, 1.0)  # shares of words misheard
FAR = 1.0  # deviations from which a measure is told
MOST = 4  # movements of a face told
CALM = {"calm": "neutral"}
FACE = {
    "AU01": "inner brows raised", "AU02": "outer brows raised", "AU04": "brows drawn together", "AU05": "eyes wide",
    "AU06": "cheeks raised", "AU07": "lids tight", "AU09": "nose wrinkled", "AU10": "upper lip raised",
    "AU12": "corners of the mouth raised", "AU14": "dimples", "AU15": "corners of the mouth lowered",
    "AU17": "chin raised", "AU20": "lips stretched", "AU23": "lips tight", "AU24": "lips pressed",
    "AU25": "lips parted", "AU26": "jaw dropped", "AU28": "lips sucked in", "AU43": "eyes closed",
}  # fmt: skip
VOICE = {
    "f0_mean": ("high", "low"), "f0_stddev": ("lively", "monotonous"), "loudness_mean": ("loud", "quiet"),
    "hnr_mean": ("clear", "rough"), "silence_ratio": ("full of pauses", "without a pause"),
    "jitter": ("shaky", "steady"), "dur_med": ("slow", "fast"),
}  # fmt: skip


@dataclass(frozen=True)
class Clips:
    """Measures by channel (n, columns) with their names, feelings (n,), and whose they are."""

    voice: Array
    face: Array
    names: Mapping[str, Sequence[str]]
    gold: NDArray[np.int64]
    actor: NDArray[np.str_]
    gender: NDArray[np.str_]


Texts = tuple[list[str], NDArray[np.int64]]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Unweighted recall of both ways, with what is left, with words misheard, and of two feelings at once."""
    full = scale == "full"
    clips = read() if full else made_up(seed)
    corpora = ("goemotions", "meld") if full else ("made up",)
    rows = list[dict[str, Any]]()
    for corpus in corpora:
        parts = _texts(corpus) if full else _made_up_texts(seed)
        rows += _study(clips, *parts, corpus, seed)
    notes = [
        f"{len(clips.gold)} clips of {len(set(clips.actor.tolist()))} actors in {FOLDS} folds; intervals draw actors. "
        f"C = {STRENGTH} in every regression, chosen for none.",
        "Baselines: one feeling always (1/7), two feelings at random (1/21).",
        "Transcript quality: only what is asked is misheard, what was learnt from is clean.",
    ]
    return {"metrics": rows, "data": ["ravdess-av", *corpora] if full else [], "notes": notes}


def read() -> Clips:
    """RAVDESS' summaries; what is missing of a clip is the median. Raises MissingData."""
    every = list(load("ravdess-av", "train"))
    turns = [one.turns[0] for one in every]
    names = {part: list(dict.fromkeys(key for turn in turns for key in turn.meta[part])) for part in ("voice", "face")}
    tables = {
        part: np.array([[turn.meta[part].get(key, np.nan) for key in keys] for turn in turns])
        for part, keys in names.items()
    }
    tables = {part: np.where(np.isnan(some), np.nanmedian(some, 0), some) for part, some in tables.items()}
    labels = [one.read("emotion", rater="gold")[0].labels[0] for one in every]
    gold = np.array([SEVEN.index(CALM.get(label, label)) for label in labels])
    actor, gender = np.array([turn.speaker for turn in turns]), np.array([turn.meta["gender"] for turn in turns])
    return Clips(tables["voice"], tables["face"], names, gold, actor, gender)


def _texts(corpus: str) -> tuple[Texts, Texts]:
    from ..train.speech.fuse_pairs import texts

    known, asked = dict(texts(corpus, "dev")), dict(texts(corpus, "test"))
    fresh = {text: label for text, label in asked.items() if text not in known}
    return (list(known), np.array(list(known.values()))), (list(fresh), np.array(list(fresh.values())))


def made_up(seed: int) -> Clips:
    """Clips in which a feeling raises measures of its own."""
    draw = np.random.default_rng(seed)
    gold = np.arange(112) % len(SEVEN)
    names = {"voice": list(VOICE), "face": [f"{unit}_mean" for unit in FACE]}
    tables = {}
    for part, keys in names.items():
        along = draw.normal(0, 1, (len(SEVEN), len(keys)))
        tables[part] = 1.5 * along[gold] + draw.normal(0, 1, (len(gold), len(keys)))
    actor = np.array([f"actor {row // 14}" for row in range(len(gold))])
    return Clips(tables["voice"], tables["face"], names, gold, actor, np.array(["female"] * len(gold)))


def _made_up_texts(seed: int) -> tuple[Texts, Texts]:
    lines = {
        "joy": "What a wonderful day, thank you!", "sadness": "I miss my mother so much.", "anger": "How dare you lie!",
        "fear": "I am scared of the dark.", "disgust": "This is gross and vile.", "surprise": "Wow, really? No way!",
        "neutral": "The bus leaves at ten.",
    }  # fmt: skip
    gold = np.arange(28) % len(SEVEN)
    some = [f"{lines[SEVEN[label]]} {row}" for row, label in enumerate(gold.tolist())]
    del seed
    return (some, gold), (some, gold)


def _study(clips: Clips, known: Texts, asked: Texts, corpus: str, seed: int) -> list[dict[str, Any]]:
    said = judged(clips, known, asked, seed)
    groups = np.unique(clips.actor, return_inverse=True)[1]
    part = f"{corpus} texts"

    def row(name: str, statistic: Any, *arms: str, baseline: float | None = None) -> dict[str, Any]:
        runs = [said[arm].argmax(1)[None] for arm in arms]
        return measured(name, part, statistic, clips.gold, *runs, baseline=baseline, groups=groups)

    rows = [row(f"recall, {arm}", _recall, arm, baseline=1 / 7) for arm in said if not arm.startswith("compound")]
    for wrong in WRONG:
        name = f"recall, told in words minus numbers, {wrong:.0%} of words misheard"
        rows.append(
            row(name, minus(_recall), f"all told, {wrong:.0%} misheard", f"all as numbers, {wrong:.0%} misheard")
        )
    name = "recall, cues told in words minus cues as numbers"
    rows.append(row(name, minus(_recall), "cues told", "cues as numbers"))
    other = _other(clips, seed)
    two = np.stack([clips.gold, clips.gold[other]], 1)
    kept = (two[:, 0] != two[:, 1]) & (two != SEVEN.index("neutral")).all(1)
    for arm in ("compound told", "compound as numbers"):
        top = np.argsort(said[arm], 1)[:, -2:]
        found = (np.sort(top, 1) == np.sort(two, 1)).all(1)[kept]
        rows.append(
            measured(
                f"both of two feelings, {arm}",
                part,
                _mean,
                two[kept],
                found[None],
                baseline=1 / 21,
                groups=groups[kept],
            )
        )
    return rows


def judged(clips: Clips, known: Texts, asked: Texts, seed: int) -> dict[str, Array]:
    """What each way, learnt on other actors, says of every clip: (n, 7)."""
    names = np.unique(clips.actor)
    said: dict[str, Array] = {}
    other = _other(clips, seed)
    words = {"learnt": _match(clips.gold, known, seed), "asked": _match(clips.gold, asked, seed + 1)}
    for fold in range(FOLDS):
        here = np.isin(clips.actor, names[fold::FOLDS])
        assert not set(clips.actor[here]) & set(clips.actor[~here]), "an actor crosses the split"
        for arm, scores in _fold(clips, here, other, words, asked[0], seed).items():
            said.setdefault(arm, np.zeros((len(here), len(SEVEN))))[here] = scores
    return said


def _fold(
    clips: Clips,
    here: NDArray[np.bool_],
    other: NDArray[np.int64],
    words: Mapping[str, list[str]],
    pool: list[str],
    seed: int,
) -> dict[str, Array]:
    rows, rest = np.flatnonzero(here), np.flatnonzero(~here)
    numbers = {part: _standard(getattr(clips, part), rest) for part in ("voice", "face")}
    told = {part: _told(clips, numbers[part], part) for part in ("voice", "face")}

    def cues(face: NDArray[np.int64], voice: NDArray[np.int64]) -> list[str]:
        return [f"{told['face'][one]} {told['voice'][two]}" for one, two in zip(face, voice, strict=True)]

    def full(face: NDArray[np.int64], voice: NDArray[np.int64], lines: Sequence[str]) -> list[str]:
        return [f"{cue} They say: {line}" for cue, line in zip(cues(face, voice), lines, strict=True)]

    def both(face: NDArray[np.int64], voice: NDArray[np.int64]) -> Array:
        return np.hstack([numbers["face"][face], numbers["voice"][voice]])

    learnt_lines = [words["learnt"][row] for row in rest]
    models = {
        "words alone": _learn(_states(learnt_lines), clips.gold[rest]),
        "cues told": _learn(_states(cues(rest, rest)), clips.gold[rest]),
        "cues as numbers": _learn(both(rest, rest), clips.gold[rest]),
        "all told": _learn(_states(full(rest, rest, learnt_lines)), clips.gold[rest]),
        "all as numbers": _learn(np.hstack([both(rest, rest), _states(learnt_lines)]), clips.gold[rest]),
    }
    said = {"cues told": models["cues told"](_states(cues(rows, rows)))}
    said["cues as numbers"] = models["cues as numbers"](both(rows, rows))
    for wrong in WRONG:
        lines = [_misheard(words["asked"][row], pool, wrong, seed + row) for row in rows.tolist()]
        states = _states(lines)
        name = f"{wrong:.0%} misheard"
        said[f"words alone, {name}"] = models["words alone"](states)
        said[f"all told, {name}"] = models["all told"](_states(full(rows, rows, lines)))
        said[f"all as numbers, {name}"] = models["all as numbers"](np.hstack([both(rows, rows), states]))
    mixed = [words["asked"][row] for row in other[rows]]
    said["compound told"] = models["all told"](_states(full(rows, other[rows], mixed)))
    said["compound as numbers"] = models["all as numbers"](np.hstack([both(rows, other[rows]), _states(mixed)]))
    return said


def _learn(features: Array, gold: NDArray[np.int64]) -> Any:
    from sklearn.linear_model import LogisticRegression

    middle, spread = features.mean(0), features.std(0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced")
    model.fit((features - middle) / spread, gold)
    return lambda some: model.predict_proba((some - middle) / spread)


_kept: dict[str, Array] = {}


def _states(lines: Sequence[str]) -> Array:
    """The mean of a frozen encoder's states of each text: (n, 384); what was read is kept."""
    from ..train.speech.fuse_joint import text_states

    new = list(dict.fromkeys(line for line in lines if line not in _kept))
    if new:
        states = text_states(new)
        _kept.update((line, np.asarray(some, np.float32).mean(0)) for line, some in zip(new, states.rows, strict=True))
    return np.array([_kept[line] for line in lines], np.float64)


def _standard(some: Array, rest: NDArray[np.int64]) -> Array:
    return ((some - some[rest].mean(0)) / (some[rest].std(0) + 1e-6)).clip(-5, 5)


def _told(clips: Clips, numbers: Array, part: str) -> list[str]:
    """The measures of every clip that stand out, in words."""
    names = clips.names[part]
    found = list[str]()
    for row, gender in zip(numbers, clips.gender.tolist(), strict=True):
        whose = "Her" if gender == "female" else "His"
        if part == "face":
            units = [(row[names.index(f"{unit}_mean")], text) for unit, text in FACE.items() if f"{unit}_mean" in names]
            said = [text for far, text in sorted(units, reverse=True)[:MOST] if far >= FAR]
            found.append(f"{whose} face: {', '.join(said) or 'at rest'}.")
        else:
            measures = [(row[names.index(name)], words) for name, words in VOICE.items() if name in names]
            said = [words[int(far < 0)] for far, words in measures if abs(far) >= FAR]
            found.append(f"{whose} voice: {', '.join(said) or 'as usual'}.")
    return found


def _match(gold: NDArray[np.int64], texts: Texts, seed: int) -> list[str]:
    """For every clip a text of its feeling."""
    draw = np.random.default_rng(seed)
    return [texts[0][int(draw.choice(np.flatnonzero(texts[1] == label)))] for label in gold.tolist()]


def _other(clips: Clips, seed: int) -> NDArray[np.int64]:
    """For every clip another of the same actor, of another feeling."""
    draw = np.random.default_rng(seed)
    return np.array(
        [
            draw.choice(np.flatnonzero((clips.actor == clips.actor[row]) & (clips.gold != clips.gold[row])))
            for row in range(len(clips.gold))
        ]
    )


def _misheard(text: str, pool: Sequence[str], share: float, seed: int) -> str:
    """A text with a share of its words replaced by words of others."""
    draw = np.random.default_rng(seed)
    words = text.split()
    for place in range(len(words)):
        if draw.random() < share:
            others = pool[int(draw.integers(len(pool)))].split() or ["so"]
            words[place] = others[int(draw.integers(len(others)))]
    return " ".join(words)


def _recall(gold: Array, decided: Array) -> float:
    return float(np.mean([(decided[gold == label] == label).mean() for label in np.unique(gold)]))


def _mean(gold: Array, values: Array) -> float:
    del gold
    return float(values.mean())
