"""What a reply does that it should not, given what it answers: agree with what is not so, scold, cling, refuse.

    ReplyRisk().judge("Good night.", "Don't go! I'll be so sad without you.").risks -> {"manipulation": .99}

Signs are rows of `reply-signs.tsv`, tried on each sentence. A small layer on the text encoder's states, taught by
DiaSafety (Sun et al. 2022), adds how likely the whole reply is to be unsafe after what it answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from insula.conversation import Addition, Anchor, Annotation, Conversation, Span, Turn
from insula.scheme import scheme

from .sentences import sentences
from .tables import Record, folder, records

SCHEME = "reply-risks"
RISKS = scheme(SCHEME).labels
EARLY = 2  # turns of the person before which advice nobody asked for is too early
_LEAD = " \t\n\"'*_#>-–—•¡¿"  # marks before the first word
_QUOTES = str.maketrans("’‘“”", "''\"\"")


@dataclass(frozen=True)
class Sign:
    """One row of `reply-signs.tsv`."""

    risk: str
    language: str
    probability: float
    context: re.Pattern[str] | None
    not_context: re.Pattern[str] | None
    reply: re.Pattern[str]
    unless: re.Pattern[str] | None

    def find(self, context: str, sentence: str) -> Span | None:
        """Where in the sentence it shows, after that context; None where it does not."""
        hit = self.reply.search(sentence)
        if hit is None or not hit.group().strip() or (self.unless and self.unless.search(sentence)):
            return None
        if (self.context and not self.context.search(context)) or (
            self.not_context and self.not_context.search(context)
        ):
            return None
        blanks = len(hit.group()) - len(hit.group().lstrip())
        return hit.start() + blanks, hit.end()


@dataclass(frozen=True)
class Judged:
    """`risks`: probability per label of reply-risks. `words`: where the signs of each risk are in the reply."""

    risks: Mapping[str, float]
    words: Mapping[str, list[tuple[Span, float]]] = field(default_factory=dict[str, list[tuple[Span, float]]])

    def over(self, threshold: float) -> list[str]:
        """The risks from this probability on, the likeliest first."""
        return sorted((r for r, p in self.risks.items() if p >= threshold), key=lambda risk: -self.risks[risk])


class ReplyRisk:
    """Judges every pending turn of `speaker` that answers somebody; with speaker "" every turn that answers another's.

    Raises ValueError naming line and column of a mistake in the table of signs.
    """

    reads = ("turn",)
    writes = ("boundary", "evidence")

    def __init__(
        self, speaker: str = "companion", name: str = "guard.reply", threshold: float = 0.5, signs: Path | None = None
    ) -> None:
        self.name = self.rater = name
        self.speaker = speaker
        self.threshold = threshold
        self._signs = read(signs)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        for turn in conversation.pending("boundary", self.rater):
            said = before(conversation, turn)
            if said and self.speaker in ("", turn.speaker) and turn.text.strip():
                yield from self._annotations(turn, self.judge(said[0], turn.text, early=said[1] <= EARLY))

    def judge(self, context: str, reply: str, *, early: bool = True) -> Judged:
        """The risks of a reply to a context; `early`: the person has hardly spoken yet."""
        context, found = context.translate(_QUOTES), dict[str, list[tuple[Span, float]]]()
        start = 0
        for sentence in sentences(reply):
            plain = sentence.translate(_QUOTES).rstrip().lstrip(_LEAD)
            lead = start + len(sentence.rstrip()) - len(plain)
            for sign in self._signs:
                if (early or sign.risk != "premature-advice") and (span := sign.find(context, plain)):
                    words = (lead + span[0], lead + span[1])
                    found.setdefault(sign.risk, []).append((words, sign.probability))
            start += len(sentence)
        return Judged({risk: _either([p for _, p in found.get(risk, [])]) for risk in RISKS}, found)

    def _annotations(self, turn: Turn, judged: Judged) -> Iterator[Annotation]:
        decided = tuple(judged.over(self.threshold))
        words = [
            Annotation("evidence", {risk: probability}, Anchor(turn.id, span), "words", self.rater)
            for risk in decided
            for span, probability in judged.words.get(risk, [])
        ]
        yield from words
        because = tuple(one.id for one in words)
        yield Annotation("boundary", judged.risks, Anchor(turn.id), SCHEME, self.rater, decided, because=because)


def before(conversation: Conversation, turn: Turn) -> tuple[str, int] | None:
    """What a turn answers: the words of the others since its speaker's last turn, and how often they have spoken.

    None where nobody else spoke before it.
    """
    turns = conversation.turns
    turns = turns[: next((place for place, one in enumerate(turns) if one.id == turn.id), len(turns))]
    spoken = sum(one.speaker != turn.speaker for one in turns)
    heard: list[str] = []
    while turns and turns[-1].speaker != turn.speaker:
        heard.insert(0, turns.pop().text)
    return ("\n".join(heard), spoken) if heard else None


@cache
def read(path: Path | None = None) -> tuple[Sign, ...]:
    """Every sign of a table, the shipped one if none is given; raises Mistake naming line and column."""
    columns = ("risk", "language", "probability", "context", "not_context", "reply", "unless")
    return tuple(_sign(record) for record in records(path or folder("reply-signs.tsv"), *columns))


def _sign(record: Record) -> Sign:
    probability = record.number("probability")
    if not 0 < probability < 1:
        raise record.wrong("probability", f"{probability:g} is no probability between 0 and 1")
    reply, context, not_context, unless = (
        _pattern(record, column) for column in ("reply", "context", "not_context", "unless")
    )
    if reply is None:
        raise record.wrong("reply", "it is empty")
    risk = record.one_of("risk", RISKS)
    return Sign(risk, record["language"], probability, context, not_context, reply, unless)


def _either(probabilities: list[float]) -> float:
    """That at least one of independent signs is right."""
    none = 1.0
    for probability in probabilities:
        none *= 1 - probability
    return round(1 - none, 4)


def _pattern(record: Record, column: str) -> re.Pattern[str] | None:
    try:
        return re.compile(record[column], re.IGNORECASE) if record[column] else None
    except re.error as error:
        raise record.wrong(column, f"no regular expression: {error}") from None
