"""From the corpora to `respond-adapter.gguf` and its card; a run that was stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from insula.data import corpus
from insula.llm.local import Local

from . import Progress, gguf
from .lessons import Lesson, lessons, read, write
from .tune import Recipe, base_model, encode, recipe, tune

NAME = "respond-adapter"
LICENCE = "research only (EmpatheticDialogues and ESConv: CC-BY-NC-4.0)"


def run(out: Path, progress: Progress | None, threads: int) -> Path:
    """Train the shipped recipe into a folder; see `insula.train.respond.train`."""
    if missing := Local.available():
        raise ImportError(missing)
    torch.set_num_threads(threads)
    plan, folder, made = recipe(), out / NAME, out / f"{NAME}.gguf"
    folder.mkdir(parents=True, exist_ok=True)
    dev = _kept(folder / "dev.jsonl", "dev", plan.development["conversations"], plan.seed)
    taught = _kept(folder / "train.jsonl", "train", plan.conversations, plan.seed)
    tokenizer, model = base_model(Local(adapter=None).path)
    heads, shared = model.config.num_attention_heads, model.config.num_key_value_heads
    development = encode(tokenizer, dev[: plan.development["replies"]])
    tune(model, encode(tokenizer, taught), development, plan, folder, progress)
    gguf.write(folder, made, heads=heads, shared=shared, licence=LICENCE, name=NAME)
    made.with_suffix(".md").write_text(card(made, folder, plan, len(taught)), encoding="utf-8")
    return made


def _kept(file: Path, split: str, conversations: Mapping[str, int], seed: int) -> list[Lesson]:
    if not file.exists():
        write(lessons(split, conversations, seed), file)
    return read(file)


def card(made: Path, folder: Path, plan: Recipe, taught: int) -> str:
    """The card of an adapter, with the loss on development replies before and after."""
    log = [line.split("\t") for line in (folder / "log.tsv").read_text(encoding="utf-8").splitlines()]
    values: dict[str, Any] = {
        "name": NAME,
        "licence": LICENCE,
        "base": plan.base,
        "data": "\n".join(_data(name, count) for name, count in plan.conversations.items()),
        "replies": taught,
        "file": made.name,
        "sha256": sha256(made.read_bytes()).hexdigest(),
        "development": plan.development["replies"],
        "before": log[0][2],
        "after": log[-1][2],
        "rank": plan.rank,
    }
    text = (resources.files("insula.train.respond") / "card.txt").read_text(encoding="utf-8")
    return text.format_map(values)


def _data(name: str, conversations: int) -> str:
    record = corpus(name)
    return f"- {record.title}: {record.licence}; good replies of {conversations} conversations of train ({record.url})"
