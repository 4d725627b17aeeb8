"""What a report shows of a turn, whoever drew it: one lead rater's feelings, their doubt, and the words behind them.

for view in views(conversation): view.expressed -> [("sadness", 0.82), ("grief", 0.41)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from insula.conversation import Annotation, Conversation, Span, Turn
from insula.scheme import mapping

from .channels import ALONE, TOGETHER, WHOLE
from .sound.view import Heard, heard

FAMILIES = ("joy", "surprise", "sadness", "fear", "anger", "disgust", "neutral")
"""Ekman's six and neutral: a report has one colour for each, and always the label in words beside it."""
CONTEXT = "dialogue."
"""How the names of raters begin that read a turn in its context: they lead, the words alone are shown beside."""
ELSEWHERE = (CONTEXT, "explain.")
"""How the names of raters begin whose evidence may be for something else than the feeling of the turn it stands in."""

_STEERING = {
    code: "�"
    for codes in (range(9), range(11, 32), range(127, 160), range(0x202A, 0x202F), range(0xD800, 0xE000))
    for code in codes
}


@dataclass(frozen=True)
class Stretch:
    """A part of a long turn, with what was read in just that part."""

    chars: Span
    emotion: Annotation | None
    affect: Annotation | None


@dataclass(frozen=True)
class View:
    """One turn as it is shown: `emotion` and `affect` are the lead rater's, `beside` is everything else said of it.

    `heard` is how it sounded; None where nobody listened.
    """

    turn: Turn
    number: int
    emotion: Annotation | None
    affect: Annotation | None
    beside: tuple[Annotation, ...]
    evidence: tuple[Annotation, ...]
    stretches: tuple[Stretch, ...]
    heard: Heard | None = None

    @property
    def cannot_tell(self) -> str:
        """Why nothing could be read here; "" where something was, or where nobody looked."""
        looked = [x for x in (self.emotion, self.affect) if x]
        return looked[0].reason if looked and all(x.abstained for x in looked) else ""

    @property
    def expressed(self) -> list[tuple[str, float]]:
        """The labels that were decided on and their probabilities, strongest first; neutral only when alone."""
        return expressed(self.emotion) if self.emotion else []

    @property
    def could_be(self) -> list[str]:
        """Labels that cannot be ruled out, beyond those decided on, strongest first."""
        if not self.emotion:
            return []
        scores = self.emotion.scores
        rest = set(self.emotion.possible) - {label for label, _ in self.expressed} - {"neutral"}
        return sorted(rest, key=lambda label: -scores[label])

    def affect_of(self, dimension: str) -> tuple[float, float] | None:
        """Position and 90 % half-width of one dimension, -1..1."""
        if not self.affect or dimension not in self.affect.scores:
            return None
        return self.affect.scores[dimension], self.affect.margin.get(dimension, 0.0)


def views(conversation: Conversation) -> Iterator[View]:
    """Every turn of a conversation, in order."""
    by_turn: dict[str, list[Annotation]] = {}
    for addition in conversation:
        if isinstance(addition, Annotation) and addition.at.turn:
            by_turn.setdefault(addition.at.turn, []).append(addition)
    for number, turn in enumerate(conversation.turns, 1):
        yield _view(turn, number, by_turn.get(turn.id, []))


def expressed(annotation: Annotation) -> list[tuple[str, float]]:
    """The decided labels of one annotation, strongest first; neutral is left out where anything else was decided."""
    scores = annotation.scores
    labels = sorted(annotation.labels, key=lambda label: -scores.get(label, 0.0))
    feelings = [label for label in labels if label != "neutral"] or labels
    return [(label, scores.get(label, 1.0)) for label in feelings]


@cache
def family(scheme: str, label: str) -> str:
    """The one of FAMILIES a label belongs to, by the published map of its scheme; "other" where there is none.

    A label that is not of the scheme, as of words marked by another rater, is looked for in goemotions28.
    """
    if label in FAMILIES:
        return label
    for source in (scheme, "goemotions28"):
        try:
            near = mapping(source, "ekman7").table.get(label, {})
        except KeyError:
            continue
        if near:
            return max(near, key=lambda broad: near[broad])
    return "other"


def group(conversation: Conversation) -> str:
    """What a text belongs to: the rows of one table ("reviews.csv:17"), the items of one folder or corpus split."""
    source, colon, row = conversation.id.rpartition(":")
    if colon and row.isdigit():
        return source
    return conversation.id.rpartition("/")[0] or conversation.id


def visible(text: str) -> str:
    """The text, with � for what steers a terminal or page instead of being read: escapes, overrides, surrogates."""
    return text.translate(_STEERING)


def readable(label: str) -> str:
    """A label id as words."""
    return label.replace("_", " ")


def _view(turn: Turn, number: int, found: list[Annotation]) -> View:
    whole = [x for x in found if not x.at.chars and not x.at.seconds]
    emotion, affect = _lead(whole, "emotion"), _lead(whole, "affect")
    parts: dict[Span, dict[str, Annotation]] = {}
    for x in found:
        if x.at.chars and x.layer in ("emotion", "affect"):
            parts.setdefault(x.at.chars, {}).setdefault(x.layer, x)
    stretches = tuple(Stretch(span, part.get("emotion"), part.get("affect")) for span, part in sorted(parts.items()))
    beside = tuple(x for x in whole if x not in (emotion, affect))
    return View(
        turn, number, emotion, affect, beside, _evidence(found, turn.text, emotion), stretches, heard(turn, found)
    )


def _lead(found: list[Annotation], layer: str) -> Annotation | None:
    """The judgement of a machine that put all channels together, or some; else of one that read the context, in the
    broadest of its schemes; else the first machine's; else the first of anybody. A voice, a face or a body leads only
    where nothing else does.
    """
    here = sorted((x for x in found if x.layer == layer), key=lambda x: x.rater.startswith(ALONE))
    together = [x for x in here if x.rater.startswith(TOGETHER)]
    together.sort(key=lambda x: not x.rater.startswith(WHOLE))
    context = [x for x in here if x.rater.startswith(CONTEXT)]
    machines = [x for x in here if "@" in x.rater]
    broad = [x for x in context if x.scheme == "ekman7"]
    return next(iter((*together, *broad, *context, *machines, *here)), None)


def _evidence(found: list[Annotation], text: str, lead: Annotation | None) -> tuple[Annotation, ...]:
    """Words marked as evidence of a feeling, in reading order; of two that overlap only the stronger.

    Where the leading emotion names words, only those. What shows empathy, or moved a later turn, is evidence too, but
    not of what is felt here.
    """
    empathy = {id for x in found if x.layer == "empathy" for id in x.because}
    named = {id for x in found for id in x.because} - empathy
    marked = [x for x in found if x.layer == "evidence" and x.at.chars and x.scores and x.top != "neutral"]
    marked = [x for x in marked if x.id in named or not (x.id in empathy or x.rater.startswith(ELSEWHERE))]
    marked = [x for x in marked if not _punctuation(text[slice(*(x.at.chars or (0, 0)))])]
    marked = [x for x in marked if lead and x.id in lead.because] or marked
    kept: list[Annotation] = []
    for one in sorted(marked, key=lambda x: -max(x.scores.values())):
        start, end = one.at.chars or (0, 0)
        if all(end <= a or b <= start for a, b in (x.at.chars or (0, 0) for x in kept)):
            kept.append(one)
    return tuple(sorted(kept, key=lambda x: x.at.chars or (0, 0)))


def _punctuation(word: str) -> bool:
    """A full stop convinces nobody; an emoji may."""
    return word.isascii() and not any(letter.isalnum() for letter in word)
