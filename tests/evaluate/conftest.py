"""A made-up corpus that stands in for the published ones: tweets that name a feeling, labelled by what they name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from insula import Anchor, Annotation, Conversation, Turn, component
from insula.scheme import scheme

sys.path.insert(0, str(Path(__file__).parent))  # made-up talks are in talks.py

WORDS = {"joy": "glad happy", "anger": "furious angry", "fear": "scared afraid", "sadness": "sad lonely"}
SIZES = {"train": 160, "dev": 60, "test": 60}
FILLER = "the day was long and we walked home by river road with our two dogs before dinner"


def gold(name: str, scores: dict[str, float]) -> Annotation:
    """Gold of a many-of or one-of scheme: every label, and those that are there."""
    full = {label: scores.get(label, 0.0) for label in scheme(name).labels}
    return Annotation(scheme(name).layer, full, Anchor("t1"), name, "gold", tuple(scores))


def conversations(corpus: str, split: str) -> Iterator[Conversation]:
    """Texts of `corpus`, the same in every run."""
    draws = np.random.default_rng(len(split))
    for number in range(SIZES[split]):
        label = str(draws.choice(list(WORDS)))
        words = [*draws.choice(FILLER.split(), 6), draws.choice(WORDS[label].split())]
        text = " ".join(map(str, draws.permutation(words)))
        intensity = float(np.round(draws.uniform(0.2, 0.9), 2))
        notes = [gold("ekman6", {label: 1.0}), gold("goemotions28", {label: 1.0})]
        notes.append(Annotation("intensity", {label: intensity}, Anchor("t1"), "intensity4", "gold"))
        yield Conversation(
            Turn("author", text, id="t1", meta={"answer": label}), *notes, id=f"{corpus}/{split}/{split}-{number}"
        )


@pytest.fixture
def corpora(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Every corpus is the made-up one, and what is fitted is kept in a folder of the test."""
    monkeypatch.setattr("insula.data.load", conversations)
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def made_up():
    """The made-up corpus, as `insula.data.load` would give it."""
    return conversations


@component(reads=["turn"], writes=["emotion"])
def honest_component(conversation: Conversation):
    """Knows the words; cannot tell where there are none of them; thinks of no threshold of its own."""
    for turn in conversation.pending("emotion", "made-up@7"):
        assert not turn.meta, "what is known of a text must not reach the pipeline"
        scores = dict.fromkeys(scheme("goemotions28").labels, 0.1)
        found = [label for label, words in WORDS.items() if set(turn.text.split()) & set(words.split())]
        scores |= dict.fromkeys(found, 0.4)
        yield Annotation("emotion", scores, Anchor(turn.id), "goemotions28", "made-up@7")


@pytest.fixture
def honest():
    """A component that finds every feeling named in the made-up corpus."""
    return honest_component
