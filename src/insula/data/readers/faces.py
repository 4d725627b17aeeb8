"""Faces and pictures that people judged: FER+ with the votes of ten each, and the norms of OASIS.

    4 of 10 say neutral, 5 sadness, 1 unknown -> fer8 {"neutral": 0.444, "sadness": 0.556, ...} by "voters"

A picture is a conversation of one turn without words, with the picture as the signal "video": one frame, unpacked only
when it is read (`Picture`). FER+'s gold is the label with the most votes; `meta` holds all votes, and whether over half
of them agree, which is what its authors test on ("majority", single votes taken for mistakes). Where most could name
no expression, or saw no face, the gold abstains.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...conversation import Anchor, Annotation, Conversation, Signal, Turn
from ..files import MalformedData, number, records
from ..gold import abstained, dimensions, one_of

FER8 = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
Votes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Picture:
    """One packed picture: `numpy.asarray(picture)` is uint8 [1, h, w, 3] in RGB, one frame of a film."""

    packed: NDArray[np.uint8]
    name: str

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.uint8]:
        """Unpack it; raises MalformedData for what is no picture."""
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(io.BytesIO(self.packed.tobytes())) as opened:
                return np.asarray(opened.convert("RGB"), dtype or np.uint8)[None]
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise MalformedData(f"{self.name} is no picture: {error}") from None

    @property
    def dtype(self) -> str:
        """What the pixels are; with `shape` and `tobytes` a conversation can be written down with its pictures."""
        return "uint8"

    @property
    def shape(self) -> tuple[int, ...]:
        """(1, height, width, 3)."""
        return self.__array__().shape

    def tobytes(self) -> bytes:
        """The pixels one after the other."""
        return self.__array__().tobytes()


def ferplus(split: str, packed: Path) -> Iterator[Conversation]:
    """Faces of the FER2013 challenge under the votes of ten people each (Barsoum et al. 2016)."""
    del split
    with np.load(packed) as file:
        if absent := [name for name in ("data", "offset", "name", "vote_columns", "votes") if name not in file]:
            raise MalformedData(f"{packed}: no array {', '.join(absent)}")
        data, offset, names, votes = (file[name] for name in ("data", "offset", "name", "votes"))
        columns = [str(name) for name in file["vote_columns"]]
        first = file["fer_label"] if "fer_label" in file else np.full(len(names), "")
    if columns != [*FER8, "unknown", "NF"]:
        raise MalformedData(f"{packed}: votes for {', '.join(columns)}, not for those of FER+")
    ends = offset[1:]
    for name, start, end, counts, label in zip(names, offset, ends, votes.astype(np.int64), first, strict=False):
        picture = Picture(data[start:end], f"{packed}: {name}")
        meta = {"votes": dict(zip(columns, counts.tolist(), strict=True)), "majority": agreed(counts)}
        meta["fer2013"] = str(label)  # what the challenge called it, "" where that is not known
        yield _picture(str(name), picture, meta, *_judged(counts))


def agreed(votes: Votes) -> bool:
    """Whether over half agree on one expression once single votes are out: what FER+'s authors test on."""
    sure = np.where(votes > 1, votes, 0)
    return bool(sure[: len(FER8)].max() * 2 > sure.sum())


def _judged(votes: Votes) -> Iterator[Annotation]:
    """The label with the most votes, and the shares of all who named one."""
    named = votes[: len(FER8)]
    if named.max() < votes.max() or not named.any():
        most = "no face" if votes[-1] == votes.max() else "no expression they could name"
        yield abstained("fer8", f"most voters saw {most}")
    else:
        yield one_of("fer8", FER8[int(named.argmax())])
    if named.any():
        shares: dict[str, float] = dict(zip(FER8, (named / named.sum()).tolist(), strict=True))
        yield Annotation("emotion", shares, Anchor("t1"), "fer8", "voters")


def oasis(split: str, packed: Path, norms: Path) -> Iterator[Conversation]:
    """Photographs rated for the valence and arousal they bring about, 1 to 7 (Kurdi, Lozano & Banaji 2017)."""
    del split
    rated = {row["id"]: row for row in records(norms, "id", "Theme", "Category", "Valence_mean", "Arousal_mean")}
    with np.load(packed) as file:
        data, offset, ids = file["data"], file["offset"], file["id"]
    for name, start, end in zip(ids, offset, offset[1:], strict=False):
        if (row := rated.get(str(name).strip())) is None:
            raise MalformedData(f"{norms}: nothing about the picture {name}")
        valence, arousal = (number(norms, row[f"{which}_mean"], f"{which}_mean") for which in ("Valence", "Arousal"))
        gold = dimensions("vad", {"valence": (valence - 4) / 3, "arousal": (arousal - 4) / 3})
        theme = row["Theme"].rstrip(" 0123456789").lower()  # "Acorns 1" and "Acorns 2" are two pictures of one thing
        meta = {"category": row["Category"].lower(), "theme": theme}
        yield _picture(str(name).strip(), Picture(data[start:end], f"{packed}: {name}"), meta, gold, group=theme)


def _picture(name: str, picture: Picture, meta: dict[str, Any], *judged: Annotation, group: str = "") -> Conversation:
    turn = Turn("somebody", id="t1", meta=meta)
    about = {"group": group} if group else {}
    return Conversation(turn, Signal("video", picture, 0.0), *judged, id=name, meta=about)
