"""Which words caused an emotion, learnt without one cause label: those that speak for it more than for any other.

    "The vet could not save her and she died." (sadness) -> "vet" .55, "died" .65, and a link from the emotion to both

By Bayes a word raises the odds of an emotion by P(word | emotion) / P(word | other emotions), and both sides can be
counted where only the emotion of a whole conversation is known: EmpatheticDialogues. To that log ratio comes what the
text encoder's head for the emotion gives each of its tokens. Source: the generative estimator of Kim, Kim & Kim 2021
(arXiv:2109.08828), there a language model, here counts; `insula.train.cause_words` makes the file and
`studies/gee_pragmatics.py` measures it.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources

from insula.conversation import Anchor, Annotation, Conversation, Span, Turn
from insula.network.text import Network
from insula.network.windows import windows

FILE = "words.json.gz"
MOST = 3  # words named per emotion
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")


@dataclass(frozen=True)
class Lifts:
    """What the file holds.

    `words` gives per word and emotion the log of P(word | emotion) / P(word | others); a word in `frequent` is never a
    cause. `calibration` turns a score, less the mean of its turn, into a probability: slope, intercept, and what is
    added for the turn before.
    """

    words: Mapping[str, Mapping[str, float]]
    frequent: frozenset[str]
    calibration: tuple[float, float, float]
    revision: str = field(default="", compare=False)

    def of(self, word: str, emotion: str) -> float:
        """The word's own part of the score; 0.0 for a word the file does not know."""
        return self.words.get(word, {}).get(emotion, 0.0)

    def probability(self, lead: float, before: bool) -> float:
        """How often a word that leads its turn's mean score by this much lies in what people marked as the cause."""
        slope, intercept, turn_before = self.calibration
        return 0.5 + 0.5 * math.tanh(0.5 * (slope * lead + intercept + turn_before * before))


@cache
def shipped() -> Lifts:
    """The estimator of the package, read once."""
    packed = (resources.files("insula") / "explain" / FILE).read_bytes()
    record = json.loads(gzip.decompress(packed))
    return Lifts(
        record["words"],
        frozenset(record["frequent"]),
        tuple(record["calibration"]),
        sha256(packed).hexdigest()[:12],
    )


class CauseWords:
    """Names the words behind every decided ekman7 emotion, in its own turn and in the one before.

    Writes a `cause` at the characters of each of up to three words, and at the emotion's turn a `caused` link whose
    `because` holds the emotion and these causes. A neutral turn has none; where the emotion was not told, it abstains.
    The probabilities stay near one half: which word of a turn people mark is hard to say without their marks.
    """

    reads = ("turn", "emotion")
    writes = ("cause",)

    def __init__(self, name: str = "explain.words", weights: str = "text-open") -> None:
        self.name = name
        self.lifts = shipped()
        self.network = Network.open(weights)
        self.rater = f"{name}@{self.lifts.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        turns = conversation.turns
        place = {turn.id: index for index, turn in enumerate(turns)}
        for turn in conversation.pending("cause", self.rater):
            emotions = conversation.read("emotion", turn=turn.id, scheme="ekman7")
            whole = [emotion for emotion in emotions if emotion.at.chars is None]
            if whole:  # the last rater to speak read the most
                near = turns[max(0, place[turn.id] - 1) : place[turn.id] + 1]
                yield from self._judge(whole[-1], turn, near)

    def _judge(self, emotion: Annotation, turn: Turn, near: list[Turn]) -> Iterator[Annotation]:
        if emotion.abstained:
            reason = f"the emotion was not told: {emotion.reason}"
            yield Annotation("cause", {}, Anchor(turn.id), "caused", self.rater, reason=reason)
        elif (label := emotion.top or "") != "neutral" and (causes := self._causes(label, turn, near)):
            yield from causes
            because = (emotion.id, *(cause.id for cause in causes))
            scores = {label: emotion.scores[label]}
            yield Annotation("cause", scores, Anchor(turn.id), "caused", self.rater, because=because)

    def _causes(self, label: str, turn: Turn, near: list[Turn]) -> list[Annotation]:
        """The likeliest words, likeliest first; only words that speak for the emotion."""
        found: list[tuple[float, Anchor]] = []
        for one in near:
            scores = scored(one.text, label, self.lifts, self.network)
            mean = sum(scores.values()) / max(len(scores), 1)
            found += [
                (self.lifts.probability(score - mean, one.id != turn.id), Anchor(one.id, span))
                for span, score in scores.items()
                if score > 0
            ]
        best = sorted(found, key=lambda pair: -pair[0])[:MOST]
        return [
            Annotation("cause", {"cause": round(p, 4)}, at, "cause", self.rater, ("cause",) if p >= 0.5 else ())
            for p, at in best
        ]


def words(text: str) -> list[tuple[str, Span]]:
    """Every word, lower-cased, with its characters."""
    return [(match.group().lower().replace("’", "'"), match.span()) for match in _WORD.finditer(text)]


def scored(text: str, emotion: str, lifts: Lifts, network: Network) -> dict[Span, float]:
    """How much each word that could be a cause raises the log-odds of an ekman7 emotion, by its characters."""
    shares = encoder_shares(text, emotion, network)
    return {
        span: lifts.of(word, emotion) + shares.get(span, 0.0)
        for word, span in words(text)
        if len(word) > 2 and word not in lifts.frequent
    }


def encoder_shares(text: str, emotion: str, network: Network) -> dict[Span, float]:
    """What each word's tokens add to the raw score of an emotion, over the text's median token.

    The score is the mean over tokens, so a word's part of it is exact; here it is not divided by the text's length.
    """
    head = next(head for head in network.heads if head.scheme == "ekman7")
    column = head.columns[0] + head.kind.labels.index(emotion)
    found = windows(text, network.tokenizer)
    tokens = [
        (span, float(value))
        for window, reading in zip(found, network.run(found), strict=True)
        for span, value in zip(window.spans, reading.tokens[1:-1, column], strict=True)
    ]
    values = sorted(value for _, value in tokens)
    base = values[len(values) // 2] if values else 0.0
    return {
        (start, end): sum(value - base for (a, b), value in tokens if a < end and start < b)
        for _, (start, end) in words(text)
    }
