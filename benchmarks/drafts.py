"""Is the best of several drafts better than one? Chosen by the engine's own readers, measured by others.

    python -m benchmarks.drafts [MODEL] [--json] [--contexts 150] [--split test]
    python -m benchmarks.drafts --weights [--json]     # fits weights for rerank.toml on dev first, and tries them, too

MODEL is what `insula.llm.connect` takes ("local"). Contexts: one turn of the seeker per dialogue of ESConv, drawn with
a seed, not a greeting. Strategy match: probability of the planned strategies by the tagger of `independent_tagger` (the
other half of ESConv's train). Empathy: EPITOME's levels by ridge regressions on words and on the text encoder's states
of the reply, learnt from the dev and test posts that the shipped reader's network was not trained on. Intervals are
paired bootstraps over dialogues.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from insula import Conversation, scheme
from insula.data import MissingData, load
from insula.evaluate.bootstrap import interval
from insula.llm import connect
from insula.network.text import Network
from insula.network.windows import windows
from insula.presets import pipeline
from insula.respond.reply import Asked, Responder
from insula.respond.rerank import Draft, settings
from insula.train.respond.tagger import independent_tagger

from .measure import machine

READERS = "text.encoder+dialogue.encoder+explain.appraisal+explain.causes+respond.planner+respond.affect"
PERSON, SUPPORTER = "seeker", "supporter"
EARLIEST = 3  # turns before the one that is answered
SHORTEST = 5  # words of the turn that is answered
MECHANISMS = scheme("epitome3").labels
STRATEGIES = scheme("esconv8").labels
PAIRS = (("best", "one"), ("best", "any"), ("fitted", "one"), ("sent", "one"), ("sent", "composer"))
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One context with what a person answered there, and the drafts, the best by the readers first."""

    asked: Asked
    human: str
    written: list[Draft]
    weighed: list[Draft]


