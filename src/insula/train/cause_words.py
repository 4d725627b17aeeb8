"""Learn cause words from emotion labels alone: counts of EmpatheticDialogues as a generative estimator.

    INSULA_DATA=... python -m insula.train.cause_words      # seconds: explain/words.json.gz

An emotion is a distribution over words, smoothed towards that of all talk (Dirichlet prior; Zhai & Lafferty 2001).
What a speaker says in the training conversations, and the situation they were asked to talk about, is all that is
counted: no cause label is seen. Of RECCON's development part come only the three numbers that turn a score into a
probability. The card is `weights/cause-words.md`.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

import insula
from insula.conversation import Conversation
from insula.data import load
from insula.explain.words import FILE, Lifts, scored, words
from insula.network.text import Network
from insula.scheme import scheme

LABELS = scheme("empathetic32").labels
# Ekman's emotions as those of EmpatheticDialogues; our own reading of the names, two of them under two.
GROUPS = {
    "anger": ("angry", "annoyed", "furious", "jealous"),
    "disgust": ("disgusted",),
    "fear": ("afraid", "anxious", "apprehensive", "terrified"),
    "joy": (
        *("anticipating", "caring", "confident", "content", "excited", "faithful", "grateful", "hopeful", "impressed"),
        *("joyful", "prepared", "proud", "sentimental", "trusting"),
    ),
    "sadness": (
        *("ashamed", "devastated", "disappointed", "embarrassed", "guilty", "lonely", "nostalgic", "sad"),
        "sentimental",
    ),
    "surprise": ("impressed", "surprised"),
}
SMOOTHING = 1000.0  # words of the prior in every emotion
HALF = 0.5  # of every word in every emotion, so that a word of one conversation does not outshout all others
SEEN, LEAST = 5, 0.3  # how often a word must be seen, and how much it must say of some emotion, to be kept
FREQUENT, TELLING = 0.015, 1.0  # a word of more texts than this is no cause unless it says this much of some emotion
Said = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Estimator:
    """P(word | emotion) for each of the 32 emotions, and P(emotion), from counts."""

    counts: dict[str, Counter[str]]
    emotions: Counter[str]
    texts: Counter[str]
    number: int
    smoothing: float = SMOOTHING

    @staticmethod
    def fit(said: Said, smoothing: float = SMOOTHING) -> Estimator:
        """From pairs of a text and the emotion of the conversation it is from."""
        counts = {label: Counter[str]() for label in LABELS}
        emotions, texts = Counter[str](), Counter[str]()
        for text, emotion in said:
            found = [word for word, _ in words(text)]
            counts[emotion].update(found)
            texts.update(set(found))
            emotions[emotion] += 1
        return Estimator(counts, emotions, texts, len(said), smoothing)

    @cached_property
    def total(self) -> Counter[str]:
        """How often each word was said under any emotion."""
        return sum(self.counts.values(), Counter())

    @cached_property
    def _words(self) -> int:
        return self.total.total()

    @cached_property
    def size(self) -> dict[str, int]:
        """How many words were said under each emotion."""
        return {label: count.total() for label, count in self.counts.items()}

    @cached_property
    def frequent(self) -> frozenset[str]:
        """Words of so many texts that they cannot be a cause, unless they say much of an emotion."""
        often = [word for word, count in self.texts.items() if count > FREQUENT * self.number]
        says = {word: max(abs(self.lift(word, some)) for some in GROUPS.values()) for word in often}
        return frozenset(word for word, most in says.items() if most < TELLING)

    def lift(self, word: str, emotions: Iterable[str]) -> float:
        """log P(word | these emotions) - log P(word | all others); 0.0 for a word seen too rarely."""
        if self.total[word] < SEEN:
            return 0.0
        inside = set(emotions)
        return float(np.log(self._share(word, inside) / self._share(word, set(LABELS) - inside)))

    def _share(self, word: str, emotions: Iterable[str]) -> float:
        prior = HALF + self.smoothing * self.total[word] / self._words
        some = list(emotions)
        said = sum(self.size[e] for e in some) + HALF * len(self.total) + self.smoothing
        return (sum(self.counts[e][word] for e in some) + prior) / said

    def posterior(self, text: str) -> NDArray[np.float64]:
        """P(emotion | text) over the 32 emotions."""
        odds = np.log([max(self.emotions[label], HALF) for label in LABELS])
        for word, _ in words(text):
            if self.total[word] >= SEEN:
                odds = odds + self._logs(word)
        shifted = np.exp(odds - odds.max())
        return shifted / shifted.sum()

    def _logs(self, word: str) -> NDArray[np.float64]:
        """log P(word | emotion) for each of the 32, worked out once."""
        if word not in self._known:
            self._known[word] = np.log([self._share(word, (label,)) for label in LABELS])
        return self._known[word]

    @cached_property
    def _known(self) -> dict[str, NDArray[np.float64]]:
        return {}


def emotion_of(conversation: Conversation) -> str:
    """The one emotion the speaker of an EmpatheticDialogues conversation was asked to talk about."""
    return next(a.top or "" for a in conversation.read("emotion", scheme="empathetic32"))


def told(conversations: Iterable[Conversation]) -> list[tuple[str, str]]:
    """What the speaker said, turn by turn, and the situation, each with the conversation's emotion."""
    found: list[tuple[str, str]] = []
    for conversation in conversations:
        emotion = emotion_of(conversation)
        said = [turn.text for turn in conversation.turns if turn.speaker == "speaker"]
        found += [(text, emotion) for text in (conversation.meta["situation"], *said)]
    return found


