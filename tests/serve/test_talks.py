"""Two things at once in one talk: nothing goes on behind anybody's back, and what is forgotten stays forgotten."""

import asyncio
import logging
import threading
from contextlib import suppress

import anyio
import pytest

from insula.serve.settings import Settings
from insula.serve.store import Store
from insula.serve.talks import Talks


@pytest.fixture
def talks(tmp_path):
    made = Talks(Settings(model="composer"), Store.open(tmp_path / "insula.sqlite"))
    yield made
    made.close()


@pytest.fixture
def slow(talks):
    """A talk of Ana's, who is remembered, and an event its companion waits for before each answer, or at its end."""
    talk, go = talks.begin("ana", "", "", True), threading.Event()
    talks.store.consent("ana", "memory", True, "Yes.")
    companion = talks.companion(talk.id)
    say, stream = companion.say, companion.stream

    def waits(text):
        go.wait(20)
        return say(text)

    def drips(text):
        try:
            yield from stream(text)
        finally:
            go.wait(20)

    companion.say, companion.stream = waits, drips
    return talk, go


def speakers(talks, talk):
    return [turn.speaker for turn in talks.store.conversation(talk.id).turns]


async def still(task):
    """The task, which is not done after a while."""
    await asyncio.sleep(0.3)
    assert not task.done()
    return task


@pytest.mark.parametrize("how", ["forget", "unremember", "delete"])
def test_forgetting_waits_for_the_turn_that_goes_on_and_leaves_nothing(talks, slow, how):
    talk, go = slow

    async def both():
        saying = asyncio.create_task(talks.say(talk.id, "My sister Zelda died yesterday and I am broken about it."))
        await still(saying)
        what = talk.id if how == "delete" else "ana"
        forgetting = await still(asyncio.create_task(getattr(talks, how)(what)))
        go.set()
        await asyncio.gather(saying, forgetting)

    asyncio.run(both())
    talks.store.consent("ana", "memory", True, "Yes.")
    assert talks.store.episodes("ana") == []
    assert len(talks.store.talks("ana")) == (how == "unremember")


def test_who_comes_after_a_client_that_left_waits_for_its_turn(talks, slow):
    talk, go = slow

    async def leaves():
        async with anyio.create_task_group() as group:
            async for _ in talks.stream(talk.id, "I failed my exam."):
                group.cancel_scope.cancel()

    async def both():
        leaving = asyncio.create_task(leaves())
        await still(leaving)
        second = await still(asyncio.create_task(talks.say(talk.id, "I am back.")))
        go.set()
        with suppress(asyncio.CancelledError):
            await leaving
        await second

    asyncio.run(both())
    assert speakers(talks, talk) == ["person", "companion", "person", "companion"]


def test_two_talks_of_one_person_are_forgotten_at_once_without_waiting_for_each_other(talks):
    for _ in range(2):
        talks.companion(talks.begin("ana", "", "", False).id)

    async def both():
        return await asyncio.wait_for(asyncio.gather(*(talks.forget("ana") for _ in range(4))), 10)

    assert max(asyncio.run(both())) == 2
    assert talks.store.talks("ana") == []


def test_a_talk_that_cannot_be_deleted_keeps_no_other(talks, monkeypatch, caplog):
    old = [talks.begin(person, "", "", False).id for person in ("ana", "bob")]
    monkeypatch.setattr(talks.store, "expired", lambda _: ["gone meanwhile", *old])
    with caplog.at_level(logging.WARNING, "insula.serve"):
        assert asyncio.run(talks.expire()) == 2
    assert talks.store.talks("bob") == []
    assert "could not be deleted" in caplog.text


def test_what_somebody_agreed_to_be_remembered_outlives_its_talk(talks, monkeypatch):
    talk = talks.begin("ana", "", "", True)
    talks.store.consent("ana", "memory", True, "Yes, remember what I tell you until I say forget.")
    asyncio.run(talks.say(talk.id, "My sister Zelda died yesterday and I am broken about it."))
    before = talks.store.episodes("ana")
    monkeypatch.setattr(talks.store, "expired", lambda _: [talk.id])
    assert asyncio.run(talks.expire()) == 1
    assert talks.store.talks("ana") == []
    assert before
    assert talks.store.episodes("ana") == before
