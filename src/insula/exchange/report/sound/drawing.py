"""The beginning of a recording at a scale where words can be read: spectrum, pitch, loudness, words, voice and face."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from insula.conversation import Conversation, Signal
from insula.exchange.frames import contour_names
from insula.exchange.marks import words
from insula.exchange.report.lanes import AXIS, BAR, LETTER, Axis, bar, clock, drawn, ticks
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.people import FACES, VOICES, WINDOWS, Cell, Person
from insula.exchange.report.view import View

DETAIL, PER_SECOND, SPECTRUM = 180.0, 110, 96
"""Seconds drawn in detail, pixels a second there, and the height of the spectrum."""
_NAME, _WORDS, _CELLS = 15, 31, 19
_PITCH, _LOUDNESS = "F0semitoneFrom27.5Hz", "loudness"


def detail(
    spoken: Sequence[View], people: Sequence[Person], conversation: Conversation, seconds: float, picture: str
) -> Html:
    """The first DETAIL seconds; `picture` is their spectrum, "" where there is none."""
    axis = Axis(min(seconds, DETAIL), 8, PER_SECOND)
    prosody = [part for one in conversation.signals("prosody") for part in _contours(one, axis, AXIS)]
    above = SPECTRUM if picture or prosody else 0
    spectrum = {"x": axis.x(0), "y": AXIS, "width": axis.x(axis.seconds) - axis.x(0), "height": SPECTRUM}
    parts = [tag("image", href=picture, preserveAspectRatio="none", **spectrum) if picture else Html(), *prosody]
    top = float(AXIS + above + 8)
    for person in people:
        if len(people) > 1:
            look = f"person s{person.style % 6}"
            parts.append(tag("text", person.title, x=axis.x(0) + 2, y=top + 10, class_=look))
            top += _NAME
        theirs = [view for view in spoken if view.turn.speaker == person.name and view.turn.seconds]
        for view in theirs:
            parts += _words(view, axis, top, person.style)
        top += _WORDS if theirs else 0
        for name, cells in _rows(person):
            parts += [
                bar(axis, cell, top, f"{person.name}, {name}", high=BAR) for cell in cells if cell.start < axis.seconds
            ]
            top += _CELLS
        top += 6
    title = "words, voice, face and spectrum, second by second"
    return drawn([*ticks(axis, top), *parts], axis, top, title, strip=True)


def _rows(person: Person) -> Iterator[tuple[str, Sequence[Cell]]]:
    """The voice by windows where a turn has some, and the face."""
    windows = person.row(WINDOWS)
    covered = [(cell.start, cell.end) for cell in windows]
    plain = [cell for cell in person.row(VOICES) if not any(a < cell.end and cell.start < b for a, b in covered)]
    if windows or plain:
        yield VOICES, sorted([*windows, *plain], key=lambda cell: cell.start)
    if face := person.row(FACES):
        yield FACES, face


def _words(view: View, axis: Axis, top: float, style: int) -> Iterator[Html]:
    """The words where they begin; one that would run into the word before it stands a line lower."""
    heard = words(view.turn)
    if not heard and view.turn.seconds:
        heard = [(*view.turn.seconds, view.turn.text)]
    sure = [word[3] if len(word) > 3 else 1.0 for word in view.turn.meta.get("words", ())] or [1.0]
    ends = [0.0, 0.0]
    for (start, end, word), confidence in zip(heard, sure, strict=True):
        if start >= axis.seconds:
            return
        x, wide = axis.x(start), (len(word.strip()) + 1) * LETTER
        row = 0 if ends[0] <= x or ends[1] > x else 1
        ends[row] = x + wide
        look = f"word s{style % 6}" + (" unsure" if confidence < 0.5 else "")
        title = tag("title", f"{clock(start)}: heard with confidence {confidence:.2f}")
        times = {"data_at": f"{start:.2f}", "data_until": f"{end:.2f}"}
        yield tag("text", title, word.strip(), x=x, y=top + 11 + 13 * row, class_=look, **times)


def _contours(signal: Signal, axis: Axis, top: float) -> Iterator[Html]:
    """Pitch over the range of a voice (5 to 45 semitones above 27.5 Hz) and loudness, of one turn."""
    if not hasattr(signal.samples, "shape") or signal.start >= axis.seconds or not len(signal.samples):
        return
    names = contour_names(signal.samples.shape[1])
    if _PITCH not in names:
        return
    pitch, loud = (signal.samples[:, names.index(name)] for name in (_PITCH, _LOUDNESS))

    def x(frame: int) -> float:
        return axis.x(signal.start + frame / signal.sampling_rate)

    def y_pitch(value: float) -> float:
        return top + SPECTRUM * (1 - min(max((value - 5) / 40, 0.0), 1.0))

    def y_loud(value: float) -> float:
        return top + SPECTRUM * (1 - min(value / 4, 1.0))

    yield _path(pitch, x, y_pitch, "pitch", "pitch, 37 to 370 Hz", gaps=True)
    yield _path(loud, x, y_loud, "loud", "loudness", gaps=False)


def _path(
    values: Sequence[float],
    x: Callable[[int], float],
    y: Callable[[float], float],
    look: str,
    title: str,
    *,
    gaps: bool,
) -> Html:
    """A curve over frames, every second one; where `gaps`, it is broken where the value is 0."""
    steps, pen = list[str](), "M"
    for frame in range(0, len(values), 2):
        value = float(values[frame])
        if gaps and not value:
            pen = "M"
            continue
        steps.append(f"{pen}{x(frame):.1f} {y(value):.1f}")
        pen = "L"
    return tag("path", tag("title", title), d="".join(steps), class_=look) if steps else Html()
