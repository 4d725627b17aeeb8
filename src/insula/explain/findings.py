"""What is worth a second look: mixed feelings, a hidden emotion, a turning point.

    "I'm so happy for you, and it breaks my heart." -> mixed-feelings .58
    "It's fine." after bad news                     -> hidden-emotion .62 (words calm, context not)
    sad since turn 2, glad now                      -> turning-point .71

Each score is the probability of a stated event, made of the readers' own calibrated numbers, and each is known at its
turn, from what came before; a hidden emotion and a turning point are decided by what the readers themselves decided.
A finding says where to look; it is no claim about what somebody conceals or felt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.explain.graph import leading
from insula.scheme import mapping

# P(people give the words a positive and a negative label) = sigmoid(slope * log(p(positive) * p(negative)) + intercept)
# by text.encoder on GoEmotions dev (Platt 1999), its level set to the rate of such double labels in train, 1.9 %
MIXED_SLOPE, MIXED_INTERCEPT = 1.455, 0.35
# decided from here on, which finds as many as people label: in GoEmotions test 1.9 %, labelled in 1.4 %, precision .23
# (.15 to .31), recall .31; the rule "a label of each sign is decided" finds 2.2 % with precision .18 and recall .27
MIXED = 0.18
MEMORY = 16  # a speaker's own turns a turning point looks back on
NOTHING = "no reading of these words to look at"


@dataclass(frozen=True)
class _Found:
    """The probability of one finding and what it rests on."""

    label: str
    score: float
    decided: bool
    because: tuple[Annotation, ...]


class Findings:
    """Judges every pending turn; what the readers at hand cannot tell gets no score.

    `words` names the reader of a turn's words alone, `context` the one that knows the turns before; a name without a
    revision stands for every revision.
    """

    reads = ("turn", "emotion", "sentiment")
    writes = ("finding",)

    def __init__(
        self, words: str = "text.encoder", context: str = "dialogue.encoder", name: str = "explain.findings"
    ) -> None:
        self.name = self.rater = name
        self._words = words
        self._context = context

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        pending = {turn.id for turn in conversation.pending("finding", self.rater)}
        earlier: dict[str, list[Turn]] = {}
        for turn in conversation.turns if pending else ():
            own = earlier.setdefault(turn.speaker, [])
            if turn.id in pending:
                yield self._judge(conversation, turn, own[-MEMORY:])
            own.append(turn)

    def _judge(self, conversation: Conversation, turn: Turn, own: Sequence[Turn]) -> Annotation:
        alone = _reading(conversation, "emotion", turn, "ekman7", self._words)
        known = _reading(conversation, "emotion", turn, "ekman7", self._context)
        past = [x for one in own if (x := _reading(conversation, "emotion", one, "ekman7", self._context))]
        groups = _reading(conversation, "sentiment", turn, "sentiment4", self._words)
        labels = _reading(conversation, "emotion", turn, "goemotions28", self._words)
        found = [
            *(_mixed(groups, labels) if groups else ()),
            *(_hidden(alone, known) if alone and known else ()),
            *(_turning(known, past) if known else ()),
        ]
        because = dict.fromkeys(x.id for one in found for x in one.because)
        return Annotation(
            "finding",
            {one.label: round(one.score, 4) for one in found},
            Anchor(turn.id),
            "findings",
            self.rater,
            tuple(one.label for one in found if one.decided),
            because=tuple(because),
            reason="" if found else NOTHING,
        )


def _reading(conversation: Conversation, layer: str, turn: Turn, scheme: str, reader: str) -> Annotation | None:
    """What the reader says of the whole turn; None where it says nothing or cannot tell."""
    for one in conversation.read(layer, turn=turn.id, scheme=scheme):
        if one.at.chars is None and one.scores and one.rater.split("@")[0] == reader:
            return one
    return None


def _mixed(groups: Annotation, labels: Annotation | None) -> Iterator[_Found]:
    """Both a positive and a negative feeling in one turn: two scales, not two ends of one (Larsen, McGraw & Cacioppo
    2001, "Can people feel happy and sad at the same time?", https://doi.org/10.1037/0022-3514.81.4.684)."""
    both = groups.scores.get("positive", 0.0) * groups.scores.get("negative", 0.0)
    score = 1 / (1 + math.exp(-MIXED_SLOPE * math.log(max(both, 1e-9)) - MIXED_INTERCEPT))
    yield _Found("mixed-feelings", score, score >= MIXED, (groups, labels) if labels else (groups,))


def _hidden(alone: Annotation, known: Annotation) -> Iterator[_Found]:
    """The words alone sound neutral, the conversation makes an emotion likely that their conformal set rules out.

    The score is the probability, by the reader that knows the context, of all that lies outside that set. (That words
    need their context: Poria et al. 2019, "Emotion recognition in conversation", https://arxiv.org/abs/1905.02947.)

    Against the gold emotion lying outside that set: found in 11.6 % of MELD's test turns (gold 13.9 %; precision .65,
    recall .54, AUC .92), 4.2 % of RECCON's (gold 4.4 %; .55, .52, .96); where everyday talk is nearly all neutral
    (DailyDialog dev, gold 0.5 %) most of the few it finds are wrong (precision .17).
    Measured with the network's first training round, as are turning points.
    """
    calm = leading(alone) == "neutral" and "neutral" in alone.possible
    outside = {label: p for label, p in known.scores.items() if label not in alone.possible} if calm else {}
    score = sum(outside.values()) / max(sum(known.scores.values()), 1.0)
    yield _Found("hidden-emotion", score, leading(known) in outside, (alone, known))


def _turning(known: Annotation, past: Sequence[Annotation]) -> Iterator[_Found]:
    """The speaker's feeling has the opposite sign of their last one that was not neutral (an emotion flip: Kumar et
    al. 2022, https://arxiv.org/abs/2103.12360).

    Each turn gives probabilities of a positive and a negative feeling; what is neither leaves the last sign as it was.
    So the chance of a flip is exact, step by step, if the turns' probabilities are right (a hidden Markov model's
    forward pass: Rabiner 1989). It is decided where the decided labels flip.

    Against flips of gold emotions: AUC .83 on MELD test (a CUSUM chart of valence, Page 1954: .73), .92 on RECCON test
    (.86). Found in 2.9 % and 2.5 % of turns (gold 4.6 %, 1.6 %) with precision .21 and .34, recall .13 and .51; false
    alarms in 2.4 % and 1.7 % of the turns without a flip.
    """
    last, then = (0.0, 0.0), None
    for one in past:
        here = _signs(one)
        still = max(0.0, 1 - sum(here))
        last = (here[0] + still * last[0], here[1] + still * last[1])
        then = one if _sign(one) else then
    now = _signs(known)
    score = now[0] * last[1] + now[1] * last[0]
    decided = then is not None and _sign(known) * _sign(then) < 0
    yield _Found("turning-point", score, decided, (known, then) if then else (known,))


def _signs(emotion: Annotation) -> tuple[float, float]:
    """The probabilities of a positive and of a negative feeling, by the published groups of the labels."""
    groups = mapping(emotion.scheme, "sentiment3").scores(emotion.scores)
    return groups.get("positive", 0.0), groups.get("negative", 0.0)


def _sign(emotion: Annotation) -> int:
    """The sign of the decided label: 1, -1, or 0 for a label that has none."""
    groups = mapping(emotion.scheme, "sentiment3").table.get(leading(emotion) or "", {})
    return ("positive" in groups) - ("negative" in groups)
