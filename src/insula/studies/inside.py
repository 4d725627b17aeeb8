"""Inside the embedded model: what each part of a prompt adds to an answer, and what state a message leaves it in.

    contributions(items, sentences).shares       # (sentences, items, 3): instruction, sentence, input
    states(messages)                             # (messages, layers, width): the last token's state at every layer

The weights are those of the package, read from their GGUF file into 32-bit floats of torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..evaluate.asking.question import Question
from ..evaluate.stimuli import asked
from ..llm import Message
from .measure import Array

MARK = "\n\nInput:"


@dataclass(frozen=True)
class Contributions:
    """`shares` (sentences, items, 3) of instruction, sentence and input, adding up to 1; `losses` (sentences, items)
    of the right answer, in nats a token."""

    shares: Array
    losses: Array


def contributions(items: Sequence[Question], sentences: Sequence[str]) -> Contributions:
    """How far the loss of the right answer moves with the words of each part: norms of gradients (Li et al. 2023)."""
    found = [[_contribution(one, sentence) for one in items] for sentence in sentences]
    return Contributions(
        np.array([[shares for shares, _ in line] for line in found]),
        np.array([[loss for _, loss in line] for line in found]),
    )


def states(talks: Sequence[Sequence[Message]]) -> Array:
    """The state of the last token before the answer, (talks, layers, width): after the embedding and every layer."""
    import torch

    tokenizer, model = _embedded()
    found = []
    with torch.inference_mode():
        for talk in talks:
            ids = tokenizer(_laid_out(tokenizer, talk), add_special_tokens=False, return_tensors="pt")["input_ids"]
            layers = model.model(ids, output_hidden_states=True).hidden_states
            found.append(torch.stack([one[0, -1] for one in layers]).numpy())
    return np.array(found)


def _contribution(question: Question, sentence: str) -> tuple[list[float], float]:
    import torch

    tokenizer, model = _embedded()
    told = asked(question, sentence).messages
    prompt, answer = _laid_out(tokenizer, told), question.gold[0]
    read = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=True)
    wanted = tokenizer(answer, add_special_tokens=False)["input_ids"]
    start = len(read["input_ids"])
    ids = torch.tensor([[*read["input_ids"], *wanted]])
    embedded = model.get_input_embeddings()(ids).detach().requires_grad_()
    raw = model(inputs_embeds=embedded).logits[0, start - 1 : -1]
    loss = torch.nn.functional.cross_entropy(raw, ids[0, start:])
    (gradient,) = torch.autograd.grad(loss, embedded)
    norms = gradient[0, :start].norm(dim=-1).numpy()
    parts = [_within(norms, read["offset_mapping"], *span) for span in _spans(prompt, told[-1].text, sentence)]
    return [part / sum(parts) for part in parts], float(loss.detach())


def _spans(prompt: str, text: str, sentence: str) -> list[tuple[int, int]]:
    """Where instruction, sentence and input stand in the prompt: the sentence last."""
    first = prompt.rindex(text)
    mark, end = first + text.index(MARK), first + len(text)
    return [(first, mark), (end - len(sentence), end), (mark + len(MARK), end - len(sentence))]


def _within(norms: Array, places: Sequence[tuple[int, int]], start: int, end: int) -> float:
    return float(sum(norm for norm, (low, high) in zip(norms, places, strict=True) if low < end and high > start))


def _laid_out(tokenizer: Any, talk: Sequence[Message]) -> str:
    said = [{"role": one.role, "content": one.text} for one in talk]
    return tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)


@cache
def _embedded() -> tuple[Any, Any]:
    """Tokenizer and weights; raises ImportError where the training extra or the weights are not installed."""
    from ..llm.local import Local
    from ..train.respond.tune import base_model

    tokenizer, model = base_model(Local(adapter=None).path)
    return tokenizer, model.eval()
