"""What stories did to those who watched: valence and arousal traced by hand, per watcher (CASE and CEAP-360VR).

    load("case")[0].signals("affect")[3] -> float32 [seconds * 5, 2] (valence, arousal) -1..1 of watcher "sub4"

A film is a conversation, a watcher's trace a signal of channel "affect" at 5 Hz whose `speaker` is the watcher.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...conversation import Anchor, Annotation, Conversation, Signal
from ..files import number, records

RATE = 5.0
BETWEEN = range(9, 13)  # CASE: blue screens and the start, between the films


def case(split: str, path: Path) -> Iterator[Conversation]:
    """Eight films by 30 watchers with a joystick (Sharma et al. 2019), 0.5..9.5 moved to -1..1 by (x - 5) / 4.5."""
    del split
    with np.load(path) as file:
        names = sorted(
            {name.partition("_")[0] for name in file.files if name.endswith("_video")}, key=lambda x: int(x[3:])
        )
        known = {name: tuple(file[f"{name}_{part}"] for part in ("video", "valence", "arousal")) for name in names}
    films = sorted({int(one) for video, *_ in known.values() for one in np.unique(video)} - {*BETWEEN})
    for film in films:
        conversation = Conversation(id=f"film-{film}", meta={"group": f"film-{film}"})
        for name, (video, valence, arousal) in known.items():
            rows = video == film
            if rows.any():
                trace = np.stack([valence[rows], arousal[rows]], 1).astype(np.float32)
                conversation.add(Signal("affect", (trace - 5) / 4.5, RATE, name))
        yield conversation


def ceap(split: str, path: Path, ratings: Path) -> Iterator[Conversation]:
    """Eight films of a minute by 32 watchers in virtual reality (Xue et al. 2021), 1..9 moved to -1..1.

    What a watcher rated afterwards is an annotation of the whole film, by that watcher.
    """
    del split
    with np.load(path) as file:
        traces, people, films = file["valence_arousal"], file["participant"], file["video"]
    said = {(row["video"], row["participant"]): row for row in records(ratings, "participant", "video", "sam_valence")}
    for place, film in enumerate(films.tolist()):
        conversation = Conversation(id=film, meta={"group": film})
        for row, name in enumerate(people.tolist()):
            conversation.add(Signal("affect", (traces[row, place].astype(np.float32) - 5) / 4, RATE, name))
            if rated := said.get((film, name)):
                scores = {
                    part: (number(ratings, rated[f"sam_{part}"], part) - 5) / 4 for part in ("valence", "arousal")
                }
                conversation.add(Annotation("affect", scores, Anchor(speaker=name), "vad", f"watcher:{name}"))
        yield conversation