class SecondReader:
    """EPITOME's levels, 0..2, from a reply's words and states: another model on other posts than the shipped one's."""

    def __init__(self) -> None:
        self._network = Network.open("text-open")
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        posts = [one for split in ("dev", "test") for one in load("epitome", split)]
        gold = [(one.turns[-1].text, one.read("empathy", scheme="epitome3", rater="gold")) for one in posts]
        whole = [(text, marks[0]) for text, marks in gold if marks and set(marks[0].scores) == set(MECHANISMS)]
        self.posts = len(whole)
        self._words.fit([text for text, _ in whole])
        levels = np.array([[mark.scores[one] for one in MECHANISMS] for _, mark in whole])
        self._model = Ridge(alpha=3.0).fit(self._features([text for text, _ in whole]), levels)

    def levels(self, texts: Sequence[str]) -> Numbers:
        """(texts, 3)."""
        return np.clip(self._model.predict(self._features(texts)), 0, 2)

    def _features(self, texts: Sequence[str]) -> Any:
        found = [windows(text, self._network.tokenizer) for text in texts]
        states = np.array([np.mean([one.pooled for one in self._network.run(some)], 0) for some in found])
        return hstack([self._words.transform(texts), csr_matrix(states / 4)]).tocsr()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?", default="local")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--weights", action="store_true")
    parser.add_argument("--contexts", type=int, default=150)
    parser.add_argument("--drafts", type=int, default=4)
    parser.add_argument("--split", default="test")
    given = parser.parse_args()
    responder = Responder(connect(given.model), speaker=SUPPORTER, drafts=given.drafts)
    found: dict[str, Any] = {"machine": machine(), "model": responder.llm and responder.llm.name, "split": given.split}
    if given.weights:
        found["fit"] = fit_weights(responder, list(written(responder, "dev", given.contexts // 2)))
        print(json.dumps(found["fit"]), file=sys.stderr, flush=True)
    cases = list(written(responder, given.split, given.contexts))
    found |= {"cases": len(cases), **compare(cases, given.drafts, found.get("fit", {}).get("weights"))}
    print(json.dumps(found, indent=None if given.json else 1))


def contexts(split: str, count: int, seed: int = 0) -> Iterator[tuple[Conversation, str]]:
    """Read talks that end in a turn of the seeker, and what the supporter answered; one per dialogue."""
    draws = random.Random(seed)
    readers = pipeline(READERS)
    dialogues = list(load("esconv", split))
    for dialogue in draws.sample(dialogues, min(count, len(dialogues))):
        turns = dialogue.turns
        fitting = [
            place
            for place in range(EARLIEST, len(turns) - 1)
            if turns[place].speaker == PERSON
            and turns[place + 1].speaker == SUPPORTER
            and len(turns[place].text.split()) >= SHORTEST
        ]
        if fitting:
            end = draws.choice(fitting)
            yield readers.run(Conversation(*turns[: end + 1], id=dialogue.id)), turns[end + 1].text


def written(responder: Responder, split: str, count: int) -> Iterator[Case]:
    """The drafts of each context; where the moment has an answer of its own the model is not asked."""
    for conversation, human in contexts(split, count):
        asked = responder.consider(conversation)
        if asked is None:
            continue
        drafts, _ = asyncio.run(responder.write(asked))
        if len(drafts) > 1:
            yield Case(asked, human, drafts, responder.weigh(asked, drafts))


def compare(cases: Sequence[Case], drafts: int, weights: dict[str, float] | None) -> dict[str, Any]:
    """Each way to choose: the first draft, any draft (the mean), the best of the model's, what is sent, ..."""
    names = ["one", "any", "best", "sent", "composer", "human", *(["fitted"] if weights else [])]
    arms = {name: [_arm(case, name, weights or {}) for case in cases] for name in names}
    reader, tagger = SecondReader(), independent_tagger()
    numbers = {name: _measure(cases, texts, reader, tagger) for name, texts in arms.items()}
    return {
        "drafts": drafts,
        "measured_by": {"empathy_posts": reader.posts, "strategy": tagger.rater},
        "scores": {name: {key: _interval(value) for key, value in some.items()} for name, some in numbers.items()},
        "better": {
            f"{first} than {second}": {
                key: _interval(numbers[first][key] - numbers[second][key]) for key in numbers[first]
            }
            for first, second in PAIRS
            if {first, second} <= set(numbers)
        },
        "sent": {tier: sum(case.weighed[0].tier == tier for case in cases) for tier in ("local", "composer", "url")},
    }


def _arm(case: Case, name: str, weights: dict[str, float]) -> list[str]:
    model = [draft.text for draft in case.written if draft.tier != "composer"]
    composed = [draft.text for draft in case.written if draft.tier == "composer"]
    others = [draft for draft in case.weighed if draft.tier != "composer"]
    best = [draft.text for draft in others]
    fitted = max(others, key=lambda one: (-len(one.faults), sum(w * one.parts[x] for x, w in weights.items())))
    every = {"one": model[:1], "any": model, "best": best[:1], "sent": [case.weighed[0].text], "fitted": [fitted.text]}
    return {**every, "composer": composed, "human": [case.human]}[name]


def _measure(cases: Sequence[Case], texts: list[list[str]], reader: SecondReader, tagger: Any) -> dict[str, Numbers]:
    """Per case, the mean over its texts: each mechanism's level, their sum, and the planned strategies' probability."""
    place = np.repeat(np.arange(len(texts)), [len(some) for some in texts])
    flat = [text for some in texts for text in some]
    levels = reader.levels(flat)
    pairs = [(cases[number].asked.turn.text, text) for number, text in zip(place.tolist(), flat, strict=True)]
    planned = [[STRATEGIES.index(one) for one in cases[number].asked.plan.strategies] for number in place.tolist()]
    match = np.array([row[some].sum() for row, some in zip(tagger.read(pairs), planned, strict=True)])
    columns = {**dict(zip(MECHANISMS, levels.T, strict=True)), "empathy": levels.sum(1), "strategy": match}
    counts = np.bincount(place)
    return {name: np.bincount(place, weights=values) / counts for name, values in columns.items()}


def _interval(values: Numbers) -> list[float]:
    """Mean with the bounds of its interval."""
    found = interval(lambda w: (w * values).sum(1) / w.sum(1), len(values))
    return [round(found.score, 3), round(found.low, 3), round(found.high, 3)]


def fit_weights(responder: Responder, cases: Sequence[Case]) -> dict[str, Any]:
    """Weights, none below 0, that put a person's answer above the model's drafts and above another talk's reply."""
    names = [name for name in settings()["weights"] if name != "composed"]
    rows: list[list[float]] = []
    for case, other in zip(cases, [*cases[1:], cases[0]], strict=True):
        others = [draft for draft in case.written if draft.tier != "composer"]
        human, another = Draft(case.human, "human"), Draft(other.human, "human")
        weighed = responder.weigh(case.asked, [human, another, *others])
        parts = {draft.text: [draft.parts[name] for name in names] for draft in weighed}
        rows += [
            [a - b for a, b in zip(parts[case.human], parts[draft.text], strict=True)] for draft in (another, *others)
        ]
    gaps = np.array(rows)

    def loss(weights: Numbers) -> float:
        return float(np.logaddexp(0, -gaps @ weights).mean() + 0.01 * (weights**2).sum())

    fitted = minimize(loss, np.ones(len(names)), bounds=[(0, None)] * len(names)).x
    given = np.array([settings()["weights"][name] for name in names])
    return {
        "weights": dict(zip(names, np.round(fitted, 2).tolist(), strict=True)),
        "above": {"fitted": _share(gaps @ fitted), "given": _share(gaps @ given)},
        "alone": {name: _share(gaps[:, place]) for place, name in enumerate(names)},
    }


def _share(gaps: Numbers) -> float:
    """How often the person's answer is above; a tie counts half."""
    return round(float((gaps > 0).mean() + (gaps == 0).mean() / 2), 3)


if __name__ == "__main__":
    try:
        main()
    except MissingData as error:
        sys.exit(str(error))
