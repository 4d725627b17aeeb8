"""The state each person's body is in, minute by minute: at rest, under stress or amused, and how aroused that is.

    Signal("ppg"), Signal("eda") -> stress at 0-60 s, 10-70 s, ...: {"rest": .2, "stress": .8}; state; affect

Read against the person's own rest where that is known: from seconds of the recording, or from a `Rest` saved before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.body.person import Body
from insula.body.rest import Rest
from insula.body.states import MEASURES, STATES, States, rest, row, with_past
from insula.conversation import Addition, Anchor, Annotation, Conversation

from .features import measured
from .windows import READS, WINDOW, bodies, judged, windows

# ours: stress as fear and amusement as seven tenths of joy in Russell & Mehrabian 1977, rest a little below zero
COORDINATES: Mapping[str, tuple[float, float]] = {
    "baseline": (0.0, -0.3),
    "stress": (-0.64, 0.6),
    "amusement": (0.53, 0.34),
}
PLACES = np.array([COORDINATES[state] for state in STATES])
FEWEST = 4  # measures of the window itself


class BodyStress:
    """The schemes `bodily-stress`, `wesad3` and `vad` (valence and arousal) for every window of every person.

    `rest` is from when to when, in seconds of the conversation, everybody sat at rest; `baselines` files of
    `Rest.save` by speaker, "" for whoever is not named. Raises FileNotFoundError where one of them is not there.
    """

    reads = READS
    writes = ("stress", "state", "affect")

    def __init__(
        self,
        weights: str = "body",
        name: str = "body.stress",
        rest: tuple[float, float] | None = None,
        baselines: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._states = States.open(weights)
        self.rater = f"{name}@{self._states.revision}"
        self._rest = rest
        self._known = {speaker: Rest.load(Path(path)).row for speaker, path in (baselines or {}).items()}

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        done = judged(conversation, "stress", self.rater)
        for speaker, body in bodies(conversation):
            every = windows(body)
            if every and not all(Anchor(seconds=one, speaker=speaker) in done for one in every):
                yield from self._person(body, every, speaker, done)

    def _person(
        self, body: Body, every: list[tuple[float, float]], speaker: str | None, done: set[Anchor]
    ) -> Iterator[Annotation]:
        found = [measured(body, *one) for one in every]
        rows = with_past(np.stack([row(scores) for scores, _ in found]))
        own = self._own(speaker, rows, every)
        chances = self._states.chances(rows, own)
        decided = self._states.decided(chances, own is not None)
        for span, (_, why), now, chance, state in zip(every, found, rows, chances, decided, strict=True):
            at = Anchor(seconds=span, speaker=speaker)
            if at not in done:
                yield from self._annotations(chance, STATES[state], at, why or _too_little(now, span))

    def _own(
        self, speaker: str | None, rows: NDArray[np.float64], every: list[tuple[float, float]]
    ) -> NDArray[np.float64] | None:
        if (kept := self._known.get(speaker or "")) is not None or self._rest is None:
            return kept
        start, end = self._rest
        quiet = [start <= one[0] and one[1] <= end for one in every]
        return rest(rows[quiet]) if any(quiet) else None

    def _annotations(self, chance: NDArray[np.float64], state: str, at: Anchor, why: str) -> Iterator[Annotation]:
        scores: dict[str, float] = {} if why else dict(zip(STATES, chance.tolist(), strict=True))
        stress = {"rest": 1 - scores["stress"], "stress": scores["stress"]} if scores else {}
        valence, arousal = (chance @ PLACES).tolist()
        place = {"valence": valence, "arousal": arousal} if scores else {}
        common = {"at": at, "rater": self.rater, "reason": why}
        likelier = "stress" if scores and scores["stress"] > 0.5 else "rest"
        for layer, scheme, told, label in (
            ("stress", "bodily-stress", stress, likelier),
            ("state", "wesad3", scores, state),
        ):
            yield Annotation(layer, told, scheme=scheme, labels=(label,) if told else (), **common)
        yield Annotation("affect", place, scheme="vad", margin=self._states.margin if place else {}, **common)


def _too_little(now: NDArray[np.float64], span: tuple[float, float]) -> str:
    if span[1] - span[0] < WINDOW:
        return f"{span[1] - span[0]:.0f} s are too short: {WINDOW:.0f} s are needed"
    there = int(np.isfinite(now[: len(MEASURES)]).sum())
    return "" if there >= FEWEST else f"only {there} of {len(MEASURES)} measures could be taken; {FEWEST} are needed"
