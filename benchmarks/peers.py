"""What people would pick instead, on the same items, metrics and development thresholds, in the same run.

    pip install vaderSentiment nade pyarrow lightgbm fasttext-numpy2
    python -m benchmarks.peers [--json]

Peers that are not installed are left out and named. They are wrapped as components here, and not shipped: VADER (Hutto
& Gilbert 2014) says sentiment and valence, nade (learnt from emoji) eight Plutchik emotions, read as Ekman's seven.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from insula import Addition, Anchor, Annotation, Conversation, Pipeline
from insula.evaluate import evaluate

PLUTCHIK_TO_EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
ASKED = {"goemotions": ("ekman", "groups"), "emobank": ("valence",)}


class Vader:
    """VADER's three shares as sentiment, its compound as valence."""

    name = "vader"
    reads, writes = ("turn",), ("sentiment", "affect")

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # pyright: ignore

        self._analyser: Any = SentimentIntensityAnalyzer()

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("affect", "vader"):
            found = self._analyser.polarity_scores(turn.text)
            groups = {"positive": found["pos"], "negative": found["neg"], "ambiguous": 0.0, "neutral": found["neu"]}
            yield Annotation("sentiment", groups, Anchor(turn.id), "sentiment4", "vader")
            whole = {"valence": found["compound"], "arousal": 0.0, "dominance": 0.0}
            yield Annotation("affect", whole, Anchor(turn.id), "vad", "vader")


class Nade:
    """nade's eight intensities; neutral is what the strongest leaves over."""

    name = "nade"
    reads, writes = ("turn",), ("emotion",)

    def __init__(self) -> None:
        from nade import Nade as Model  # pyright: ignore

        self._model: Any = Model()

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: list[Conversation]) -> list[list[Addition]]:
        turns = [(k, turn) for k, c in enumerate(conversations) for turn in c.pending("emotion", "nade")]
        found: list[list[Addition]] = [[] for _ in conversations]
        predicted = self._model.predict([turn.text for _, turn in turns]) if turns else {}
        for row, (k, turn) in enumerate(turns):
            one = {name: float(predicted[name][row]) for name in predicted}
            scores = {name: min(max(one[name], 0.0), 1.0) for name in PLUTCHIK_TO_EKMAN}
            scores["neutral"] = 1 - max(scores.values())
            found[k].append(Annotation("emotion", scores, Anchor(turn.id), "ekman7", "nade"))
        return found


def main() -> None:
    results: list[dict[str, Any]] = []
    for peer in (Vader, Nade):
        try:
            pipeline = Pipeline(peer())
        except ImportError as error:
            print(f"{peer.name} is left out: {error}", file=sys.stderr)
            continue
        for benchmark, slices in ASKED.items():
            asked = [x for x in _safely(benchmark, pipeline) if x.slice.split(" ")[0] in slices]
            results += [asdict(result) | {"pipeline": peer.name} for result in asked]
    print(json.dumps({"results": results}, indent=None if "--json" in sys.argv else 1))


def _safely(benchmark: str, pipeline: Pipeline) -> list[Any]:
    try:
        return evaluate([benchmark], pipeline, note=lambda _: None)
    except ValueError:
        return []


if __name__ == "__main__":
    main()
