"""Learn how the emotion of a reply follows from the mood before it, what was said and who replies.

    train_affect(Path("runs")) -> runs/respond-affect.safetensors, with its card beside it

PELD (Wen et al. 2021): a character of Friends speaks, another answers, the first replies; the emotion of that reply is
learnt. A companion knows what its own last
reply was meant to feel like, as a reader of PELD knows the published label of the first turn; only where a replier did
not plan is that read by text.encoder. text.encoder never learnt from television, so a turn that was
learnt from is read no better than a new one. The weight of the temperaments begins at `PRIOR` and is held near it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor
from torch.nn import functional

from insula.catalogue import build
from insula.conversation import Conversation
from insula.data import load
from insula.network.text import digest
from insula.respond.affect import EMOTIONS, NEUTRAL, PLACES, TEMPERAMENT, TRAITS, Array, Transition, situation

PRIOR, HELD = 0.3, 0.1  # of a temperament in the variation, and how firmly it is held there
DECAY = 0.03  # what was said has 62 numbers for 4,600 triples
NEAR = 0.01  # holds the lines from affect to emotions to their start; free, they grow and the variation learns by heart
STEPS = 150
COVERAGE = 0.9
TAKEN_OFF = np.arange(0.0, 1.05, 0.1)  # powers of how common an emotion is, tried as its threshold


@dataclass(frozen=True)
class Triples:
    """Situations before a reply (n, ...) and the emotion the reply had (n,); `before` is as published, `felt` read."""

    said: Array
    before: Array
    before_read: Array
    felt: Array
    traits: Array
    reply: NDArray[np.intp]
    scene: list[str]
    character: list[str]

    def __len__(self) -> int:
        return len(self.reply)

    def take(self, which: NDArray[Any]) -> Triples:
        """Some of them, by number or by yes and no."""
        places = np.arange(len(self))[which]
        return Triples(
            self.said[which],
            self.before[which],
            self.before_read[which],
            self.felt[which],
            self.traits[which],
            self.reply[which],
            [self.scene[place] for place in places],
            [self.character[place] for place in places],
        )

    def heard(self) -> Triples:
        """With the emotion that was read in place of the published one."""
        return replace(self, before=self.before_read)


def triples(conversations: Sequence[Conversation]) -> Triples:
    """Conversations of three turns with gold, read by text.encoder; those it cannot read are left out."""
    rows: list[tuple[Any, ...]] = []
    for talk, found in zip(conversations, build("text.encoder", evidence=0).batch(conversations), strict=True):
        gold = [talk.read("emotion", turn=turn.id, rater="gold")[0].labels[0] for turn in talk.turns]
        traits = talk.read("personality", rater="gold")[0].scores
        first, second, _ = talk.turns
        said = Conversation(*(one for one in talk.turns if one is not talk.turns[2]))
        said.add(*(one for one in found if getattr(one, "at", None) and one.at.turn in {first.id, second.id}))
        known = situation(said, second)
        if known is not None:
            before = np.eye(len(EMOTIONS), dtype=np.float32)[EMOTIONS.index(gold[0])]
            level = [traits[trait] for trait in TRAITS]
            reply, scene = EMOTIONS.index(gold[2]), str(talk.meta["group"])
            rows.append((known.said, before, known.before, known.felt, level, reply, scene, first.speaker))
    said, before, read, felt, traits, reply, scenes, characters = zip(*rows, strict=True)
    known = (np.array(one, np.float32) for one in (said, before, read, felt, traits))
    return Triples(*known, reply=np.array(reply), scene=list(scenes), character=list(characters))


def fit(
    taught: Triples,
    tuned: Triples,
    *,
    personality: bool = True,
    transition: bool = True,
    prior: float = PRIOR,
    held: float = HELD,
) -> Transition:
    """Weights from `taught`; temperature, thresholds and margins from `tuned`.

    Without `personality` the temperaments weigh nothing; without `transition` the mood before is always neutral.
    `prior` is where the temperaments' weight begins and `held` how firmly it stays there.
    """
    if not transition:
        taught, tuned = flat(taught), flat(tuned)
    own = np.eye(3, dtype=np.float32) * prior
    centre, scale = taught.said.mean(0), taught.said.std(0) + 1e-6
    weights = _start(own)
    z, before, places = (torch.from_numpy(one) for one in ((taught.said - centre) / scale, taught.before, PLACES))
    temperament = torch.from_numpy(taught.traits @ TEMPERAMENT.T) * float(personality)
    reply, gold = torch.from_numpy(taught.reply), places[torch.from_numpy(taught.reply)]

    def loss() -> Tensor:
        optimiser.zero_grad()
        variation = z @ weights["variation_said"] + before @ weights["variation_before"] + weights["variation_bias"]
        target = before @ places + torch.tanh(variation + temperament @ weights["variation_temperament"])
        logits = target @ weights["emotion_affect"] + before @ weights["emotion_before"] + weights["emotion_bias"]
        missed = functional.cross_entropy(logits + z @ weights["emotion_said"], reply) + (target - gold).square().mean()
        (total := missed + _penalty(weights, torch.from_numpy(own), held)).backward()
        return total

    optimiser = torch.optim.LBFGS(list(weights.values()), max_iter=STEPS, line_search_fn="strong_wolfe")
    optimiser.step(loss)  # pyright: ignore[reportUnknownMemberType]
    learnt: dict[str, Any] = {name: one.detach().numpy() for name, one in weights.items()}
    learnt["variation_temperament"] = learnt["variation_temperament"] * float(personality)
    ones = np.ones(1, np.float32), np.ones(len(EMOTIONS), np.float32), np.zeros(3, np.float32)
    found = Transition(centre, scale, **learnt, temperature=ones[0], thresholds=ones[1], margin=ones[2])
    return _tuned(found, taught, tuned)


def _start(own: Array) -> dict[str, Tensor]:
    said, emotions = 62, len(EMOTIONS)
    shapes = {
        "variation_said": (said, 3),
        "variation_before": (emotions, 3),
        "variation_bias": (3,),
        "emotion_before": (emotions, emotions),
        "emotion_said": (said, emotions),
        "emotion_bias": (emotions,),
    }
    weights = {name: torch.zeros(shape) for name, shape in shapes.items()}
    weights["variation_temperament"] = torch.from_numpy(own.copy())
    weights["emotion_affect"] = torch.from_numpy(2 * PLACES.T).contiguous()  # the nearest emotion is the likeliest
    return {name: one.requires_grad_() for name, one in weights.items()}


def _penalty(weights: dict[str, Tensor], own: Tensor, held: float) -> Tensor:
    said = weights["variation_said"].square().sum() + weights["emotion_said"].square().sum()
    before = weights["variation_before"].square().sum() + weights["emotion_before"].square().sum()
    near = (weights["emotion_affect"] - 2 * torch.from_numpy(PLACES.T)).square().sum()
    return DECAY * (said + 0.05 * before) + NEAR * near + held * (weights["variation_temperament"] - own).square().sum()


def flat(found: Triples) -> Triples:
    """Every mood before the reply made neutral."""
    return replace(found, before=np.broadcast_to(NEUTRAL, found.before.shape).copy())


def _tuned(found: Transition, taught: Triples, tuned: Triples) -> Transition:
    common = np.bincount(taught.reply, minlength=len(EMOTIONS)) / len(taught)
    temperatures = [replace(found, temperature=np.array([one], np.float32)) for one in np.arange(0.7, 1.5, 0.05)]
    found = min(temperatures, key=lambda one: surprise(one, tuned))
    probabilities, target = found.run(tuned.said, tuned.before, tuned.traits)
    powers = [common**power for power in TAKEN_OFF]
    best = max(powers, key=lambda one: _macro_f1(tuned.reply, (probabilities / one).argmax(1)))
    margin = np.quantile(np.abs(target - PLACES[tuned.reply]), COVERAGE, axis=0)
    return replace(found, thresholds=best.astype(np.float32), margin=margin.astype(np.float32))


def surprise(found: Transition, tuned: Triples) -> float:
    """Mean negative log-probability of the emotion that the reply had."""
    probabilities, _ = found.run(tuned.said, tuned.before, tuned.traits)
    return float(-np.log(probabilities[np.arange(len(tuned)), tuned.reply]).mean())


def calibration_error(probabilities: Array, gold: NDArray[np.intp], bins: int = 10) -> float:
    """Expected calibration error of the leading emotion (Guo et al. 2017), 0..1."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == gold
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(float((right[place == one] - sure[place == one]).sum())) for one in range(bins)]
    return sum(gaps) / len(gold)


