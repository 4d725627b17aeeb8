"""A database as audformat loads it: a folder with db.yaml, the recordings named, and a table per rater and scheme.

    out.audformat/db.yaml
        files                            which recordings; they stay where they are
        segments                         (file, start, end) -> conversation, turn, speaker, text
        emotion.voice9.speech.voice      (file, start, end) -> joy, sadness, ..., label, reason     turns and windows
        emotion.fer8.face.expression.face-1                    the same of a face, or a group, by the second

Needs the package `audformat` (`pip install 'insula[audformat]'`).
"""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from insula.conversation import Annotation, Conversation
from insula.scheme import Scheme, scheme

from .document import partial
from .media import media, relative

if TYPE_CHECKING:
    import audformat

HEADER = "db.yaml"
_NEITHER = ("evidence", "explanation")
_Place = tuple[str, float, float]
_Table = tuple[str, str, str, str]
"""A layer, a scheme, a rater, and whose seconds were judged where it was no turn."""


class Writer:
    """Takes in conversations with recordings, and puts the folder in place when it is whole.

    One whose sound is no file is left out, with a warning. Raises ModuleNotFoundError where audformat is not installed
    and OSError where the path is taken by something else, both before any work is done.
    """

    done: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        _library()
        if path.exists() and not path.is_dir():
            raise NotADirectoryError("it is a file, and an audformat database is a folder")
        if path.is_dir() and any(path.iterdir()) and not (path / HEADER).exists():
            raise FileExistsError("the folder holds something that is no corpus; give a new name")
        self.path, self._partial = path, partial(path)
        self._partial.mkdir(exist_ok=True)
        self._files: dict[str, str] = {}
        self._segments: dict[_Place, dict[str, str]] = {}
        self._judged: dict[_Table, dict[_Place, Annotation]] = {}

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        files = media(conversation)
        if not files:
            what = f"{conversation.id or 'a conversation'} has no recording in a file and is left out of {self.path}"
            warnings.warn(f"{what}: audformat describes recordings", stacklevel=2)
            return
        name = relative(files[0], self.path / HEADER)
        self._files[name] = conversation.id
        for turn in conversation.turns:
            if turn.seconds:
                about = {"conversation": conversation.id, "turn": turn.id, "speaker": turn.speaker, "text": turn.text}
                self._segments[(name, *turn.seconds)] = about
        for addition in conversation:
            if isinstance(addition, Annotation) and addition.layer not in _NEITHER and not addition.at.chars:
                self._take(addition, conversation, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if error is not None and not self._files:
            shutil.rmtree(self._partial)
            return
        self._database().save(str(self._partial), storage_format="csv")
        if error is not None:
            error.add_note(f"what was done until then is in {self._partial}")
            return
        if self.path.is_dir():
            shutil.rmtree(self.path)
        self._partial.replace(self.path)

    def _take(self, one: Annotation, conversation: Conversation, file: str) -> None:
        seconds = one.at.seconds or (conversation.turn(one.at.turn).seconds if one.at.turn else None)
        if seconds:
            whose = "" if one.at.turn else one.at.speaker or ""
            table = self._judged.setdefault((one.layer, one.scheme, one.rater, whose), {})
            table[(file, *seconds)] = one

    def _database(self) -> audformat.Database:
        library = _library()
        about = "What is expressed, as raters of Insula heard it; it is not what is felt."
        found = library.Database(self.path.stem, source="insula", usage=library.define.Usage.OTHER, description=about)
        found.media["audio"] = library.Media(library.define.MediaType.AUDIO)
        files = found["files"] = library.Table(library.filewise_index(list(self._files)), media_id="audio")
        _column(files, "conversation", list(self._files.values()))
        segments = found["segments"] = library.Table(_index(self._segments), media_id="audio")
        for name in ("conversation", "turn", "speaker", "text"):
            _column(segments, name, [about[name] for about in self._segments.values()])
        for key, judged in self._judged.items():
            _judgements(found, key, judged)
        return found


def _judgements(found: Any, key: _Table, judged: dict[_Place, Annotation]) -> None:
    """The table of one rater under one scheme."""
    library, (layer, scheme_name, rater, _whose) = _library(), key
    kind = library.define.RaterType.MACHINE if "." in rater else library.define.RaterType.HUMAN
    found.raters.setdefault(rater or "unknown", library.Rater(kind))
    known = _known(scheme_name, layer)
    labels = known.labels or tuple(dict.fromkeys(label for one in judged.values() for label in one.scores))
    bounds = {} if known.kind == "open" else {"minimum": known.low, "maximum": known.high}
    found.schemes.setdefault(known.name, library.Scheme("float", description=known.meaning or None, **bounds))
    table = library.Table(_index(judged), media_id="audio")
    found[_id(".".join(filter(None, key)))] = table
    for label in labels:
        scores = [one.scores.get(label) for one in judged.values()]
        _column(table, label, scores, scheme_id=known.name, rater_id=rater or "unknown")
    if known.kind not in ("dimensional", "open"):
        _column(table, "decided", [" ".join(one.labels) for one in judged.values()], rater_id=rater or "unknown")
    _column(table, "reason", [one.reason for one in judged.values()], rater_id=rater or "unknown")


def _column(table: Any, name: str, values: list[Any], **about: str) -> None:
    table[name] = _library().Column(**about)
    table[name].set(values)


def _index(places: dict[_Place, Any]) -> Any:
    import pandas  # pyright: ignore[reportMissingTypeStubs]

    files, starts, ends = zip(*places, strict=True) if places else ((), (), ())
    times = (pandas.to_timedelta(list(seconds), unit="s") for seconds in (starts, ends))
    return _library().segmented_index(list(files), *times)


def _known(name: str, layer: str) -> Scheme:
    try:
        return scheme(name)
    except KeyError:
        return Scheme(name or layer, layer, "open")


def _id(name: str) -> str:
    """A name that may be a file's."""
    return re.sub(r"[^\w.@-]", "-", name)


def _library() -> Any:
    try:
        import audformat
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "writing an audformat database needs the package audformat: pip install 'insula[audformat]'"
        ) from None
    return audformat
