"""The drawings of a recording: all of it across the page, and its beginning second by second with its spectrum.

Colour goes by the family of the feeling and never alone: its word stands in the bar or in what the bar says of itself.
An empty dashed bar is "cannot tell"; a hatched one says that nothing stands out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from insula.conversation import Annotation, Conversation, Signal
from insula.exchange.frames import contour_names
from insula.exchange.marks import words
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.view import View, expressed, family, readable

from .view import Window

WIDE, LEFT, RIGHT = 980, 96, 12
BAR, LANE, AXIS = 15, 66, 22
DETAIL, PER_SECOND, SPECTRUM = 180.0, 110, 96
"""Seconds drawn in detail, pixels a second there, and the height of the spectrum."""
_LETTER, _STRIP = 6.4, 56
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_PITCH, _LOUDNESS = "F0semitoneFrom27.5Hz", "loudness"


@dataclass(frozen=True)
class Axis:
    """Seconds -> pixels."""

    seconds: float
    left: float
    per_second: float

    def x(self, second: float) -> float:
        """Pixels from the left."""
        return self.left + max(0.0, min(second, self.seconds)) * self.per_second

    @property
    def wide(self) -> float:
        """Pixels in all."""
        return self.x(self.seconds) + RIGHT


def overview(spoken: Sequence[View], people: dict[str, int], seconds: float) -> Html:
    """The whole recording: for each speaker what the words say, how the voice sounds, and the voice by the second."""
    axis = Axis(seconds, LEFT, (WIDE - LEFT - RIGHT) / seconds)
    tops = {name: AXIS + n * LANE for n, name in enumerate(people)}
    high = AXIS + LANE * len(people) + 4
    parts = [*_ticks(axis, high)]
    for name, top in tops.items():
        parts.append(tag("text", _short(name, 13), x=0, y=top + 12, class_="strong"))
        rows = ("words", "voice", "by the second")
        parts += [
            tag("text", row, x=LEFT - 8, y=top + 12 + n * (BAR + 4), class_="end") for n, row in enumerate(rows) if n
        ]
        parts.append(tag("line", x1=0, x2=WIDE, y1=top + LANE - 5, y2=top + LANE - 5, class_="grid"))
    for view in spoken:
        parts += _turn(view, axis, tops[view.turn.speaker])
    return _svg(parts, axis, high, "the recording from left to right, a lane for each speaker")


def detail(
    spoken: Sequence[View], people: dict[str, int], conversation: Conversation, seconds: float, picture: str
) -> Html:
    """The beginning at a scale where words can be read: spectrum, pitch, loudness, words, and the voice by windows."""
    axis = Axis(min(seconds, DETAIL), 8, PER_SECOND)
    top = AXIS
    spectrum = {"x": axis.x(0), "y": top, "width": axis.x(axis.seconds) - axis.x(0), "height": SPECTRUM}
    image = tag("image", href=picture, preserveAspectRatio="none", **spectrum) if picture else Html()
    parts = [image, *(part for one in conversation.signals("prosody") for part in _contours(one, axis, top))]
    lanes = {name: top + SPECTRUM + 8 + n * _STRIP for n, name in enumerate(people)}
    high = top + SPECTRUM + 12 + _STRIP * len(people)
    for view in spoken:
        if view.turn.seconds and view.turn.seconds[0] < axis.seconds:
            parts += _words(view, axis, lanes[view.turn.speaker], people[view.turn.speaker])
            parts += _cells(view, axis, lanes[view.turn.speaker] + 31, BAR, words=True)
    return _svg(
        [*_ticks(axis, high), *parts], axis, high, "words, voice and spectrum, second by second", width=axis.wide
    )


def bar(
    axis: Axis, start: float, end: float, top: float, read: Annotation | None, what: str, *, high: float = BAR
) -> Html:
    """One reading as a bar over its seconds, its strongest label in it where there is room."""
    x, width = axis.x(start), max(axis.x(end) - axis.x(start) - 1, 1.5)
    shape = {"x": x, "y": top, "width": width, "height": high, "rx": 3, "data_at": f"{start:.2f}"}
    label, score, doubt = told(read)
    title = tag("title", f"{what}, {clock(start)}–{clock(end)}: {doubt or f'{readable(label)} {score:.2f}'}")
    if not read:
        return Html()
    if doubt:
        kind = "unknown" if read.abstained else "open"
        word = "?" if read.abstained else ""
        return tag("g", title, tag("rect", class_=f"bar {kind}", **shape), _inside(word, x, width, top + high))
    look = f"bar {family(read.scheme, label)}"
    shape["style"] = f"--w:{0.35 + 0.65 * score:.2f}"
    return tag("g", title, tag("rect", class_=look, **shape), _inside(readable(label), x, width, top + high))


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


def clock(second: float) -> str:
    """1:07.5"""
    minutes, rest = divmod(second, 60)
    return f"{int(minutes)}:{rest:04.1f}"


def _turn(view: View, axis: Axis, top: float) -> Iterator[Html]:
    if not view.heard or not view.turn.seconds:
        return
    start, end = view.turn.seconds
    yield bar(axis, start, end, top, view.heard.words, "the words")
    yield bar(axis, start, end, top + BAR + 4, view.heard.voice, "the voice")
    yield from _cells(view, axis, top + 2 * (BAR + 4), BAR, words=False)
    if view.heard.at_odds:
        x, y = axis.x((start + end) / 2), top + BAR + 2
        sign = tag("text", "≠", x=x, y=y + 5, class_="sign")
        yield tag(
            "g",
            tag("title", f"words and voice differ: {view.heard.why}"),
            tag("circle", cx=x, cy=y, r=8, class_="odds"),
            sign,
        )


def _cells(view: View, axis: Axis, top: float, high: float, *, words: bool) -> Iterator[Html]:
    cells: Sequence[Window] = list(view.heard.cells(view.turn)) if view.heard else []
    for one in cells:
        if one.start < axis.seconds and (words or (view.heard and view.heard.windows)):
            yield bar(axis, one.start, one.end, top, one.emotion, "the voice", high=high)


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
        x, wide = axis.x(start), (len(word.strip()) + 1) * _LETTER
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


def _ticks(axis: Axis, high: float) -> Iterator[Html]:
    step = next((one for one in _STEPS if one * axis.per_second >= 60), _STEPS[-1])
    for n in range(int(axis.seconds // step) + 1):
        at = axis.x(n * step)
        yield tag("line", x1=at, x2=at, y1=AXIS - 6, y2=high, class_="grid")
        yield tag("text", f"{n * step // 60}:{n * step % 60:02}", x=at + 3, y=AXIS - 9)


def _inside(word: str, x: float, width: float, bottom: float) -> Html:
    fits = len(word) * _LETTER < width - 6
    return tag("text", word, x=x + 4, y=bottom - 3.5, class_="inside") if fits and word else Html()


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"


def _svg(parts: Sequence[Html], axis: Axis, high: float, title: str, width: float | None = None) -> Html:
    head = tag("line", x1=axis.left, x2=axis.left, y1=AXIS - 6, y2=high, class_="playhead")
    shape = {
        "viewBox": f"0 0 {axis.wide:.0f} {high:.0f}",
        "width": width and f"{width:.0f}",
        "height": width and f"{high:.0f}",
    }
    scale = {"data_left": axis.left, "data_scale": f"{axis.per_second:.5f}"}
    return tag("svg", *parts, head, role="img", aria_label=title, class_="heard", **shape, **scale)
