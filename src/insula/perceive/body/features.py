"""What each person's body did, minute by minute: heart, skin, breath, temperature and movement as numbers.

    Signal("ppg"), Signal("eda") -> physiology at 0-60 s, 10-70 s, ...: {"heart.rate": 71, "skin.responses": 4, ...}

A channel that cannot be read in a window (`insula.body.quality.reason`) has no numbers there; where none can, the
window is an abstention that says why.
"""

from __future__ import annotations

from collections.abc import Iterator

from insula.body.person import Body
from insula.body.quality import quality, reason
from insula.conversation import Addition, Anchor, Annotation, Conversation

from .windows import READS, STEP, WINDOW, bodies, judged, windows

MEASURED_IN = {"heart": ("ecg", "ppg"), "pulse": ("ppg",), "skin": ("eda",), "breath": ("rsp",),
               "temperature": ("temperature",), "movement": ("acceleration",)}  # fmt: skip


class BodyFeatures:
    """The scheme `physiology` for every window of every person."""

    reads = READS
    writes = ("physiology",)

    def __init__(self, window: float = WINDOW, step: float = STEP, name: str = "body.features") -> None:
        self.name = self.rater = name
        self.window, self.step = window, step

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        done = judged(conversation, "physiology", self.rater)
        for speaker, body in bodies(conversation):
            for start, end in windows(body, self.window, self.step):
                if (at := Anchor(seconds=(start, end), speaker=speaker)) not in done:
                    scores, why = measured(body, start, end)
                    yield Annotation("physiology", scores, at, "physiology", self.rater, reason=why)


def measured(body: Body, start: float, end: float) -> tuple[dict[str, float], str]:
    """The measures of the channels that can be read from `start` to `end`, and "" or why there are none."""
    found = quality(body, start, end)
    why = {name: reason(found, name) for name in body.series}
    unread = {name for name, said in why.items() if said}
    scores = body.features(start, end)
    heart = next((name for name in MEASURED_IN["heart"] if name in body.series), "")
    by = {**{group: names[0] for group, names in MEASURED_IN.items()}, "heart": heart}
    kept = {name: value for name, value in scores.items() if by[name.partition(".")[0]] not in unread}
    if kept:
        return kept, ""
    return {}, "; ".join(dict.fromkeys(filter(None, why.values()))) or f"{end - start:.0f} s are too short"
