"""Learn when a reply meets what it answers, and measure it on dialogues and ratings it has not seen.

    python -m insula.train.explain.alignment          # writes insula/weights/explain-alignment.{safetensors,md}

The space is learnt on the train part of EmpatheticDialogues: among the replies of a batch a turn is to find its own
(InfoNCE; van den Oord et al. 2018). The line is learnt on what the space has not seen: true replies of its dev part
against replies of the same length from other dialogues, and EPITOME's train replies, where people's three levels sum
to 2 or more against those with less. Both halves weigh the same. Needs the extra `train`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.catalogue import build
from insula.conversation import Conversation
from insula.data import load
from insula.explain.alignment import Weights, emotions, features, open_weights, pooled_states, stances
from insula.network.text import Network, digest, weights_folder
from insula.train.explain.resampled import Measured, correlation, mean, resampled, separation

Array = NDArray[np.float32]
DIALOGUES = 14_000  # of the 19,553 of train, as many as five minutes of one processor read
DIMENSIONS, EPOCHS, BATCH, DROPOUT = 48, 8, 256, 0.2
ANSWERING = {"listener", "peer"}


@dataclass(frozen=True)
class Replies:
    """Turns and their replies: texts, states (pairs, 384), emotions (pairs, 28), dialogue; levels (pairs, 3)."""

    said: list[str]
    replied: list[str]
    dialogue: list[str]
    said_states: Array
    said_felt: Array
    reply_states: Array
    reply_felt: Array
    levels: Array

    def swapped(self, with_: NDArray[np.intp]) -> Replies:
        """The same turns, each with the reply at another place."""
        texts = [self.replied[place] for place in with_]
        states, felt = self.reply_states[with_], self.reply_felt[with_]
        return Replies(self.said, texts, self.dialogue, self.said_states, self.said_felt, states, felt, self.levels)


def replies(conversations: Iterable[Conversation]) -> Replies:
    """Every reply of a listener or peer to the other's turn, read by text.encoder."""
    encoder, network = build("text.encoder", evidence=0), Network.open("text-open")
    talks = list(conversations)
    pairs: list[tuple[str, str, str]] = []
    felt: list[tuple[Array, Array]] = []
    levels: list[list[float]] = []
    for talk, found in zip(talks, encoder.batch(talks), strict=True):
        talk.add(*found)
        turns = talk.turns
        for earlier, turn in pairwise(turns):
            (said, first), (replied, second) = emotions(talk, earlier.id), emotions(talk, turn.id)
            if turn.speaker in ANSWERING and earlier.speaker != turn.speaker and first and second:
                pairs.append((earlier.text, turn.text, talk.id))
                felt.append((said, replied))
                gold = talk.read("empathy", turn=turn.id, rater="gold")
                levels.append(list(gold[0].scores.values()) if gold else [0.0, 0.0, 0.0])
    one, two, dialogue = map(list, zip(*pairs, strict=True))
    states = pooled_states(network, [*one, *two])
    states = np.array([np.zeros(384) if state is None else state for state in states], np.float32)
    sides = np.array([a for a, _ in felt]), np.array([b for _, b in felt])
    return Replies(one, two, dialogue, states[: len(one)], sides[0], states[len(one) :], sides[1], np.array(levels))


def others(found: Replies) -> NDArray[np.intp]:
    """For each reply the place of one from another dialogue that is as long: one of six nearest by number of words."""
    random = np.random.default_rng(0)
    lengths = np.array([len(text.split()) for text in found.replied]) + random.random(len(found.replied)) * 0.9
    order = np.argsort(lengths)
    swapped = np.empty(len(order), np.intp)
    for rank, place in enumerate(order):
        ranks = [rank + side * step for step in range(1, 20) for side in (-1, 1)]
        near = [order[other] for other in ranks if 0 <= other < len(order)]
        elsewhere = [other for other in near if found.dialogue[other] != found.dialogue[place]]
        swapped[place] = random.choice(elsewhere[:6])
    return swapped


