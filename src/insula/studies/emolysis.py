"""What a group expresses, from the faces of its people and the words and voice of whoever speaks.

Claim (Ghosh et al. 2023, Emolysis, arXiv:2305.05255): a toolkit that joins video, audio and text shows the emotion,
valence and arousal of each person and of the group over time.

Ours: groups of two to eight people, put together of faces of FER+ (three pictures of one label a person, one a second),
one of whom speaks: a voice (RAVDESS, EMOVO, EMO-DB) and a text (GoEmotions) of the same feeling. Faces are read by
face.expression's network, voices by ears that never heard the speaker, texts by text.encoder; fuse.person and
fuse.group join them as they do in a film. The group's valence is compared with the mean of what its people were
labelled with. Arms: everything; faces alone; the speaker alone, by all channels or by one; nothing. A guest's reader of
faces, which sees one picture only, is put in by its name: the hook that others extend.

Differs: no film of a group is at hand, so that nobody reacts to anybody; valence is where the label lies. The fusion
was fitted on other speakers, other faces and other texts.

    insula study emolysis --scale full
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..catalogue import build
from ..conversation import Anchor, Annotation, Conversation, Turn
from ..perceive.fuse.fusion import Fusion, fitted
from ..scheme import scheme
from ..train.speech.fuse_pairs import EMOTIONS, PLACES, Readings
from .measure import Array, agreement, measured, minus

SYSTEM = "emolysis"
STATUS = "works-scaled"

SIZES = (2, 3, 5, 8)
GROUPS = {"full": 150, "smoke": 12}  # of each size
SECONDS = 3
READERS = {"words": "text.encoder", "voice": "speech.voice", "face": "face.expression"}
GUEST = "guest.face"
ARMS: Mapping[str, tuple[str, ...]] = {
    "faces, voice and words": ("face", "voice", "words"),
    "faces": ("face",),
    "speaker's voice and words": ("voice", "words"),
    "speaker's voice": ("voice",),
    "speaker's words": ("words",),
}
Parts = Mapping[str, Readings]
VAD = scheme("vad").labels


@dataclass(frozen=True)
class Group:
    """People, by their feeling, the faces of each (rows of readings), and rows of the first one's voice and words."""

    feelings: tuple[int, ...]
    faces: tuple[tuple[int, ...], ...]
    voice: int
    words: int


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Error and concordance of the group's valence, by size and by arm."""
    full = scale == "full"
    fusion, parts = read() if full else made_up(seed)
    some = list(groups(parts, GROUPS[scale], seed))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "person.json"
        file.write_text(json.dumps(fusion.record()), encoding="utf-8")
        said = {arm: np.array([judged(one, parts, file, channels) for one in some]) for arm, channels in ARMS.items()}
        said["faces, a guest's reader"] = np.array([judged(one, parts, file, ("face",), GUEST) for one in some])
        fitted.cache_clear()
    said["nothing"] = np.zeros(len(some))
    gold = np.array([PLACES[list(one.feelings), 0].mean() for one in some])
    sizes = np.array([len(one.feelings) for one in some])
    metrics = list(_rows(said, gold, sizes, "groups put together" if full else "made up"))
    notes = [
        f"{GROUPS[scale]} groups of each size, {', '.join(map(str, SIZES))}; {SECONDS} seconds; intervals draw groups.",
        "Baselines: of the error that of saying 0 for every group, of concordance 0.",
        "A speaker alone says little of many: their share of a group of eight is an eighth.",
    ]
    data = ["ferplus", "goemotions", "meld", "ravdess", "emovo", "emodb-2s"] if full else []
    return {"metrics": metrics, "data": data, "notes": notes}


def _rows(said: Mapping[str, Array], gold: Array, sizes: NDArray[np.int64], part: str) -> Iterator[dict[str, Any]]:
    for place, where in {**{f"of {size}": sizes == size for size in SIZES}, "all": sizes > 0}.items():
        base = float(np.abs(gold[where]).mean())
        for arm, one in said.items():
            given = gold[where], one[where][None]
            yield measured(f"valence error, {arm}", f"{part}, {place}", _error, *given, baseline=base)
            if arm != "nothing":
                yield measured(f"valence concordance, {arm}", f"{part}, {place}", agreement, *given, baseline=0.0)
        pair = said["faces, voice and words"][where][None], said["faces"][where][None]
        yield measured("valence error, all minus faces", f"{part}, {place}", minus(_error), gold[where], *pair)