def learn(estimator: Estimator) -> dict[str, Any]:
    """The record of the file, without its calibration."""
    table: dict[str, dict[str, float]] = {}
    for word in sorted(estimator.total):
        row = {emotion: round(estimator.lift(word, some), 1) for emotion, some in GROUPS.items()}
        if len(word) > 2 and word not in estimator.frequent and max(row.values()) >= LEAST:
            table[word] = {emotion: lift for emotion, lift in row.items() if lift}
    return {"words": table, "frequent": sorted(estimator.frequent)}


def calibrate(record: dict[str, Any], conversations: Iterable[Conversation], network: Network) -> tuple[float, ...]:
    """Slope, intercept and what the turn before adds: how often words of a score lie in RECCON's marked causes."""
    lifts = Lifts(record["words"], frozenset(record["frequent"]), (1.0, 0.0, 0.0))
    rows = [row for conversation in conversations for row in _rows(conversation, lifts, network)]
    table = np.array(rows)
    model = LogisticRegression(C=1e3).fit(table[:, :2], table[:, 2])
    slope, before = model.coef_[0]
    return tuple(round(float(number), 4) for number in (slope, model.intercept_[0], before))


def _rows(conversation: Conversation, lifts: Lifts, network: Network) -> Iterable[tuple[float, float, float]]:
    """Per word of an emotional turn and of the one before: its lead, whether it is before, whether it is marked."""
    turns, causes = conversation.turns, {cause.id: cause for cause in conversation.read("cause")}
    place = {turn.id: index for index, turn in enumerate(turns)}
    for emotion in conversation.read("emotion", scheme="ekman7"):
        if emotion.top == "neutral" or emotion.at.turn is None:
            continue
        at = place[emotion.at.turn]
        marked = [causes[id].at for id in emotion.because if id in causes]
        for turn in turns[max(0, at - 1) : at + 1]:
            spans = [one.chars or (0, len(turn.text)) for one in marked if one.turn == turn.id]
            scores = scored(turn.text, emotion.top or "", lifts, network)
            mean = sum(scores.values()) / max(len(scores), 1)
            for (start, end), score in scores.items():
                inside = any(a < end and start < b for a, b in spans)
                yield score - mean, float(turn.id != emotion.at.turn), float(inside)


def write(record: dict[str, Any]) -> None:
    """The file, in the package; the same to the last byte for the same corpora."""
    packed = gzip.compress(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
    (Path(insula.__file__).parent / "explain" / FILE).write_bytes(packed)
    print(f"{len(record['words'])} words, {len(packed) / 1024:.0f} KB, sha256 {sha256(packed).hexdigest()}")


if __name__ == "__main__":
    made = learn(Estimator.fit(told(load("empathetic-dialogues", "train"))))
    made["calibration"] = calibrate(made, load("reccon", "dev"), Network.open("text-open"))
    write(made)
