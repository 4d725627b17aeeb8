"""The people in a recording, and what was read of each through every channel: words, voice, face, body, all together.

people(conversation, views(conversation)) ->
    [Person("speaker 1", "face 2", rows=(Row("words", ...), Row("voice", ...), Row("face", ...), Row("all", ...)))]

A face is a speaker's where somebody said so (layer `speaker_face`); other faces, and the group, stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from insula.conversation import Annotation, Conversation

from .channels import BODY, EVIDENCE, FACE, TOGETHER, VOICE
from .units import units
from .view import View, expressed, family, readable

GROUP = "group"
"""The speaker of what was judged of everybody together."""
SOMEBODY = "the one measured"
"""Who has no name, as most people who wear a sensor."""
WORDS, VOICES, WINDOWS, FACES, BODIES, ALL = "words", "voice", "by the second", "face", "body", "all together"
_CHANNELS = ((FACE, FACES), (BODY, BODIES), (VOICE, VOICES), (TOGETHER, ALL))
_ORDER = (WORDS, VOICES, WINDOWS, FACES, BODIES, ALL)


@dataclass(frozen=True)
class Cell:
    """What was read from `start` to `end` seconds; `doubt` instead of a label where nothing could be told."""

    start: float
    end: float
    label: str = ""
    score: float = 0.0
    family: str = "other"
    doubt: str = ""
    note: str = ""
    affect: Annotation | None = None


@dataclass(frozen=True)
class Row:
    """The cells of one channel, in order of time."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sign:
    """Where channels contradict each other, and how."""

    start: float
    end: float
    why: str


@dataclass(frozen=True)
class Person:
    """A speaker, a face, or both."""

    name: str
    face: str
    style: int
    rows: tuple[Row, ...] = ()
    signs: tuple[Sign, ...] = ()

    @property
    def title(self) -> str:
        """Name and face, where both are known."""
        return f"{self.name} · {self.face}" if self.face and self.face != self.name else self.name

    def row(self, name: str) -> tuple[Cell, ...]:
        """The cells of a channel; () where there are none."""
        return next((row.cells for row in self.rows if row.name == name), ())


@dataclass
class _Second:
    """What was judged of one stretch of time, by layer."""

    layers: dict[str, Annotation] = field(default_factory=dict[str, Annotation])


def people(conversation: Conversation, seen: Sequence[View]) -> list[Person]:
    """Speakers in the order they spoke, then faces nobody lent a voice, then the group."""
    timed = _timed(conversation)
    faces = _faces(conversation)
    speakers = list(dict.fromkeys(view.turn.speaker for view in seen if view.heard and view.turn.seconds))
    others = [name for name in _seen(conversation, timed) if name not in speakers and name not in faces.values()]
    names = sorted([*speakers, *others], key=lambda name: name == GROUP)
    return [
        _person(name, faces.get(name, ""), style, [view for view in seen if view.turn.speaker == name], timed)
        for style, name in enumerate(names)
    ]


def told(read: Annotation | None) -> tuple[str, float, str]:
    """The strongest decided label and its score, or what there is instead of one."""
    if read is None:
        return "", 0.0, "nobody looked"
    if read.abstained:
        return "", 0.0, f"cannot tell: {read.reason}"
    if not (found := expressed(read)):
        likely = f", {readable(read.top)} {max(read.scores.values()):.2f} at most" if read.top else ""
        return "", 0.0, f"nothing stands out{likely}"
    return (*found[0], "")


def runs(cells: Sequence[Cell], gap: float = 0.5) -> list[Cell]:
    """Cells that follow each other and say the same, taken together with their mean score."""
    groups: list[list[Cell]] = []
    for cell in cells:
        last = groups[-1][-1] if groups else None
        same = last and (last.label, last.doubt.partition(",")[0]) == (cell.label, cell.doubt.partition(",")[0])
        if same and last and cell.start - last.end <= gap:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return [
        replace(some[0], end=some[-1].end, score=sum(one.score for one in some) / len(some), note=_notes(some))
        for some in groups
    ]


def _notes(some: Sequence[Cell]) -> str:
    return "; ".join(list(dict.fromkeys(one.note for one in some if one.note))[:2])


