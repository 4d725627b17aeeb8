"""How a conversation becomes questions, and where a pipeline's answer to each is found.

    ITEMS["pairs"].of(0, conversation) -> was turn 1 a cause of what is felt in turn 3? turn 2? turn 3 itself?

A question never carries its answer to the pipeline: what runs is the bare conversation (`Split.bare`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..conversation import Anchor, Annotation, Conversation, Turn

GOLD = "gold"
Reading = Mapping[str, Annotation]


@dataclass(frozen=True)
class Item:
    """One question: the turn that is asked about, what the gold rater says under each scheme, and the words there are.

    `text` is what a bag of words may read. A question about a pair also has its `target`, the turn whose emotion is to
    be explained, and how many turns lie between the two as `distance`. A question about what comes next knows as
    `before` what the same side did last, by gold.
    """

    conversation: int
    turn: Turn
    gold: Reading
    text: str
    target: Turn | None = None
    distance: int = 0
    before: str = ""

    @property
    def length(self) -> int:
        """Words of the turn that carries the feeling."""
        return len((self.target or self.turn).text.split())


@dataclass(frozen=True)
class Items:
    """`of` makes the questions of a conversation; `read` finds what was answered, by scheme; {} is an abstention."""

    of: Callable[[int, Conversation], Iterator[Item]]
    read: Callable[[Conversation, Item, Sequence[str]], Reading]


def turns(number: int, conversation: Conversation) -> Iterator[Item]:
    """Every turn, asked about alone."""
    for turn in conversation.turns:
        found = (x for layer in conversation.layers for x in conversation.read(layer, turn=turn.id, rater=GOLD))
        gold = {x.scheme: x for x in found if not x.abstained and x.at.chars is None}
        yield Item(number, turn, MappingProxyType(gold), turn.text)


def of_turn(conversation: Conversation, item: Item, layers: Sequence[str]) -> Reading:
    """What was said of the whole turn. Where several components speak one scheme, the last has the word."""
    found = (x for layer in layers for x in conversation.read(layer, turn=item.turn.id))
    return {x.scheme: x for x in found if x.at.chars is None and x.at.seconds is None and x.scheme}


def last_turns(number: int, conversation: Conversation) -> Iterator[Item]:
    """What a speaker feels in the whole conversation, asked at their last turn, after all that was said before."""
    yield from _of_speakers(number, conversation, -1)


def first_turns(number: int, conversation: Conversation) -> Iterator[Item]:
    """The same, asked as soon as they have spoken once."""
    yield from _of_speakers(number, conversation, 0)


def _of_speakers(number: int, conversation: Conversation, place: int) -> Iterator[Item]:
    every = conversation.turns
    for speaker, gold in _felt(conversation).items():
        if own := [k for k, turn in enumerate(every) if turn.speaker == speaker]:
            heard = " ".join(turn.text for turn in every[: own[place] + 1])
            yield Item(number, every[own[place]], MappingProxyType(gold), heard)


def _felt(conversation: Conversation) -> dict[str, dict[str, Annotation]]:
    """Gold by speaker and scheme, of speakers rather than turns."""
    found: dict[str, dict[str, Annotation]] = {}
    for layer in conversation.layers:
        for one in conversation.read(layer, rater=GOLD):
            if one.at.speaker and one.at.turn is None:
                found.setdefault(one.at.speaker, {})[one.scheme] = one
    return found


def pairs(number: int, conversation: Conversation) -> Iterator[Item]:
    """Each turn with a feeling beside each turn up to it: one question per annotated cause, one per turn that is none.

    As RECCON counts them: a turn with two stretches that are causes is two positive pairs.
    """
    every = conversation.turns
    for k, target in enumerate(every):
        emotion = next(iter(conversation.read("emotion", turn=target.id, rater=GOLD)), None)
        if emotion is None or emotion.top in (None, "neutral"):
            continue
        causes = linked(conversation, target)
        for distance, source in enumerate(reversed(every[: k + 1])):
            none = Annotation("cause", {"cause": 0.0}, Anchor(source.id), "cause", GOLD)
            for one in [x for x in causes if x.at.turn == source.id] or [none]:
                words = _pair_words(source, target, distance)
                yield Item(number, source, {"cause": one}, words, target, distance)


def _pair_words(source: Turn, target: Turn, distance: int) -> str:
    """Both texts and how they stand to each other, the source's words marked as such."""
    who = "samespeaker" if source.speaker == target.speaker else "otherspeaker"
    marked = " ".join(f"then{word}" for word in source.text.lower().split())
    return f"distance{min(distance, 9)} distance{min(distance, 9)}{who} {marked} {target.text}"


