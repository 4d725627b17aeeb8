"""Learn the guard's second reader of risk, and the cut-points of its levels.

    train_risk(Path("runs")) -> runs/guard-risk.json, with its graph and its card beside it

The reader learns the turns at risk of the suite's development part against its harmless ones and everyday talk. It does
not learn from posts of people in distress: sentences of SDCNL and CSSRS-500 that hold a plain cue were tried in their
place and beside them, and made a linear reader worse on wordings it had not seen. What a score is worth in points, and
the cut-points, are fitted to turns of the development part that a network had not learnt.
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
from torch import Tensor
from torch.nn import functional

from insula.conversation import Conversation, Turn
from insula.data import load
from insula.guard.cases import Case, Said, cases, person_turns
from insula.guard.context import evidence
from insula.guard.reader import KINDS, Array, Reader, states
from insula.guard.risk import LEVELS, Risk
from insula.network.dialogue import Dialogue
from insula.network.text import digest

from .network import export, fit

TALK = (("goemotions", "train"), ("empathetic-dialogues", "train"), ("dailydialog", "train"), ("banking77", "train"))
OTHER_TALK = (
    ("goemotions", "dev"),
    ("empathetic-dialogues", "dev"),
    ("dailydialog", "dev"),
    ("task-dialogues", "test"),
)
EVERYDAY = 800  # turns of each corpus of talk
TALK_WEIGHT = 0.5  # of a turn of it, against one of the suite
EPOCHS = 5
RANGES = 400  # pieces that the activations' ranges are measured on
FOLDS = 3  # of the suite's cases
HARMLESS, TALKING = 0.035, 0.008  # shares of harmless turns of the suite, and of everyday talk, that may give a concern
SPREAD = 2.0  # log-odds below a concern at which points begin
STEPS = 100
CONCERN = 3.9  # points from which there is a concern at the latest: a cue of 4 points is one by the tables' own scale
FALSE_ALARMS = 0.05  # of development turns that need no care, at most


@dataclass(frozen=True)
class _Lessons:
    texts: list[str]
    targets: Array  # (texts, 8)
    weight: Array
    fold: NDArray[np.intp]  # of the suite's case; -2 for everyday talk


def train_risk(out: Path, start: Path | None = None, seed: int = 0) -> Path:
    """Train, write weights and card, and return the path of the `.json`. Raises MissingData.

    `start` holds the trained text encoder, as `insula train text --recipe text-open` leaves it in its folder.
    """
    network = Dialogue.open()
    lessons = _lessons(seed)
    pieces = [some[0] if some else np.zeros((2, 384), np.float32) for some in _states(network, lessons.texts)]
    out.mkdir(parents=True, exist_ok=True)
    folds = [_train(out / f"fold{fold}.json", pieces, lessons, fold, start, seed) for fold in range(FOLDS)]
    worth = _worth(folds, lessons, _talk(OTHER_TALK, EVERYDAY, seed + 1))
    points, levels = list[float](), list[int]()
    for fold, path in enumerate(folds):
        _write(path, {**_UNFITTED, "worth": worth})
        _points(Risk(weights=str(path)), [case for case in cases("dev") if _fold(case) == fold], points, levels)
    path = _train(out / "guard-risk.json", pieces, lessons, -1, start, seed)
    fitted = {"worth": worth, **_cut_points(np.array(points), np.array(levels))}
    _write(path, fitted)
    _write_card(path, fitted, lessons)
    for one in folds:
        one.unlink()
        one.with_suffix(".onnx").unlink()
    return path


_UNFITTED: dict[str, Any] = {"worth": [0.0, 1.0], "slope": 2.0, "cuts": [1.3, 3.2, 5.0], "limits": [1.3, 3.2, 5.0]}


def _fold(case: Case) -> int:
    return int.from_bytes(sha256(case.id.encode()).digest()[:4], "big") % FOLDS


def _train(path: Path, pieces: list[Array], lessons: _Lessons, fold: int, start: Path | None, seed: int) -> Path:
    """A network that has not learnt this fold, as graph and record."""
    rows = np.flatnonzero(lessons.fold != fold)
    some = [pieces[row] for row in rows]
    top = fit(some, lessons.targets[rows], lessons.weight[rows], start, EPOCHS, seed)
    export(top, some[:: max(1, len(some) // RANGES)], path.with_suffix(".onnx"))
    _write(path, _UNFITTED)
    return path


def _worth(folds: Sequence[Path], lessons: _Lessons, talk: Sequence[str]) -> list[float]:
    """The log-odds from which points begin, and points per unit: a concern where few harmless turns are above."""
    harmless, everyday = list[float](), list[float]()
    for fold, path in enumerate(folds):
        reader = Reader.open(str(path))
        own = [lessons.texts[row] for row in np.flatnonzero((lessons.fold == fold) & (lessons.targets[:, 0] == 0))]
        harmless += [float(reader.score(text)[0]) for text in own]
        everyday += [float(reader.score(text)[0]) for text in talk[fold::FOLDS]]
    concern = max(float(np.quantile(harmless, 1 - HARMLESS)), float(np.quantile(everyday, 1 - TALKING)))
    return [round(concern - SPREAD, 4), round(CONCERN / SPREAD, 4)]


def _write(path: Path, fitted: dict[str, Any]) -> None:
    path.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def _lessons(seed: int) -> _Lessons:
    own = list(_own_turns())
    talk = [text for text in _talk(TALK, EVERYDAY, seed) if not evidence(text)]
    targets = [_target(said) for _, said in own] + [[0.0] * (2 + len(KINDS))] * len(talk)
    weight = [1.0] * len(own) + [TALK_WEIGHT] * len(talk)
    fold = [_fold(case) for case, _ in own] + [-2] * len(talk)
    texts = [*(said.text for _, said in own), *talk]
    return _Lessons(texts, np.array(targets, np.float32), np.array(weight, np.float32), np.array(fold))


def _target(said: Said) -> list[float]:
    """Whether it calls for care, whether it is a crisis, and the kinds it then has."""
    care = said.level in LEVELS[2:]
    return [float(care), float(said.level == LEVELS[3]), *(float(care and kind in said.kinds) for kind in KINDS)]


def _own_turns() -> Iterator[tuple[Case, Said]]:
    """Turns of the suite's development part in English that show by themselves what they call for."""
    for case, _, said in person_turns(cases("dev")):
        alone = case.category not in ("denial", "adversarial-spelling", "cumulative")
        if alone and said.level in LEVELS and case.language == "en":
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


def _states(network: Dialogue, texts: Sequence[str]) -> list[list[Array]]:
    return [found for start in range(0, len(texts), 64) for found in states(network, list(texts[start : start + 64]))]


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


def _write_card(path: Path, fitted: dict[str, Any], lessons: _Lessons) -> None:
    template = (resources.files("insula") / "train" / "guard" / "risk.card.md").read_text(encoding="utf-8")
    top, own = path.with_suffix(".onnx"), lessons.fold != -2
    facts = {
        "revision": digest(path, top),
        "sha256": sha256(top.read_bytes()).hexdigest(),
        "positive": int(lessons.targets[own, 0].sum()),
        "negative": int((1 - lessons.targets[own, 0]).sum()),
        "talk": int((~own).sum()),
        "everyday": EVERYDAY * len(OTHER_TALK),
        "fitted": json.dumps(fitted),
    }
    path.with_suffix(".md").write_text(template.format(**facts), encoding="utf-8")
