"""What every component must pass, and small made-up conversations to pass it on; shipped, for guests' components too.

check_component(build("text.lexicon"))     # raises AssertionError with a sentence that says what is broken
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence

from .component import Component, name
from .conversation import Addition, Annotation, Conversation, Signal, Turn
from .pipeline import Pipeline
from .scheme import scheme
from .wire import dump, load


def made_up_conversations() -> tuple[Conversation, ...]:
    """Nobody said anything; an empty turn; a chat; one long turn; things that are hardly words."""
    return (
        Conversation(),
        Conversation(Turn("ana", "")),
        Conversation(
            Turn("ana", "I feel so lost because my dog died yesterday."),
            Turn("bo", "Oh no. I'm really sorry, that is awful."),
            Turn("ana", "Thank you, you are always so kind to me!"),
            Turn("ana", "Honestly I'm furious at the vet, she never called us back."),
        ),
        Conversation(Turn("cy", "At first I was glad about the new job. " * 40 + "Then it fell apart and I cried.")),
        Conversation(Turn("dee", "🙂🙂"), Turn("dee", "??"), Turn("dee", "我今天很难过"), Turn("dee", "\x00\u202e \n")),
    )


def additions(part: Component, conversation: Conversation) -> list[Addition]:
    """What a component yields, sync or async, without adding any of it."""
    found = part(conversation) or ()
    if isinstance(found, AsyncIterable):
        return asyncio.run(_drain(found))
    return list(found)


def check_component(part: Component, conversations: Sequence[Conversation] | None = None) -> None:
    """Honest writes, input untouched, same input same answer, scores fit, anchors inside, no peeking, JSON round trip.

    Give `conversations` when the component needs more than turns. Raises AssertionError.
    """
    assert isinstance(part, Component), f"{name(part)} has no reads, writes and call"
    for conversation in made_up_conversations() if conversations is None else conversations:
        before = conversation.log
        found = additions(part, conversation)
        assert conversation.log == before, f"{name(part)} changed the conversation instead of yielding"
        assert _content(found) == _content(additions(part, conversation)), f"{name(part)}: same input, another answer"
        known = {turn.id: turn for turn in (*conversation.turns, *(x for x in found if isinstance(x, Turn)))}
        for addition in found:
            _check_addition(part, known, addition)
        _check_past_only(part, conversation, found)
        _check_batch(part, conversation, found)
        _check_round_trip(part, conversation, found)


def _check_addition(part: Component, turns: Mapping[str, Turn], addition: Addition) -> None:
    layer = _layer(addition)
    assert layer in part.writes, f"{name(part)} writes {layer!r} without declaring it"
    if not isinstance(addition, Annotation):
        return
    assert addition.rater, f"{name(part)} leaves an annotation without a rater"
    assert addition.scores or addition.reason, f"{name(part)} cannot tell, and does not say why"
    if addition.scheme:
        _check_scores(part, addition)
        known = {*addition.labels, *addition.possible, *addition.margin}
        assert known <= set(addition.scores), f"{name(part)} decides on labels it gives no score: {known}"
    turn = addition.at.turn
    assert turn is None or turn in turns, f"{name(part)} anchors outside the conversation"
    if turn and addition.at.chars:
        start, end = addition.at.chars
        assert 0 <= start < end <= len(turns[turn].text), f"{name(part)}: characters {start}:{end} outside"
    if addition.at.seconds:
        assert addition.at.seconds[0] <= addition.at.seconds[1], f"{name(part)}: seconds run backwards"


def _check_scores(part: Component, annotation: Annotation) -> None:
    try:
        scheme(annotation.scheme).check(annotation.scores)
    except (KeyError, ValueError) as error:
        raise AssertionError(f"{name(part)}: {error.args[0]}") from None


def _check_past_only(part: Component, conversation: Conversation, found: list[Addition]) -> None:
    log = conversation.log
    for end in range(len(log)):
        if not isinstance(log[end], Turn):
            continue
        short = Conversation(*log[:end], id=conversation.id)
        seen = {turn.id for turn in short.turns}
        later = _of_later_turns(conversation, found, seen)
        late = [x for x in found if isinstance(x, Annotation) and x.at.turn in seen and x.id not in later]
        made = [x for x in additions(part, short) if isinstance(x, Annotation) and x.at.turn in seen]
        early = [x for x in made if x.id not in later]
        assert _content(early) == _content(late), f"{name(part)}: a later turn changed an earlier judgement"


def _of_later_turns(conversation: Conversation, found: list[Addition], seen: set[str]) -> set[str]:
    """What a later turn brought though it stands at an earlier one: a cause it has there, what rests on both."""
    made = {x.id: x for x in found if isinstance(x, Annotation)}
    known = {**{x.id: x for x in conversation if isinstance(x, Annotation)}, **made}
    unseen = {id for id, x in known.items() if x.at.turn is not None and x.at.turn not in seen}
    resting = {id for id, x in made.items() if not unseen.isdisjoint(x.because)}
    cited, waiting = set[str](), [id for id in unseen if id in made]
    while waiting:
        more = [id for id in made[waiting.pop()].because if id in made and id not in cited]
        cited.update(more)
        waiting += more
    return resting | cited


def _check_batch(part: Component, conversation: Conversation, found: list[Addition]) -> None:
    if batch := getattr(part, "batch", None):
        assert _content(next(iter(batch([conversation])))) == _content(found), f"{name(part)}: batch differs from call"


def _check_round_trip(part: Component, conversation: Conversation, found: list[Addition]) -> None:
    grown = Conversation(*conversation.log, id=conversation.id)
    grown.add(*found)
    lines = [dump(addition, grown.id) for addition in grown]
    again = [dump(*load(line)) for line in lines]
    assert again == lines, f"{name(part)}: its additions do not survive JSON"
    if not isinstance(part, Pipeline):
        repeated = [x for x in additions(part, grown) if isinstance(x, Annotation) and x.at.turn]
        assert not repeated, f"{name(part)} judges again what it has judged (loop over conversation.pending)"


def _layer(addition: Addition) -> str:
    if isinstance(addition, Annotation):
        return addition.layer
    return f"signal.{addition.channel}" if isinstance(addition, Signal) else "turn"


def _content(found: Iterable[Addition]) -> list[str]:
    return [dump(addition) for addition in found]


async def _drain(found: AsyncIterable[Addition]) -> list[Addition]:
    return [addition async for addition in found]
