"""A play: a seeker and a responder take turns until somebody stops."""

import asyncio

import pytest

from insula.conversation import Conversation, Turn
from insula.llm import LLMError
from insula.simulate import Says, Seeker, course, feels, left, play, reward
from insula.simulate.play import broken, play_many
from insula.wire import dump


class Counts:
    """A seeker who feels ten points better with every reply and leaves at `goal`."""

    reads, writes, speaker = ("turn",), ("turn", "feeling"), "seeker"

    def __init__(self, goal=100.0, id="c1"):
        self.goal, self.id = goal, id

    def __call__(self, conversation):
        last = conversation.last
        if last is not None and last.speaker == self.speaker:
            return
        emotion = 20.0 + 10 * sum(turn.speaker != self.speaker for turn in conversation.turns)
        yield feels(emotion, last.id if last else None, "counts")
        yield Turn(self.speaker, f"I feel {emotion}", meta={"leaves": "helped"} if emotion >= self.goal else {})


def test_seeker_and_responder_take_turns_and_the_seeker_has_the_last_word():
    talk = play(Counts(), Says("And then?"), turns=3)
    assert isinstance(Counts(), Seeker)
    assert [turn.speaker for turn in talk.turns] == ["seeker", "companion"] * 3 + ["seeker"]
    assert course(talk) == [20, 30, 40, 50]
    assert reward(talk) == 0.5
    assert talk.id == "c1"
    assert [one.at.turn for one in talk.read("feeling")] == [None, "t2", "t4", "t6"]


def test_a_seeker_who_leaves_ends_the_talk():
    talk = play(Counts(goal=40), Says("And then?"), turns=8)
    assert left(talk) == "helped"
    assert len(talk.turns) == 5


def test_silence_and_failure_break_a_talk_off_and_lose_nothing():
    talk = play(Counts(), Says(["One.", "Two."]), turns=8)
    assert [turn.text for turn in talk.turns if turn.speaker == "companion"] == ["One.", "Two."]
    assert "said nothing" in broken(talk)

    def dies(conversation):
        raise LLMError("the server is gone")

    talk = play(Counts(), Says(dies))
    assert "the server is gone" in broken(talk)
    assert course(talk) == [20]
    assert broken(play(Counts(), Says("Yes."))) == ""


def test_whatever_a_responder_raises_breaks_off_its_talk_alone():
    asked = []

    def third(conversation):
        asked.append(conversation.id)
        if len(asked) == 3:
            raise KeyError("boom")
        return "Yes."

    async def all_of():
        return [talk async for talk in play_many([Counts(id=f"c{k}") for k in range(3)], Says(third), 2)]

    first, second, last = asyncio.run(all_of())
    assert broken(second) == "broken off: the bot failed: KeyError: 'boom'"
    assert course(second) == [20]
    assert (broken(first), broken(last)) == ("", "")
    assert len(last.turns) == 5
    assert "a turn's text is a text, not 42" in broken(play(Counts(), Says(lambda _: 42)))


def test_a_fault_of_the_seeker_is_no_end_of_a_talk():
    class Faulty(Counts):
        def __call__(self, conversation):
            if conversation.turns:
                raise ZeroDivisionError("a fault of ours")
            yield from super().__call__(conversation)

    with pytest.raises(ZeroDivisionError):
        play(Faulty(), Says("Yes."))


def test_an_async_responder_and_a_running_loop():
    class Slow:
        reads, writes, asynchronous = ("turn",), ("turn",), True

        async def __call__(self, conversation):
            await asyncio.sleep(0)
            yield Turn("companion", "Yes.")

    async def inside():
        return play(Counts(), Slow(), turns=2)

    assert len(asyncio.run(inside()).turns) == 5


def test_many_talks_come_in_order_and_alike_however_many_at_once():
    async def all_of(at_once):
        seekers = [Counts(id=f"c{k}") for k in range(5)]
        return [talk async for talk in play_many(seekers, Says("Yes."), 2, at_once)]

    one, three = asyncio.run(all_of(1)), asyncio.run(all_of(3))
    assert [talk.id for talk in three] == ["c0", "c1", "c2", "c3", "c4"]
    assert [[dump(x, t.id) for x in t] for t in one] == [[dump(x, t.id) for x in t] for t in three]


def test_a_talk_without_a_seeker_has_no_reward():
    with pytest.raises(ValueError, match="no seeker"):
        reward(Conversation(Turn("ana", "Hello.")))
