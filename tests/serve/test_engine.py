"""Who waits for whom: a sentence for no talk of hours, and nobody for a recording."""

import asyncio
import threading

from insula import Conversation, Turn
from insula.serve.engine import SHORT_TURNS, Engine


def test_a_sentence_does_not_wait_for_a_long_talk():
    engine, go = Engine(), threading.Event()
    long = Conversation(*(Turn("ana", "I am sad.") for _ in range(SHORT_TURNS + 1)))

    async def both():
        waiting = asyncio.create_task(engine.work(long, lambda: go.wait(20)))
        found = await asyncio.wait_for(engine.read(Conversation(Turn("", "I am sad.")), "text.lexicon"), 20)
        assert not waiting.done()
        go.set()
        return found, await waiting

    found, waited = asyncio.run(both())
    engine.close()
    assert waited
    assert found.read("emotion")


def test_a_long_talk_is_read_as_a_short_one_is():
    engine = Engine()
    turns = [Turn("ana", f"I am sad {number} times.") for number in range(SHORT_TURNS + 3)]
    found = asyncio.run(engine.read(Conversation(*turns), "text.lexicon"))
    engine.close()
    assert len(found.read("emotion")) == len(turns)
