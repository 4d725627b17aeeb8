"""A low-rank adapter on the small local model: one pass over the lessons, the loss on the replies' tokens alone.

    tune(lessons, dev, Path("runs/respond-adapter")) -> the folder, holding adapter_model.safetensors and log.tsv

Computed in bfloat16 (three times as fast), the adapter itself kept in 32 bits. Only the states at the replies' places
go through the output layer, as the vocabulary costs more than a block does. A run that was stopped goes on from its
last checkpoint.
Source: Hu et al. 2022 (LoRA); Allal et al. 2025 (SmolLM2, the base model, read from its GGUF file).
"""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from insula.llm import Message

from .lessons import Lesson

Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Recipe:
    """`adapter.toml`. `batch` is in tokens, padding included; `every` is steps between checkpoints.

    `conversations` are how many of each corpus teach; `development` has as many of its own and how many `replies`.
    """

    base: str
    modules: list[str]
    rank: int
    alpha: int
    learning_rate: float
    warmup: float
    batch: int
    longest: int
    every: int
    seed: int
    conversations: dict[str, int]
    development: dict[str, Any]


def recipe() -> Recipe:
    """What the shipped adapter was made with."""
    text = (resources.files("insula.train.respond") / "adapter.toml").read_text(encoding="utf-8")
    return Recipe(**tomllib.loads(text))


@dataclass(frozen=True)
class Example:
    """Token ids of a prompt with its reply; the reply begins at `start`."""

    ids: tuple[int, ...]
    start: int


def base_model(file: Path) -> tuple[Any, Any]:
    """The tokenizer and the weights of a GGUF file, as 32-bit floats. Takes about 15 s."""
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    return tokenizer, model


def example(tokenizer: Any, messages: Sequence[Message], reply: str) -> Example:
    """As llama.cpp lays out the same messages; the reply ends with the mark of a message's end."""
    said = [{"role": one.role, "content": one.text} for one in messages]
    prompt: str = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    first = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    then = tokenizer(reply, add_special_tokens=False)["input_ids"]
    return Example((*first, *then, tokenizer.eos_token_id), len(first))


def tune(
    model: Any,
    taught: Sequence[Example],
    dev: Sequence[Example],
    plan: Recipe,
    out: Path,
    progress: Progress | None = None,
) -> Any:
    """Fit the adapter to `taught` and save it; returns the model with it. `log.tsv` gets the loss on dev as it goes."""
    torch.manual_seed(plan.seed)
    out.mkdir(parents=True, exist_ok=True)
    network = with_adapter(model, plan)
    parameters = [one for one in network.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=plan.learning_rate, weight_decay=0.0)
    steps = list(batches([one for one in taught if len(one.ids) <= plan.longest], plan.batch, plan.seed))
    done = _resume(network, optimiser, out)
    recent: list[float] = []
    for step in range(done, len(steps)):
        if step % plan.every == 0:
            _keep(network, optimiser, out, step)
            _log(out, step, sum(recent) / max(1, len(recent)), mean_loss(network, dev))
            recent.clear()
        for group in optimiser.param_groups:
            group["lr"] = plan.learning_rate * pace(step / len(steps), plan.warmup)
        loss = batch_loss(network, steps[step]).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        recent.append(loss.item())
        if progress:
            progress(step + 1, len(steps), recent[-1])
    _keep(network, optimiser, out, len(steps))
    _log(out, len(steps), sum(recent) / max(1, len(recent)), mean_loss(network, dev))
    return network


def with_adapter(model: Any, plan: Recipe) -> Any:
    """The model, frozen, with a fresh adapter that changes nothing yet."""
    config = LoraConfig(r=plan.rank, lora_alpha=plan.alpha, target_modules=plan.modules, task_type="CAUSAL_LM")
    return get_peft_model(model, config).train()


def batches(examples: Sequence[Example], tokens: int, seed: int) -> Iterator[list[Example]]:
    """Examples of similar length together, so many tokens at most with padding; the batches in random order."""
    made: list[list[Example]] = [[]]
    for one in sorted(examples, key=lambda one: len(one.ids)):
        if made[-1] and len(one.ids) * (len(made[-1]) + 1) > tokens:
            made.append([])
        made[-1].append(one)
    random.Random(seed).shuffle(made)
    yield from (batch for batch in made if batch)


def pace(done: float, warmup: float) -> float:
    """Of the learning rate: up in a line, then down half a cosine, to a twentieth."""
    if done < warmup:
        return (done + 1e-3) / warmup
    return 0.05 + 0.95 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))) / 2


def batch_loss(network: Any, batch: Sequence[Example]) -> Tensor:
    """The negative log-likelihood, in nats, of every token of the replies, one after another."""
    width = max(len(one.ids) for one in batch)
    ids = torch.tensor([(*one.ids, *[0] * (width - len(one.ids))) for one in batch])
    mask = torch.tensor([[1] * len(one.ids) + [0] * (width - len(one.ids)) for one in batch])
    base = network.get_base_model() if hasattr(network, "get_base_model") else network
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.backends.mkldnn.is_available()):
        states = base.model(input_ids=ids, attention_mask=mask).last_hidden_state
        before = torch.cat([states[row, one.start - 1 : len(one.ids) - 1] for row, one in enumerate(batch)])
        raw = base.lm_head(before)
    wanted = torch.tensor([token for one in batch for token in one.ids[one.start :]])
    return functional.cross_entropy(raw.float(), wanted, reduction="none")


@torch.inference_mode()
def losses(network: Any, examples: Sequence[Example], at_once: int = 8) -> list[tuple[float, int]]:
    """Per example the summed loss of its reply and its tokens. Leaves the network in evaluation mode."""
    network.eval()
    order = sorted(range(len(examples)), key=lambda place: len(examples[place].ids))
    found: dict[int, tuple[float, int]] = {}
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        sizes = [len(examples[place].ids) - examples[place].start for place in places]
        parts = batch_loss(network, [examples[place] for place in places]).split(sizes)
        found |= {place: (float(part.sum()), len(part)) for place, part in zip(places, parts, strict=True)}
    return [found[place] for place in range(len(examples))]


def mean_loss(network: Any, examples: Sequence[Example]) -> float:
    """Nats per token over all replies; the network is left in training mode."""
    found = losses(network, examples)
    network.train()
    return sum(loss for loss, _ in found) / max(1, sum(count for _, count in found))


def encode(tokenizer: Any, lessons: Sequence[Lesson]) -> list[Example]:
    """Each lesson as tokens."""
    return [example(tokenizer, one.messages, one.reply) for one in lessons]


def _keep(network: Any, optimiser: Any, out: Path, step: int) -> None:
    """Both files are whole or not there: they are written beside and moved."""
    network.save_pretrained(out)
    state = {"adapter": _adapter(network), "optimiser": optimiser.state_dict(), "step": step}
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / "checkpoint.pt")


def _resume(network: Any, optimiser: Any, out: Path) -> int:
    """The step to go on from: 0 where nothing was kept."""
    if not (out / "checkpoint.pt").exists():
        return 0
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    network.load_state_dict(state["adapter"], strict=False)
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _adapter(network: Any) -> dict[str, Tensor]:
    return {name: one.detach() for name, one in network.named_parameters() if one.requires_grad}


def _log(out: Path, step: int, taught: float, dev: float) -> None:
    with (out / "log.tsv").open("a", encoding="utf-8") as file:
        file.write(f"{step}\t{taught:.4f}\t{dev:.4f}\n")
