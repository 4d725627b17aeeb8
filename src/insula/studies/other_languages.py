"""Talk in a language the shared encoder does not read: vectors of its characters, and whether the encoder says so.

training, development, test = chinese()             # talks of CPED, vectors from pairs and triples of characters
rows, notes = coverage()                            # what text.encoder answers on Chinese and on Spanish turns
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import numpy as np

from ..conversation import Conversation
from ..data import load
from ..presets import pipeline
from .measure import Array, measured
from .talk_corpora import talk
from .talks import Floats, Talk

WIDTH = 256
_TUNED_SHARE = 3  # every third dialogue


def chinese() -> tuple[list[Talk], list[Talk], list[Talk]]:
    """Talks of CPED to learn from, to tune on and to be tested on, no series in two of test and the others.

    The published train split is not here, so the published validation split is parted by dialogue.
    """
    known, test = list(load("cped", "dev")), list(load("cped", "test"))
    tuned = [crc32(one.id.encode()) % _TUNED_SHARE == 0 for one in known]
    learnt = [one for one, held in zip(known, tuned, strict=True) if not held]
    vectors = character_vectors([turn.text for one in learnt for turn in one.turns])
    parts = learnt, [one for one, held in zip(known, tuned, strict=True) if held], test
    made = [[_talk(one, vectors) for one in part] for part in parts]
    return made[0], made[1], made[2]


def _talk(conversation: Conversation, vectors: Any) -> Talk:
    return talk(conversation, list(vectors([turn.text for turn in conversation.turns])), "cped13")


def character_vectors(texts: Sequence[str], width: int = WIDTH) -> Any:
    """A function texts -> (texts, width), fitted on `texts`: singular vectors of TF-IDF over 1 to 3 characters.

    Source: Deerwester et al. 1990 (latent semantic analysis), on characters since Chinese words are not spaced.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    found: Any = characters.fit_transform(texts)
    reduced = TruncatedSVD(min(width, found.shape[1] - 1), random_state=0).fit(found)
    scale = 0.5 / reduced.transform(found).std()  # about what the encoder's states have

    def of(some: Sequence[str]) -> Floats:
        return (reduced.transform(characters.transform(some)) * scale).astype(np.float32)

    return of


def coverage() -> tuple[list[dict[str, Any]], list[str]]:
    """The share of turns of each corpus that `text.encoder` answers, and in words why it did not answer the others."""
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for name, what in (("cped", "Chinese"), ("emoevent-es", "Spanish"), ("meld", "English")):
        answered, talks, reasons = answers(load(name, "test"))
        part = f"{name}, {what}"
        rows.append(measured("share text.encoder answers", part, _share, answered, answered[None], groups=talks))
        why = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(4)) or "nothing"
        notes.append(f"{name} ({what}), {len(answered)} turns: text.encoder abstained with these reasons: {why}.")
    return rows, notes


def answers(conversations: Iterable[Conversation]) -> tuple[Array, Array, Counter[str]]:
    """Per turn whether `text.encoder` answers (0, 1) and the number of its conversation; how often it said why not."""
    bare = [Conversation(*one.turns, id=one.id) for one in conversations]
    read = list(pipeline("text.encoder", evidence=0).run_many(bare))
    found = [one.read("emotion", turn=turn.id)[0] for one in read for turn in one.turns]
    numbers = np.repeat(np.arange(len(read)), [len(one.turns) for one in read])
    reasons = Counter(one.reason.partition(" (")[0] for one in found if one.abstained)
    return np.array([not one.abstained for one in found], np.int64), numbers, reasons


def _share(_: Array, answered: Array) -> float:
    return float(answered.mean())