def read() -> tuple[Fusion, Parts]:
    """A fusion fitted on some speakers, faces and texts, and readings of others. Raises MissingData."""
    from ..train.speech.fuse import WORDS, fit_fusion
    from ..train.speech.fuse_faces import faces
    from ..train.speech.fuse_pairs import development, read_texts, texts
    from ..train.speech.fuse_voices import voices

    heard = voices()
    here = heard.fold == 0
    assert not set(heard.readings.group[here]) & set(heard.readings.group[~here]), "a speaker crosses the split"
    known = development()
    asked = read_texts([one for one in texts("goemotions", "test") if one[0] not in set(known.group.tolist())])
    fusion = fit_fusion({WORDS[0]: known}, heard.readings[~here], faces("dev"))
    return fusion, {"words": asked, "voice": heard.readings[here], "face": faces("test")}


def made_up(seed: int) -> tuple[Fusion, Parts]:
    """Readings that are right more often than not, and the fusion that ships."""
    draw = np.random.default_rng(seed)
    gold = np.arange(140) % len(EMOTIONS)

    def readings() -> Readings:
        logits = draw.normal(0, 1, (len(gold), len(EMOTIONS)))
        logits[np.arange(len(gold)), gold] += 3
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        return Readings(gold, chances, chances @ PLACES, np.array([f"one {row}" for row in range(len(gold))]))

    return fitted("person"), {name: readings() for name in READERS}


def groups(parts: Parts, count: int, seed: int) -> Iterator[Group]:
    """Groups of every size; how many of its people share a feeling is drawn, so that groups differ in valence."""
    draw = np.random.default_rng(seed)
    of = {
        name: {label: np.flatnonzero(one.gold == label) for label in range(len(EMOTIONS))}
        for name, one in parts.items()
    }
    for size in SIZES:
        for _ in range(count):
            mood = int(draw.integers(len(EMOTIONS)))
            share = draw.random()
            feelings = [mood if draw.random() < share else int(draw.integers(len(EMOTIONS))) for _ in range(size)]
            faces = tuple(tuple(draw.choice(of["face"][label], SECONDS).tolist()) for label in feelings)
            voice, words = (int(draw.choice(of[name][feelings[0]])) for name in ("voice", "words"))
            yield Group(tuple(feelings), faces, voice, words)


def judged(group: Group, parts: Parts, weights: Path, channels: Sequence[str], guest: str = "") -> float:
    """The group's mean valence over its seconds; of an arm without faces, the speaker's."""
    talk = Conversation(Turn("speaker 1", "", (0.0, float(SECONDS)), "t1"))
    for name in {"voice", "words"} & {*channels}:
        talk.add(*_marks(parts[name], getattr(group, name), Anchor("t1"), READERS[name]))
    if "face" in channels:
        talk.add(
            Annotation("speaker_face", {"face 0": 0.99}, Anchor("t1"), "speaker-face", "face.speaking", ("face 0",))
        )
        for person, rows in enumerate(group.faces):
            for second, row in enumerate([rows[0]] * SECONDS if guest else rows):
                at = Anchor(seconds=(float(second), second + 1.0), speaker=f"face {person}")
                talk.add(*_marks(parts["face"], row, at, guest or READERS["face"]))
        mean = _mean_of(parts["face"], group.faces[0])
        talk.add(*_marks(mean, 0, Anchor("t1"), READERS["face"]))
    talk.add(*build("fuse.person", weights=str(weights))(talk))
    if "face" not in channels:
        spoken = talk.read("affect", turn="t1")[-1]
        return spoken.scores.get("valence", 0.0)
    talk.add(*build("fuse.group", face=guest or READERS["face"], person="nobody" if guest else "fuse.person")(talk))
    found = [one.scores["valence"] for one in talk.read("affect") if one.at.speaker == "group" and one.scores]
    return float(np.mean(found))


def _marks(readings: Readings, row: int, at: Anchor, reader: str) -> Iterator[Annotation]:
    scores = dict(zip(EMOTIONS, readings.emotion[row].tolist(), strict=True))
    place = dict(zip(VAD, readings.affect[row].tolist(), strict=True))
    name = "voice9" if reader == READERS["voice"] else "ekman7"
    label = max(scores, key=scores.__getitem__)
    yield Annotation("emotion", scores, at, name, f"{reader}@study", (label,))
    if reader == READERS["face"] or reader == GUEST:
        place = {key: value for key, value in place.items() if key != "dominance"}
    yield Annotation("affect", place, at, "vad", f"{reader}@study")


def _mean_of(readings: Readings, rows: Sequence[int]) -> Readings:
    """The mean of some pictures, as of a face over a turn."""
    which = np.array(rows)
    emotion, affect = (one[which].mean(0, keepdims=True) for one in (readings.emotion, readings.affect))
    return Readings(readings.gold[which[:1]], emotion, affect, readings.group[which[:1]])


def _error(gold: Array, said: Array) -> float:
    return float(np.abs(gold - said).mean())
