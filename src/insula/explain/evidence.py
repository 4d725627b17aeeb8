"""The emotion of a turn, said from what was seen and heard of the person, with where and when.

    "Ana likely expresses surprise (0.71): brows raised and lips parted at 12.3 s, voice 4 semitones higher than usual,
     said “really?”."

Every part names a measurement: an action unit that stands out against the rest of what was seen of the face before, a
functional of prosody against the speaker's earlier turns, the words that spoke for the feeling, a body under stress.
Without any such part nothing is said. What is measured goes along with the feeling; it is no proof of it, and a face or
a voice may move for other reasons. Wording of action units after the manual of FACS (Ekman, Friesen & Hager 2002).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, pstdev

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.explain.graph import leading
from insula.explain.support import sayable
from insula.explain.wording import expresses, said

PERSON = ("fuse.person", "fuse.words-voice")
MOVED = {
    "AU01": "inner brows raised",
    "AU02": "outer brows raised",
    "AU04": "brows drawn together",
    "AU05": "eyes wide",
    "AU06": "cheeks raised",
    "AU07": "lids tight",
    "AU09": "nose wrinkled",
    "AU10": "upper lip raised",
    "AU12": "corners of the mouth raised",
    "AU14": "dimples",
    "AU15": "corners of the mouth lowered",
    "AU17": "chin raised",
    "AU20": "lips stretched",
    "AU23": "lips tight",
    "AU24": "lips pressed",
    "AU25": "lips parted",
    "AU26": "jaw dropped",
    "AU43": "eyes closed",
}
TOGETHER = {("AU01", "AU02"): "brows raised", ("AU06", "AU12"): "smiling, eyes and all"}
SEEN = 1.0  # of 5, from which a movement is worth saying, and so much above what is usual of the face
MOVES = 2  # movements told of one turn
# the functional, what a rise and a fall are called, its unit, and the change from which it is worth saying
VOICE = (
    ("F0semitoneFrom27.5Hz_sma3nz_amean", "higher", "lower", "semitones", 2.0),
    ("equivalentSoundLevel_dBp", "louder", "quieter", "decibels", 4.0),
    ("syllablesPerSec", "faster", "slower", "syllables a second", 1.0),
)
MEMORY = 16  # of the speaker's own turns, to know what is usual
QUOTED = 40  # characters


@dataclass(frozen=True)
class Part:
    """What was measured, in words, how far it stands out (in units of what is worth saying), and what says so."""

    text: str
    weight: float
    because: Annotation


class Evidence:
    """Explains every pending turn whose feeling was decided by all channels together."""

    reads = ("turn", "emotion")
    writes = ("explanation",)

    def __init__(self, name: str = "explain.evidence", people: Sequence[str] = PERSON) -> None:
        self.name = self.rater = name
        self._people = tuple(people)

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        for turn in conversation.pending("explanation", self.rater):
            yield self._explain(conversation, turn)

    def _explain(self, conversation: Conversation, turn: Turn) -> Annotation:
        at = Anchor(turn.id)
        marks = [x for x in conversation.read("emotion", turn=turn.id) if x.rater.partition("@")[0] in self._people]
        label = leading(marks[-1]) if marks and marks[-1].labels else None
        parts = [*_face(conversation, turn), *_voice(conversation, turn), *_body(conversation, turn)]
        parts += _words(conversation, turn)
        if label in (None, "neutral") or not parts:
            reason = "nothing measured stands out" if not parts else "no feeling was decided that could be explained"
            return Annotation("explanation", {}, at, "sentences", self.rater, reason=reason)
        assert label is not None
        p = marks[-1].scores[label]
        who = turn.speaker if sayable(turn.speaker) else "The speaker"
        text = f"{who[0].upper()}{who[1:]} {expresses(label, p)} {said(label)} ({p:.2f}): "
        text += f"{', '.join(one.text for one in parts)}."
        because = tuple(dict.fromkeys([marks[-1].id, *(one.because.id for one in parts)]))
        return Annotation("explanation", {text: round(p, 4)}, at, "sentences", self.rater, (text,), because=because)


def _face(conversation: Conversation, turn: Turn) -> Iterator[Part]:
    """What moves most in the seconds of the turn, of the face that speaks, against what it did before."""
    if turn.seconds is None:
        return
    whose = [x for x in conversation.read("speaker_face", turn=turn.id) if x.labels]
    names = {whose[-1].labels[0]} if whose else {turn.speaker, None}
    marks = [x for x in conversation.read("action_unit") if x.at.seconds and x.at.speaker in names and x.scores]
    start, end = turn.seconds
    here = [x for x in marks if x.at.seconds and x.at.seconds[0] < end and x.at.seconds[1] > start]
    before = [x for x in marks if x.at.seconds and x.at.seconds[1] <= start]
    found = list[tuple[float, str, Annotation]]()
    for unit in MOVED if here else ():
        peak = max(here, key=lambda x: x.scores.get(unit, 0.0))
        usual = median(x.scores.get(unit, 0.0) for x in before) if before else 0.0
        if peak.scores.get(unit, 0.0) >= usual + SEEN:
            found.append((peak.scores[unit] - usual, unit, peak))
    found.sort(key=lambda one: -one[0])
    strongest = {unit: (above, peak) for above, unit, peak in found[: MOVES + 1]}
    texts = list[Part]()
    for units, text in (*TOGETHER.items(), *(((unit,), MOVED[unit]) for unit in strongest)):
        if all(unit in strongest for unit in units):
            above, peak = max((strongest.pop(unit) for unit in units), key=lambda one: one[0])
            texts.append(Part(text, above / SEEN, peak))
    if texts := sorted(texts, key=lambda one: -one.weight)[:MOVES]:
        seconds = texts[0].because.at.seconds or turn.seconds
        said_ = f"{' and '.join(one.text for one in texts)} at {max(seconds[0], start):.1f} s"
        yield Part(said_, texts[0].weight, texts[0].because)


def _voice(conversation: Conversation, turn: Turn) -> Iterator[Part]:
    """The change of the voice that stands out most, against the speaker's own turns before; none without any."""
    own = [one for one in conversation.turns if one.speaker == turn.speaker]
    place = next(number for number, one in enumerate(own) if one.id == turn.id)
    found = conversation.read("prosody", turn=turn.id)
    known = [x for one in own[max(0, place - MEMORY) : place] for x in conversation.read("prosody", turn=one.id)]
    parts = list[Part]()
    for name, rise, fall, unit, least in VOICE if found and found[-1].scores else ():
        past = [x.scores[name] for x in known if name in x.scores]
        if name in found[-1].scores and past:
            change = found[-1].scores[name] - median(past)
            # somebody whose voice always moves about has to move more
            if abs(change) >= max(least, pstdev(past)):
                amount = f"{abs(change):.1f}" if abs(change) < 3 else f"{abs(change):.0f}"
                text = f"voice {amount} {unit} {rise if change > 0 else fall} than usual"
                parts.append(Part(text, abs(change) / least, found[-1]))
    yield from sorted(parts, key=lambda one: -one.weight)[:1]


def _words(conversation: Conversation, turn: Turn) -> Iterator[Part]:
    """The words that spoke most for what was read."""
    marks = [x for x in conversation.read("evidence", turn=turn.id) if x.at.chars and x.scores]
    if marks:
        best = max(marks, key=lambda x: max(x.scores.values()))
        start, end = best.at.chars or (0, 0)
        yield Part(f"said “{turn.text[start:end][:QUOTED]}”", 1.0, best)


def _body(conversation: Conversation, turn: Turn) -> Iterator[Part]:
    """Stress of the speaker's body in a window that was known by the end of the turn."""
    end = turn.seconds[1] if turn.seconds else 0.0
    marks = [
        x
        for x in conversation.read("stress", scheme="bodily-stress")
        if "stress" in x.labels
        and x.at.seconds
        and end - 60 <= x.at.seconds[1] <= end
        and x.at.speaker in (None, turn.speaker)
    ]
    for one in marks[-1:]:
        yield Part(f"body tense ({one.scores['stress']:.2f})", 1.0, one)
