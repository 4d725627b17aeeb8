"""WebVTT captions: a cue is a turn, its voice the speaker.

NOTE ana | emotion | ekman6 | gold: joy
                                             the judgements of the cue that follows, and of windows of it:
NOTE ana | emotion | voice9 | speech.voice | 1.000-3.000: joy=0.83
                                             and of a face's seconds, which belong to no cue:
NOTE face 1 | emotion | fer8 | face.expression | seconds | 0.000-1.000: joy=0.72
1
00:00:01.000 --> 00:00:02.500
<v.joy ana>I <00:00:01.200>did it!           its labels as classes, for colour: ::cue(.joy) { color: gold };
                                             words light up as they are said where their times are known

Where nobody speaks, the cues ("seen 1") say in brackets what is seen in whose face; they are no turns.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn

from . import marks, timeline
from .report.people import FACES, people, runs
from .report.view import View, views
from .source import AUTHOR, Source, in_time, seconds
from .text import spoken

_TIMES = re.compile(r"((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"<[^>]*>")
_WINDOW = re.compile(r"(?P<about>.*?)(?P<alone> \| seconds)? \| (?P<start>\d+\.\d+)-(?P<end>\d+\.\d+)")
_SEEN = "seen "
_NOT_TIMED = "NOTE turns had no times: each is given one second"


def read(source: Source) -> Iterator[Conversation]:
    """One conversation. A cue with several voices is several turns; without voices, "Ana: ..." names the speaker."""
    text = source.text()
    blocks = [block.split("\n") for block in re.split(r"\n[ \t]*\n+", text.strip())]
    timed = _NOT_TIMED not in text
    said, notes, every = list[tuple[Turn, list[str]]](), list[str](), list[str]()
    for block in blocks:
        if block[0].startswith("NOTE "):
            notes += [block[0].removeprefix("NOTE "), *block[1:]]
            every += notes[-len(block) :]
        elif block[0].startswith(_SEEN):
            continue
        elif cue := _cue(block):
            times, words = cue
            spoken_by = [(speaker, text) for speaker, text in _voices(words) if text.strip()]
            said += [(Turn(speaker, text, times if timed else None), notes) for speaker, text in spoken_by]
            notes = []
    conversation = Conversation(id=source.name)
    for one, judged in in_time(said, itemgetter(0), source):
        (turn,) = conversation.add(one)
        conversation.add(*_judgements(judged, turn.id))
    named = _named(conversation)
    named.add(*_moments(every))
    if not len(named):
        raise source.unreadable("has no captions")
    yield named


def write(conversations: list[Conversation], path: Path) -> None:
    """Write the captions of one conversation."""
    parts = ["WEBVTT"]
    for conversation in conversations:
        parts += [_NOT_TIMED] if timeline.invented(conversation) else []
        judged, windows = timeline.judgements(conversation), timeline.windows(conversation)
        alone, leads = timeline.moments(conversation), {view.turn.id: view for view in views(conversation)}
        for number, slot in enumerate(timeline.slots(conversation), 1):
            before = [one for one in alone if (one.at.seconds or (0, 0))[0] * 1000 < slot.end]
            parts += _moment_notes(before)
            alone = alone[len(before) :]
            found = timeline.one_each(judged[slot.turn.id])
            notes = [f"{timeline.judged_by(slot.turn.speaker, x)}: {timeline.spell(x)}" for x in found]
            notes += [_window_note(slot.turn.speaker, x) for x in windows[slot.turn.id]]
            parts += ["NOTE " + "\n".join(_one_line(note) for note in notes)] if notes else []
            classes = _classes(leads[slot.turn.id])
            voice = f"<v{classes} {html.escape(_one_line(slot.turn.speaker), quote=False)}>"
            words = _timed(slot.turn)
            parts.append(f"{number}\n{_clock(slot.start)} --> {_clock(slot.end)}\n{voice}{words}</v>")
        parts += _moment_notes(alone)
        parts += [] if conversation.turns else _seen(conversation)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8", errors="replace")


def _cue(block: list[str]) -> tuple[tuple[float, float], str] | None:
    for place, line in enumerate(block[:2]):
        if found := _TIMES.match(line.strip()):
            start, end = seconds(found[1]) or 0.0, seconds(found[2]) or 0.0
            return (start, max(start, end)), "\n".join(block[place + 1 :])
    return None


def _voices(words: str) -> Iterator[tuple[str, str]]:
    before, *rest = _VOICE.split(words)
    yield AUTHOR, html.unescape(_TAG.sub("", before))
    for speaker, said in zip(rest[::2], rest[1::2], strict=True):
        yield html.unescape(speaker).strip() or AUTHOR, html.unescape(_TAG.sub("", said)).strip("\n")


def _judgements(notes: list[str], turn: str) -> Iterator[Addition]:
    for note in notes:
        name, _, spelled = note.partition(": ")
        window = _WINDOW.fullmatch(name)
        if window and window["alone"]:
            continue
        if found := timeline.apart(window["about"] if window else name):
            judged = timeline.unspell(spelled, turn, *found[1:])
            at = Anchor(turn, seconds=(float(window["start"]), float(window["end"]))) if window else judged.at
            yield replace(judged, at=at)


def _moments(notes: list[str]) -> Iterator[Annotation]:
    """What was judged of seconds and no cue."""
    for note in notes:
        name, _, spelled = note.partition(": ")
        window = _WINDOW.fullmatch(name)
        # of somebody without a name the line begins with the bar, its blank lost
        if window and window["alone"] and (found := timeline.apart(re.sub(r"^\|", " |", window["about"]))):
            at = Anchor(seconds=(float(window["start"]), float(window["end"])), speaker=found[0] or None)
            yield replace(timeline.unspell(spelled, None, *found[1:]), at=at)


def _moment_notes(some: list[Annotation]) -> list[str]:
    lines = [_window_note(one.at.speaker or "", one, " | seconds") for one in some]
    return ["NOTE " + "\n".join(map(_one_line, lines))] if lines else []


def _classes(view: View) -> str:
    """The feelings that lead, and whether channels contradict each other, as classes of a cue."""
    labels = view.emotion.labels if view.emotion else ()
    if view.heard and view.heard.at_odds and view.heard.conflict:
        labels = (*labels, *view.heard.conflict.labels)
    return "".join(dict.fromkeys(_class(label) for label in labels))


def _class(label: str) -> str:
    return "." + re.sub(r"[^-_0-9A-Za-z]", "-", label)


def _seen(conversation: Conversation) -> Iterator[str]:
    """A cue for every time a face changes what it shows."""
    number = 0
    for person in people(conversation, ()):
        for cell in runs(person.row(FACES)):
            if cell.label:
                number += 1
                times = f"{_clock(round(1000 * cell.start))} --> {_clock(round(1000 * cell.end))}"
                voice = f"<v{_class(cell.label)} {html.escape(_one_line(person.name), quote=False)}>"
                yield f"{_SEEN}{number}\n{times}\n{voice}[{cell.label}]</v>"


def _named(conversation: Conversation) -> Conversation:
    """Captions without voices often begin with the speaker's name."""
    if any(turn.speaker != AUTHOR for turn in conversation.turns):
        return conversation
    said = spoken([turn.text.replace("\n", " ") for turn in conversation.turns])
    if len(said) != len(conversation.turns):
        return conversation
    pairs = zip(said, conversation.turns, strict=True)
    return Conversation(*(Turn(new.speaker, new.text, old.seconds) for new, old in pairs), id=conversation.id)


def _window_note(speaker: str, window: Annotation, kind: str = "") -> str:
    start, end = window.at.seconds or (0.0, 0.0)
    return f"{timeline.judged_by(speaker, window)}{kind} | {start:.3f}-{end:.3f}: {timeline.spell(window)}"


def _timed(turn: Turn) -> str:
    """The text, with the time of each word in front of it where the words heard are those of the text."""
    heard = marks.words(turn)
    if not heard or " ".join(word for _, _, word in heard).split() != turn.text.split():
        return html.escape("\n".join(filter(str.strip, turn.text.splitlines())), quote=False)
    words = [html.escape(word.strip(), quote=False) for _, _, word in heard]
    times = ["", *(f"<{_clock(round(1000 * start))}>" for start, _, _ in heard[1:])]
    return " ".join(time + word for time, word in zip(times, words, strict=True))


def _one_line(text: str) -> str:
    """Nothing that would end a block or look like a cue's times."""
    return " ".join(text.split()).replace("-->", "→")


def _clock(milliseconds: int) -> str:
    rest, thousandths = divmod(milliseconds, 1000)
    minutes, whole = divmod(rest, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{whole:02}.{thousandths:03}"
