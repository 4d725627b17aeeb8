"""`insula train text --recipe dialogue --out FOLDER`: the dialogue network, from corpora to weights, row and card.

It grows on the trunk of the recipe named as its start, which must have been trained into the same folder before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from insula.network.text import Trunk, open_tokenizer

from ..fit import Schedule
from .finish import finish
from .fit import fit, outputs, standardise, start_at_base_rates, states, unstandardise
from .lessons import forbidden, recipe, task
from .reader import Reader

SHARED = 3  # layers of the trunk
Progress = Callable[[int, int, float], None]


def train(out: Path, progress: Progress | None = None, threads: int = 2) -> Path:
    """Train the recipe into a folder; returns the path of the weights' `.json`.

    Raises FileNotFoundError when its start is not in the folder, and MissingData.
    """
    plan = recipe()
    torch.set_num_threads(threads)
    tokenizer = open_tokenizer(out / f"{plan.start}.tokenizer.json")
    banned = forbidden(plan.lessons)
    tasks = [task(lesson, "train", tokenizer, banned) for lesson in plan.lessons]
    found = states(tasks, Trunk(out / f"{plan.start}.trunk.onnx", threads))
    kinds = plan.kinds()
    reader = Reader({head: outputs(name) for head, name in plan.schemes().items()})
    _begin(reader, out / f"{plan.start}.safetensors")
    scales = standardise(tasks, kinds)
    start_at_base_rates(reader, tasks, kinds)
    fit(reader, kinds, tasks, found, Schedule(**plan.schedule), progress)
    second = [replace(task, lesson=replace(task.lesson, epochs=task.lesson.again)) for task in tasks]
    fit(reader, kinds, second, found, Schedule(**plan.again), progress)
    unstandardise(reader, scales)
    save_file(reader.state_dict(), out / "dialogue.safetensors")
    return finish(plan, reader, tasks, out)


def _begin(reader: Reader, checkpoint: Path) -> None:
    """Start from the upper layers of the text encoder."""
    upper = {
        f"{int(k.split('.')[2]) - 3}.{k.split('.', 3)[3]}": v for k, v in load_file(checkpoint).items() if _upper(k)
    }
    reader.layers.load_state_dict(upper)


def _upper(name: str) -> bool:
    return name.startswith("encoder.layers.") and int(name.split(".")[2]) >= 3
