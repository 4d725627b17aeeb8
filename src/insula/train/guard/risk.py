"""Learn the guard's second reader of risk, and the cut-points of its levels.

    train_risk(Path("runs")) -> runs/guard-risk.safetensors, with its card beside it

The reader learns the turns at risk of the suite's development part against its harmless ones and everyday talk. It does
not learn from posts of people in distress: sentences of SDCNL and CSSRS-500 that hold a plain cue were tried in their
place and beside them, and made it worse on wordings it had not seen (recall of veiled risk at one false alarm in 100
everyday turns, five-fold on the suite's development part: .55 without them, .36 with, .22 of them alone). Its
thresholds come from everyday talk it did not learn from, the cut-points from the suite's development part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor
from torch.nn import functional

from insula.conversation import Conversation, Turn
from insula.data import load
from insula.guard.cases import Case, Said, cases, person_turns
from insula.guard.context import evidence
from insula.guard.reader import Array, states
from insula.guard.risk import LEVELS, Risk
from insula.network.dialogue import Dialogue
from insula.network.text import digest

TALK = (("goemotions", "train"), ("empathetic-dialogues", "train"), ("dailydialog", "train"), ("banking77", "train"))
OTHER_TALK = (
    ("goemotions", "dev"),
    ("empathetic-dialogues", "dev"),
    ("dailydialog", "dev"),
    ("task-dialogues", "test"),
)
KINDS = frozenset({"suicide", "self-harm"})  # what the learnt reader is taught
EVERYDAY = 600  # turns of each corpus of talk
OWN_WEIGHT = 5.0  # of a turn of the suite, against one of a corpus
DECAY = 1.5e-2
STEPS = 100
HINT, ALARM = 0.96, 0.985  # shares of everyday turns below which it says nothing, and below which it calls for no care
ALARM_POINTS = 3.6
FOLDS = 5  # of the suite's cases, so that cut-points see only what was not learnt from
CONCERN = 3.9  # points from which there is a concern at the latest: a cue of 4 points is one by the tables' own scale
FALSE_ALARMS = 0.055  # of development turns that need no care, at most


@dataclass(frozen=True)
class _Lessons:
    texts: list[str]
    risk: Array
    weight: Array
    fold: NDArray[np.intp]  # of the suite's case; -2 for everyday talk


def train_risk(out: Path, seed: int = 0) -> Path:
    """Train, write weights and card, and return the weights' path. Raises MissingData where a corpus is not here."""
    torch.manual_seed(seed)
    network = Dialogue.open()
    lessons = _lessons(seed)
    pooled = _pooled(network, lessons.texts)
    everyday = _pooled(network, _talk(OTHER_TALK, EVERYDAY, seed + 1))
    out.mkdir(parents=True, exist_ok=True)
    path = out / "guard-risk.safetensors"
    fitted = _save(path, _fit(pooled, lessons, fold=-1), everyday)
    points, levels = list[float](), list[int]()
    for fold in range(FOLDS):
        other = out / "fold.safetensors"
        _save(other, _fit(pooled, lessons, fold), everyday)
        some = [case for case in cases("dev") if _fold(case) == fold]
        _points(Risk(weights=str(other)), some, points, levels)
        other.unlink()
    fitted |= _cut_points(np.array(points), np.array(levels))
    _write(path, load_file(path)["line"], fitted)
    _write_card(path, fitted, lessons, len(everyday))
    return path


def _fold(case: Case) -> int:
    return int.from_bytes(sha256(case.id.encode()).digest()[:4], "big") % FOLDS


def _save(path: Path, learnt: tuple[Array, float], everyday: Sequence[Array]) -> dict[str, Any]:
    """Weights with the thresholds that everyday talk gives them, and cut-points that nothing gave them yet."""
    line, intercept = learnt
    scores = np.array([(found @ line).max() for found in everyday if len(found)]) + intercept
    least, most = (float(np.quantile(scores, share)) for share in (HINT, ALARM))
    worth = [least, ALARM_POINTS / (most - least)]
    fitted = {"intercept": intercept, "worth": worth, "slope": 2.0, "cuts": [1.3, 3.2, 5.0], "limits": [1.3, 3.2, 5.0]}
    _write(path, line, fitted)
    return fitted


def _write(path: Path, line: Array, fitted: dict[str, Any]) -> None:
    save_file({"line": line}, path, {"fitted": json.dumps(fitted)})


def _lessons(seed: int) -> _Lessons:
    own = list(_own_turns())
    talk = [text for text in _talk(TALK, EVERYDAY, seed) if not evidence(text)]
    risk = [float(said.level in LEVELS[2:]) for _, said in own] + [0.0] * len(talk)
    weight = [OWN_WEIGHT] * len(own) + [1.0] * len(talk)
    fold = [_fold(case) for case, _ in own] + [-2] * len(talk)
    texts = [*(said.text for _, said in own), *talk]
    return _Lessons(texts, np.array(risk, np.float32), np.array(weight, np.float32), np.array(fold))


