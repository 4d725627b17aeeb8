"""`insula train simulate-seeker`: what makes a reply fit, and how people in distress differ, from ESConv's train talks.

    train_seeker(Path("weights")) -> weights/simulate-seeker.safetensors, with its .json and its card beside it

Development talks calibrate the ranker and nothing else; test talks, and those that failed, are never looked at. Ten
minutes on one core. Needs the extra `train`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from insula.conversation import Conversation
from insula.data import load
from insula.network.text import digest
from insula.simulate.appraise import NAME, Appraisal, Appraiser
from insula.simulate.dynamics import LEVELS, Dynamics, assumed
from insula.simulate.recorded import exchanges, intensity

from .ranker import every_state, fit_ranker, unseen

Progress = Callable[[str], None]


def train_seeker(folder: Path, progress: Progress = lambda _: None) -> Path:
    """Fit everything and write weights, constants and card into `folder`; raises MissingData without the corpus."""
    from safetensors.numpy import save_file

    talks, dev = list(load("esconv", "train")), list(load("esconv", "dev"))
    progress("what makes a reply fit")
    mine, theirs = (every_state([one for talk in some for one in exchanges(talk)]) for some in (talks, dev))
    table = fit_ranker(mine, theirs)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.safetensors"
    save_file({name: one.astype(np.float16) for name, one in table.items()}, path)
    progress("how replies are appraised")
    appraiser = Appraiser(str(path))
    fits = iter(unseen(mine, theirs).tolist())
    seen = [[replace(one, fit=next(fits)) for one in appraiser.read(exchanges(talk))] for talk in talks]
    progress("how people are moved")
    constants = fit_constants(talks, seen)
    path.with_suffix(".json").write_text(json.dumps(constants, indent=1) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.simulate") / "seeker.card.md").read_text(encoding="utf-8")
    made = card.format(revision=digest(path), sha256=sha256(path.read_bytes()).hexdigest())
    path.with_suffix(".md").write_text(made, encoding="utf-8")
    return path


def fit_constants(talks: Sequence[Conversation], seen: Sequence[Sequence[Appraisal]]) -> dict[str, Any]:
    """The constants of `Dynamics` that talks can tell, from talks and the appraisals of their replies."""
    every = [one for some in seen for one in some]
    ordinary = {name: float(np.mean([one.empathy[place] for one in every])) for place, name in enumerate(LEVELS)}
    ordinary |= {"words": float(np.mean([math.log1p(one.words) for one in every]))}
    ordinary |= {"fit": float(np.mean([one.fit for one in every]))}
    said = [[len(one.said.split()) for one in exchanges(talk) if one.said.split()] for talk in talks]
    logs = [np.log(counts) for counts in said if counts]
    within = [one - one.mean() for one in logs if len(one) > 1]
    stays = np.log([len(some) for some in seen if some])
    found: dict[str, Any] = {
        "relief": 1.0,
        "ordinary": {name: round(value, 4) for name, value in ordinary.items()},
        "sensitivity": 0.0,
        "words": _rounded(
            *(of([one.mean() for one in logs]) for of in (np.mean, np.std)), np.concatenate(within).std()
        ),
        "stays": _rounded(stays.mean(), stays.std()),
        "intensities": _shares([value for talk in talks if (value := intensity(talk))]),
    }
    known = Dynamics(**found, **assumed())
    return found | _moved(known, talks, seen)


def _moved(known: Dynamics, talks: Sequence[Conversation], seen: Sequence[Sequence[Appraisal]]) -> dict[str, float]:
    """The rate of relief that gives the mean change of feeling, and how far people lie around it.

    Intensities are whole numbers, so half a step is added to what is left: "1" is not nothing.
    """
    pairs = [(intensity(talk), intensity(talk, "final"), some) for talk, some in zip(talks, seen, strict=True) if some]
    there = [(before, after, some) for before, after, some in pairs if before and after]
    change = np.array([math.log((before - 0.5) / (after - 0.5)) for before, after, _ in there])
    worth = np.array([sum(known.worth(one) for one in some) for *_, some in there])
    relief = float(change.mean() / worth.mean())
    left = max(0.0, float(change.var() - (relief * worth).var()))
    return {"relief": round(relief, 4), "sensitivity": round(math.sqrt(math.log(1 + left / change.mean() ** 2)), 4)}


def _rounded(*values: np.floating[Any]) -> list[float]:
    return [round(float(value), 4) for value in values]


def _shares(values: Sequence[float]) -> dict[str, float]:
    counts = Counter(values)
    return {f"{value:g}": count / len(values) for value, count in sorted(counts.items())}