def space(found: Replies) -> dict[str, Array]:
    """Learn both sides; what scales their input is folded into the weights."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    torch.manual_seed(0)
    one, two = (features(*side) for side in _sides(found))
    centre, scale = one.mean(0), one.std(0) + 1e-6
    experience, reply = torch.nn.Linear(len(centre), DIMENSIONS), torch.nn.Linear(len(centre), DIMENSIONS)
    sharpness = torch.nn.Parameter(torch.tensor(2.0))
    learnt = [*experience.parameters(), *reply.parameters(), sharpness]
    optimiser = torch.optim.AdamW(learnt, lr=2e-3, weight_decay=1e-2)
    dropped = torch.nn.Dropout(DROPOUT)
    a, b = (torch.tensor((side - centre) / scale) for side in (one, two))
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(a)).split(BATCH):
            left, right = normalize(experience(dropped(a[rows])), dim=1), normalize(reply(dropped(b[rows])), dim=1)
            scores, own = left @ right.T * sharpness.exp(), torch.arange(len(rows))
            loss = cross_entropy(scores, own) + cross_entropy(scores.T, own)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    table: dict[str, Array] = {}
    for name, side in (("experience", experience), ("reply", reply)):
        weight = side.weight.detach().numpy().T / scale[:, None]
        table |= {name: weight, f"{name}_bias": side.bias.detach().numpy() - centre @ weight}
    return table


def _sides(found: Replies) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    return (found.said_states, found.said_felt), (found.reply_states, found.reply_felt)


def line(weights: Weights, talk: Replies, rated: Replies) -> dict[str, Array]:
    """The logistic line on the cosine and the stances; a column tells the two corpora apart and is left out after."""
    from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]

    def rows(found: Replies) -> Array:
        cosine = weights.cosine(found.said_states, found.said_felt, found.reply_states, found.reply_felt)
        return np.concatenate([10 * cosine[:, None], stances(found.said_felt, found.reply_felt)], 1)

    parts = [rows(talk), rows(talk.swapped(others(talk))), rows(rated)]
    sizes = [len(part) for part in parts]
    truth = np.concatenate([np.ones(sizes[0]), np.zeros(sizes[1]), rated.levels.sum(1) >= 2])
    share = np.concatenate([np.ones(2 * sizes[0]), np.full(sizes[2], 2 * sizes[0] / sizes[2])])
    corpus = np.concatenate([np.zeros(2 * sizes[0]), np.full(sizes[2], 3.0)])
    x = np.column_stack([np.concatenate(parts), corpus])
    found = LogisticRegression(C=0.1, max_iter=500).fit(x, truth, sample_weight=share)
    slopes = found.coef_[0, :-1]
    return {"line": np.array([10 * slopes[0], found.intercept_[0]]), "stance": slopes[1:].reshape(2, -1)}


def measure(weights: Weights) -> dict[str, Measured]:
    """AUC on EmpatheticDialogues' test and rank correlations on EPITOME's, each beside what needs no model."""
    from scipy.stats import rankdata  # pyright: ignore[reportMissingTypeStubs]

    def score(found: Replies) -> Array:
        return weights.score(found.said_states, found.said_felt, found.reply_states, found.reply_felt)

    talk = replies(load("empathetic-dialogues", "test"))
    other = talk.swapped(others(talk))
    pairs = {"alignment": score, "cosine": _near, "shared_words": _shared}
    table = {f"auc_{name}": resampled(separation(of(talk), of(other)), talk.dialogue) for name, of in pairs.items()}
    table["mean_true"], table["mean_other"] = (resampled(mean(score(one)), talk.dialogue) for one in (talk, other))
    rated = replies(load("epitome", "test"))
    sums = {"sum": rated.levels.sum(1), **dict(zip(("reactions", "interpretations", "explorations"), rated.levels.T))}  # noqa: B905
    post = [dialogue.split("-")[0] for dialogue in rated.dialogue]
    for name, levels in sums.items():
        table[f"epitome_{name}"] = resampled(correlation(rankdata(levels), rankdata(score(rated))), post)
    words = rankdata([len(text.split()) for text in rated.replied])
    table["epitome_sum_by_length"] = resampled(correlation(rankdata(sums["sum"]), words), post)
    left = (_beyond(rankdata(one), words) for one in (sums["sum"], score(rated)))
    table["epitome_sum_beyond_length"] = resampled(correlation(*left), post)
    table["epitome_sum_by_cosine"] = resampled(correlation(rankdata(sums["sum"]), rankdata(_near(rated))), post)
    return table | {"replies": [float(len(talk.said)), float(len(rated.said))]}


def _beyond(ranks: Array, words: Array) -> Array:
    """What a straight line on the ranks of length leaves over: its correlation is the partial one."""
    return (ranks - np.polyval(np.polyfit(words, ranks, 1), words)).astype(np.float32)


def _near(found: Replies) -> Array:
    one, two = found.said_states, found.reply_states
    return (one * two).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(two, axis=1)


def _shared(found: Replies) -> Array:
    words = [(set(a.lower().split()), set(b.lower().split())) for a, b in zip(found.said, found.replied, strict=True)]
    return np.array([len(a & b) / max(len(a | b), 1) for a, b in words], np.float32)


def train_alignment(folder: Path) -> dict[str, Measured]:
    """Train, write weights and card into `folder`, and return what was measured: name -> [score, low, high]."""
    from safetensors.numpy import save_file

    table = space(replies(islice(load("empathetic-dialogues", "train"), DIALOGUES)))
    start = {"line": np.zeros(2, np.float32), "stance": np.zeros((2, 28), np.float32)}
    unlined = Weights(**table, **start, revision="")
    table |= line(unlined, replies(load("empathetic-dialogues", "dev")), replies(load("epitome", "train")))
    path = folder / "explain-alignment.safetensors"
    save_file({name: np.ascontiguousarray(one, np.float32).astype(np.float16) for name, one in table.items()}, path)
    measured = measure(open_weights(str(path)))
    path.with_suffix(".md").write_text(_card(path, measured), encoding="utf-8")
    return measured


def _card(path: Path, measured: dict[str, Measured]) -> str:
    from hashlib import sha256

    numbers = "\n".join(f"- {name}: {' '.join(f'{one:g}' for one in values)}" for name, values in measured.items())
    return CARD.format(revision=digest(path), sha256=sha256(path.read_bytes()).hexdigest(), numbers=numbers)


CARD = """---
name: explain-alignment
licence: research only (EmpatheticDialogues CC-BY-NC-4.0, EPITOME academic research)
commercial_ok: false
revision: {revision}
---
# explain-alignment

How far a reply meets the experience of the turn it answers, 0..1.

## Made from
- EmpatheticDialogues (Rashkin et al. 2019): CC-BY-NC-4.0; 14,000 dialogues of train for the space, dev for the line
- EPITOME (Sharma et al. 2020): academic, non-commercial research; train for the line

On the states and emotions of text-open. There is no verb of `insula train` for it; the command is

    python -m insula.train.explain.alignment

## Files
- explain-alignment.safetensors: sha256 {sha256}

## On test data (score, then the 95 % interval over conversations)
auc: true replies above replies of the same length from other dialogues, EmpatheticDialogues test (chance .5).
epitome: rank correlation with the levels people gave, EPITOME test.

{numbers}

## For what, and for what not
Reads whether a reply in English takes up what the turn before it expresses. It does not know whether the reply is true,
safe or of use, and it is no grade of a person. A true reply may be cold: correlation with people's ratings of empathy
is moderate.
"""


if __name__ == "__main__":
    train_alignment(weights_folder())