def _person(
    name: str, face: str, style: int, spoken: Sequence[View], timed: dict[str, dict[str, list[Cell]]]
) -> Person:
    rows: dict[str, list[Cell]] = {row: [] for row in _ORDER}
    signs = list[Sign]()
    for view in spoken:
        if not view.heard or not view.turn.seconds:
            continue
        start, end = view.turn.seconds
        heard = view.heard
        for row, read in ((WORDS, heard.words), (VOICES, heard.voice), (ALL, heard.together)):
            rows[row] += [cell(start, end, read, note=_evidence(view) if row == ALL else "")] if read else []
        if heard.windows:
            rows[WINDOWS] += [cell(one.start, one.end, one.emotion, one.affect) for one in heard.cells(view.turn)]
        if heard.at_odds:
            signs.append(Sign(start, end, heard.why))
    for own in dict.fromkeys((name, face)):
        for row, cells in timed.get(own, {}).items():
            rows.setdefault(row, []).extend(cells)
    kept = (Row(row, tuple(_apart(cells))) for row, cells in rows.items() if cells)
    return Person(name, face, style, tuple(kept), tuple(signs))


def _evidence(view: View) -> str:
    """The sentence that tells what was seen and heard at a turn, where one was written."""
    told = (x for x in view.beside if x.layer == "explanation" and x.rater.startswith(EVIDENCE))
    return next((text for x in told for text in x.scores), "")


def _apart(cells: Iterable[Cell]) -> list[Cell]:
    """In order of time; of cells that overlap each has the time up to the middle of what it shares with the next."""
    order = sorted(cells, key=lambda cell: (cell.start, cell.end))
    edges = [(a.end + b.start) / 2 if b.start < a.end else None for a, b in pairwise(order)]
    starts = [
        order[0].start,
        *(edge if edge is not None else cell.start for edge, cell in zip(edges, order[1:], strict=True)),
    ]
    ends = [*(edge if edge is not None else cell.end for edge, cell in zip(edges, order, strict=False)), order[-1].end]
    return [replace(cell, start=a, end=max(a, b)) for cell, a, b in zip(order, starts, ends, strict=True)]


def _timed(conversation: Conversation) -> dict[str, dict[str, list[Cell]]]:
    """What was judged of somebody's seconds and not of a turn: speaker -> row -> cells."""
    found: dict[tuple[str, str, float, float], dict[str, Annotation]] = {}
    for x in conversation:
        if not isinstance(x, Annotation) or x.at.turn or not x.at.seconds:
            continue
        row = next((row for begins, row in _CHANNELS if x.rater.startswith(begins)), x.rater)
        place = found.setdefault((x.at.speaker or SOMEBODY, row, *x.at.seconds), {})
        place.setdefault(x.layer, x)
    rows: dict[str, dict[str, list[Cell]]] = {}
    for (speaker, row, start, end), layers in found.items():
        lead = next((layers[name] for name in ("emotion", "stress", "state") if name in layers), None)
        if lead or "affect" in layers:
            one = cell(start, end, lead, layers.get("affect"), units(layers.get("action_unit")))
            rows.setdefault(speaker, {}).setdefault(row, []).append(one)
    return rows


def cell(start: float, end: float, read: Annotation | None, affect: Annotation | None = None, note: str = "") -> Cell:
    """What one rater said of these seconds."""
    label, score, doubt = told(read)
    if read is None and affect and affect.scores:
        doubt = "nothing but affect was read"
    kind = family(read.scheme, label) if read and label else "other"
    return Cell(start, end, label, score, kind, doubt, note, affect if affect and affect.scores else None)


def _faces(conversation: Conversation) -> dict[str, str]:
    """The face of each speaker, as most of their turns have it; no face is lent twice."""
    votes: dict[tuple[str, str], float] = {}
    for x in conversation.read("speaker_face"):
        speaker = conversation.turn(x.at.turn).speaker if x.at.turn else ""
        for face, score in x.scores.items():
            if face in x.labels or score >= 0.5:
                votes[speaker, face] = votes.get((speaker, face), 0.0) + score
    found: dict[str, str] = {}
    for speaker, face in sorted(votes, key=lambda pair: -votes[pair]):
        if speaker not in found and face not in found.values():
            found[speaker] = face
    return found


def _seen(conversation: Conversation, timed: dict[str, dict[str, list[Cell]]]) -> Iterator[str]:
    """Everybody who was seen or measured, those seen longest first."""
    frames: dict[str, float] = {}
    for signal in conversation.signals("face"):
        name = signal.speaker or "a face"
        frames[name] = frames.get(name, 0.0) + len(signal.samples) / (signal.sampling_rate or 1.0)
    for name, rows in timed.items():
        frames.setdefault(name, max(map(len, rows.values())) / 100)
    yield from sorted(frames, key=lambda name: -frames[name])
