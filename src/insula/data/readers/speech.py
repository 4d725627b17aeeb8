"""Corpora of acted or talk-show speech: a tar of clips beside a table of what each clip is.

    03-01-05-02-01-01-12, angry, strong, "Kids are talking by the door" -> voice9 {"anger": 1.0, "calm": 0.0, ...}

A clip is a conversation of one turn by its speaker, with its sound as the signal "audio": an array of 16 kHz mono that
is unpacked from the tar only when it is read (`Clip`). Gold is what the actor was asked to express, or what the corpus'
judges heard; no clip here has the votes of single listeners. What else is on record (gender, statement, age)
is in the turn's `meta`; ids are the publishers' file names.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...conversation import Annotation, Conversation, Signal, Turn
from ..files import MalformedData, records
from ..gold import one_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16000
_VOICE = {
    **{"happy": "joy", "happiness": "joy", "sad": "sadness", "angry": "anger", "fearful": "fear"},
    **{"surprised": "surprise"},
}
# the two sentences of Livingstone & Russo 2018, and the ten of Burkhardt et al. 2005 by their codes
_RAVDESS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
_EMODB = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
Row = Mapping[str, str]


@dataclass(frozen=True)
class Clip:
    """One clip in a tar, by where it starts and how many bytes it has: `numpy.asarray(clip)` is float32 [samples]."""

    path: Path
    start: int
    size: int

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.float32]:
        """Unpack it, mono at 16 kHz; raises MalformedData for what is no sound."""
        import numpy as np
        import soundfile

        with self.path.open("rb") as file:
            file.seek(self.start)
            packed = io.BytesIO(file.read(self.size))
        try:
            samples, rate = soundfile.read(packed, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise MalformedData(f"{self.path}: the clip at byte {self.start} is no sound: {error}") from None
        if rate != RATE:
            raise MalformedData(f"{self.path}: the clip at byte {self.start} is at {rate} Hz, not at {RATE}")
        return np.asarray(samples.mean(1), dtype or np.float32)

    @property
    def dtype(self) -> str:
        """What the samples are; with `shape` and `tobytes` a conversation can be written down with its sound."""
        return "float32"

    @property
    def shape(self) -> tuple[int, ...]:
        """(samples,)."""
        return self.__array__().shape

    def tobytes(self) -> bytes:
        """The samples one after the other."""
        return self.__array__().tobytes()


def ravdess(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """Eight feelings by 24 actors, all but neutral also strongly (Livingstone & Russo 2018)."""
    del split
    about = ("gender", "statement", "repetition", "intensity")
    for row in _rows(table, tar, *about):
        intensity = one_of("intensity2", row["intensity"])
        yield _clip(row, _RAVDESS[row["statement"]], _feeling(row), intensity, language="en", about=about)


def emovo(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """Seven feelings by six actors; of the sentence only its code is on record (Costantini et al. 2014)."""
    del split
    for row in _rows(table, tar, "gender", "text"):
        yield _clip(row, "", _feeling(row), language="it", about=("gender",), statement=row["text"])


def emodb(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """Seven feelings by ten actors, in whole sentences (Burkhardt et al. 2005)."""
    del split
    for row in _rows(table, tar, "gender", "text"):
        said = _EMODB[row["text"]]
        yield _clip(row, said, _feeling(row), language="de", about=("gender",), statement=row["text"])


def emodb_2s(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """The same, each clip cut or filled up to two seconds: most sentences end in the middle, so no words are given."""
    del split
    for row in _rows(table, tar, "gender", "text"):
        yield _clip(row, "", _feeling(row), language="de", about=("gender",), statement=row["text"])


def urdu(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """Four feelings in talk shows, not acted (Latif et al. 2018)."""
    del split
    for row in _rows(table, tar, "gender"):
        yield _clip(row, "", _feeling(row), language="ur", about=("gender",))


def baved(split: str, tar: Path, table: Path) -> Iterator[Conversation]:
    """Seven words at three levels of arousal (Aouf 2019)."""
    del split
    for row in _rows(table, tar, "gender", "age", "word"):
        level = one_of("arousal3", row["label"])
        yield _clip(row, "", level, language="ar", about=("gender", "age"), statement=row["word"])


def _feeling(row: Row) -> Annotation:
    return one_of("voice9", _VOICE.get(row["label"], row["label"]))


def _rows(table: Path, tar: Path, *columns: str) -> Iterator[dict[str, Any]]:
    """The rows of a table, each with its clip; raises MalformedData for a row whose clip is not in the tar."""
    here = clips(tar)
    for row in records(table, "file", "label", "speaker", "duration", *columns, separator="\t", quoted=False):
        if row["file"] not in here:
            raise MalformedData(f"{tar}: {row['file']}, which {table.name} names, is not in it")
        yield {**row, "clip": here[row["file"]]}


def clips(tar: Path) -> dict[str, Clip]:
    """The clips of a tar by their names without ending; raises MalformedData for what is no tar."""
    try:
        with tarfile.open(tar) as file:
            return {Path(one.name).stem: Clip(tar, one.offset_data, one.size) for one in file if one.isfile()}
    except tarfile.TarError as error:
        raise MalformedData(f"{tar}: not a tar: {error}") from None


def _clip(
    row: Mapping[str, Any], text: str, *gold: Annotation, language: str, about: tuple[str, ...], **more: str
) -> Conversation:
    meta = {name: row[name] for name in about} | more
    turn = Turn(row["speaker"], text, (0.0, float(row["duration"])), id="t1", meta=meta)
    sound = Signal("audio", row["clip"], RATE)
    return Conversation(sound, turn, *gold, id=row["file"], meta={"group": row["speaker"], "language": language})
