"""Talks of published corpora with a vector per turn by the shared encoder, and made-up ones for smoke runs.

material = of_corpus("meld")            # .training .development .test .score
vectors_of(["I miss him."])             # (1, 384); kept in the folder INSULA_CACHE
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ..conversation import Conversation
from ..scheme import scheme
from .measure import micro_f1_without, weighted_f1
from .talks import Floats, Ints, Score, Talk, labels

Read = Callable[[Sequence[Conversation]], Floats]
"""Conversations -> a vector for every turn of each, one after the other."""
CORPORA = {"meld": "ekman7", "emorynlp": "emorynlp7", "dailydialog": "ekman7"}


@dataclass(frozen=True)
class Material:
    """Talks to learn from, to tune on and to be tested on; which label is neutral; the metric and what it is called."""

    training: Sequence[Talk]
    development: Sequence[Talk]
    test: Sequence[Talk]
    names: Sequence[str]
    metric: str

    @property
    def neutral(self) -> int:
        return list(self.names).index("neutral")

    @property
    def score(self) -> Score:
        return weighted_f1 if self.metric == "weighted F1" else micro_f1_without(self.neutral)

    @property
    def commonest(self) -> Ints:
        """The blind answer: for every turn of test the commonest label of training."""
        known = labels(self.training)
        return np.full(len(labels(self.test)), np.bincount(known[known >= 0]).argmax())


def of_corpus(name: str, read: Read | None = None, most: int | None = None) -> Material:
    """Talks of one of `CORPORA`, nothing of test in training or development; raises MissingData.

    `read` gives a conversation's turn vectors (by default the encoder's states); `most` limits the training dialogues.
    """
    known, tested = CORPORA[name], said(name, "test")
    train = published(name, "train", known, without=tested, read=read, most=most)
    dev = published(name, "dev", known, without=tested, read=read)
    metric = "micro-F1 without neutral" if name == "dailydialog" else "weighted F1"
    return Material(train, dev, published(name, "test", known, read=read), scheme(known).labels, metric)


def made_up(seed: int) -> Material:
    """Talks of two in which half the turns say what is felt and the others go on feeling what their speaker said."""
    draw = np.random.default_rng(seed)
    names = scheme("ekman7").labels

    def one(turns: int) -> Talk:
        speakers = np.concatenate([[0], draw.integers(0, 2, turns - 1)])
        felt, vectors = np.zeros(turns, np.int64), draw.normal(0, 0.3, (turns, 16)).astype(np.float32)
        now = {0: 6, 1: 6}
        for turn, speaker in enumerate(speakers.tolist()):
            if draw.random() < 0.35:
                now[speaker] = int(draw.choice([0, 3, 6]))
                vectors[turn, now[speaker]] += 2
            felt[turn] = now[speaker]
        return Talk(vectors, speakers, felt)

    train, dev, test = ([one(int(draw.integers(4, 10))) for _ in range(count)] for count in (160, 40, 40))
    return Material(train, dev, test, names, "weighted F1")


def published(
    corpus: str,
    split: str,
    name: str,
    *,
    without: frozenset[str] = frozenset(),
    read: Read | None = None,
    most: int | None = None,
) -> list[Talk]:
    """The talks of a split with labels of a one-of scheme, at most `most`; nothing that is in `without`.

    Raises MissingData where the corpus is not here.
    """
    from ..data import load
    from ..data.record import words

    found = [one for one in load(corpus, split) if not without or words(one) not in without]
    rows = np.random.default_rng(0).permutation(len(found))[:most] if most else range(len(found))
    chosen = [found[row] for row in rows]
    states = iter((read or states_of)(chosen))
    return [talk(one, [next(states) for _ in one.turns], name) for one in chosen]


def said(corpus: str, split: str) -> frozenset[str]:
    """What each conversation of a split says, without case and marks: to find it again in another split."""
    from ..data import load
    from ..data.record import words

    return frozenset(words(one) for one in load(corpus, split))


def talk(conversation: Conversation, vectors: Sequence[Floats], name: str, rater: str = "gold") -> Talk:
    """One conversation with a vector per turn and a rater's labels under a one-of scheme."""
    known, order = scheme(name), dict[str, int]()
    speakers = [order.setdefault(turn.speaker, len(order)) for turn in conversation.turns]
    found = [conversation.read(known.layer, turn=turn.id, rater=rater, scheme=name) for turn in conversation.turns]
    judged = [known.labels.index(one[0].top) if one and one[0].top else -1 for one in found]
    return Talk(np.stack(vectors), np.array(speakers), np.array(judged))


def states_of(conversations: Sequence[Conversation]) -> Floats:
    """`vectors_of` every turn, one conversation after the other."""
    return vectors_of([turn.text for one in conversations for turn in one.turns])


def vectors_of(texts: Sequence[str], weights: str = "text-open") -> Floats:
    """The shared encoder's pooled state (384) of each text, its first 126 tokens; zeros for a text without words."""
    from ..network.text import Network
    from ..network.windows import windows

    network = Network.open(weights)

    def made() -> Floats:
        first = [windows(text, network.tokenizer)[:1] for text in texts]
        states = iter(network.run([window for some in first for window in some]))
        nothing = np.zeros(384, np.float32)
        return np.stack([next(states).pooled if some else nothing for some in first]).astype(np.float32)

    return kept("\x00".join([network.revision, *texts]), made)


def kept(key: str, made: Callable[[], Floats]) -> Floats:
    """What `made` gives, kept under a digest of `key` in the folder `INSULA_CACHE` (by default ~/.cache/insula)."""
    place = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula") / "turn-vectors"
    path = place / f"{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}.npy"
    if path.is_file():
        return np.load(path)
    found = made()
    place.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part.npy")
    np.save(part, found)
    part.replace(path)
    return found