def _macro_f1(gold: NDArray[np.intp], decided: NDArray[np.intp]) -> float:
    each = [(2 * np.sum((gold == k) & (decided == k)), np.sum(gold == k) + np.sum(decided == k)) for k in set(gold)]
    return float(np.mean([hits / total for hits, total in each]))


def train_affect(out: Path) -> Path:
    """Learn from PELD's train part, tune on its dev part, write the weights and their card; returns the weights' path.

    Raises MissingData where PELD is not there.
    """
    torch.set_num_threads(1)
    taught, tuned = (triples(list(load("peld", split))) for split in ("train", "dev"))
    assert not set(taught.scene) & set(tuned.scene), "a scene is in both parts"
    found = fit(taught, tuned)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "respond-affect.safetensors"
    names = [name for name in Transition.__dataclass_fields__ if name != "revision"]
    save_file({name: np.ascontiguousarray(getattr(found, name), np.float32) for name in names}, path)
    quality = {name: _quality(found, some) for name, some in (("published", tuned), ("read", tuned.heard()))}
    path.with_suffix(".md").write_text(_card(path, len(taught), quality), encoding="utf-8")
    return path


def _quality(found: Transition, tuned: Triples) -> dict[str, float]:
    probabilities, _ = found.run(tuned.said, tuned.before, tuned.traits)
    return {
        "macro-F1": _macro_f1(tuned.reply, (probabilities / found.thresholds).argmax(1)),
        "expected calibration error": calibration_error(probabilities, tuned.reply),
        "mean negative log-probability": surprise(found, tuned),
    }


