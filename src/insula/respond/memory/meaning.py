"""What a text means, as numbers that can be compared: its states in the text encoder, and its rarer words.

    like = Meanings.of(["My dog died.", "I got the job!"]).like(meanings(["I miss my dog so much."])[0])   # (2,)

States find what is said in other words, words what is said of the same thing; a likeness is the mean of the two
cosines. On EmpatheticDialogues test (400 talks) it finds the talk of a retold situation first for 82 %, where the mean
of the states alone finds 63 %, and words alone 82 %; for a later turn of the talk 31 %, 20 % and 31 %.

Source: Arora et al. 2017 (rare words weigh more, in a mean of states). How rare a word is, the vocabulary itself says:
its pieces stand in the order of their frequency (Zipf 1949).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from insula.network.exchange import tokenised
from insula.network.text import Network

Array = NDArray[np.float32]
Ids = NDArray[np.uint16]
WEIGHTS = "text-open"
WIDTH = 384
WORDS = 32  # of a text, its rarest
_COMMONEST = 1994  # the vocabulary's pieces are in order of frequency from here on


@dataclass(frozen=True)
class Meaning:
    """Of one text: `states` (384) of length 1; `words` (32) ids of its rarest pieces, 0 where there are fewer."""

    states: Array
    words: Ids

    def to_bytes(self) -> bytes:
        """832 bytes: the states at half precision, then the words."""
        return self.states.astype("<f2").tobytes() + self.words.astype("<u2").tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Meaning:
        """What `to_bytes` gave; raises ValueError for anything else."""
        if len(stored) != 2 * (WIDTH + WORDS):
            raise ValueError(f"a meaning has {2 * (WIDTH + WORDS)} bytes, not {len(stored)}")
        states = np.frombuffer(stored, "<f2", WIDTH).astype(np.float32)
        return cls(states, np.frombuffer(stored, "<u2", WORDS, 2 * WIDTH).astype(np.uint16))


@dataclass(frozen=True)
class Meanings:
    """Of n texts together: `states` (n, 384), `words` (n, 32), `sizes` (n): the length of each row of words."""

    states: Array
    words: Ids
    sizes: Array

    @classmethod
    def stack(cls, some: Sequence[Meaning]) -> Meanings:
        words = np.array([one.words for one in some], np.uint16).reshape(-1, WORDS)
        states = np.array([one.states for one in some], np.float32).reshape(-1, WIDTH)
        return cls(states, words, np.sqrt((_weights()[words] ** 2).sum(1)) + 1e-9)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Meanings:
        """Texts as they are compared with others."""
        return cls.stack(meanings(texts))

    @property
    def pieces(self) -> NDArray[np.intp]:
        """(n,) how many different pieces of words each has, of the 32 kept."""
        return np.count_nonzero(self.words, axis=1)

    def __add__(self, more: Meanings) -> Meanings:
        parts = ("states", "words", "sizes")
        return Meanings(*(np.concatenate([getattr(self, part), getattr(more, part)]) for part in parts))

    def like(self, meaning: Meaning) -> Array:
        """How alike each is (n,) to one meaning, from about 0 to 1; .25 is usual of texts that share nothing."""
        weights = _weights()
        wanted = np.zeros_like(weights)
        wanted[meaning.words] = weights[meaning.words]
        size = float(np.sqrt((wanted**2).sum())) + 1e-9
        shared = (wanted * weights / size)[self.words].sum(1) / self.sizes
        return (self.states @ meaning.states + shared) / 2


def meanings(texts: Sequence[str]) -> list[Meaning]:
    """One for each text; of a text without words all numbers are 0, and it is like nothing."""
    network = Network.open(WEIGHTS)
    ids = {text: words.ids for text, words in tokenised(texts, network.tokenizer).items()}
    states = network.states([one for one in dict.fromkeys(ids.values()) if one])
    known = {one: _meaning(one, states.get(one)) for one in ids.values()}
    return [known[ids[text]] for text in texts]


def _meaning(ids: tuple[int, ...], states: Array | None) -> Meaning:
    if states is None:
        return Meaning(np.zeros(WIDTH, np.float32), np.zeros(WORDS, np.uint16))
    weights = _weights()[list(ids)]
    mean = weights @ states[1:-1] / weights.sum()
    rarest = sorted(set(ids), key=lambda one: (-_weights()[one], one))[:WORDS]
    words = np.array(rarest + [0] * (WORDS - len(rarest)), np.uint16)
    return Meaning((mean / np.linalg.norm(mean)).astype(np.float32), words)


@cache
def _weights() -> Array:
    """How much each piece of the vocabulary counts: the logarithm of its place; nothing for padding."""
    size = Network.open(WEIGHTS).tokenizer.get_vocab_size()
    places = np.maximum(np.arange(size) - _COMMONEST, 2)
    weights = np.log(places).astype(np.float32)
    weights[0] = 0
    return weights