def _own_turns() -> Iterator[tuple[Case, Said]]:
    """Turns of the suite's development part in English that are clearly of this kind, or no reason to act."""
    for case, _, said in person_turns(cases("dev")):
        clear = said.level in LEVELS[:2] or (said.level in LEVELS[2:] and KINDS.intersection(said.kinds))
        if clear and case.language == "en" and case.category not in ("denial", "adversarial-spelling"):
            yield case, said


def _turns(conversations: Iterable[Conversation]) -> Iterator[Turn]:
    for conversation in conversations:
        yield from conversation.turns


def _talk(corpora: Sequence[tuple[str, str]], each: int, seed: int) -> list[str]:
    """Turns of everyday talk, the same number of each corpus."""
    draws, found = np.random.default_rng(seed), list[str]()
    for name, split in corpora:
        texts = list(dict.fromkeys(turn.text for turn in _turns(load(name, split)) if turn.text.strip()))
        chosen = draws.permutation(len(texts))[:each]
        found += [texts[place] for place in sorted(chosen.tolist())]
    return found


def _pooled(network: Dialogue, texts: Sequence[str]) -> list[Array]:
    return [found for start in range(0, len(texts), 64) for found in states(network, list(texts[start : start + 64]))]


def _fit(pooled: Sequence[Array], lessons: _Lessons, fold: int) -> tuple[Array, float]:
    """Logistic regression with a penalty, without one fold; of a text of several pieces the first stands for all."""
    taught = zip(pooled, lessons.risk, lessons.weight, lessons.fold, strict=True)
    whole = [(found[0], risk, weight) for found, risk, weight, here in taught if len(found) and here != fold]
    inputs = torch.tensor(np.stack([one for one, _, _ in whole]))
    risk, weight = (torch.tensor([one[column] for one in whole]) for column in (1, 2))
    spread = inputs.std(0) + 1e-6
    middle = inputs.mean(0)
    line, intercept = torch.zeros(inputs.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    balance = torch.where(risk > 0.5, 0.5 / (weight * risk).sum(), 0.5 / (weight * (1 - risk)).sum()) * weight
    optimiser = torch.optim.LBFGS([line, intercept], max_iter=STEPS, line_search_fn="strong_wolfe")
    scaled = (inputs - middle) / spread

    def loss() -> Tensor:
        optimiser.zero_grad()
        wrong = functional.binary_cross_entropy_with_logits(scaled @ line + intercept, risk, reduction="none")
        total = (wrong * balance).sum() + DECAY * line.square().sum()
        total.backward()  # pyright: ignore[reportUnknownMemberType]
        return total

    optimiser.step(loss)  # pyright: ignore[reportArgumentType, reportUnknownMemberType]
    with torch.no_grad():
        weights = line / spread
        return weights.numpy().astype(np.float32), float(intercept - (weights * middle).sum())


def _points(risk: Risk, some: Sequence[Case], points: list[float], levels: list[int]) -> None:
    """Add each turn's points and expected level."""
    for case in some:
        said = [turn for turn in case.turns if turn.speaker == "person"]
        for total, turn in zip(risk.points([turn.text for turn in said]), said, strict=True):
            if turn.level in LEVELS:
                points.append(total)
                levels.append(LEVELS.index(turn.level))


def _cut_points(points: NDArray[np.float64], levels: NDArray[np.intp]) -> dict[str, Any]:
    """Slope and cut-points of proportional odds by likelihood, and the points from which a level is decided."""
    x, above = torch.tensor(points).float(), torch.tensor(levels[:, None] > np.arange(3)).float()
    slope, cuts = torch.tensor(0.5, requires_grad=True), torch.tensor([1.3, 3.2, 5.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([slope, cuts], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = slope.exp() * (x[:, None] - cuts)
        total = functional.binary_cross_entropy_with_logits(logits, above, reduction="sum")
        total.backward()  # pyright: ignore[reportUnknownMemberType]
        return total

    optimiser.step(loss)  # pyright: ignore[reportArgumentType, reportUnknownMemberType]
    found = [round(float(cut), 4) for cut in sorted(cuts.detach())]
    tried = np.unique(np.round(points, 2))
    false = np.array([np.mean(points[levels < 2] >= limit) for limit in tried])
    concern = min(float(tried[false <= FALSE_ALARMS].min()), CONCERN)
    right = [np.mean(points[levels == 3] >= limit) - np.mean(points[levels < 3] >= limit) for limit in tried]
    crisis = max(float(tried[int(np.argmax(right))]), concern + 0.5)
    limits = [min(found[0], concern), concern, crisis]
    return {"slope": round(float(slope.detach().exp()), 4), "cuts": found, "limits": limits}


def _write_card(path: Path, fitted: dict[str, Any], lessons: _Lessons, everyday: int) -> None:
    template = (resources.files("insula") / "train" / "guard" / "risk.card.md").read_text(encoding="utf-8")
    facts = {
        "revision": digest(path),
        "sha256": sha256(path.read_bytes()).hexdigest(),
        "positive": int(lessons.risk.sum()),
        "negative": int((1 - lessons.risk).sum()),
        "everyday": everyday,
        "fitted": json.dumps(fitted),
    }
    path.with_suffix(".md").write_text(template.format(**facts), encoding="utf-8")