def _card(path: Path, taught: int, quality: dict[str, dict[str, float]]) -> str:
    lines = [
        f"- emotion before as {name}: " + ", ".join(f"{what} {value:.3f}" for what, value in some.items())
        for name, some in quality.items()
    ]
    return _CARD.format(
        revision=digest(path),
        sha=sha256(path.read_bytes()).hexdigest(),
        file=path.name,
        taught=taught,
        quality="\n".join(lines),
    )


_CARD = """\
---
name: respond-affect
licence: research only (PELD: unstated; it derives from MELD, GPL-3.0, and EmoryNLP, Apache-2.0)
commercial_ok: false
revision: {revision}
---
# respond-affect

The emotion a reply is meant to have: the replier's mood so far, moved by what was said and by their Big Five.

## Made from
- PELD (Wen et al. 2021): {taught} triples of train, whole scenes; the licence is unstated
- Mehrabian 1996: how the Big Five make up a temperament of valence, arousal and dominance, as a prior

On the readings of text-open. The command is

    insula train respond-affect --out runs

## Files
- {file}: sha256 {sha}

## On development data (what was tuned on; tests are in the study personality-emotion-transition)
{quality}

## For what, and for what not
Plans the feeling of a companion's reply, under a policy that keeps anger and disgust out of it. It learnt from six
characters of one comedy, so by itself it says how they would go on, not how one should; what it learnt of personality
does not hold for a character it has not seen, and most of what the Big Five do here is the prior. It says nothing about
a person, and no trait of anybody is inferred.
"""
