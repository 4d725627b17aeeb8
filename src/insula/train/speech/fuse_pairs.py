"""Words of one person with the voice of another: pairs that agree and pairs that do not, with known answers.

    pairs(words, voices, seed) -> Pairs(words=[17, 4, ...], voices=[0, 0, ...], conflict=[False, True, ...])

No corpus at hand has feelings both in what is said and in how: actors speak sentences that mean nothing. So each real
clip meets one text that expresses the same feeling and one that expresses another (mismatched pairs as in Mehrabian &
Wiener 1967). Texts and speakers stay on their side of every split; that is asserted by whoever splits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.catalogue import build
from insula.conversation import Annotation, Conversation, Turn
from insula.data import load
from insula.scheme import mapping, scheme

Array = NDArray[np.float64]
EMOTIONS = scheme("ekman7").labels
AFFECT = scheme("vad").labels
NEUTRAL = EMOTIONS.index("neutral")
CORPORA = ("goemotions", "meld")  # of texts
MOST = 400  # development texts of one feeling and corpus
# where each feeling lies, as the map says (Russell & Mehrabian 1977): [7, 3]
PLACES = np.array([[mapping("ekman7", "vad").scores({label: 1.0})[one] for one in AFFECT] for label in EMOTIONS])


@dataclass(frozen=True)
class Readings:
    """What one channel says of many items: `gold` [n] what each expresses, `emotion` [n, 7], `affect` [n, 3].

    `group` [n] is whose it is: a speaker, or the text itself. An item that could not be read has even odds.
    """

    gold: NDArray[np.int64]
    emotion: Array
    affect: Array
    group: NDArray[np.str_]

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Readings:
        return Readings(self.gold[rows], self.emotion[rows], self.affect[rows], self.group[rows])

    def __len__(self) -> int:
        return len(self.gold)


@dataclass(frozen=True)
class Pairs:
    """Rows of words and of voices that were put together, and whether they express different feelings."""

    words: NDArray[np.int64]
    voices: NDArray[np.int64]
    conflict: NDArray[np.bool_]


def pairs(words: NDArray[np.int64], voices: NDArray[np.int64], seed: int = 0) -> Pairs:
    """Feelings of the words and of the voices -> for each voice one text of its feeling and one of another.

    The other feeling is drawn evenly, then a text of it. Raises ValueError where a feeling of the voices has no text.
    """
    draw = np.random.default_rng(seed)
    of = {label: np.flatnonzero(words == label) for label in np.unique(words).tolist()}
    if missing := set(voices.tolist()) - set(of):
        raise ValueError(f"no text expresses {', '.join(EMOTIONS[one] for one in sorted(missing))}")
    rows: list[tuple[int, int, bool]] = []
    for row, label in enumerate(voices.tolist()):
        other = draw.choice([one for one in of if one != label])
        rows += [(draw.choice(of[label]), row, False), (draw.choice(of[other]), row, True)]
    said, heard, conflict = zip(*rows, strict=True)
    return Pairs(np.array(said), np.array(heard), np.array(conflict))


def two_feelings(words: NDArray[np.int64], voices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs that express two feelings, of which neutral is none."""
    return several(np.stack([words, voices]))


def together(golds: Sequence[NDArray[np.int64]], seed: int = 0) -> NDArray[np.int64]:
    """Feelings of several channels' items -> rows (n, channels) of items that were put together.

    Every item of the second channel meets others three times: all of its feeling; one channel of another feeling; each
    channel of any. Feelings are drawn evenly. Raises ValueError where a feeling of it has no item in another channel.
    """
    draw = np.random.default_rng(seed)
    of = [{label: np.flatnonzero(gold == label) for label in np.unique(gold).tolist()} for gold in golds]
    for known in of:
        if missing := set(golds[1].tolist()) - set(known):
            raise ValueError(f"nothing expresses {', '.join(EMOTIONS[one] for one in sorted(missing))}")
    rows: list[list[int]] = []
    for row, label in enumerate(golds[1].tolist()):
        odd = int(draw.integers(len(golds)))
        other = int(draw.choice([one for one in of[odd] if one != label]))
        for meant in (
            [label] * len(golds),
            [other if place == odd else label for place in range(len(golds))],
            [int(draw.choice(list(known))) for known in of],
        ):
            found = [int(draw.choice(known[one])) for known, one in zip(of, meant, strict=True)]
            if meant[1] == label:
                found[1] = row
            rows.append(found)
    return np.array(rows)


def several(golds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Feelings (channels, n) -> whether they are two or more, of which neutral is none."""
    return np.array([len(set(column) - {NEUTRAL}) > 1 for column in golds.T.tolist()])


def texts(corpus: str, split: str) -> list[tuple[str, int]]:
    """Texts of a corpus that express just one of the seven feelings by its gold labels, none of them twice."""
    found: dict[str, int] = {}
    for conversation in load(corpus, split):
        for turn in conversation.turns:
            labels = {one for mark in conversation.read("emotion", turn=turn.id, rater="gold") for one in _seven(mark)}
            if len(labels) == 1 and turn.text.strip():
                found.setdefault(turn.text, EMOTIONS.index(labels.pop()))
    return list(found.items())


def development(reader: str = "text.encoder", seed: int = 0) -> Readings:
    """Development texts as the reader reads them, as many of either corpus for every feeling, drawn again where few.

    What people write about (GoEmotions) says its feeling in its words, what they say to each other (MELD) hardly does:
    a fusion that knows only the former trusts words too much.
    """
    draw = np.random.default_rng(seed)
    known = [read_texts(texts(corpus, "dev"), reader) for corpus in CORPORA]
    parts = list[Readings]()
    for label in range(len(EMOTIONS)):
        of = [np.flatnonzero(one.gold == label) for one in known]
        count = min(MOST, max(len(rows) for rows in of))
        parts += [one[draw.choice(rows, count, replace=len(rows) < count)] for one, rows in zip(known, of, strict=True)]
    return Readings(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in ("gold", "emotion", "affect", "group"))
    )


def _seven(mark: Annotation) -> Iterable[str]:
    held = {label: score for label, score in mark.scores.items() if score >= 0.5}
    seven = held if mark.scheme == "ekman7" else mapping(mark.scheme, "ekman7").scores(held)
    return (label for label, score in seven.items() if score >= 0.5)


def read_texts(some: Sequence[tuple[str, int]], reader: str = "text.encoder") -> Readings:
    """What the reader of words says of each text alone."""
    component = build(reader, evidence=0) if reader == "text.encoder" else build(reader)
    said = component.batch([Conversation(Turn("a", text, id="t1")) for text, _ in some])
    emotion = np.array([_scores(one, "ekman7", EMOTIONS, 1 / len(EMOTIONS)) for one in said])
    affect = np.array([_scores(one, "vad", AFFECT, 0.0) for one in said])
    return Readings(np.array([label for _, label in some]), emotion, affect, np.array([text for text, _ in some]))


def _scores(said: Iterable[object], name: str, labels: Sequence[str], otherwise: float) -> list[float]:
    marks = (x for x in said if isinstance(x, Annotation) and x.scheme == name and not x.at.chars and x.scores)
    found = next(marks, None)
    return [found.scores[label] if found else otherwise for label in labels]