def next_turns(number: int, conversation: Conversation) -> Iterator[Item]:
    """What strategy a supporter uses next, asked at the turn right before it; the first turn of a talk is not asked."""
    every, done = conversation.turns, ""
    for place, turn in enumerate(every):
        for one in conversation.read("strategy", turn=turn.id, rater=GOLD, scheme="esconv8"):
            if place:
                asked = every[place - 1]
                plan = Annotation("plan", one.scores, Anchor(asked.id), "support-plan", GOLD, one.labels)
                yield Item(number, asked, {"support-plan": plan}, _last_words(every[:place]), before=done)
            done = one.top or ""


def _last_words(turns: Sequence[Turn]) -> str:
    """The last turn's words, and those of the two before it marked as such."""
    marked = [f"earlier{word}" for turn in turns[-3:-1] for word in turn.text.lower().split()]
    return f"spoke{turns[-1].speaker} {turns[-1].text} {' '.join(marked)}"


def first_planned(conversation: Conversation, item: Item, layers: Sequence[str]) -> Reading:
    """What was planned at the turn, the first of a mix being the plan's choice."""
    found = of_turn(conversation, item, layers)
    return {name: replace(one, labels=one.labels[:1]) for name, one in found.items() if one.layer == "plan"}


def linked(conversation: Conversation, target: Turn) -> list[Annotation]:
    """The causes that a turn's emotion was linked to: what the `caused` link, or else the emotion, rests on."""
    link = _link(conversation, target)
    links = [link] if link else conversation.read("emotion", turn=target.id)
    causes = {x.id: x for x in conversation.read("cause", scheme="cause")}
    return [causes[id] for link in links for id in link.because if id in causes]


def _link(conversation: Conversation, target: Turn) -> Annotation | None:
    """What was last said of where the turn's emotion comes from."""
    return next(reversed(conversation.read("cause", turn=target.id, scheme="caused")), None)


def linked_cause(conversation: Conversation, item: Item, layers: Sequence[str]) -> Reading:
    """The surest cause found in the item's turn for the emotion of its target; {} where the link abstained."""
    del layers
    assert item.target
    link = _link(conversation, item.target)
    if link and link.abstained:
        return {}
    found = [x for x in linked(conversation, item.target) if x.at.turn == item.turn.id]
    return {"cause": max(found, key=lambda one: one.scores.get("cause", 0.0), default=_no_cause(item, link))}


def felt_cause(conversation: Conversation, item: Item, layers: Sequence[str]) -> Reading:
    """The same, where the pipeline itself found an emotion in the target: it explains nothing it calls neutral."""
    assert item.target
    link = _link(conversation, item.target)
    rests = {x.id: x for x in conversation.read("emotion", turn=item.target.id)}
    emotion = next((rests[id] for id in link.because if id in rests), None) if link else None
    if emotion and (emotion.labels or (emotion.top,))[0] == "neutral":
        return {"cause": _no_cause(item, link)}
    return linked_cause(conversation, item, layers)


def _no_cause(item: Item, link: Annotation | None) -> Annotation:
    return Annotation("cause", {"cause": 0.0}, Anchor(item.turn.id), "cause", link.rater if link else "")


ITEMS: Mapping[str, Items] = MappingProxyType(
    {
        "turns": Items(turns, of_turn),
        "last turn": Items(last_turns, of_turn),
        "first turn": Items(first_turns, of_turn),
        "pairs": Items(pairs, linked_cause),
        "felt pairs": Items(pairs, felt_cause),
        "next turns": Items(next_turns, first_planned),
    }
)
