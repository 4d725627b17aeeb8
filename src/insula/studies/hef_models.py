"""The small local model before and after tuning, as it answers and as it expects a person's reply; and retrieval.

models() -> (Model before, Model after); nearest(cases) -> a training reply to each

Answers are kept, so that a run that was stopped goes on: in the folder INSULA_CACHE, by default ~/.cache/insula.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

from ..data import load
from ..llm import LLM, Message
from ..llm.cached import Cached
from ..llm.local import Local
from ..train.respond import gguf
from ..train.respond.lessons import SIDES, tidy
from ..train.respond.tune import base_model, example, losses

if TYPE_CHECKING:
    from .hef import Array, Case


@dataclass(frozen=True)
class Model:
    """A model that answers, in llama.cpp, and the same one in torch, which says what it expected."""

    llm: LLM
    tokenizer: Any
    network: Any

    def losses(self, prompts: Sequence[Sequence[Message]], wanted: Sequence[str]) -> Array:
        """Per prompt the summed nats of the wanted reply and its tokens, (prompts, 2)."""
        asked = [example(self.tokenizer, *one) for one in zip(prompts, wanted, strict=True)]
        return np.array(losses(self.network, asked), float)


def models() -> tuple[Model, Model]:
    """SmolLM2 as it is, and with the shipped adapter. Raises ImportError saying what to install."""
    torch.set_num_threads(1)
    file = Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula") / "hef-replies.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    made: list[Model] = []
    for local in (Local(adapter=None), Local()):
        tokenizer, network = base_model(local.path)
        if local.adapter:
            gguf.merge(network, local.adapter)
        made.append(Model(Cached(local, file), tokenizer, network))
    return made[0], made[1]


def nearest(cases: Sequence[Case]) -> list[str]:
    """For each case the reply that a person of the training part gave to the likeliest turn, by tf-idf."""
    corpus = cases[0].answer.conversation.id.split("/")[0]
    talks = [talk.turns for talk in load(corpus, "train")]
    pairs = [
        (before.text, said.text)
        for turns in talks
        for before, said in pairwise(turns)
        if said.speaker == SIDES[corpus] != before.speaker
    ]
    words = TfidfVectorizer(sublinear_tf=True)
    known: Any = words.fit_transform([before for before, _ in pairs])
    asked: Any = words.transform([case.answer.turns[-1].text for case in cases])
    places = np.asarray((asked @ known.T).argmax(1)).ravel()
    return [tidy(pairs[place][1]) for place in places]
