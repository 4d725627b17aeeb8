"""A joint model of words and voice: bridge tokens that attend to the states of both through shared attention.

    network = Bridge(); network(text [n, tokens, 384], text_mask, voice [n, layers, frames, 384], voice_mask)
        -> Said(emotion [n, 7], affect [n, 3], conflict [n], words [n, 7], heard [n, 7])

The text encoder's states of each token and the Whisper encoder's of each moment (a learnt mixture of its layers) are
brought to one width, each attends to itself, and a few learnable tokens gather from one and then from the other with
the same weights (bridge tokens: Ispas et al. 2023, arXiv:2401.00536). What the tokens hold is read out as seven
feelings, valence, arousal and dominance, and whether the two express different feelings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from insula.network.text import Network
from insula.network.whisper import Whisper
from insula.network.windows import windows

from .fuse_pairs import EMOTIONS, PLACES, pairs, two_feelings

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
WIDTH, HEADS, BRIDGES = 64, 4, 4
STATES = 384  # of MiniLM-L6 and of Whisper tiny alike
LAYERS = 5
TOGETHER = 4  # states of Whisper, 50 a second, whose mean is one moment
BATCH = 64
UNKNOWN = 100  # the token of a text without any


@dataclass(frozen=True)
class Said:
    """What the network says of pairs: logits (n, 7), places (n, 3), logits (n,), and logits (n, 7) of each channel."""

    emotion: Tensor
    affect: Tensor
    conflict: Tensor
    words: Tensor
    voice: Tensor


class Bridge(nn.Module):
    """`bridges` = 0 is the same network without them: the means of both self-attended channels side by side."""

    def __init__(self, bridges: int = BRIDGES, dropout: float = 0.2) -> None:
        super().__init__()
        self.layers = nn.Parameter(torch.zeros(LAYERS))
        self.text, self.voice = nn.Linear(STATES, WIDTH), nn.Linear(STATES, WIDTH)
        self.text_norm, self.voice_norm = nn.LayerNorm(STATES), nn.LayerNorm(STATES)
        self.itself = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, dropout, batch_first=True, norm_first=True)
        self.bridges = nn.Parameter(torch.randn(bridges, WIDTH) * 0.1) if bridges else None
        self.across = nn.MultiheadAttention(WIDTH, HEADS, dropout, batch_first=True)
        self.norm = nn.LayerNorm(WIDTH)
        self.dropout = nn.Dropout(dropout)
        gathered = 2 * WIDTH
        self.emotion, self.affect = nn.Linear(gathered, len(EMOTIONS)), nn.Linear(gathered, 3)
        self.apart = nn.Linear(WIDTH, len(EMOTIONS))
        self.conflict = nn.Sequential(nn.Linear(2 * gathered, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def forward(self, text: Tensor, text_mask: Tensor, voice: Tensor, voice_mask: Tensor) -> Said:
        """States and masks (True where there is something) of pairs, zero-padded."""
        mixed = (voice * self.layers.softmax(0)[None, :, None, None]).sum(1)
        asked = None if self.bridges is None else self.bridges.expand(len(text), -1, -1)
        words = self._gather(asked, self.text(self.dropout(self.text_norm(text))), text_mask)
        # the bridges come to the voice with what the words told them
        heard = self._gather(
            words if asked is not None else None, self.voice(self.dropout(self.voice_norm(mixed))), voice_mask
        )
        words, heard = words.mean(1), heard.mean(1)
        both = torch.cat([words, heard], 1)
        apart = torch.cat([both, words * heard, (words - heard).abs()], 1)
        each = self.apart(self.dropout(words)), self.apart(self.dropout(heard))
        both = self.dropout(both)
        return Said(self.emotion(both), self.affect(both), self.conflict(apart)[:, 0], *each)

    def _gather(self, asked: Tensor | None, states: Tensor, mask: Tensor) -> Tensor:
        """States (n, items, width) of one channel -> what who `asked` (n, bridges, width) found; or their mean."""
        states = self.itself(states, src_key_padding_mask=~mask)
        if asked is None:
            kept = mask[..., None].float()
            return self.norm((states * kept).sum(1, keepdim=True) / kept.sum(1, keepdim=True))
        found, _ = self.across(asked, states, states, key_padding_mask=~mask, need_weights=False)
        return self.norm(asked + found)


@dataclass(frozen=True)
class States:
    """States of many items of one channel, (items, 384) or (layers, items, 384) each."""

    rows: Sequence[Array]

    def batch(self, which: Labels) -> tuple[Tensor, Tensor]:
        """Zero-padded states and their mask."""
        some = [self.rows[row] for row in which.tolist()]
        lengths = np.array([one.shape[-2] for one in some])
        padded = np.zeros((len(some), *some[0].shape[:-2], lengths.max(), STATES), np.float32)
        for place, one in enumerate(some):
            padded[place, ..., : one.shape[-2], :] = one
        return torch.from_numpy(padded), torch.from_numpy(np.arange(lengths.max()) < lengths[:, None])


@dataclass(frozen=True)
class Lesson:
    """Pairs of rows of texts and voices, with what is known of both: `emotion` (-1 unknown), `affect` (NaN unknown).

    `said` and `heard` are the feelings of each channel (-1 unknown).
    """

    words: Labels
    voices: Labels
    emotion: Labels
    affect: Array
    conflict: Array
    said: Labels
    heard: Labels

    def __getitem__(self, rows: Labels) -> Lesson:
        return Lesson(*(getattr(self, one.name)[rows] for one in fields(self)))


def lesson(words: Labels, voices: Labels, seed: int) -> Lesson:
    """Feelings of texts and of voices -> pairs that agree, with their feeling, and pairs that do not, without one."""
    drawn = pairs(words, voices, seed)
    said, heard = words[drawn.words], voices[drawn.voices]
    emotion = np.where(drawn.conflict, -1, heard)
    affect = np.where(drawn.conflict[:, None], np.nan, PLACES[heard]).astype(np.float32)
    two = two_feelings(said, heard).astype(np.float32)
    return Lesson(drawn.words, drawn.voices, emotion, affect, two, said, heard)


def teach(
    network: Bridge,
    text: States,
    voice: States,
    lessons: Iterable[Lesson],
    parts: Sequence[str] = ("emotion", "affect", "conflict", "apart"),
    size: int = 32,
    rate: float = 1e-3,
    seed: int = 0,
) -> Bridge:
    """Train on each lesson once, in order, with a rate that falls to nothing; `parts` are the heads that learn."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    every = list(lessons)
    steps = sum(-(-len(one.words) // size) for one in every)
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1)
    network.train()
    for one in every:
        order = draw.permutation(len(one.words))
        for start in range(0, len(order), size):
            part = one[order[start : start + size]]
            said = network(*text.batch(part.words), *voice.batch(part.voices))
            optimiser.zero_grad()
            loss(said, part, parts).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            plan.step()
    return network.eval()


def loss(said: Said, part: Lesson, parts: Sequence[str]) -> Tensor:
    """The sum over the heads that learn; what is unknown weighs nothing."""
    emotion, affect = torch.from_numpy(part.emotion), torch.from_numpy(part.affect)
    total = said.conflict.sum() * 0
    if "emotion" in parts and (emotion >= 0).any():
        total = total + functional.cross_entropy(said.emotion, emotion, ignore_index=-1)
    if "affect" in parts and (known := ~affect.isnan()).any():
        total = total + 2 * functional.mse_loss(said.affect[known], affect[known])
    if "apart" in parts:
        for logits, gold in ((said.words, part.said), (said.voice, part.heard)):
            total = total + functional.cross_entropy(logits, torch.from_numpy(gold), ignore_index=-1)
    if "conflict" in parts:
        total = total + functional.binary_cross_entropy_with_logits(said.conflict, torch.from_numpy(part.conflict))
    return total


@torch.inference_mode()
def judge(network: Bridge, text: States, voice: States, words: Labels, voices: Labels, size: int = 64) -> Said:
    """What the network says of pairs of rows."""
    found = [
        network(*text.batch(words[start : start + size]), *voice.batch(voices[start : start + size]))
        for start in range(0, len(words), size)
    ]
    return Said(*(torch.cat([getattr(one, part.name) for one in found]) for part in fields(Said)))


def text_states(texts: Sequence[str]) -> States:
    """States of each text's tokens after the text encoder's trunk; of a long text its first window."""
    network, found = Network.open("text-open"), []
    for start in range(0, len(texts), BATCH):
        read = [windows(text, network.tokenizer) for text in texts[start : start + BATCH]]
        ids = [some[0].ids if some else (UNKNOWN,) for some in read]
        known = network.states(ids)
        found += [known[one].astype(np.float16) for one in ids]
    return States(found)


def voice_states(sounds: Iterable[Array]) -> States:
    """States of each sound's moments by every layer of Whisper tiny.en's encoder, 12.5 a second."""
    ear, found = Whisper.open(), []
    for samples in sounds:
        states = ear.states(np.asarray(samples))
        whole = max(states.shape[1] // TOGETHER, 1) * TOGETHER
        padded = np.pad(states, ((0, 0), (0, max(0, whole - states.shape[1])), (0, 0)), mode="edge")[:, :whole]
        found.append(padded.reshape(LAYERS, -1, TOGETHER, STATES).mean(2).astype(np.float16))
    return States(found)
