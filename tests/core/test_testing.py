"""`check_component` must let honest components pass and name what each dishonest one does."""

import random

import pytest

from insula import Anchor, Annotation, Conversation, Pipeline, Turn, component
from insula.testing import additions, check_component, made_up_conversations


def says(conversation, turn, scores=None, **fields):
    scores = {"joy": 1.0} if scores is None else scores
    return Annotation("emotion", scores, Anchor(turn.id), **{"scheme": "words", "rater": "me", **fields})


def honest(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn)


def test_honest_components_pass():
    check_component(component(writes=["emotion"])(honest))
    check_component(Pipeline(component(writes=["emotion"])(honest)))

    @component(writes=["emotion"])
    async def slow(conversation):
        for turn in conversation.pending("emotion", "me"):
            yield says(conversation, turn, {}, reason="too short")

    check_component(slow)


def undeclared(conversation):
    for turn in conversation.turns:
        yield Annotation("cause", {"cause": 1.0}, Anchor(turn.id), "words", "me")


def mutates(conversation):
    conversation.add(Turn("me", "hello"))
    yield from ()


def rolls_dice(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, {"joy": random.random()})


def peeks(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, {"joy": 1 / (1 + len(conversation.turns))})


def crashes_on_nothing(conversation):
    first = conversation.turns[0]
    yield from honest(Conversation(first))


def nameless(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, rater="")


def silent_about_why(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, {})


def outside_the_scheme(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, {"joy": 1.5})


def in_no_scheme(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, scheme="wrods")


def decides_without_a_score(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield says(conversation, turn, labels=("fear",))


def outside_the_text(conversation):
    for turn in conversation.pending("emotion", "me"):
        yield Annotation("emotion", {"joy": 1.0}, Anchor(turn.id, chars=(0, len(turn.text) + 1)), "words", "me")


def judges_again(conversation):
    for turn in conversation.turns:
        yield says(conversation, turn)


def elsewhere(conversation):
    yield Annotation("emotion", {"joy": 1.0}, Anchor("t99"), "words", "me")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (undeclared, "writes 'cause' without declaring it"),
        (mutates, "changed the conversation"),
        (rolls_dice, "same input, another answer"),
        (peeks, "a later turn changed an earlier judgement"),
        (nameless, "without a rater"),
        (silent_about_why, "does not say why"),
        (outside_the_scheme, "joy=1.5 is outside 0.0..1.0 of scheme 'words'"),
        (in_no_scheme, "no scheme 'wrods'; did you mean 'words'"),
        (decides_without_a_score, "gives no score"),
        (outside_the_text, "outside"),
        (judges_again, "judges again"),
        (elsewhere, "outside the conversation"),
    ],
)
def test_a_broken_component_is_told_what_it_does(function, words):
    with pytest.raises(AssertionError, match=words) as raised:
        check_component(component(writes=["emotion"])(function))
    assert function.__name__ in str(raised.value)


def test_a_component_must_stand_an_empty_conversation():
    with pytest.raises(IndexError):
        check_component(component(writes=["emotion"])(crashes_on_nothing))


def test_a_plain_function_is_no_component():
    with pytest.raises(AssertionError, match="no reads, writes and call"):
        check_component(lambda conversation: [])


def test_a_batch_must_agree_with_the_call():
    class Batched:
        reads, writes = ("turn",), ("emotion",)

        def __call__(self, conversation):
            return list(honest(conversation))

        def batch(self, conversations):
            return [[] for _ in conversations]

    with pytest.raises(AssertionError, match="batch differs"):
        check_component(Batched())


def test_the_made_up_conversations_hold_the_awkward_cases():
    made = made_up_conversations()
    assert any(not conversation.turns for conversation in made)
    assert any(turn.text == "" for conversation in made for turn in conversation.turns)
    assert additions(component(writes=["emotion"])(honest), made[0]) == []


def causes(conversation):
    for turn in conversation.pending("emotion", "me"):
        first = conversation.turns[0]
        cause = Annotation("cause", {"cause": 1.0}, Anchor(first.id), "cause", "me", ("cause",))
        if not any(x.id == cause.id for x in conversation.read("cause")):
            yield cause
        yield says(conversation, turn, because=(cause.id,))


def test_what_a_turn_brings_may_stand_at_an_earlier_one():
    """A cause stands where it was said, and is known only once somebody feels it."""
    parts = component(writes=["emotion", "cause"])(causes)
    talk = Conversation(Turn("ana", "You never called."), Turn("bo", "I am so sorry."))
    check_component(parts, [talk])


def test_a_cause_that_nobody_ever_feels_is_a_look_ahead():
    @component(writes=["cause"])
    def peeks(conversation):
        if len(conversation.turns) > 1 and not conversation.read("cause"):
            yield Annotation("cause", {"cause": 1.0}, Anchor(conversation.turns[0].id), "cause", "me", ("cause",))

    with pytest.raises(AssertionError, match="later turn changed"):
        check_component(peeks)
